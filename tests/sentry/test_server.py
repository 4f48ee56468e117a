"""Which server answers, by its own words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.errors import SentryUnavailable
from deploywatch.sentry.issues import IssueQuery
from deploywatch.sentry.retry import Retry
from deploywatch.sentry.server import (
    Caller,
    Server,
    caller,
    environment_names,
    has_project,
    identify,
    lacking,
    project_slugs,
    region_of,
)
from tests.sentry.support import DETAIL_404, NOW, page, raw, reply, stage

FORBIDDEN = {"detail": "You do not have permission to perform this action."}
CONFIG = {"version": {"current": "24.1.0", "latest": "26.1.0"}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"version": "0", "auth": {"scopes": ["event:read"]}, "user": {"id": "1"}},
            Caller(frozenset({"event:read"}), has_user=True),
        ),
        ({"version": "0", "auth": {"scopes": []}, "user": None}, Caller(frozenset(), has_user=False)),
        ({"version": "0", "auth": None, "user": None}, Caller(None, has_user=False)),
        ({"version": "0", "auth": {"scopes": "all"}}, Caller(None, has_user=False)),
    ],
)
def test_whose_token_it_is(body, expected):
    assert caller(stage(reply(body)).client) == expected


@pytest.mark.parametrize(
    ("answers", "server", "asked"),
    [
        ([reply(CONFIG)], Server("Sentry", "24.1.0"), ["GET /api/client-config/"]),
        (
            [page(404), reply({"version": "5.2.0"})],
            Server("GlitchTip", "5.2.0"),
            ["GET /api/client-config/", "GET /api/settings/"],
        ),
        ([page(200), page(404)], Server(), ["GET /api/client-config/", "GET /api/settings/"]),
        ([reply([]), reply({"version": 7})], Server(), ["GET /api/client-config/", "GET /api/settings/"]),
    ],
)
def test_a_server_says_what_it_is(answers, server, asked):
    s = stage(*answers)
    assert identify(s.client) == server
    assert s.script.lines == asked


def test_at_sentry_io_nobody_needs_to_ask():
    for url in ("https://sentry.io", "https://de.sentry.io"):
        s = stage(url=url)
        assert identify(s.client) == Server("sentry.io")
        assert s.script.lines == []


def test_a_server_that_is_down_is_not_an_unknown_one():
    with pytest.raises(SentryUnavailable):
        identify(stage(reply({}, 503), attempts=1).client)


@pytest.mark.parametrize(
    ("answer", "region"),
    [
        (reply({"links": {"regionUrl": "https://de.sentry.io/"}}), "https://de.sentry.io"),
        (reply({"links": {}}), None),
        (reply({}), None),
        (reply(FORBIDDEN, 403), None),
    ],
)
def test_where_the_organisation_lives(answer, region):
    assert region_of(stage(answer).client) == region


@pytest.mark.parametrize(
    ("answer", "seen"),
    [(reply({"id": "1"}), True), (reply(DETAIL_404, 404), False), (reply(FORBIDDEN, 403), None), (page(), None)],
)
def test_whether_a_project_is_there(answer, seen):
    assert has_project(stage(answer).client, "shop") is seen


def test_lists_that_may_not_be_read_are_not_empty():
    assert project_slugs(stage(reply([{"slug": "shop"}, {"slug": None}])).client) == ("shop",)
    assert project_slugs(stage(reply(FORBIDDEN, 403)).client) is None
    assert environment_names(stage(reply([{"id": 1, "name": "production"}])).client) == ("production",)
    assert environment_names(stage(page(404)).client) is None


def test_only_what_is_not_there_is_lacking():
    query = IssueQuery("", None, ("shop",), NOW - timedelta(days=1))
    releases = reply([{"version": "shop@1"}])
    whole = [reply({"timeSeries": []}), reply({"groups": []}), reply({"raw": None}), reply([]), reply([])]
    assert lacking(stage(releases, *whole).client, query) == ()
    forbidden = [reply(FORBIDDEN, 403)] * 5
    assert lacking(stage(releases, *forbidden).client, query) == ()
    missing = [page(404), page(404), page(404), page(), page(), page(403)]
    assert lacking(stage(releases, *missing).client, query) == (
        "counts over time",
        "sessions",
        "ownership rules",
        "commits of a release",
        "deploys",
    )


def test_the_clocks_are_compared_by_the_date_of_an_answer():
    s = stage(reply({}, headers={"Date": "Sat, 21 Nov 2026 12:01:30 GMT"}), raw("{}"))
    assert s.client.skew is None
    s.client.get("/")
    assert s.client.skew == timedelta(seconds=90.5)
    s.client.get("/")
    assert s.client.skew == timedelta(seconds=90.5)


def test_another_patience_asks_the_same_server_less_often():
    s = stage(reply({}, 503), reply({}, 503), max_retries=9)
    hasty = s.client.with_patience(Retry(attempts=2, jitter=lambda: 0.5))
    with pytest.raises(SentryUnavailable, match="2 attempts"):
        hasty.get("/")
