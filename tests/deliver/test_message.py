from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from deploywatch.deliver import archive
from deploywatch.deliver.message import KEY_LENGTH, message_of, one_by_one
from deploywatch.errors import StateError
from deploywatch.model import RankingVerdict, Report
from tests.report.samples import bare_report, finding, healthy_report, inconclusive_report, issue, ranking, regression, report


def key(told: Report, *, channel: str = "team", kind: str | None = None) -> str:
    return message_of(told, kind).key(channel)


def with_finding(told: Report, **changes: object) -> Report:
    return replace(told, findings=(replace(told.findings[0], regression=replace(told.findings[0].regression, **changes)),))


ONE = replace(report(), findings=(finding(),))
COUNTED_ANEW = with_finding(
    replace(ONE, made_at=ONE.made_at + timedelta(hours=1), why="seen again", warnings=("new",), watched=timedelta(hours=2)),
    issue=replace(finding().regression.issue, count=9999, user_count=77, title="reworded", last_seen=ONE.made_at),
)


def test_the_same_thing_has_the_same_key_however_often_it_is_counted():
    assert key(ONE) == key(COUNTED_ANEW)
    assert len(key(ONE)) == KEY_LENGTH


@pytest.mark.parametrize(
    "other",
    [
        key(ONE, channel="mail"),
        key(ONE, kind="fixed"),
        key(replace(ONE, release="shop@9")),
        key(replace(ONE, environment="staging")),
        key(replace(ONE, environment=None)),
        key(with_finding(ONE, issue=issue(99))),
        key(replace(ONE, findings=(*ONE.findings, finding(regression=regression(issue=issue(99)))))),
        key(with_finding(ONE, ranking=ranking(RankingVerdict.NONE))),
        key(with_finding(ONE, ranking=None)),
        key(healthy_report()),
    ],
)
def test_another_thing_has_another_key(other: str):
    assert other != key(ONE)


def test_an_incident_is_its_first_issue_whoever_joins():
    early, late = issue(7), issue(8)
    late = replace(late, first_seen=early.first_seen + timedelta(minutes=5))
    first = finding(regression=regression(issue=early))
    both = (finding(regression=regression(issue=late)), first)
    incidents = [message_of(replace(ONE, findings=findings)).incident for findings in ((first,), both, both[::-1])]
    assert incidents == [early.id] * 3


def test_a_report_can_be_said_finding_by_finding():
    told = replace(
        report(), findings=(finding(regression=regression(issue=issue(7))), finding(regression=regression(issue=issue(8))))
    )
    parts = one_by_one(message_of(told, "regression"))
    assert [part.incident for part in parts] == [issue(7).id, issue(8).id]
    assert [len(part.report.findings) for part in parts] == [1, 1]
    assert len({part.key("team") for part in parts} | {key(told)}) == 3
    assert one_by_one(message_of(healthy_report())) == ()


@pytest.mark.parametrize("told", [report(), bare_report(), healthy_report(), inconclusive_report()])
def test_a_report_comes_out_of_the_archive_as_it_went_in(told: Report):
    assert archive.load(archive.dump(told)) == told


@pytest.mark.parametrize("document", ["", "{}", "[]", '{"release": 1}', "not json"])
def test_a_report_of_another_version_is_a_typed_error(document: str):
    with pytest.raises(StateError, match="stored report"):
        archive.load(document)
