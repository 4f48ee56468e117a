"""Comparing the rules that Sentry holds with others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.sync import compare, kept


def test_what_would_change():
    found = compare("path:a #x\npath:b #x", "path:a #x\npath:c #x\n", limit=100)
    assert (found.is_same, found.fits, found.rules_held, found.rules_wanted) == (False, True, 2, 2)
    assert found.diff == ("--- held by Sentry", "+++ wanted", "@@ -1,2 +1,2 @@", " path:a #x", "-path:b #x", "+path:c #x")


def test_space_around_and_line_ends_are_no_difference():
    found = compare("path:a #x\r\npath:b #x", "\npath:a #x\npath:b #x\n\n", limit=100)
    assert found.is_same
    assert found.diff == ()


def test_what_sentry_would_refuse():
    found = compare("", "path:a #x\npath:b\ncodeowners:/c #x\npath:d\t#x\n", limit=10)
    assert [problem.line for problem in found.problems] == [2, 3, 4]
    assert not found.fits


def test_owners_that_do_not_exist_each_once():
    text = "path:a #x #gone\npath:b ann@x.org #gone\n"
    assert compare("", text, limit=100, known={"#x"}).unknown == ("#gone", "ann@x.org")
    assert compare("", text, limit=100, known=set()).unknown == ("#x", "#gone", "ann@x.org")
    assert compare("", text, limit=100).unknown is None


@given(st.text(alphabet='path:#@"\\ \t\r\n*[]', max_size=120), st.text(alphabet="path:#@ \r\n", max_size=60))
def test_no_text_crashes_it_and_the_same_is_the_same(held, wanted):
    found = compare(held, wanted, limit=50, known=())
    assert found.is_same is (kept(held) == kept(wanted))
    assert bool(found.diff) is not found.is_same
    assert compare(wanted, kept(wanted), limit=50).is_same
