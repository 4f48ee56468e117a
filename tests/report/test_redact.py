from __future__ import annotations

import json
import re
from dataclasses import replace

from deploywatch.deliver import archive
from deploywatch.model import Deploy, Event, Frame, Issue, Link, Owner, Raised, Request, RuleRef, StackTrace
from deploywatch.report.redact import REMOVED, Redactor
from tests.report.samples import ANA, report

WORD = "correcthorse" + "battery"
TOKEN = "sntryu_" + "0123456789abcdef" * 4


def test_a_report_without_secrets_is_left_as_it_is():
    assert Redactor().report(report()) == report()


def with_everything():
    """The sample report with a secret or an address in every kind of place."""
    told = report()
    finding = told.findings[0]
    issue = replace(finding.regression.issue, title=f"IntegrityError: bob@example.com, password={WORD}")
    trace = StackTrace(
        (Raised("IntegrityError", f"DSN postgres://shop:{WORD}@db/shop", (Frame("a.py", 3, context_line=f'KEY = "{TOKEN}"'),)),)
    )
    event = Event(
        "1",
        trace,
        message=f"Authorization: Bearer {TOKEN}",
        request=Request("GET", f"https://shop.example/pay?token={WORD}"),
        tags=(("user.email", "bob@example.com"), ("db_password", WORD), ("browser", "Firefox 145")),
    )
    regression = replace(finding.regression, issue=issue, event=event, why=f"seen with api_key={WORD}")
    return replace(told, findings=(replace(finding, regression=regression), *told.findings[1:]), warnings=(f"token {TOKEN}",))


def test_secrets_are_taken_out_of_every_place_of_a_report():
    text = archive.dump(Redactor().report(with_everything()))
    assert [secret for secret in (WORD, TOKEN, "bob@example.com") if secret in text] == []
    assert "Firefox 145" in text
    assert WORD in archive.dump(with_everything())


def test_people_keep_their_addresses_and_releases_and_links_stay_usable():
    told = report()
    owner = Owner(("ana@acme.example",), "fallback", decided_by=RuleRef("CODEOWNERS", 3, "*", ("ana@acme.example",)))
    link = Link("issue", "https://acme.sentry.io/issues/4711/?project=17&environment=production")
    finding = replace(told.findings[0], regression=replace(told.findings[0].regression, owner=owner), links=(link,))
    told = replace(told, release="shop@web.example", findings=(finding, *told.findings[1:]), links=(link,))
    clean = Redactor().report(told)
    assert clean == told
    assert ANA.email in archive.dump(clean)


def test_a_secret_in_a_link_goes_all_the_same():
    told = replace(report(), links=(Link("x", f"https://me:{WORD}@ci.example/run?x=1"),))
    assert Redactor().report(told).links[0].url == "https://[credentials removed]@ci.example/run?x=1"


def test_known_secrets_go_from_names_and_text_alike():
    redactor = Redactor(known=("hunter2", "no"))
    told = replace(report(), release="v-hunter2", why="said hunter2, no less")
    assert (redactor.report(told).release, redactor.report(told).why) == (f"v-{REMOVED}", f"said {REMOVED}, no less")


def test_users_may_keep_addresses_and_add_patterns_of_their_own():
    redactor = Redactor(emails=False, patterns=(re.compile(r"ORD-\d+"),))
    assert redactor.text("bob@example.com ordered ORD-17") == f"bob@example.com ordered {REMOVED}"


def test_a_json_document_loses_what_has_a_secrets_name():
    document = {
        "password": WORD,
        "note": f"password={WORD}",
        "n": 1,
        "deep": [{"x-api-key": WORD, "ok": [None, True]}],
        "token": None,
    }
    assert Redactor().document(document) == {
        "password": REMOVED,
        "note": "password=[secret removed]",
        "n": 1,
        "deep": [{"x-api-key": REMOVED, "ok": [None, True]}],
        "token": None,
    }


def test_what_no_database_can_hold_is_replaced():
    told = replace(report(), why="a\x00b\ud800c")
    assert json.loads(archive.dump(Redactor().report(told)))["why"] == "a\ufffdb\ufffdc"


def test_deploys_and_issues_keep_their_addresses():
    for value in (
        Deploy("1", "production", url="https://ci.example/?run=1"),
        Issue("1", "S-1", "t", None, "p", "https://s.example/?x=1"),
    ):
        assert Redactor()._walk(value, as_name=False) == value
