"""GitLab's dialect: the examples of its documentation, its sections and its patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.gitlab import parse

README = (
    "* @admin\n[README Owners]\nREADME.md @user1 @user2\ninternal/README.md @user4\n[README other owners]\nREADME.md @user3\n"
)
DATABASE = (
    "[Documentation] @docs-team\ndocs/\nREADME.md\n\n[Database] @database-team @agarcia\nmodel/db/\nconfig/db/x.md @docs-team\n"
)
EXCLUSIONS = "* @all\n!pom.xml\n[Ruby]\n*.rb @ruby\n!/config/**/*.rb\n/config/routes.rb @ops\n"

DECISIONS = [
    (README, "README.md", "@admin @user1 @user2 @user3"),
    (README, "internal/README.md", "@admin @user4 @user3"),
    (README, "x.py", "@admin"),
    (DATABASE, "model/db/a.rb", "@database-team @agarcia"),
    (DATABASE, "config/db/x.md", "@docs-team"),
    (DATABASE, "x/docs/y/z", "@docs-team"),
    (EXCLUSIONS, "pom.xml", ""),
    (EXCLUSIONS, "a/pom.xml", ""),
    (EXCLUSIONS, "config/routes.rb", "@all"),
    (EXCLUSIONS, "lib/a.rb", "@all @ruby"),
    ("*.md @doc-team\nterms.md @legal-team", "terms.md", "@legal-team"),
    ("/path/* @group user_without_at @with_at", "path/x", "@group @with_at"),
    ("path\\ with\\ spaces/*.md @o", "path with spaces/a.md", "@o"),
    ("folder with spaces/*.md @o", "folder", "@o"),
    ("/docs/**/*.md @md  # Match @bob too", "docs/a.md", "@md @bob"),
    ("docs @o", "docs/x", None),
    ("/docs/* @o", "docs/a/b", None),
    ("/docs/** @o", "docs/a/b", None),
    ("/docs/** @o", "docs/a", "@o"),
    ("/docs/**/index.md @o", "docs/index.md", "@o"),
    ("/docs/**/index.md @o", "docs/a/b/index.md", "@o"),
    ("/docs/*/README.md @o", "docs/api/README.md", "@o"),
    ("/docs/*spec* @o", "docs/qa_specs.rb", "@o"),
    ("internal/README.md @o", "docs/internal/README.md", "@o"),
    ("* @o", ".gitlab-ci.yml", "@o"),
    ("* @o", "deep/.hidden/x", "@o"),
    ("*.[ch] @o", "a/x.c", "@o"),
    ("*.[!ch] @o", "x.c", None),
    ("a[/]b @o", "a/b", None),
    ("\\#file.rb @o", "#file.rb", "@o"),
    ("file.md @@developer @@maintainers @@guest", "file.md", "@@developer @@maintainers"),
    ("[Sec] @d\nx.md not-an-owner", "x.md", ""),
    ("[Section name\ndocs/ @d", "docs/a", "@d"),
    ("README @group/with-nested/subgroup a@example.org", "README", "@group/with-nested/subgroup a@example.org"),
    ("^[Optional] @opt\n*.go\n[Must] @must\n*.go", "x.go", "@must @opt"),
]


@pytest.mark.parametrize(("text", "path", "owners"), DECISIONS)
def test_decisions(text, path, owners):
    decision = parse(text).decide(path)
    assert (decision.decided_by is None) is (owners is None)
    assert " ".join(decision.owners) == (owners or "")


def test_sections_of_one_name_are_one_whatever_the_case():
    file = parse("[Docs][2] @a\n*.md\n^[Database]\nx @d\n^[DOCS] @b\n*.txt\n")
    docs = file.sections[1]
    assert [(s.name, s.optional, s.approvals) for s in file.sections] == [
        ("", False, 1),
        ("Docs", False, 2),
        ("Database", True, 1),
    ]
    assert [(rule.line, rule.owners) for rule in docs.rules] == [(2, ("@a",)), (6, ("@b",))]


def test_each_section_says_which_line_decided_and_what_it_outranked():
    decision = parse(README, ".gitlab/CODEOWNERS").decide("internal/README.md")
    assert decision.decided_by is not None
    assert (decision.decided_by.file, decision.decided_by.line) == (".gitlab/CODEOWNERS", 1)
    assert [rule.line for rule in decision.also] == [4, 6]
    assert [rule.line for rule in decision.outranked] == [3]


def test_an_exclusion_is_named_as_the_line_that_decided():
    decision = parse(EXCLUSIONS).decide("pom.xml")
    assert decision.decided_by is not None
    assert (decision.decided_by.line, decision.decided_by.pattern) == (2, "!pom.xml")


PROBLEMS = [
    ("[]", 1, "name"),
    ("^[Docs][2] @a", 1, "optional"),
    ("[Docs] malformed", 1, "default owners"),
    ("[Docs", 1, "]"),
    ("x.md", 1, "nobody owns"),
    ("* @a\nx[ @a", 2, "["),
]


@pytest.mark.parametrize(("text", "line", "word"), PROBLEMS)
def test_lines_in_trouble_are_reported(text, line, word):
    assert any(problem.line == line and word in problem.reason for problem in parse(text).problems)


@given(st.text(alphabet="[]^!*?/\\#@a2. \t\n", max_size=200), st.text(alphabet="/a*[ #", max_size=20))
def test_no_file_crashes_the_parser(text, path):
    parse(text).decide(path)
