from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from deploywatch.errors import SentryEndpointMissing, SentryNotFound, SentryRejected, SentryUnavailable, UsageError
from deploywatch.sentry.deploys import NewDeploy, create_deploy, deploys
from tests.sentry.support import DETAIL_404, NOW, page, reply, stage

V = "shop@1.2.0"
PATH = f"/organizations/acme/releases/{V}/deploys/"
THERE = {
    "id": "6",
    "environment": "production",
    "dateStarted": None,
    "dateFinished": "2026-11-21T11:59:00.000000Z",
    "name": "build-42",
    "url": None,
}
WANTED = NewDeploy("production", name="build-42")


def test_it_looks_before_it_posts():
    s = stage(reply([]), reply(THERE, 201))
    assert create_deploy(s.client, V, WANTED).id == "6"
    assert s.script.lines == [f"GET {PATH}", f"POST {PATH}"]
    assert s.script.asked[1].json == {
        "environment": "production",
        "name": "build-42",
        "url": None,
        "dateStarted": None,
        "dateFinished": "2026-11-21T12:00:00Z",
    }


def test_times_are_sent_in_utc():
    s = stage(reply([]), reply(THERE, 201))
    create_deploy(
        s.client, V, NewDeploy("production", url="https://ci.example/1", started_at=NOW - timedelta(minutes=2), finished_at=NOW)
    )
    body = s.script.asked[1].json
    assert (body["dateStarted"], body["dateFinished"], body["url"]) == (
        "2026-11-21T11:58:00Z",
        "2026-11-21T12:00:00Z",
        "https://ci.example/1",
    )


def test_a_deploy_that_is_there_is_not_posted_again():
    s = stage(reply([THERE | {"id": "5", "environment": "staging"}, THERE]))
    assert create_deploy(s.client, V, WANTED).finished_at == NOW - timedelta(minutes=1)
    assert s.script.lines == [f"GET {PATH}"]


@pytest.mark.parametrize(
    "wanted",
    [
        NewDeploy("staging", name="build-42"),
        NewDeploy("production", name="build-43"),
        NewDeploy("production"),
        NewDeploy("production", name="build-42", url="https://ci.example/1"),
        NewDeploy("production", name="build-42", started_at=NOW),
    ],
)
def test_another_deploy_is_posted(wanted):
    s = stage(reply([THERE]), reply(THERE | {"id": "7"}, 201))
    assert create_deploy(s.client, V, wanted).id == "7"


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("late"), httpx.ReadError("reset"), page(502)])
def test_where_the_answer_got_lost_it_looks_instead_of_posting_again(lost):
    s = stage(reply([]), lost, reply([THERE]))
    assert create_deploy(s.client, V, WANTED).id == "6"
    assert s.script.lines == [f"GET {PATH}", f"POST {PATH}", f"GET {PATH}"]


def test_where_the_answer_got_lost_and_nothing_is_there_it_says_so():
    s = stage(reply([]), httpx.ReadTimeout("late"), reply([]))
    with pytest.raises(SentryUnavailable) as caught:
        create_deploy(s.client, V, WANTED)
    assert caught.value.sent


def test_where_nothing_was_sent_it_may_post_again():
    s = stage(reply([]), httpx.ConnectError("refused"), reply(THERE, 201))
    assert create_deploy(s.client, V, WANTED).id == "6"


def test_a_long_name_is_cut_and_found_again():
    s = stage(reply([]), reply(THERE | {"name": "n" * 64}, 201), reply([THERE | {"name": "n" * 64}]))
    for _ in range(2):
        create_deploy(s.client, V, NewDeploy("production", name="n" * 99))
    assert [asked.method for asked in s.script.asked] == ["GET", "POST", "GET"]


@pytest.mark.parametrize("environment", ["", "  ", "e" * 65])
def test_an_environment_needs_a_name(environment):
    with pytest.raises(UsageError):
        create_deploy(stage().client, V, NewDeploy(environment))


def test_what_sentry_refuses_is_told():
    with pytest.raises(SentryRejected, match="environment: Invalid value"):
        create_deploy(
            stage(reply([]), reply({"environment": ["Invalid value for environment"]}, 400)).client, V, NewDeploy("a/b")
        )


def test_an_unknown_release_and_a_server_without_deploys_are_two_things():
    with pytest.raises(SentryNotFound):
        deploys(stage(reply(DETAIL_404, 404)).client, V)
    with pytest.raises(SentryEndpointMissing, match="deploys"):
        deploys(stage(page(200)).client, V)
