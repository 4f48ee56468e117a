"""Evidence in, decision out: what a reader of a release's report would want to be true."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import Issue, RegressionKind, Severity, Verdict
from deploywatch.watch.decide import Decision, Ending, decide
from deploywatch.watch.doubts import View
from deploywatch.watch.findings import SERVICE_ISSUE
from deploywatch.watch.ignoring import Ignore
from deploywatch.watch.plan import HealthSettings, NewIssueSettings, WatchPlan
from deploywatch.watch.seen import Novelty, Seen, SeenIssue, novelty
from deploywatch.watch.source import Failures, FailureTally, Occurrence, Sight, Tally
from tests.fakes.watching import DEPLOYED, EARLIER, RELEASE
from tests.watch.worlds import after, every, plan, poisson

MINUTE = timedelta(minutes=1)
SIGHT = Sight(visible=True, proof="an event of yesterday", release_heard=True)
END = after(minutes=15)
VIEW = View(started_at=DEPLOYED, last_look=END)


def issue(**values: Any) -> Issue:
    known = {
        "id": "1",
        "short_id": "SHOP-1",
        "title": "KeyError: 'tax'",
        "culprit": "shop.cart",
        "project": "shop",
        "level": "error",
    }
    return Issue(**(known | {"is_unhandled": True, "first_seen": DEPLOYED, "error_type": "KeyError"} | values))


def events(
    *seconds: float, prefix: str = "e", release: str | None = RELEASE, client: str | None = None
) -> tuple[Occurrence, ...]:
    return tuple(Occurrence(f"{prefix}{number}", after(seconds=second), release, client) for number, second in enumerate(seconds))


def tallies(per_minute: float, *, minutes: int = 240) -> tuple[Tally, ...]:
    """Evenly spread over the time before the deploy."""
    done = [int(number * per_minute) for number in range(minutes + 1)]
    return tuple(Tally(after(minutes=number - minutes), MINUTE, done[number + 1] - done[number]) for number in range(minutes))


def seen(*issues: SeenIssue, **values: Any) -> Seen:
    return Seen(issues={one.issue.id: one for one in issues}, sight=SIGHT, history_asked=True, **values)


def served(*, before: float, after_deploy: float, total: float | None = 1000.0, minutes: int = 15) -> dict[str, Failures]:
    def series(first: int, last: int, failed: float) -> Failures:
        buckets = (FailureTally(after(minutes=number), MINUTE, failed, total) for number in range(first, last))
        return Failures("failed HTTP server transactions", tuple(buckets))

    return {"failures_before": series(-240, 0, before), "failures_after": series(0, minutes, after_deploy)}


def known(found: tuple[Occurrence, ...], *, before: float, **values: Any) -> SeenIssue:
    about = {"first_seen": after(days=-30), "first_release": EARLIER, "count": len(found)} | values
    return SeenIssue(issue(**about), Novelty.KNOWN, found, tallies(before))


def new(found: tuple[Occurrence, ...], **values: Any) -> SeenIssue:
    return SeenIssue(issue(**({"first_release": RELEASE, "count": len(found)} | values)), Novelty.NEW, found)


def over(given: Seen, *, view: View = VIEW, **changes: Any) -> Decision:
    return decide(plan(**changes), given, view, at=END, ending=Ending.OVER)


@dataclass(frozen=True)
class Case:
    name: str
    seen: Seen
    verdict: Verdict
    kinds: tuple[RegressionKind, ...] = ()
    says: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    view: View = VIEW


QUIET = seen(**served(before=4, after_deploy=4))
DOUBLED = tuple(Occurrence(f"d{n}", at, RELEASE) for n, at in enumerate(poisson(8, start=DEPLOYED, end=END, seed=3)))
UNCHANGED = tuple(Occurrence(f"u{n}", at, RELEASE) for n, at in enumerate(poisson(4, start=DEPLOYED, end=END, seed=3)))

CASES = [
    Case("nothing happened and enough was served", QUIET, Verdict.HEALTHY, says="failed HTTP server transactions rising from"),
    Case("a known issue goes on as before", seen(known(UNCHANGED, before=4)), Verdict.HEALTHY),
    Case("a known issue doubles", seen(known(DOUBLED, before=4)), Verdict.REGRESSION, (RegressionKind.SPIKING,), "times as often"),
    Case(
        "a new issue that goes on",
        seen(new(events(20, 50, 80, 130))), Verdict.REGRESSION, (RegressionKind.NEW,), "is new in shop@2.4.0: 4 events",
    ),
    Case(
        "a resolved issue is back",
        seen(SeenIssue(issue(count=3), Novelty.REGRESSED, events(20, 50, 80))),
        Verdict.REGRESSION, (RegressionKind.REGRESSED,), "was resolved and is back",
    ),
    Case(
        "a resolved issue is back, but only in the old release",
        replace(QUIET, issues=seen(SeenIssue(issue(count=3), Novelty.REGRESSED, events(20, 50, 80, release=EARLIER))).issues),
        Verdict.HEALTHY,
    ),
    Case(
        "one event where nobody knows how often new issues turn up",
        replace(QUIET, issues=seen(new(events(300))).issues), Verdict.HEALTHY, says="1 new or returned issue, too rare",
    ),
    Case(
        "one early event where new issues are very rare",
        replace(QUIET, issues=seen(new(events(30))).issues, discovered=0), Verdict.REGRESSION, (RegressionKind.NEW,), "1 event",
    ),
    Case(
        "one early event where new issues turn up all the time",
        replace(QUIET, issues=seen(new(events(30))).issues, discovered=2000), Verdict.HEALTHY,
    ),
    Case(
        "one event, but two are asked for",
        replace(QUIET, issues=seen(new(events(30))).issues, discovered=0), Verdict.INCONCLUSIVE, says="too few to be sure",
        changes={"new": NewIssueSettings(min_events=2)},
    ),
    Case(
        "many events, but of fewer users than are asked for",
        replace(QUIET, issues=seen(new(events(20, 50, 80, 130, client="ana"))).issues), Verdict.INCONCLUSIVE,
        changes={"new": NewIssueSettings(min_users=2)},
    ),
    Case(
        "one client's retries within a minute",
        replace(QUIET, issues=seen(new(events(*range(300, 330), client="bot"))).issues), Verdict.HEALTHY,
    ),
    Case(
        "the same number from many clients",
        seen(new(tuple(event for number in range(30) for event in events(300 + number, prefix=f"{number}-", client=f"user-{number}")))),
        Verdict.REGRESSION, (RegressionKind.NEW,), "from 30 clients",
    ),
    Case(
        "a new issue whose events cannot be listed counts by what Sentry counted",
        seen(new((), count=12, user_count=5, first_seen=after(seconds=30), last_seen=after(minutes=4))),
        Verdict.REGRESSION, (RegressionKind.NEW,), "12 events from 5 clients",
    ),
    Case(
        "a silent known issue wakes up",
        seen(known(events(*range(10, 130, 10)), before=0)), Verdict.REGRESSION, (RegressionKind.SPIKING,), "had not happened",
    ),
    Case(
        "first seen here but known elsewhere is judged as a known issue",
        replace(QUIET, issues=seen(replace(known(events(30, 60), before=0), novelty=Novelty.ELSEWHERE)).issues), Verdict.HEALTHY,
    ),
    Case("more requests fail, and no issue says so", seen(**served(before=5, after_deploy=15)), Verdict.REGRESSION, (RegressionKind.SPIKING,), "0.5 % of requests before"),
    Case(
        "more requests fail because there are more requests",
        seen(**(served(before=5, after_deploy=5) | {"failures_after": served(before=0, after_deploy=15, total=3000)["failures_after"]})),
        Verdict.HEALTHY,
    ),
    Case(
        "more errors without any count of requests",
        seen(**served(before=2, after_deploy=6, total=None)), Verdict.REGRESSION, (RegressionKind.SPIKING,), "6 events/min",
    ),
    Case("an issue explains the failing requests, so it alone is told", seen(new(events(20, 50, 80, 130)), **served(before=5, after_deploy=30)), Verdict.REGRESSION, (RegressionKind.NEW,)),
    Case("nothing was visible ever", Seen(sight=Sight(visible=False, proof="none in 30 days")), Verdict.INCONCLUSIVE, says="none in 30 days"),
    Case("nobody proved that anything is visible", Seen(), Verdict.INCONCLUSIVE, says="silence proves nothing"),
    Case(
        "the release itself was never heard", replace(Seen(), sight=replace(SIGHT, release_heard=False)), Verdict.INCONCLUSIVE,
        says="does the SDK send exactly this release name",
    ),
    Case(
        "others are heard instead", replace(Seen(), sight=replace(SIGHT, release_heard=False, others=("e64a778 (last at 11:40 UTC)",))),
        Verdict.INCONCLUSIVE, says="under another name? The events of prod carry e64a778",
    ),
    Case(
        "the release was never heard, which is allowed", replace(Seen(), sight=replace(SIGHT, release_heard=False)), Verdict.HEALTHY,
        changes={"health": HealthSettings(release_heard=False)},
    ),
    Case(
        "everything went silent", seen(**served(before=3, after_deploy=0, total=None)), Verdict.INCONCLUSIVE, says="many were to be expected",
    ),
    Case("an issue's detail could not be read", replace(QUIET, unread={"1": issue()}), Verdict.INCONCLUSIVE, says="SHOP-1"),
    Case("Sentry never answered", QUIET, Verdict.INCONCLUSIVE, says="at any time", view=View(DEPLOYED, None, "timed out")),
    Case("Sentry did not answer at the end", QUIET, Verdict.INCONCLUSIVE, says="timed out", view=View(DEPLOYED, after(minutes=9), "timed out")),
    Case("the environment is unknown", Seen(), Verdict.INCONCLUSIVE, says="'prod'", view=View(DEPLOYED, END, environment_known=False)),
    Case("a regression counts though Sentry went dark", seen(new(events(20, 50, 80, 130))), Verdict.REGRESSION, (RegressionKind.NEW,), view=View(DEPLOYED, after(minutes=5), "timed out")),
    Case("too few requests to tell", seen(**served(before=0.02, after_deploy=0.02, total=4)), Verdict.INCONCLUSIVE, says="too little traffic"),
    Case(
        "an ignored new issue", replace(QUIET, issues=seen(new(events(20, 50, 80, 130))).issues), Verdict.HEALTHY,
        changes={"ignore": (Ignore(reason="a bot", type="KeyError", until=date(2026, 5, 4)),)},
    ),
    Case(
        "an ignored new issue whose time is over", seen(new(events(20, 50, 80, 130))), Verdict.REGRESSION, (RegressionKind.NEW,),
        changes={"ignore": (Ignore(reason="a bot", type="KeyError", until=date(2026, 5, 3)),)},
    ),
    Case(
        "a level that does not count", replace(QUIET, issues=seen(new(events(20, 50, 80, 130), level="warning")).issues), Verdict.HEALTHY,
        changes={"levels": ("error", "fatal")},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_and_its_reason(case: Case):
    decision = over(case.seen, view=case.view, **case.changes)
    assert (decision.verdict, tuple(one.kind for one in decision.regressions)) == (case.verdict, case.kinds), decision.why
    assert case.says in decision.why


class TestWhileItRuns:
    def test_there_is_no_verdict_before_the_end(self):
        assert decide(plan(), QUIET, VIEW, at=after(minutes=5)).verdict is None

    def test_but_a_regression_is_one_at_once_and_says_since_when(self):
        decision = decide(plan(), seen(new(events(20, 50, 80, 130))), VIEW, at=after(minutes=3))
        assert decision.verdict is Verdict.REGRESSION
        assert DEPLOYED < decision.reached_at <= after(seconds=130)

    def test_being_stopped_is_inconclusive_unless_there_is_a_regression_already(self):
        def stopped(given: Seen) -> Verdict | None:
            return decide(plan(), given, VIEW, at=after(minutes=5), ending=Ending.STOPPED).verdict

        assert stopped(QUIET) is Verdict.INCONCLUSIVE
        assert stopped(seen(new(events(20, 50, 80, 130)))) is Verdict.REGRESSION

    def test_what_was_certain_stays_certain_when_it_calms_down(self):
        later = decide(plan(), seen(new(events(20, 50, 80, 130))), VIEW, at=after(hours=20), ending=Ending.OVER)
        assert later.verdict is Verdict.REGRESSION


class TestManyIssues:
    """The more issues there are, the more each of them must show, so that all together make no more false alarms than one."""

    def spiking(self, active: int) -> int:
        one = known(tuple(Occurrence(f"s{n}", at, RELEASE) for n, at in enumerate(every(10, start=DEPLOYED, end=END))), before=2)
        decision = decide(plan(), seen(one, active=active), VIEW, at=END)
        return round((decision.reached_at - DEPLOYED).total_seconds())

    def test_each_must_show_more(self):
        assert self.spiking(1) < self.spiking(20) < self.spiking(200)

    def test_issues_that_woke_up_share_what_is_kept_for_them_in_their_order(self):
        woken = [
            replace(
                known(events(*range(10 * n, 60 + 10 * n, 12), prefix=str(n)), before=0),
                issue=issue(id=str(n), short_id=f"S-{n}", count=5, first_seen=after(days=-9)),
            )
            for n in (1, 2)
        ]
        assert over(seen(*woken)).verdict is Verdict.REGRESSION

    def test_they_are_told_worst_first(self):
        mild, bad = new(events(20, 50, 80, 130)), new(events(*range(10, 200, 1), prefix="b"), id="2", short_id="SHOP-2")
        decision = over(seen(mild, bad))
        assert [one.issue.short_id for one in decision.regressions] == ["SHOP-2", "SHOP-1"]
        assert "1 more regression" in decision.why


class TestClients:
    """A burst of one client's is no spike; but people are only told apart where they are on both sides of the deploy."""

    BURST = tuple(
        event for number in range(4) for event in events(*range(60 * number, 60 * number + 40), prefix=f"{number}-", client="bot")
    )

    def judged(self, found: tuple[Occurrence, ...], *, clients: int | None) -> Verdict | None:
        one = known(found, before=1)
        before = tuple(replace(tally, clients=clients and min(tally.events, clients)) for tally in one.before or ())
        return over(replace(QUIET, issues=seen(replace(one, before=before)).issues)).verdict

    def test_a_burst_of_one_client_is_no_spike_where_clients_are_known(self):
        assert self.judged(self.BURST, clients=1) is Verdict.HEALTHY

    def test_it_is_one_where_the_time_before_does_not_tell_them(self):
        assert self.judged(self.BURST, clients=None) is Verdict.REGRESSION

    def test_nobody_is_told_apart_where_some_are_unknown_now(self):
        steady = tuple(replace(event, client=None) for event in events(*range(0, 900, 60)))
        assert self.judged(steady, clients=1) is Verdict.HEALTHY


class TestTheService:
    def test_is_not_judged_by_buckets_before_the_deploy(self):
        early = FailureTally(after(minutes=-1), MINUTE, 500, 1000.0)
        given = served(before=5, after_deploy=5)
        given["failures_after"] = replace(given["failures_after"], tallies=(early, *given["failures_after"].tallies))
        assert over(seen(**given)).verdict is Verdict.HEALTHY

    def test_is_not_judged_by_errors_of_levels_that_do_not_count(self):
        rising = seen(**served(before=3, after_deploy=30, total=None))
        assert over(rising).verdict is Verdict.REGRESSION
        assert over(rising, levels=("fatal",)).verdict is not Verdict.REGRESSION
        assert over(seen(**served(before=5, after_deploy=50)), levels=("fatal",)).verdict is Verdict.REGRESSION

    def test_is_not_silent_while_it_fails(self):
        fewer = over(seen(**served(before=3, after_deploy=1, total=None)))
        assert "expected" not in fewer.why
        assert "many were to be expected" in over(seen(**served(before=3, after_deploy=0, total=None))).why


class TestTheRegression:
    def test_has_both_rates_and_the_buckets_before_and_after(self):
        (found,) = over(seen(known(DOUBLED, before=4))).regressions
        assert found.rate.before == pytest.approx(4)
        assert found.rate.after == pytest.approx(len(DOUBLED) / 15)
        assert found.rate.unit == "events/min"
        assert sum(bucket.count for bucket in found.buckets if bucket.start >= DEPLOYED) == len(DOUBLED)
        assert sum(bucket.count for bucket in found.buckets if bucket.start < DEPLOYED) == 60

    def test_is_counted_where_it_is_too_young_for_a_rate(self):
        young = decide(plan(), seen(new(events(*range(9)))), VIEW, at=after(seconds=10))
        (found,) = young.regressions
        assert (found.rate.before, found.rate.after, found.rate.unit) == (0.0, 9, "events")
        (found,) = over(seen(new(events(*range(9))))).regressions
        assert (found.rate.after, found.rate.unit) == (pytest.approx(9 / 15), "events/min")

    def test_of_a_known_issue_is_compared_to_as_long_a_time_before(self):
        young = decide(plan(), seen(known(events(*range(20, 50)), before=4)), VIEW, at=after(seconds=50))
        (found,) = young.regressions
        assert (found.rate.before, found.rate.after, found.rate.unit) == (pytest.approx(4 * 50 / 60), 30, "events")
        assert "30 events since the deploy, 3.33 events in as long a time before it, 9 times as often" in found.why

    def test_is_a_share_where_requests_are_counted(self):
        (found,) = over(seen(**served(before=5, after_deploy=15))).regressions
        assert (found.rate.before, found.rate.after, found.rate.unit) == (
            pytest.approx(0.005),
            pytest.approx(0.015),
            "share of requests",
        )
        assert found.issue.id == SERVICE_ISSUE

    @pytest.mark.parametrize(
        ("values", "gap", "severity"),
        [
            ({}, 30, Severity.MEDIUM),
            ({}, 5, Severity.HIGH),
            ({}, 1, Severity.CRITICAL),
            ({"level": "fatal"}, 30, Severity.HIGH),
            ({"is_unhandled": False}, 5, Severity.MEDIUM),
            ({"level": "warning"}, 30, Severity.LOW),
            ({"user_count": 25}, 30, Severity.HIGH),
            ({"user_count": 250}, 30, Severity.CRITICAL),
        ],
    )
    def test_is_as_severe_as_it_hurts(self, values, gap, severity):
        (found,) = over(seen(new(events(*range(10, 850, gap)), **values))).regressions
        assert found.severity is severity


class TestNotes:
    def test_name_what_does_not_count_and_why(self):
        ignored = new(events(20), id="2", short_id="SHOP-2")
        elsewhere = replace(known(events(30), before=0), novelty=Novelty.ELSEWHERE)
        rare = new(events(600), id="3", short_id="SHOP-3")
        given = replace(QUIET, issues=seen(ignored, elsewhere, rare).issues)
        notes = over(given, ignore=(Ignore(reason="known bot", issue="SHOP-2"),)).notes
        assert any("SHOP-2" in note and "known bot" in note for note in notes)
        assert any("SHOP-1" in note and "known from elsewhere" in note for note in notes)
        assert any("SHOP-3" in note and "too few" in note for note in notes)

    def test_say_whether_rates_are_of_requests(self):
        def says_so(given: Seen) -> bool:
            return any("requests are not counted" in note or "judged by itself" in note for note in over(given).notes)

        assert says_so(seen(known(UNCHANGED, before=4)))
        assert not says_so(replace(QUIET, issues=seen(known(UNCHANGED, before=4)).issues))


class TestNovelty:
    @pytest.mark.parametrize(
        ("first_release", "first_seen", "expected"),
        [
            (RELEASE, after(seconds=1), Novelty.NEW),
            (RELEASE, after(seconds=-59), Novelty.NEW),
            (RELEASE, after(seconds=-61), Novelty.ELSEWHERE),
            (EARLIER, after(seconds=1), Novelty.ELSEWHERE),
            (None, after(seconds=1), Novelty.NEW),
            (None, after(days=-1), Novelty.ELSEWHERE),
            (RELEASE, None, Novelty.NEW),
            (None, None, Novelty.ELSEWHERE),
        ],
    )
    def test_needs_the_first_release_and_the_first_sight(self, first_release, first_seen, expected):
        assert novelty(issue(first_release=first_release, first_seen=first_seen), plan()) is expected


@given(
    seconds=st.lists(st.floats(0, 890), min_size=1, max_size=40, unique=True),
    data=st.data(),
    of_new=st.booleans(),
)
def test_neither_the_order_nor_repetition_of_events_changes_the_decision(seconds, data, of_new):
    found = events(*seconds)
    make = new if of_new else lambda some, **_: known(some, before=1)
    one = replace(make(found), events=())
    shuffled = data.draw(st.permutations([*found, *found[: len(found) // 2]]))
    parts = [shuffled[: len(shuffled) // 3], shuffled[len(shuffled) // 3 :]]
    once, again = seen(one).with_events("1", found), seen(one)
    for part in parts:
        again = again.with_events("1", part)
    assert over(once) == over(again)


@given(split=st.integers(0, 900), seconds=st.lists(st.floats(0, 890), min_size=3, max_size=30))
def test_a_regression_that_was_certain_at_any_moment_is_certain_at_the_end(split, seconds):
    """So a poll that is missed changes nothing: the path is looked at, not the polls."""
    plan_: WatchPlan = plan()
    moment = after(seconds=split)
    early = [event for event in events(*seconds) if event.at <= moment]
    then = decide(plan_, seen(new(tuple(early))), VIEW, at=moment) if early else None
    if then and then.verdict is Verdict.REGRESSION:
        assert over(seen(new(events(*seconds)))).verdict is Verdict.REGRESSION
