from __future__ import annotations

import json

import pytest

from deploywatch.deliver.channel import CannotTell, Channel, Outcome, Parcel
from deploywatch.deliver.channels.slack import make
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError
from tests.deliver.support import resolution, told
from tests.fakes.loopback import Loopback, hang_up, http
from tests.report.samples import report

KEY = "k" * 40


def ok(body: bytes = b"ok", status: str = "200 OK", **headers: str) -> bytes:
    return http(status, body, content_type="text/html", **headers)


def channel(tools: Tools, environ: dict[str, str], url: str) -> Channel:
    environ["SLACK_WEBHOOK_URL"] = url + "/services/T0/B0/sesame"
    return make("team", {"url": "env:SLACK_WEBHOOK_URL", "allow_private": True}, tools)


def test_the_report_is_posted_as_blocks(tools: Tools, environ: dict[str, str]):
    with Loopback([http(body=b"ok")]) as slack:
        team = channel(tools, environ, slack.url)
        payload = team.compose(report(), KEY)
        receipt = team.send(Parcel(payload, KEY))
    head, _, body = slack.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /services/T0/B0/sesame HTTP/1.1\r\n")
    assert b"content-type: application/json" in head.lower()
    assert body.decode() == payload
    assert {"text", "blocks"} <= set(json.loads(payload))
    assert (receipt.outcome, receipt.answer) == (Outcome.TAKEN, "ok")


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (http("400 Bad Request", b"invalid_payload"), Outcome.REFUSED, "HTTP 400"),
        (http("403 Forbidden", b"action_prohibited"), Outcome.REFUSED, "administrator"),
        (http("403 Forbidden", b"invalid_token"), Outcome.REFUSED, "new incoming webhook"),
        (http("404 Not Found", b"no_service"), Outcome.REFUSED, "new incoming webhook"),
        (http("404 Not Found", b"channel_not_found"), Outcome.REFUSED, "channel is gone"),
        (http("410 Gone", b"channel_is_archived"), Outcome.REFUSED, "unarchive"),
        (http("429 Too Many Requests", b"rate_limited", retry_after="30"), Outcome.LATER, "HTTP 429"),
        (http("500 Server Error", b"rollup_error"), Outcome.LATER, "HTTP 500"),
        (hang_up, Outcome.UNSURE, "connection lost"),
    ],
)
def test_slacks_documented_errors(tools: Tools, environ: dict[str, str], answer, outcome: Outcome, words: str):
    with Loopback([answer]) as slack:
        receipt = channel(tools, environ, slack.url).send(Parcel("{}", KEY))
    assert receipt.outcome is outcome
    assert words in (receipt.error or "")
    assert (receipt.wait is not None) is (receipt.status == 429)


def test_a_login_page_is_not_slack(tools: Tools, environ: dict[str, str]):
    page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>"
    with Loopback([page]) as portal:
        receipt = channel(tools, environ, portal.url).send(Parcel("{}", KEY))
    assert receipt.outcome is Outcome.REFUSED
    assert "not Slack" in (receipt.error or "")


def test_it_cannot_be_looked_into_and_a_repetition_would_be_seen_twice(tools: Tools, environ: dict[str, str]):
    team = channel(tools, environ, "https://hooks.example")
    assert isinstance(team.find(Parcel("{}", KEY)), CannotTell)
    assert not team.policy.repeatable


def test_the_address_is_a_secret(tools: Tools, environ: dict[str, str]):
    team = channel(tools, environ, "https://hooks.example")
    assert "sesame" not in repr(team)
    assert tools.vault.given == ("https://hooks.example/services/T0/B0/sesame",)
    with pytest.raises(ConfigError, match=r"channels\.team\.url holds a secret"):
        make("team", {"url": "https://hooks.slack" + ".com/services/T0/B0/sesame"}, tools)


def test_a_private_address_is_refused_unless_allowed(tools: Tools, environ: dict[str, str]):
    with Loopback([http(body=b"ok")]) as server:
        environ["HOOK"] = server.url
        receipts = [
            make("team", {"url": "env:HOOK", **options}, tools).send(Parcel("{}", KEY))
            for options in ({}, {"allow_private": ["10.0.0.0/8"]}, {"allow_private": ["127.0.0.0/8"]}, {"allow_private": True})
        ]
    assert [receipt.outcome for receipt in receipts] == [Outcome.REFUSED, Outcome.REFUSED, Outcome.TAKEN, Outcome.TAKEN]
    assert "allow_private" in (receipts[0].error or "")


def test_that_it_is_over_is_a_message_of_its_own(tools: Tools, environ: dict[str, str]):
    with Loopback([http(body=b"ok")]) as slack:
        team = channel(tools, environ, slack.url)
        payload = team.resolve(resolution(), told("{}"), KEY)
        assert team.send(Parcel(payload, KEY)).outcome is Outcome.TAKEN
    assert json.loads(payload)["text"] == "Fixed: KeyError (SHOP-1)"
