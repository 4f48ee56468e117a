"""GitHub's dialect, case by case, and its resolution to an owner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.codeowners import SIZE_LIMIT, parse

# Each row: what is shown, the file, the path, the owners ("-": a line decides for nobody; None: no line matches).
SEMANTICS = [
    ("the last match wins", "* @all\n*.py @py", "a/b.py", "@py"),
    ("the last match wins, even a broader one", "*.py @py\n* @all", "a/b.py", "@all"),
    ("a leading slash anchors", "/build/ @b", "x/build/a", None),
    ("a leading slash anchors at the root", "/build/ @b", "build/a/b", "@b"),
    ("a middle slash anchors", "docs/api @d", "x/docs/api", None),
    ("a single name stands anywhere", "apps/ @a", "x/apps/y/z", "@a"),
    ("a single name stands at the root too", "apps/ @a", "apps/y", "@a"),
    ("** in the middle spans none", "/a/**/z @o", "a/z", "@o"),
    ("** in the middle spans many", "/a/**/z @o", "a/b/c/z", "@o"),
    ("** in the middle keeps whole names", "/a/**/z @o", "a/bz", None),
    ("**/ in front", "**/logs @o", "deep/er/logs/x", "@o"),
    ("**/ in front, at the root", "**/logs @o", "logs", "@o"),
    ("**/ in front keeps whole names", "**/logs @o", "mylogs/x", None),
    ("/** behind", "/a/** @o", "a/b/c", "@o"),
    ("/** behind is not the thing itself", "/a/** @o", "a", None),
    ("an owner-less line clears", "/a/ @o\n/a/b", "a/b/c", "-"),
    ("an escaped space", "/a\\ b/ @o", "a b/c", "@o"),
    ("case matters", "/Docs/ @o", "docs/a", None),
    ("dotfiles are files", "* @o", ".github/x", "@o"),
    ("dotfiles under a star", "/*.yml @o", ".gitlab-ci.yml", "@o"),
    ("? is one character", "/a?c @o", "abc", "@o"),
    ("? is not a slash", "/a?c @o", "a/c", None),
    ("* does not cross a slash", "/a*c @o", "ab/c", None),
    ("* may be nothing", "/a*c @o", "ac", "@o"),
    ("an e-mail address owns", "* dev@example.org", "x", "dev@example.org"),
    ("a team owns", "* @org/team-a", "x", "@org/team-a"),
    ("CRLF", "* @a\r\n*.py @b\r\n", "x.py", "@b"),
    ("tabs", "*.py\t@a\t@b", "x.py", "@a @b"),
    ("a byte order mark", "\ufeff* @a", "x", "@a"),
    ("a literal dot", "/a.c @o", "abc", None),
    ("a literal plus and parenthesis", "/a+(b @o", "a+(b", "@o"),
    ("a directory pattern is not a file of that name", "/bin/ @o", "bin", None),
    ("a name without a slash is a directory too", "/bin @o", "bin/x", "@o"),
    ("a wildcard name is a directory too", "/b*n @o", "bin/x", "@o"),
    ("docs/* is one level", "docs/* @o", "docs/a.md", "@o"),
    ("docs/* is not deeper", "docs/* @o", "docs/build/x.md", None),
    ("docs/* is anchored", "docs/* @o", "x/docs/a.md", None),
    ("an inline comment", "*.py @o # ask @bob", "x.py", "@o"),
    ("an inline comment right behind the pattern", "* @a\n*.py # nobody", "x.py", "-"),
    ("a range is an invalid line", "*.[ch] @o", "x.c", None),
    ("an unterminated range spoils its line only", "/a[ @x\n* @o", "a[", "@o"),
    ("escaping # does not help", "\\#x @o", "#x", None),
    ("a bad owner spoils its line only", "* @o\n*.py @p not-an-owner", "x.py", "@o"),
    ("negation spoils its line only", "*.md @m\n!*.md @x", "a.md", "@m"),
    ("a leading slash of the path is ignored", "/a/ @o", "/a/b", "@o"),
    ("a comment line", "# * @a\n/x @o", "y", None),
]


@pytest.mark.parametrize(("text", "path", "owners"), [row[1:] for row in SEMANTICS], ids=[row[0] for row in SEMANTICS])
def test_github_semantics(text, path, owners):
    decision = parse(text).decide(path)
    if owners is None:
        assert decision.decided_by is None
    else:
        assert decision.decided_by is not None
        assert " ".join(decision.owners) == ("" if owners == "-" else owners)


def test_says_which_line_decided_and_what_it_outranked():
    decision = parse("* @all\n\n# ours\n/src/ @src @lead\n*.py @py\n", "docs/CODEOWNERS").decide("src/a.py")
    assert decision.decided_by is not None
    assert (decision.decided_by.file, decision.decided_by.line, decision.decided_by.pattern) == ("docs/CODEOWNERS", 5, "*.py")
    assert [(rule.line, rule.owners) for rule in decision.outranked] == [(4, ("@src", "@lead")), (1, ("@all",))]


INVALID = [
    ("*.[ch] @o", "ranges"),
    ("!x @o", "negation"),
    ("\\#x @o", "#"),
    ("* @o nobody", "nobody"),
    ("* @", "'@'"),
    ("* @a/b/c", "@a/b/c"),
    ("/ @o", "slash"),
    ("a//b @o", "slashes"),
    ("a/***/b @o", "asterisks"),
    ("a\\", "backslash"),
]


@pytest.mark.parametrize(("line", "word"), INVALID)
def test_an_invalid_line_is_reported_with_number_and_reason(line, word):
    file = parse(f"# first\n{line}\n* @rest")
    (problem,) = file.problems
    assert (problem.line, problem.text) == (2, line)
    assert word in problem.reason
    assert [rule.line for rule in file.rules] == [3]


def test_a_file_above_the_limit_is_not_loaded_and_says_so():
    file = parse("* @o\n" + "#" * SIZE_LIMIT)
    assert not file.rules
    assert "3,000,000" in file.problems[0].reason
    assert parse("* @o\n" + "#" * (SIZE_LIMIT - 5)).decide("x").owners == ("@o",)


def test_hostile_patterns_end():
    text = "\n".join(["a*" * 2000 + "b @x", "**/a" * 1000 + "/b @y", "*?" * 2000 + "b @z"])
    assert parse(text).decide("a" * 4000).decided_by is None
    assert parse("**/a/" * 500 + "b @y").decide("a/" * 600 + "b").owners == ("@y",)


@given(st.text(alphabet="/*?[]\\!#@ab. \t\r\n\u2028é", max_size=200), st.text(alphabet="/ab.*\\ ", max_size=30))
def test_no_file_crashes_the_parser(text, path):
    file = parse(text)
    decision = file.decide(path)
    lines = text.split("\n")
    assert all(
        problem.reason and problem.text == lines[problem.line - 1].removeprefix("\ufeff").strip() for problem in file.problems
    )
    assert decision.decided_by is None or decision.decided_by.line <= len(lines)


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_parser(data):
    parse(data.decode("utf-8", "surrogateescape")).decide(data.decode("latin-1"))
