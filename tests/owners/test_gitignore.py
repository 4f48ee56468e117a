"""The matcher against git's own ignore engine, for what the two have in common."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploywatch.owners.gitignore import compile_pattern

PATHS = [
    "/".join(names)
    for names in [
        ("a",), ("b",), ("ab",), ("a.b",), (".a",), ("a", "b"), ("b", "a"), ("a", "a"), ("ab", "a"), ("a.b", "b"), ("a", "b", "a"),
        ("b", "a", "b"), ("a", "a", "b"), ("ab", "b", "a.b"), ("a", "b", "a", "b"), ("b", "ab", ".a", "a"), ("a b", "a"), ("b", "a b"),
        ("aab",), ("abb", "ba"), ("b", "b", "b", "a"), ("a", ".a", "ab", "b"),
    ]
]  # fmt: skip

NAME = st.sampled_from(["a", "b", "ab", "a*", "*b", "a?", "?", "*.b", ".*", "a*b", "*a*b", "a\\ b", "**", "\\a", "\\*", "a.b"])
# A last name that is only stars and an empty middle are where GitHub and git part.
LAST = NAME.filter(lambda name: name.strip("*") != "")
PATTERN = st.builds(
    lambda slash, names, last, end: slash + "/".join([*names, last]) + end,
    st.sampled_from(["", "/"]),
    st.lists(NAME | st.just("*"), max_size=3),
    LAST,
    st.sampled_from(["", "/", "/**"]),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oracle")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def ignored(folder: Path, pattern: str) -> set[str]:
    (folder / ".gitignore").write_text(pattern + "\n", encoding="utf-8")
    command = ["git", "-C", str(folder), "check-ignore", "--no-index", "--stdin", "-z"]
    answer = subprocess.run(command, input="\0".join(PATHS), capture_output=True, text=True, check=False)
    assert answer.returncode in {0, 1}, answer.stderr
    return set(answer.stdout.split("\0")) - {""}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=PATTERN)
def test_it_matches_what_git_ignores(repository, pattern):
    glob = compile_pattern(pattern)
    assert {path for path in PATHS if glob.matches(path)} == ignored(repository, pattern)


@given(pattern=PATTERN)
def test_the_hints_never_hide_a_match(pattern):
    glob = compile_pattern(pattern)
    for path in filter(glob.matches, PATHS):
        names = path.split("/")
        assert set(glob.segments) <= set(names)
        assert not glob.extension or any(name[name.rfind(".") :] == glob.extension for name in names if "." in name)
