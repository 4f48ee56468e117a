from __future__ import annotations

from datetime import date, timedelta

import pytest

from deploywatch.errors import UsageError
from deploywatch.requests import PlaceRequest, WatchRequest
from deploywatch.settings import Settings
from deploywatch.steps.watch_plan import plan_of
from deploywatch.watch.ignoring import Ignore
from tests.steps.conftest import DEPLOYED, NEW

PLACE = PlaceRequest(release=NEW, environment="production")


def plan(settings=None, **request):
    watch = Settings.model_validate({"watch": settings or {}}).watch
    return plan_of(watch, WatchRequest(**{"place": PLACE} | request), release=NEW, deployed_at=DEPLOYED, projects=("shop",))


def test_what_the_call_does_not_say_the_settings_do():
    given = plan({"for": "30m", "every": "20s"})
    assert (given.duration, given.interval) == (timedelta(minutes=30), timedelta(seconds=20))
    given = plan({"for": "30m", "every": "20s"}, duration=timedelta(minutes=1), every=timedelta(seconds=5))
    assert (given.duration, given.interval) == (timedelta(minutes=1), timedelta(seconds=5))


@pytest.mark.parametrize(("duration", "grace"), [(3, 3), (900, 120)])
def test_a_short_watch_does_not_wait_long_for_sentry_to_come_back(duration, grace):
    assert plan(duration=timedelta(seconds=duration)).grace == timedelta(seconds=grace)


def test_every_setting_reaches_the_plan():
    rule = {"type": "Timeout", "path": "shop/*", "until": date(2026, 6, 1), "reason": "the supplier is slow"}
    given = plan({"levels": ["fatal"], "alpha": 0.05, "min_ratio": 3, "min_events": 7, "min_users": 2, "ignore": [rule]})
    assert (given.levels, given.alpha) == (("fatal",), 0.05)
    assert (given.known.min_ratio, given.failures.min_ratio) == (3, 3)
    assert (given.new.min_events, given.new.min_users) == (7, 2)
    assert given.ignore == (Ignore(**rule),)
    given = plan({"power": 0.5, "stop_when_healthy": True, "severity": {"critical_users": 7}})
    assert (given.health.power, given.health.early, given.severity.critical_users) == (0.5, True, 7)


@pytest.mark.parametrize(
    ("settings", "call", "query"),
    [("", None, ""), ("level:error", None, "level:error"), ("", "a", "a"), ("level:error", "a", "level:error a")],
)
def test_both_searches_apply(settings, call, query):
    assert plan({"query": settings}, query=call).query == query


def test_without_an_environment_sentences_say_any():
    assert plan(place=PlaceRequest(release=NEW)).environment == "any environment"


def test_a_watch_of_no_length_is_refused():
    with pytest.raises(UsageError):
        plan(duration=timedelta(0))
