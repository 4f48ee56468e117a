"""Bitbucket's dialect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.bitbucket import Reviewers, parse, read_reviewers
from deploywatch.owners.dialects import DIALECTS, dialect_of
from deploywatch.owners.find import find

FILE = """# Default reviewers
*      alisha@example.com fred@example.com
*.js   @workspace-slug/frontenders:all
*.py   @workspace-slug/backenders:least_busy(2)  # inline
*.tf   @teams/sre-leads:random(2) @jane
/docs/*
*.rb   @jane:random(1)
"""

DECISIONS = [
    ("README", "alisha@example.com fred@example.com", 2),
    ("a/b.js", "@workspace-slug/frontenders", 3),
    ("b.py", "@workspace-slug/backenders", 4),
    ("b.tf", "@teams/sre-leads @jane", 5),
    ("docs/a", "", 6),
    ("docs/a/b", "alisha@example.com fred@example.com", 2),
    ("x.rb", "alisha@example.com fred@example.com", 2),
]


@pytest.mark.parametrize(("path", "owners", "line"), DECISIONS)
def test_decisions(path, owners, line):
    decision = parse(FILE).decide(path)
    assert " ".join(decision.owners) == owners
    assert decision.decided_by is not None
    assert decision.decided_by.line == line


def test_how_many_of_a_group_review():
    assert read_reviewers("@w/g:least_busy(2)") == Reviewers("@w/g", "least_busy", 2)
    assert read_reviewers("@w/g:all") == Reviewers("@w/g", "all")
    assert read_reviewers("a@example.com") == Reviewers("a@example.com")


def test_bad_lines_are_reported_alone():
    file = parse(FILE + "!x @a\n*.go nobody\n")
    assert [problem.line for problem in file.problems] == [7, 8, 9]


REMOTES = [
    ("git@gitlab.example.org:a/b.git", "gitlab"),
    ("https://bitbucket.org/a/b", "bitbucket"),
    ("https://github.com/a/b", "github"),
    ("https://git.example.org/a/b", "github"),
    (None, "github"),
]


@pytest.mark.parametrize(("remote", "dialect"), REMOTES)
def test_the_dialect_follows_the_remote(remote, dialect):
    assert dialect_of(remote) == dialect


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_found_where_its_host_looks_and_decides_alike(dialect):
    for place in DIALECTS[dialect].paths:
        file = find({place: "* a@example.com\n/src/ b@example.com\n"}.get, dialect)
        assert file is not None
        decision = file.decide("src/x")
        assert decision.owners == ("b@example.com",)
        assert [(rule.file, rule.line) for rule in decision.outranked] == [(place, 1)]


@given(st.text(alphabet="!*?/\\#@a2.:() \t\n", max_size=200), st.text(alphabet="/a* #", max_size=20))
def test_no_file_crashes_the_parser(text, path):
    parse(text).decide(path)
