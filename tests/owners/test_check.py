"""The health of owner files, alone and beside what Sentry holds, and how findings are written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from deploywatch.owners.check import by_host, check, folder_sizes, folders_of
from deploywatch.owners.check_output import as_json, as_markdown, as_sarif, as_text, summary
from deploywatch.owners.check_sentry import SentryState, check_sentry
from deploywatch.owners.codeowners import parse
from deploywatch.owners.dialects import DIALECTS
from deploywatch.owners.finding import Check, Health, Level, OwnerFinding, in_order, is_bad
from deploywatch.owners.rules import Problem
from deploywatch.owners.sentry_conversion import CodeMapping
from deploywatch.owners.services import Service, Services
from deploywatch.report.as_json import schema

FILE = """/src/ @src
/src/shop/ @shop
/src/shop/cart.py @cart
/src/shop/** @shop2
/gone/ @src
/legacy/
*.[ch] @c
/docs/ @nobdy
"""
PATHS = [
    "src/a.py",
    "src/shop/cart.py",
    "src/shop/pay.py",
    "legacy/x.py",
    "legacy/y/z.py",
    "docs/a.md",
    "tools/t.py",
    "tools/u.py",
    "README",
]
RULES = parse(FILE)


def found(findings, kind):
    return [finding for finding in findings if finding.check is kind]


def test_lines_that_are_not_in_force():
    (finding,) = found(check(RULES, PATHS), Check.INVALID_LINE)
    assert (finding.level, finding.line) == (Level.ERROR, 7)
    assert "ranges" in finding.message


def test_rules_that_match_nothing():
    assert [f.line for f in found(check(RULES, PATHS), Check.MATCHES_NOTHING)] == [5]


def test_rules_that_are_shadowed_and_by_which():
    shadowed = {f.line: f.message for f in found(check(RULES, PATHS), Check.SHADOWED)}
    assert list(shadowed) == [2, 3]
    assert "line 4 (/src/shop/**)" in shadowed[3]


def test_owners_that_do_not_exist():
    findings = found(check(RULES, PATHS, known_owners=["@SRC", "@shop", "@shop2", "@cart", "@nobody"]), Check.UNKNOWN_OWNER)
    assert [(f.line, f.level) for f in findings] == [(8, Level.ERROR)]
    assert "is @nobody meant?" in findings[0].message
    assert not found(check(RULES, PATHS), Check.UNKNOWN_OWNER)


def test_files_of_nobody_by_folders():
    unowned = {f.path: f for f in found(check(RULES, PATHS), Check.UNOWNED)}
    assert set(unowned) == {"legacy/", "tools/", "README"}
    assert (unowned["legacy/"].level, unowned["legacy/"].line) == (Level.NOTE, 6)
    assert (unowned["tools/"].level, unowned["tools/"].share) == (Level.WARNING, None)
    assert "2 files" in unowned["tools/"].message


def test_files_of_nobody_with_their_share_of_errors_come_first():
    findings = check(RULES, PATHS, errors={"tools/t.py": 3, "src/a.py": 6, "legacy/x.py": 1})
    unowned = found(findings, Check.UNOWNED)
    assert [(f.path, f.level, f.share) for f in unowned] == [
        ("tools/", Level.ERROR, 0.3),
        ("legacy/", Level.ERROR, 0.1),
        ("README", Level.WARNING, 0.0),
    ]
    assert "30.0% of the recent errors" in unowned[0].message


def test_a_clean_file_has_no_findings():
    assert check(parse("* @all\n/src/ @src\n"), ["a", "src/b"], errors={"a": 1}, known_owners=["@all", "@src"]) == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_checked(dialect):
    rules = DIALECTS[dialect].parse("/src/ a@example.org\n/gone/ a@example.org\n", "CODEOWNERS")
    findings = check(rules, ["src/a", "b"])
    assert [f.line for f in found(findings, Check.MATCHES_NOTHING)] == [2]
    assert [f.path for f in found(findings, Check.UNOWNED)] == ["b"]


def test_folders_are_the_highest_that_are_chosen_whole():
    paths = ["a/b/1", "a/b/2", "a/c/3", "d/4", "e"]
    assert folders_of(["a/b/1", "a/b/2", "d/4"], folder_sizes(paths)) == {"a/b/": ["a/b/1", "a/b/2"], "d/4": ["d/4"]}
    assert folders_of(["a/b/1", "a/b/2", "a/c/3", "e"], folder_sizes(paths)) == {"a/": ["a/b/1", "a/b/2", "a/c/3"], "e": ["e"]}


OWNERS = {"@src": "#src", "@shop": "#shop", "@cart": "ann@example.org"}


def test_lines_that_sentry_drops():
    text = "/src/ @src\n/a\\ b/ @src\n/x/ @gone\n/y/ @src @gone\n"
    dropped = found(check_sentry(text, parse(text), [], SentryState(owners=OWNERS)), Check.DROPPED)
    assert [(f.line, f.level) for f in dropped] == [(2, Level.WARNING), (3, Level.WARNING), (4, Level.NOTE)]


def test_files_that_sentry_gives_to_others():
    text = "/src/ @src\n/src/shop/ @shop\n"
    state = SentryState(rules="path:app/shop/pay* #src", codeowners=text, owners=OWNERS, mapping=CodeMapping("app/", "src/"))
    paths = ["src/a.py", "src/shop/pay.py", "src/shop/cart.py"]
    (drift,) = found(check_sentry(text, parse(text), paths, state), Check.DRIFT)
    assert (drift.path, drift.line) == ("src/shop/pay.py", 2)
    assert "belongs to @shop, but Sentry gives it to #src by Sentry ownership rules:1 (path:app/shop/pay*)" in drift.message


def test_a_line_that_sentry_drops_shows_as_drift_of_the_files_below_it():
    text = "* @src\n/a#b/ @shop\n"
    state = SentryState(codeowners=text, owners=OWNERS)
    findings = check_sentry(text, parse(text), ["a#b/1", "a#b/2", "c"], state)
    assert [(f.path, f.line) for f in found(findings, Check.DRIFT)] == [("a#b/", 2)]


def test_sentry_holding_another_version_of_the_file():
    ours, theirs = "* @src\n/a/ @shop\n/b/ @cart\n", "* @src\n/a/ @cart\n/b/ @cart\n"
    findings = check_sentry(ours, parse(ours), [], SentryState(codeowners=theirs, owners=OWNERS))
    assert [(f.line, "another version" in f.message) for f in found(findings, Check.DRIFT)] == [(2, True)]
    assert not found(check_sentry(ours, parse(ours), [], SentryState(codeowners=ours, owners=OWNERS)), Check.DRIFT)


def test_what_sentry_would_not_take():
    rules = "path:x\npath:[a #t\n" + "path:src/a #t\n" * 10
    findings = check_sentry("", parse(""), [], SentryState(rules=rules, limit=100))
    assert [f.line for f in found(findings, Check.INVALID_LINE)] == [1, 2]
    (size,) = found(findings, Check.TOO_LARGE)
    assert "100" in size.message
    assert "compress" in size.message


def test_files_of_a_service_are_not_nobody_s():
    services = Services([Service("tools", ("@tools",), paths=("/tools/",))])
    assert "tools/" not in {f.path for f in found(check(RULES, PATHS, beside=[services]), Check.UNOWNED)}


def test_what_the_code_host_finds_wrong_once():
    problems = [Problem(8, "", "Unknown owner: @nobdy"), Problem(7, "", "Invalid pattern"), Problem(3, "", "Missing owner")]
    told = by_host(RULES, problems)
    assert [(f.check, f.line, f.level) for f in told] == [
        (Check.UNKNOWN_OWNER, 8, Level.ERROR),
        (Check.INVALID_LINE, 3, Level.ERROR),
    ]


def test_owners_of_sentry_s_rules_that_are_gone():
    state = SentryState(rules="path:a #src ann@x.org\npath:b #gone", known={"#src", "ann@x.org"}, project="shop")
    (finding,) = found(check_sentry("", parse(""), [], state), Check.UNKNOWN_OWNER)
    assert (finding.line, finding.file, "#gone" in finding.message) == (2, "Sentry ownership rules of shop", True)
    assert not found(check_sentry("", parse(""), [], replace(state, known=None)), Check.UNKNOWN_OWNER)


def test_a_project_that_takes_no_codeowners_drops_none_of_their_lines():
    text = "/src/ @gone\n/a#b/ @src\n"
    assert check_sentry(text, parse(text), [], SentryState(owners=OWNERS, converts=False)) == ()


def test_drift_is_seen_through_names_that_only_we_can_translate():
    state = SentryState(rules="path:src/* #other", names={"@src": "#src"}, converts=False)
    (drift,) = found(check_sentry("", parse("/src/ @src"), ["src/a.py"], state), Check.DRIFT)
    assert "gives it to #other" in drift.message
    same = replace(state, rules="path:src/* #src")
    assert not found(check_sentry("", parse("/src/ @src"), ["src/a.py"], same), Check.DRIFT)


FINDINGS = in_order(
    [
        OwnerFinding(Check.SHADOWED, Level.WARNING, "a | b <script> @all", "CODEOWNERS", 3),
        OwnerFinding(Check.UNOWNED, Level.ERROR, "x", "docs dir/CODEOWNERS", path="tools/", share=0.25),
    ]
)


HEALTH = Health(FINDINGS, ("Sentry was not asked <b>",))


def test_the_worst_is_first_and_decides_about_ci():
    assert [f.level for f in FINDINGS] == [Level.ERROR, Level.WARNING]
    assert is_bad(FINDINGS)
    assert not is_bad(FINDINGS[1:])
    assert is_bad(FINDINGS[1:], Level.WARNING)


def test_as_json():
    answer = json.loads(json.dumps(as_json(HEALTH)))
    assert answer["schema"] == "deploywatch.owners-check/1"
    Draft202012Validator(schema("owners-check")).validate(answer)
    assert answer["not_checked"] == ["Sentry was not asked <b>"]
    assert answer["counts"] == {"error": 1, "warning": 1, "note": 0}
    assert answer["findings"][0] == {
        "check": "unowned-files",
        "level": "error",
        "message": "x",
        "file": "docs dir/CODEOWNERS",
        "line": None,
        "path": "tools/",
        "share": 0.25,
    }


def test_as_markdown_text_stays_text():
    table = as_markdown(HEALTH)
    assert table.startswith("1 error, 1 warning.\n")
    assert "<script>" not in table
    assert "\\|" in table
    assert "@all" not in table
    assert "- Sentry was not asked" in table
    assert "<b>" not in table
    assert as_markdown(Health()) == "Nothing is wrong with the ownership rules.\n"


def test_as_text():
    lines = as_text(HEALTH).splitlines()
    assert lines[1] == "CODEOWNERS:3: warning: a | b <script> @all [shadowed-rule]"
    assert lines[2] == "not checked: Sentry was not asked <b>"
    assert lines[3] == summary(FINDINGS) == "1 error, 1 warning."


def test_as_sarif():
    log = json.loads(json.dumps(as_sarif(HEALTH, "1.2.3")))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in rules] == ["unowned-files", "shadowed-rule"]
    for result, finding in zip(run["results"], FINDINGS, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.check
        assert result["level"] == finding.level
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert " " not in place["artifactLocation"]["uri"]
    assert run["results"][0]["rank"] == 25.0
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "Sentry was not asked <b>"
