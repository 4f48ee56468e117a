from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from deploywatch.errors import (
    SentryAuthError,
    SentryEndpointMissing,
    SentryError,
    SentryNotFound,
    SentryRejected,
    SentryUnavailable,
)
from deploywatch.http import HttpClient
from deploywatch.sentry.client import Call, Client, api_path
from deploywatch.sentry.connection import Connection
from deploywatch.sentry.retry import COMMITS, ONCE, Retry
from deploywatch.sentry.tokens import Secret
from tests.fakes.loopback import Loopback, hang_up, http
from tests.sentry.support import DETAIL_404, NOW, TOKEN, URL, Clock, link, page, raw, reply, stage

TOO_OFTEN = "You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds"


def test_one_request_with_the_token_and_nothing_else_of_note():
    s = stage(reply({"ok": True}), headers=(("CF-Access", "x"),))
    assert s.client.get(s.client.path("releases"), [("query", 'a b:"c"&d')]) == {"ok": True}
    asked = s.script.asked[0]
    assert asked.line == "GET /organizations/acme/releases/"
    assert asked.query == (("query", 'a b:"c"&d'),)
    assert (asked.headers["authorization"], asked.headers["cf-access"]) == (f"Bearer {TOKEN}", "x")
    assert asked.headers["accept"] == "application/json"
    assert "content-type" not in asked.headers


def test_a_custom_header_cannot_replace_the_token():
    s = stage(reply({}), headers=(("Authorization", "Basic x"),))
    s.client.get("/x/")
    assert s.script.asked[0].headers.get_list("authorization") == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize(
    ("segments", "path"),
    [
        (("releases", "app@1.2.3+45"), "/releases/app@1.2.3%2B45/"),
        (("a b", "c#d?e"), "/a%20b/c%23d%3Fe/"),
        (("x/../y",), "/x%2F..%2Fy/"),
        (("\N{SNOWMAN}",), "/%E2%98%83/"),
    ],
)
def test_every_segment_is_escaped(segments, path):
    assert api_path(*segments) == path
    s = stage(reply({}))
    s.client.get(api_path(*segments))
    assert s.script.asked[0].path == path


def test_an_empty_answer_is_nothing():
    assert stage(httpx.Response(204)).client.call(Call("DELETE", "/x/")).json is None


# --- patience ------------------------------------------------------------------------------------------------------


def test_two_bad_gateways_then_an_answer():
    s = stage(page(502), raw("", 503), reply({"ok": 1}))
    assert s.client.get("/x/") == {"ok": 1}
    assert s.clock.slept == [1.0, 1.5]
    assert [attempt.status for attempt in s.attempts] == [502, 503, 200]
    assert all(attempt.answer == "GET /x/" for attempt in s.attempts)


def test_a_rate_limit_is_waited_out_until_its_reset():
    s = stage(reply(TOO_OFTEN, 429, headers={"X-Sentry-Rate-Limit-Reset": str(int(NOW.timestamp()) + 9)}), reply([]))
    assert s.client.get("/x/") == []
    assert s.clock.slept == [9.0]


def test_retry_after_is_honoured_too():
    s = stage(raw("slow down", 429, "text/plain"), reply([]))
    s.script.answers[0].headers["retry-after"] = "4"
    s.client.get("/x/")
    assert s.clock.slept == [4.0]


def test_a_conflict_is_repeated_for_commits_only():
    busy = {"detail": "Release commits are currently being processed"}
    s = stage(reply(busy, 409), reply(busy, 409), reply({}, 200))
    assert s.client.call(Call("PUT", "/x/", body={}, repeat=COMMITS)).status == 200
    with pytest.raises(SentryRejected, match="currently being processed") as caught:
        stage(reply(busy, 409)).client.call(Call("PUT", "/x/", body={}))
    assert caught.value.status == 409


@pytest.mark.parametrize("error", [httpx.ReadError("reset"), httpx.RemoteProtocolError("half"), httpx.ReadTimeout("late")])
def test_a_lost_connection_is_tried_again(error):
    s = stage(error, reply({"ok": 1}))
    assert s.client.get("/x/") == {"ok": 1}
    assert s.attempts[0].error


def test_half_an_answer_is_asked_for_again():
    s = stage(raw('[{"id": "1"}, {"id'), reply([{"id": "1"}]))
    assert s.client.get("/x/") == [{"id": "1"}]


def test_half_an_answer_over_a_real_connection_is_asked_for_again():
    clock = Clock()
    whole = b'[{"id": "901"}]'
    with Loopback([http(body=whole[:7], content_length=str(len(whole))), hang_up, http(body=whole)]) as server:
        connection = Connection(server.url, Secret(TOKEN), "acme")
        client = Client(connection, sleep=clock.sleep, now=clock.now, transport=HttpClient(environ={}))
        assert client.get("/x/") == [{"id": "901"}]
    assert len(clock.slept) == 2


def test_it_gives_up_after_so_many_attempts():
    s = stage(*[page(502)] * 6)
    with pytest.raises(SentryUnavailable, match=r"502.*502 Bad Gateway") as caught:
        s.client.get("/x/")
    assert "6 attempts" in caught.value.message
    assert len(s.attempts) == 6


def test_the_number_of_retries_can_be_configured():
    s = stage(page(502), max_retries=0)
    with pytest.raises(SentryUnavailable):
        s.client.get("/x/")
    assert s.clock.slept == []


def test_it_never_waits_beyond_its_deadline():
    s = stage(*[reply(TOO_OFTEN, 429, headers={"Retry-After": "50"})] * 6)
    with pytest.raises(SentryUnavailable, match="rate limit") as caught:
        s.client.get("/x/")
    assert s.clock.slept == [50.0, 50.0]
    assert (caught.value.status, caught.value.sent) == (429, False)


@pytest.mark.parametrize(
    ("answer", "sent"),
    [(page(502), True), (raw("", 504), True), (httpx.ReadTimeout("late"), True), (httpx.ReadError("reset"), True)],
)
def test_what_must_not_be_done_twice_is_not(answer, sent):
    s = stage(answer)
    with pytest.raises(SentryUnavailable) as caught:
        s.client.call(Call("POST", "/x/", body={}, repeat=ONCE))
    assert (len(s.attempts), caught.value.sent) == (1, sent)


@pytest.mark.parametrize("answer", [httpx.ConnectError("refused"), httpx.ConnectTimeout("x"), reply(TOO_OFTEN, 429)])
def test_what_was_certainly_not_done_is_tried_again(answer):
    s = stage(answer, reply({"id": "1"}, 201))
    assert s.client.call(Call("POST", "/x/", body={}, repeat=ONCE)).status == 201


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 500])
def test_what_will_not_change_is_not_asked_again(status):
    s = stage(reply({"detail": "no"}, status))
    with pytest.raises(SentryError):
        s.client.get("/x/")
    assert len(s.attempts) == 1


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (reply({"detail": "Invalid token"}, 401), SentryAuthError, ["Invalid token", "401"]),
        (reply({"detail": {"code": "sso-required", "message": "Must login"}}, 401), SentryAuthError, ["Must login"]),
        (reply({"detail": "You do not have permission to perform this action."}, 403), SentryAuthError, ["permission"]),
        (page(403), SentryEndpointMissing, ["403"]),
        (reply(DETAIL_404, 404), SentryNotFound, ["does not exist"]),
        (raw("", 404, "text/html"), SentryEndpointMissing, ["404"]),
        (page(404), SentryEndpointMissing, ["404"]),
        (raw("Method not allowed", 405, "text/html"), SentryEndpointMissing, ["405"]),
        (page(200), SentryEndpointMissing, ["200", "GET /x/"]),
        (reply({"query": ["bad"]}, 400), SentryRejected, ["query: bad"]),
        (reply({"detail": [{"projects": "Require at least one valid project"}]}, 422), SentryRejected, ["projects: Require"]),
        (page(413), SentryRejected, ["413"]),
        (reply({"detail": "Internal Error", "errorId": "x"}, 500), SentryUnavailable, ["500", "Internal Error"]),
        (httpx.ConnectError("x"), SentryUnavailable, [URL, "GET /x/"]),
    ],
)
def test_each_answer_has_its_error(answer, error, says):
    s = stage(answer, attempts=1)
    with pytest.raises(SentryError) as caught:
        s.client.get("/x/")
    assert type(caught.value) is error
    assert all(text in caught.value.message for text in says)
    assert caught.value.hint
    assert TOKEN not in caught.value.diagnostics()


def test_a_404_tells_all_its_readings():
    with pytest.raises(SentryNotFound) as caught:
        stage(reply(DETAIL_404, 404)).client.get("/x/")
    for reading in ("does not exist", "'acme'", "no access", "event:read", "environment", "feature"):
        assert reading in caught.value.hint


def test_a_wrong_token_names_where_it_was_written():
    with pytest.raises(SentryAuthError, match="Invalid token") as caught:
        stage(reply({"detail": "Invalid token"}, 401), token_source="/home/me/.sentryclirc").client.get("/x/")
    assert "/home/me/.sentryclirc" in caught.value.hint


def test_a_missing_scope_is_named():
    with pytest.raises(SentryAuthError) as caught:
        stage(reply({"detail": "no"}, 403)).client.get("/x/", scope="project:releases")
    assert "project:releases" in caught.value.hint
    with pytest.raises(SentryAuthError) as caught:
        stage(reply({"detail": "no"}, 403), org_token=True).client.get("/x/")
    assert "organisation token" in caught.value.hint


def test_an_echoed_token_is_not_repeated():
    with pytest.raises(SentryRejected) as caught:
        stage(reply({"detail": f"bad header Bearer {TOKEN}"}, 400)).client.get("/x/")
    assert TOKEN not in caught.value.diagnostics()
    assert "[token]" in caught.value.message


def test_a_renamed_project_is_told_and_not_followed():
    moved = {"detail": {"code": "resource-moved", "message": "", "extra": {"url": "/api/0/projects/acme/till/", "slug": "till"}}}
    s = stage(reply(moved, 302, headers={"Location": "/api/0/projects/acme/till/"}))
    with pytest.raises(SentryRejected, match="renamed to 'till'") as caught:
        s.client.get("/projects/acme/shop/")
    assert "till" in caught.value.hint
    assert len(s.script.asked) == 1


@pytest.mark.parametrize(
    ("location", "says"),
    [("https://evil.example/api/0/?token=1", "https://evil.example"), ("/auth/login/", "login"), (f"{URL}/auth/login/", "login")],
)
def test_a_redirect_is_never_followed_with_the_token(location, says):
    s = stage(httpx.Response(302, headers={"Location": location}))
    with pytest.raises(SentryRejected, match="not followed") as caught:
        s.client.get("/x/")
    assert says in caught.value.message
    assert len(s.script.asked) == 1


def test_sentry_down_is_one_error_that_names_the_address():
    with Loopback([http()]) as server:
        url = server.url
    clock = Clock()
    client = Client(Connection(url, Secret(TOKEN), "acme"), sleep=clock.sleep, now=clock.now, retry=Retry(attempts=2))
    with pytest.raises(SentryUnavailable, match="connection refused") as caught:
        client.get("/x/")
    assert url in caught.value.message
    assert (caught.value.sent, len(clock.slept)) == (False, 1)


# --- pages ---------------------------------------------------------------------------------------------------------


def test_three_pages_with_an_id_that_moved_between_them():
    s = stage(
        reply([{"id": "1"}, {"id": "2"}], headers=link("0:2:0", more=True, host="https://evil.example")),
        reply([{"id": "2"}, {"id": "3"}, None], headers=link("0:4:0", more=True)),
        reply([{"id": "4"}], headers=link("0:6:0", more=False)),
    )
    pages = s.client.pages("/x/", [("query", "q")])
    assert [item["id"] for item in pages] == ["1", "2", "3", "4"]
    assert pages.complete
    assert [asked.query for asked in s.script.asked] == [
        (("query", "q"),),
        (("query", "q"), ("cursor", "0:2:0")),
        (("query", "q"), ("cursor", "0:4:0")),
    ]
    assert all(asked.headers["host"] == "sentry.example" for asked in s.script.asked)


def test_the_number_of_pages_is_capped_and_that_can_be_seen():
    s = stage(*[reply([{"id": str(n)}], headers=link(f"0:{n}:0", more=True)) for n in range(3)])
    pages = s.client.pages("/x/", limit=3)
    assert len(list(pages)) == 3
    assert not pages.complete


def test_a_cursor_that_comes_back_ends_the_walk():
    s = stage(*[reply([{"id": "1"}], headers=link("0:1:0", more=True))] * 2)
    assert [item["id"] for item in s.client.pages("/x/")] == ["1"]


def test_items_without_an_id_are_all_kept():
    s = stage(reply([{"version": "a"}, {"version": "a"}, {"x": 1}, {"x": 1}]))
    assert list(s.client.pages("/x/")) == [{"version": "a"}, {"x": 1}, {"x": 1}]


@pytest.mark.parametrize("answer", [{"detail": "hm"}, "text", 3, None, [1, 2], [["nested"]]])
def test_an_answer_that_is_no_list_is_refused(answer):
    with pytest.raises(SentryUnavailable, match="list of objects"):
        list(stage(reply(answer)).client.pages("/x/"))


def test_a_page_in_the_middle_is_retried_alone():
    s = stage(reply([{"id": "1"}], headers=link("0:1:0", more=True)), page(502), reply([{"id": "2"}]))
    assert [item["id"] for item in s.client.pages("/x/")] == ["1", "2"]
    assert timedelta(seconds=sum(s.clock.slept)) == timedelta(seconds=1)
