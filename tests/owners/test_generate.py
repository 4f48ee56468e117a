"""Rules for every file, made of an owner file; and on to the compressed ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.codeowners import parse
from deploywatch.owners.compress import Mode, compress
from deploywatch.owners.generate import as_pattern, generate
from deploywatch.owners.rules import Subject
from deploywatch.owners.sentry_conversion import CodeMapping
from deploywatch.owners.sentry_names import SentryNames, guess
from deploywatch.owners.sentry_rules import parse as parse_sentry

OWNERS = parse("* @org/all\n/src/shop/ @org/shop ann@Example.org\n/src/app/ @org/app\n/free/\n/odd/ @somebody\n")
PATHS = [
    "README",
    "src/shop/cart.py",
    "src/shop/pay.py",
    "src/app/[id]/page.tsx",
    "src/app/[id]/x y.tsx",
    "free/x",
    "free/y",
    "odd/z",
]


def test_one_rule_for_each_file_that_somebody_owns():
    made = generate(PATHS, OWNERS, guess)
    assert made.text.splitlines() == [
        "path:README #all",
        "path:src/app/?id?/page.tsx #app",
        'path:"src/app/?id?/x y.tsx" #app',
        "path:src/shop/cart.py #shop ann@example.org",
        "path:src/shop/pay.py #shop ann@example.org",
    ]
    assert made.guarded == ("free/x", "free/y", "odd/z")
    assert made.unknown == ("@somebody",)


@pytest.mark.parametrize("mode", Mode)
def test_compressed_they_route_as_the_owner_file_does(mode):
    called = SentryNames(configured={"@somebody": "some@body.org"}).of
    made = generate(PATHS, OWNERS, called)
    sentry, problems = parse_sentry(compress(made.text, mode, guarded=made.guarded).text)
    assert not problems
    for path in PATHS:
        expected = tuple(called(name) for name in OWNERS.decide(path).owners)
        assert sentry.decide(Subject(path=path)).owners == expected, path


NAME = st.sampled_from(["a", "b", "[id]", "x_y", "x_z", "c d", "{e}", "*", "_f"])
FILES = st.sets(st.lists(NAME, min_size=1, max_size=4).map("/".join), max_size=15)
RULES = st.lists(
    st.sampled_from(["* @o/all", "/a/ @o/a", "/b/ @o/b", "x_y @o/x", "/a/b/", "c\\ d/ @o/c", "/*/a @o/d"]), max_size=6
)


@given(FILES, RULES, st.sampled_from(Mode))
def test_no_file_of_nobody_s_finds_an_owner(files, rules, mode):
    owners = parse("\n".join(rules))
    made = generate(files, owners, guess)
    sentry, _ = parse_sentry(compress(made.text, mode, guarded=made.guarded).text)
    for path in files:
        if not any(character in path for character in "*[{"):
            assert bool(sentry.decide(path).owners) is bool(owners.decide(path).owners), path


def test_files_are_named_as_frames_name_them():
    assert as_pattern("src/a.py", CodeMapping("/app/", "src/")) == "/app/a.py"
    assert as_pattern("src/a.py", CodeMapping("*/", "")) == "*/src/a.py"
    assert as_pattern("lib/a.py", CodeMapping("/app/", "src/")) == "lib/a.py"
