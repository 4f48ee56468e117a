"""What a release may be called, and what Sentry makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.errors import UsageError
from deploywatch.sentry.versions import doubts_about, read_name, validate_version

SHA = "e64a778a95f15cf5c07a844c91a75ea4917dbba7"


@pytest.mark.parametrize("version", ["a@1.2.3+45", "1.0", "v" * 200, "Latest-1", "ümlaut", "a b", "..."])
def test_good_versions_pass(version):
    assert validate_version(f"  {version} ") == version


@pytest.mark.parametrize(
    "version",
    ["", "  ", ".", "..", "latest", "LaTest", "a/b", "a\\b", "a\nb", "a\tb", "a\rb", "a\fb", "a\x0bb", "a\0b", "v" * 201],
)
def test_bad_versions_are_refused_before_sentry_sees_them(version):
    with pytest.raises(UsageError) as caught:
        validate_version(version)
    assert caught.value.hint


@given(st.text())
def test_a_version_that_passes_is_one_that_sentry_takes(version):
    try:
        good = validate_version(version)
    except UsageError:
        return
    assert good == good.strip()
    assert 0 < len(good) <= 200
    assert not set("\r\n\f\t/\\") & set(good)


def test_the_reason_names_where_the_name_was_found():
    with pytest.raises(UsageError, match="from SOURCE_VERSION.*holds '/'"):
        validate_version("feature/x", source="SOURCE_VERSION")


@pytest.mark.parametrize(
    ("text", "package", "build", "is_semver", "is_commit"),
    [
        # The table of what Relay's own parser answered.
        ("app@1.2.3+45", "app", "45", True, False),
        ("app@1.2", "app", None, True, False),
        ("app@1.2.3.4", "app", None, True, False),
        ("app@1.2.3.4.5", "app", None, False, False),
        ("app@1.2.3-rc.1+abc", "app", "abc", True, False),
        ("1.2.3", None, None, False, False),
        ("v1.2.3", None, None, False, False),
        (SHA, None, None, False, True),
        (f"pkg@{SHA}", "pkg", None, False, True),
        ("pkg@abc", "pkg", None, False, False),
        ("com.foo@20231005.89cfe140", "com.foo", None, True, False),
        ("a@b@1.0", "a", None, False, False),
        ("app@", None, None, False, False),
        ("@1.0", None, None, False, False),
        ("@scope/x@1.0", "@scope/x", None, True, False),
    ],
)
def test_a_name_is_read_as_sentry_reads_it(text, package, build, is_semver, is_commit):
    name = read_name(text)
    assert (name.package, name.build, name.is_semver, name.is_commit) == (package, build, is_semver, is_commit)


@pytest.mark.parametrize("good", ["shop@1.2.3+45", SHA, "2026-11-21", "shop@20231005+89cfe140", "blue", f"shop@{SHA}"])
def test_good_names_raise_no_doubt(good):
    assert list(doubts_about(good)) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("1.2.3", "call it PACKAGE@1.2.3"),
        ("v2.0", "call it PACKAGE@2.0"),
        ("app@", "one side of the @ is empty"),
        ("com.foo@20231005.89cfe14", "call it com.foo@20231005+89cfe14"),
    ],
)
def test_a_name_that_means_something_else_is_doubted(name, says):
    (doubt,) = doubts_about(name)
    assert says in doubt
