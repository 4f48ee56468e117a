from __future__ import annotations

import json
from dataclasses import replace

import pytest

from deploywatch.deliver.channel import CannotTell, Channel, Outcome, Parcel
from deploywatch.deliver.channels.teams import make
from deploywatch.deliver.options import Tools
from deploywatch.report.resolved import as_teams
from tests.deliver.support import resolution, told
from tests.fakes.loopback import Loopback, hang_up, http
from tests.report.samples import healthy_report, report

KEY = "k" * 40


def channel(tools: Tools, environ: dict[str, str], url: str) -> Channel:
    environ["TEAMS_URL"] = url + "/powerautomate/automations/direct/workflows/1?sig=sesame"
    return make("team", {"url": "env:TEAMS_URL", "allow_private": True}, tools)


def sent(tools: Tools, environ: dict[str, str], *answers):
    with Loopback(list(answers)) as teams:
        receipt = channel(tools, environ, teams.url).send(Parcel('{"type": "message"}', KEY))
    return receipt, teams.requests


def test_the_card_is_posted_as_it_was_composed(tools: Tools, environ: dict[str, str]):
    drawn = replace(tools, render=lambda told, form: f'{{"{form}": "{told.release}"}}')
    with Loopback([http("202 Accepted", b"")]) as teams:
        team = channel(drawn, environ, teams.url)
        payload = team.compose(report(), KEY)
        assert team.send(Parcel(payload, KEY)).outcome is Outcome.TAKEN
    head, _, body = teams.requests[0].partition(b"\r\n\r\n")
    assert (body.decode(), payload) == (payload, f'{{"teams": "{report().release}"}}')
    assert b"content-type: application/json" in head.lower()
    assert "sesame" not in repr(team) + payload


def test_the_report_is_drawn_as_a_card_within_teams_limit(tools: Tools, environ: dict[str, str]):
    bulky = replace(report(), findings=report().findings * 50, warnings=("w" * 500,) * 100)
    for what in (report(), bulky, healthy_report()):
        payload = channel(tools, environ, "http://127.0.0.1").compose(what, KEY)
        (attachment,) = json.loads(payload)["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert attachment["content"]["type"] == "AdaptiveCard"
        assert len(payload.encode()) <= 28_000


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (http("202 Accepted", b""), Outcome.TAKEN, None),
        (http("200 OK", b"1"), Outcome.TAKEN, None),
        (
            http("400 Bad Request", b'{"error": {"code": "TriggerInputSchemaMismatch"}}'),
            Outcome.REFUSED,
            "does not take the card",
        ),
        (http("401 Unauthorized", b'{"error": {"code": "DirectApiAuthorizationRequired"}}'), Outcome.REFUSED, "signature"),
        (http("403 Forbidden", b""), Outcome.REFUSED, "anyone"),
        (http("404 Not Found", b'{"error": {"code": "WorkflowTriggerNotFound"}}'), Outcome.REFUSED, "make a new one"),
        (http("413 Too Large", b""), Outcome.REFUSED, "413"),
        (http("429 Too Many Requests", b"", **{"Retry-After": "7"}), Outcome.LATER, "429"),
        (http("500 Oops", b""), Outcome.LATER, "500"),
        (http("502 Bad Gateway", b'{"error": {"code": "NoResponse"}}'), Outcome.UNSURE, "502"),
        (http("200 OK", b"Webhook message delivery failed with error: HTTP error 429"), Outcome.LATER, "429"),
        (http("200 OK", b"Webhook message delivery failed with error: HTTP error 413"), Outcome.REFUSED, "413"),
        (hang_up, Outcome.UNSURE, "127.0.0.1"),
    ],
)
def test_documented_answers(tools: Tools, environ: dict[str, str], answer, outcome: Outcome, words: str | None):
    receipt, _ = sent(tools, environ, answer)
    assert receipt.outcome is outcome
    assert (words or "") in (receipt.error or "")
    assert (receipt.error is None) is (words is None)


def test_that_it_is_over_is_a_card_of_its_own(tools: Tools, environ: dict[str, str]):
    team = channel(tools, environ, "http://127.0.0.1")
    assert json.loads(team.resolve(resolution(), told("{}"), KEY)) == as_teams(resolution())


def test_it_is_not_repeated(tools: Tools, environ: dict[str, str]):
    team = channel(tools, environ, "http://127.0.0.1")
    assert not team.policy.repeatable
    assert isinstance(team.find(Parcel("{}", KEY)), CannotTell)
