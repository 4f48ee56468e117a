"""WatchResult -> Report."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import CodeExcerpt, CodeLine, Event, RankingVerdict, Rate, Report, Request, Severity, StackTrace
from deploywatch.report.build import Setting, build_findings, build_report, endpoint, explained_by
from deploywatch.report.excerpt import Place, excerpt_around, failing_place, named_suspect
from deploywatch.report.reverting import revert_command
from tests.report import samples

NOW = samples.DEPLOYED + timedelta(minutes=20)


def short_ids(report: Report) -> list[str]:
    return [finding.regression.issue.short_id for finding in report.findings]


def test_the_report_says_what_the_watch_saw(report: Report) -> None:
    assert (report.release, report.environment, report.verdict) == ("shop@1.4.0", "production", "regression")
    assert (report.base, report.head, report.commits) == (samples.BASE, samples.HEAD, 17)
    assert report.watched == timedelta(minutes=15)
    assert report.not_visible == samples.watch_result().blind_spots


def test_findings_are_worst_first(report: Report) -> None:
    assert short_ids(report) == ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]


def test_findings_of_one_change_stand_together_at_the_place_of_the_worst() -> None:
    other = samples.regression(
        severity=Severity.HIGH, issue=samples.issue(8), rate=Rate(0, 99), ranking=samples.ranking(RankingVerdict.NONE)
    )
    same = samples.regression(severity=Severity.LOW, issue=samples.issue(9), rate=Rate(0, 0.1))
    findings = build_findings((same, other, samples.regression()), Setting(made_at=NOW))
    assert [finding.regression.issue.short_id for finding in findings] == ["SHOP-1", "SHOP-9", "SHOP-8"]


@given(st.permutations(samples.regressions()))
def test_the_order_does_not_depend_on_the_order_they_came_in(regressions: list[object]) -> None:
    findings = build_findings(regressions, Setting(made_at=NOW))  # type: ignore[arg-type]
    assert [finding.regression.issue.short_id for finding in findings] == ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]


def test_a_change_is_named_only_when_the_ranking_is_sure() -> None:
    assert named_suspect(samples.ranking()) == samples.suspects()[0]
    for verdict in (RankingVerdict.UNSURE, RankingVerdict.NONE):
        (finding,) = build_findings(
            (samples.regression(ranking=samples.ranking(verdict)),), Setting(made_at=NOW, remote_url=samples.REMOTE)
        )
        assert finding.revert_command is None
        assert [link.label for link in finding.links] == ["Issue SHOP-1 in Sentry"]
        assert explained_by(finding) == "issue 451"


def test_the_links_of_a_finding(report: Report) -> None:
    assert [(link.label, link.url) for link in report.findings[0].links] == [
        ("Issue SHOP-1 in Sentry", "https://acme.sentry.io/issues/451/"),
        ("Commit 4be1a90c4b", f"{samples.REMOTE}/commit/{samples.CURRENCY.sha}"),
        ("Pull request #128", f"{samples.REMOTE}/pull/128"),
    ]
    assert [link.url for link in report.links] == [f"{samples.REMOTE}/compare/{samples.BASE}...{samples.HEAD}"]


def test_a_dangerous_permalink_is_no_link() -> None:
    poisoned = samples.regression(issue=samples.issue(1, permalink="javascript:alert(1)"))
    (finding,) = build_findings((poisoned,), Setting(made_at=NOW))
    assert finding.links == ()


def test_without_a_window_or_a_remote_there_is_still_a_report() -> None:
    report = build_report(samples.watch_result(), Setting(made_at=NOW))
    assert (report.base, report.head, report.commits, report.links) == (None, None, 0, ())
    assert len(report.findings) == 4


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        (("1" * 40,), "git revert --no-edit {}"),
        (("1" * 40, "2" * 40), "git revert --no-edit -m 1 {}"),
        ((), "git revert --no-edit {}"),
    ],
)
def test_the_revert_command(parents: tuple[str, ...], expected: str) -> None:
    assert revert_command(replace(samples.CURRENCY, parents=parents)) == expected.format(samples.CURRENCY.sha)


@pytest.mark.parametrize("sha", ["", "HEAD; rm -rf /", "4be1a90c", "4BE1A90C" * 5, "a" * 40 + "\n"])
def test_a_command_is_never_made_of_anything_but_an_object_name(sha: str) -> None:
    assert revert_command(replace(samples.CURRENCY, sha=sha)) is None


@pytest.mark.parametrize(
    ("transaction", "request_", "expected"),
    [
        ("POST /checkout", Request("POST", "https://x/checkout"), "POST /checkout"),
        ("/cart/{id}", Request("GET", "https://x/cart/9"), "GET /cart/{id}"),
        ("/cart/{id}", None, "/cart/{id}"),
        ("checkout", Request("POST", "https://x/checkout?token=s3cret#f"), "POST /checkout"),
        (None, Request(None, "https://x/checkout"), "/checkout"),
        (None, Request("GET", None), None),
        ("send_receipt", None, "send_receipt"),
        ("  ", Request("GET", "https://[::1"), None),
        (None, None, None),
    ],
)
def test_the_endpoint(transaction: str | None, request_: Request | None, expected: str | None) -> None:
    assert endpoint(Event(None, StackTrace(()), transaction=transaction, request=request_)) == expected


def test_no_event_has_no_endpoint() -> None:
    assert endpoint(None) is None


def test_the_excerpt_stands_beside_the_hunk_that_is_shown() -> None:
    assert failing_place(samples.regression()) == Place("shop/checkout.py", 42)
    first, *rest = samples.suspects()
    about_dispatch = replace(first, evidence=(replace(first.evidence[0], frame=1), *first.evidence[1:]))
    moved = replace(samples.ranking(), suspects=(about_dispatch, *rest))
    assert failing_place(samples.regression(ranking=moved)) == Place("shop/app.py", 88)


def test_without_evidence_it_is_the_first_own_frame_or_nothing() -> None:
    none = samples.ranking(RankingVerdict.NONE)
    assert failing_place(samples.regression(ranking=none)) == Place("shop/checkout.py", 42)
    assert failing_place(samples.regression(ranking=replace(none, frames=none.frames[2:]))) is None
    assert failing_place(samples.regression(ranking=None)) is None


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        ("a\nb\nc\nd\ne\n", 3, ((2, "b", False), (3, "c", True), (4, "d", False))),
        ("a\r\nb\r\n", 1, ((1, "a", True), (2, "b", False))),
        ("a", 1, ((1, "a", True),)),
        ("a\nb", 3, None),
        ("a\nb", 0, None),
    ],
)
def test_excerpts(source: str, line: int, expected: tuple[tuple[int, str, bool], ...] | None) -> None:
    made = excerpt_around(source, Place("f.py", line), around=1)
    assert made == (expected and CodeExcerpt("f.py", tuple(CodeLine(*each) for each in expected)))
