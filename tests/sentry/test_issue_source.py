from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.errors import SentryUnavailable, SentryUnknownEnvironment
from deploywatch.sentry.issue_source import MAX_LISTED, SentryIssueSource
from deploywatch.sentry.wire import stamp
from deploywatch.watch.source import IssueSource, Tally
from tests.sentry.support import DETAIL_404, NOW, link, page, reply, stage
from tests.sentry.test_events import item
from tests.sentry.test_failures import ERRORS, NO_REQUESTS, REQUESTS
from tests.sentry.test_issues import DETAIL, LISTED
from tests.sentry.test_stats import MINUTE, START, line, modern, value

V = "app@1.2.3+45"
SINCE = NOW - timedelta(minutes=15)
WEEK = NOW - timedelta(days=7)


def source(s, **more) -> IssueSource:
    return SentryIssueSource(s.client, **{"release": V, "environment": "prod", "projects": ("shop",)} | more)


def listed_issue(s):
    return source(s).new_issues(SINCE)[0]


def released(first_event: str | None) -> dict:
    return {"version": V, "firstEvent": first_event}


SILENT = [reply(released(None)), reply(NO_REQUESTS), reply({"groups": []})]


# --- can it see ------------------------------------------------------------------------------------------------------


def test_it_sees_where_any_event_shows_and_the_release_was_heard():
    s = stage(reply(released("2026-11-21T11:59:00Z")), reply([LISTED]), reply([LISTED]))
    sight = source(s).can_see()
    assert (sight.visible, sight.release_heard) == (True, True)
    assert "2026-11-21 11:59" in sight.proof
    assert s.script.asked[1].values("start") == ["2026-11-07T12:00:00Z"]


def test_events_of_others_prove_sight_but_not_that_the_release_was_heard():
    sight = source(stage(*SILENT, reply([LISTED]), reply([]), reply([]))).can_see()
    assert (sight.visible, sight.release_heard, sight.others) == (True, False, ())


def test_where_only_others_are_heard_they_are_named():
    tags = [{"key": "release", "value": "e64a778"}]
    events = [
        {"id": "1", "dateCreated": "2026-11-21T11:40:00Z", "tags": tags},
        {"id": "2", "dateCreated": "2026-11-21T11:30:00Z", "tags": tags},
    ]
    releases = [
        {"version": "shop@1.9", "lastEvent": "2026-11-21T11:58:00Z"},
        {"version": "shop@1.8", "lastEvent": "2026-11-20T11:58:00Z"},
        {"version": "shop@1.7", "lastEvent": None},
    ]
    sight = source(stage(*SILENT, reply([LISTED]), reply([LISTED]), reply(events), reply(releases))).can_see()
    assert sight.others == ("shop@1.9 (last at 11:58 UTC)", "e64a778 (last at 11:40 UTC)")


def test_who_else_is_heard_is_not_worth_an_error():
    forbidden = reply({"detail": "no"}, 403)
    sight = source(stage(*SILENT, reply([LISTED]), forbidden, forbidden)).can_see()
    assert sight.others == ()


@pytest.mark.parametrize(
    "signs",
    [
        [reply(released(None)), reply(REQUESTS)],
        [reply(released(None)), reply(NO_REQUESTS), reply({"groups": [{"by": {}, "totals": {"sum(session)": 42}}]})],
        [reply(DETAIL_404, 404), page(404), page(404), reply({"groups": [{"totals": {"sum(session)": 1}}]})],
        [reply({"detail": "no"}, 403), reply(REQUESTS)],
    ],
)
def test_a_healthy_release_is_heard_by_its_requests_or_sessions(signs):
    sight = source(stage(*signs, reply([]))).can_see()
    assert (sight.visible, sight.release_heard) == (True, True)


def test_seeing_nothing_is_said():
    sight = source(stage(*SILENT, reply([]))).can_see()
    assert (sight.visible, sight.release_heard) == (False, False)
    assert "environment prod" in sight.proof


def test_a_release_that_was_heard_once_stays_so():
    s = stage(reply(released("2026-11-21T11:59:00Z")), reply([LISTED]), reply([LISTED]), reply([LISTED]))
    looking = source(s)
    assert looking.can_see().release_heard
    assert looking.can_see().release_heard


def test_an_unknown_environment_and_a_server_that_is_down_are_errors():
    with pytest.raises(SentryUnknownEnvironment):
        source(stage(*SILENT, reply(DETAIL_404, 404), reply([]))).can_see()
    with pytest.raises(SentryUnavailable):
        source(stage(page(502), attempts=1)).can_see()


# --- issues and their events -------------------------------------------------------------------------------------------


def test_the_three_lists_and_what_narrows_them():
    s = stage(reply([LISTED]), reply([LISTED]), reply([LISTED]))
    looking = source(s, narrowed="level:error")
    for look in (looking.new_issues, looking.regressed_issues, looking.known_issues):
        assert [issue.id for issue in look(SINCE)] == ["901"]
    assert [asked.values("query") for asked in s.script.asked] == [
        [f'firstRelease:"{V}" level:error'],
        [f'regressed_in_release:"{V}" level:error'],
        [f'release:"{V}" level:error'],
    ]


def test_the_detail_adds_the_releases_and_keeps_the_counts_of_the_window():
    s = stage(reply([LISTED]), reply(DETAIL | {"count": "4000", "userCount": 999, "lastSeen": None}))
    looking = source(s)
    whole = looking.detail(looking.new_issues(SINCE)[0])
    assert (whole.first_release, whole.count, whole.user_count) == (V, 37, 12)
    assert whole.last_seen


def test_events_are_of_the_environment():
    s = stage(reply([LISTED]), reply([item(1, 1), item(2, 2)]))
    assert len(source(s).event_times(listed_issue(s), SINCE).events) == 2
    assert s.script.asked[1].values("environment") == ["prod"]


def test_a_baseline_counts_people_in_buckets_that_end_at_its_end():
    events = [
        item(minutes, n) | {"user": {"id": who}}
        for n, (minutes, who) in enumerate([(0, "a"), (0.5, "a"), (0.6, "b"), (1.5, "a"), (9, "c")])
    ]
    s = stage(reply([LISTED]), reply(events))
    tallies = source(s).baseline(listed_issue(s), NOW - 10 * MINUTE, NOW, MINUTE)
    assert tallies == (
        Tally(NOW - 9 * MINUTE, MINUTE, 1, 1),
        Tally(NOW - 2 * MINUTE, MINUTE, 1, 1),
        Tally(NOW - MINUTE, MINUTE, 2, 2),
    )


def test_where_somebody_is_nobody_people_are_not_counted():
    s = stage(reply([LISTED]), reply([item(1, 1) | {"user": {"id": "a"}}, item(1, 2)]))
    assert source(s).baseline(listed_issue(s), START, NOW, MINUTE) == (Tally(NOW - MINUTE, MINUTE, 2, None),)


def flood():
    return [reply([item(n / 100, n * 100 + k) for k in range(100)], headers=link(f"0:{n}:0", more=True)) for n in range(10)]


def test_a_flood_is_counted_by_the_server():
    counted = modern(line("count()", value(0, 1500), value(1, 10)), line("count_unique(user)", value(0, 7), value(1, 1)))
    s = stage(reply([LISTED]), *flood(), reply(counted))
    tallies = source(s).baseline(listed_issue(s), START, NOW, MINUTE)
    assert tallies == (Tally(START, MINUTE, 1500, 7), Tally(START + MINUTE, MINUTE, 10, 1))
    assert s.script.asked[-1].values("query") == ["issue:SHOP-4F"]


@pytest.mark.parametrize("counting", [[reply(modern(line("count()", value(0, 3))))], [page(404), page(404)]])
def test_a_flood_that_the_server_cannot_count_is_not_taken_for_silence(counting):
    s = stage(reply([LISTED]), *flood(), *counting)
    tallies = source(s).baseline(listed_issue(s), START, NOW, MINUTE)
    assert [(tally.start, tally.events) for tally in tallies] == [(NOW - back * MINUTE, 900) for back in (3, 2, 1)]


def test_failures_of_the_service():
    assert (
        source(stage(reply(NO_REQUESTS), reply({"groups": []}), reply(ERRORS)))
        .failures(START, NOW, MINUTE, release=None)
        .definition
        == "unhandled errors, and errors with an HTTP status of 5xx"
    )


# --- how noisy it is -----------------------------------------------------------------------------------------------------


def born(number: int, days_ago: float) -> dict:
    return LISTED | {"id": str(number), "lifetime": {"firstSeen": stamp(NOW - timedelta(days=days_ago))}}


def test_issues_that_were_first_seen_in_the_window():
    s = stage(reply([born(1, 0.5), born(2, 6.9), born(3, 7.1), born(4, -0.1)]))
    assert source(s).discovered(WEEK, NOW) == 2
    assert s.script.asked[0].values("sort") == ["new"]
    assert s.script.asked[0].values("query") == [""]


def test_a_server_with_other_orders_is_asked_without():
    refusal = reply({"detail": [{"loc": ["query", "sort"], "msg": "Input should be 'last_seen'"}]}, 422)
    s = stage(refusal, reply({"id": "3"}), refusal, reply([born(1, 0.5)]))
    assert source(s).discovered(WEEK, NOW) == 1
    assert s.script.asked[-1].values("sort") == []


def test_too_many_to_list_are_estimated_from_the_newest():
    pages = [
        reply(
            [born(page * 100 + n, 3.5 * (page * 100 + n + 1) / MAX_LISTED) for n in range(100)],
            headers=link(f"0:{page}:0", more=True),
        )
        for page in range(5)
    ]
    assert source(stage(*pages)).discovered(WEEK, NOW) == pytest.approx(1000, abs=5)


def test_issues_of_no_known_age_tell_nothing():
    assert source(stage(reply([LISTED | {"lifetime": None, "firstSeen": None}]))).discovered(WEEK, NOW) is None
    assert source(stage(reply([]))).discovered(WEEK, NOW) == 0


def test_active_issues_are_counted_by_the_server_or_by_hand():
    assert source(stage(reply([LISTED], headers={"X-Hits": "64"}))).active(WEEK, NOW) == 64
    assert source(stage(reply([LISTED]), reply([LISTED, LISTED | {"id": "2"}]))).active(WEEK, NOW) == 2
    assert source(stage(reply([LISTED], headers={"X-Hits": "many"}), reply([]))).active(WEEK, NOW) == 0


# --- patience ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"X-Sentry-Rate-Limit-Remaining": "3", "X-Sentry-Rate-Limit-Reset": str(NOW.timestamp() + 9)}, None),
        ({"X-Sentry-Rate-Limit-Remaining": "0", "X-Sentry-Rate-Limit-Reset": str(NOW.timestamp() + 9)}, 9),
        ({"X-Sentry-Rate-Limit-Remaining": "0", "X-Sentry-Rate-Limit-Reset": str(NOW.timestamp() - 9)}, None),
        ({"Retry-After": "30"}, 30),
    ],
)
def test_what_sentry_asks_for_is_passed_on(headers, seconds):
    s = stage(reply([LISTED], headers=headers))
    looking = source(s)
    assert looking.wait_hint() is None
    looking.new_issues(SINCE)
    assert looking.wait_hint() == (timedelta(seconds=seconds) if seconds else None)


def test_the_hint_runs_out():
    s = stage(reply([LISTED], headers={"Retry-After": "30"}))
    looking = source(s)
    looking.new_issues(SINCE)
    s.clock.sleep(31)
    assert looking.wait_hint() is None
