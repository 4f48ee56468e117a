from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from deploywatch.model import (
    Commit,
    Event,
    Frame,
    Issue,
    Owner,
    Person,
    Raised,
    Ranking,
    RankingVerdict,
    Rate,
    Regression,
    RegressionKind,
    Severity,
    StackTrace,
    Suspect,
)
from deploywatch.watch.noise import NoiseSettings, QuietHours, Said, Way, incidents, sendings
from tests.watch.worlds import after

ANA = Person("Ana", "ana@shop.test")
NIGHT = QuietHours(time(22), time(7), timezone(timedelta(hours=2)))


def ranking(sha: str, verdict: RankingVerdict = RankingVerdict.SUSPECT) -> Ranking:
    commit = Commit(sha, (), ANA, ANA, after(), after(), "subject")
    return Ranking("b", "h", 1, verdict, (Suspect(1, commit, 0.9),), 0.1)


def event(*functions: str, line: int = 1) -> Event:
    frames = tuple(Frame("shop/cart.py", line, name, in_app=name != "library") for name in functions)
    return Event(None, StackTrace((Raised("KeyError", None, frames),)))


def regression(number: int, severity: Severity = Severity.MEDIUM, *owners: str, **values) -> Regression:
    issue = Issue(id=str(number), short_id=f"S-{number}", title="t", culprit=None, project="shop")
    owner = Owner(owners or ("@shop",), "rule")
    return Regression(RegressionKind.NEW, severity, issue, Rate(None, 1.0), "why", owner=owner, **values)


class TestIncidents:
    def test_one_commit_makes_one_incident_worst_first(self):
        found = incidents(
            [
                regression(1, ranking=ranking("a")),
                regression(2, Severity.HIGH, ranking=ranking("a")),
                regression(3, ranking=ranking("b")),
            ]
        )
        assert [[one.issue.short_id for one in incident.regressions] for incident in found] == [["S-2", "S-1"], ["S-3"]]
        assert found[0].severity is Severity.HIGH

    def test_an_unsure_ranking_does_not_tie_issues_together(self):
        unsure = ranking("a", RankingVerdict.UNSURE)
        assert len(incidents([regression(1, ranking=unsure), regression(2, ranking=unsure)])) == 2

    def test_one_stack_makes_one_incident_wherever_its_lines_moved(self):
        same = [
            regression(1, event=event("main", "total", "library", line=3)),
            regression(2, event=event("main", "total", line=9)),
        ]
        assert len(incidents([*same, regression(3, event=event("main", "pay"))])) == 2

    def test_keys_are_stable_and_differ(self):
        first = incidents([regression(1, ranking=ranking("a"))])
        again = incidents([regression(2, ranking=ranking("a")), regression(1, ranking=ranking("a"))])
        other = incidents([regression(1)])
        assert first[0].key == again[0].key != other[0].key


def ways(regressions, said=(), **settings) -> list[tuple[str, Way]]:
    found = sendings(incidents(regressions), said, NoiseSettings(**settings), after())
    return [(one.incident.regressions[0].issue.short_id, one.way) for one in found]


class TestSendings:
    def said(self, regression: Regression, minutes_ago: float, severity: Severity | None = None) -> Said:
        (incident,) = incidents([regression])
        return Said(incident.key, "@shop", after(minutes=-minutes_ago), severity or regression.severity)

    def test_the_first_word_is_a_message_and_the_next_an_update_after_the_cool_down(self):
        one = regression(1)
        assert ways([one]) == [("S-1", Way.MESSAGE)]
        assert ways([one], [self.said(one, 5)]) == [("S-1", Way.WAIT)]
        assert ways([one], [self.said(one, 31)]) == [("S-1", Way.UPDATE)]

    def test_getting_worse_is_told_at_once(self):
        assert ways([regression(1, Severity.HIGH)], [self.said(regression(1), 1, Severity.LOW)]) == [("S-1", Way.UPDATE)]

    def test_beyond_the_budget_they_go_into_the_digest_but_not_the_critical_ones(self):
        many = [regression(number) for number in range(1, 4)] + [regression(9, Severity.CRITICAL)]
        found = dict(ways(many, per_hour=2))
        assert found["S-9"] is Way.MESSAGE
        assert sorted(found.values()) == sorted([Way.MESSAGE, Way.MESSAGE, Way.DIGEST, Way.DIGEST])

    def test_a_budget_is_of_one_hour_and_one_owner(self):
        said = [Said(str(number), "@shop", after(minutes=-61), Severity.LOW) for number in range(5)]
        assert ways([regression(1)], said, per_hour=1) == [("S-1", Way.MESSAGE)]
        recent = [Said("x", "@shop", after(minutes=-59), Severity.LOW)]
        assert ways([regression(1, Severity.LOW, "@shop"), regression(2, Severity.LOW, "@pay")], recent, per_hour=1) == [
            ("S-1", Way.DIGEST),
            ("S-2", Way.MESSAGE),
        ]

    def test_each_owner_is_told(self):
        found = sendings(incidents([regression(1, Severity.LOW, "@shop", "@pay")]), (), NoiseSettings(), after())
        assert [one.owner for one in found] == ["@shop", "@pay"]

    def test_at_night_only_what_is_critical_is_told_and_the_rest_in_the_morning(self):
        night = datetime(2026, 5, 4, 21, 0, tzinfo=UTC)
        found = sendings(incidents([regression(1), regression(2, Severity.CRITICAL)]), (), NoiseSettings(quiet=NIGHT), night)
        assert [(one.way, one.until) for one in found] == [
            (Way.MESSAGE, None),
            (Way.WAIT, datetime(2026, 5, 5, 5, 0, tzinfo=UTC)),
        ]


@pytest.mark.parametrize(
    ("hours", "hour", "quiet"),
    [
        (QuietHours(time(22), time(7), UTC), 23, True),
        (QuietHours(time(22), time(7), UTC), 6, True),
        (QuietHours(time(22), time(7), UTC), 7, False),
        (QuietHours(time(12), time(13), UTC), 12, True),
        (QuietHours(time(12), time(13), UTC), 13, False),
        (NIGHT, 20, True),
        (NIGHT, 5, False),
    ],
)
def test_quiet_hours_are_by_the_clock_of_their_zone(hours, hour, quiet):
    assert hours.covers(datetime(2026, 5, 4, hour, 0, tzinfo=UTC)) is quiet
