from __future__ import annotations

import json
import sys

import pytest

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel
from deploywatch.deliver.channels.apprise import make
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError
from tests.deliver.support import resolution, told
from tests.fakes.loopback import Loopback, http
from tests.report.samples import report

KEY = "a" * 40
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise's own imports


def target(tools: Tools, environ: dict[str, str], url: str):
    environ["APPRISE"] = url
    return make("rest", {"url": "env:APPRISE"}, tools)


@pytest.mark.parametrize(("answer", "outcome"), [(http(), Outcome.TAKEN), (http("500 Oops"), Outcome.UNSURE)])
def test_apprise_says_whether_it_worked(tools: Tools, environ: dict[str, str], answer: bytes, outcome: Outcome):
    pytest.importorskip("apprise", reason="apprise is not installed (extra: notify)")
    with Loopback([answer]) as server:
        channel = target(tools, environ, f"json://127.0.0.1:{server.port}/sesame")
        payload = channel.compose(report(), KEY)
        assert channel.send(Parcel(payload, KEY)).outcome is outcome
    sent = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])
    assert (sent["title"], sent["message"].strip()) == (json.loads(payload)["title"], json.loads(payload)["body"].strip())
    assert "sesame" not in repr(channel) + payload


def test_that_it_is_over_is_a_message_of_its_own(tools: Tools, environ: dict[str, str]):
    pytest.importorskip("apprise", reason="apprise is not installed (extra: notify)")
    with Loopback([http()]) as server:
        channel = target(tools, environ, f"json://127.0.0.1:{server.port}/sesame")
        assert channel.send(Parcel(channel.resolve(resolution(), told("{}"), KEY), KEY)).outcome is Outcome.TAKEN
    assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2])["title"] == "Fixed: KeyError (SHOP-1)"


def test_it_is_not_repeated(tools: Tools, environ: dict[str, str]):
    pytest.importorskip("apprise", reason="apprise is not installed (extra: notify)")
    channel = target(tools, environ, "json://127.0.0.1/")
    assert not channel.policy.repeatable
    assert isinstance(channel.find(Parcel("{}", KEY)), CannotTell)


def test_an_address_that_apprise_does_not_know_is_an_error_without_it(tools: Tools, environ: dict[str, str]):
    pytest.importorskip("apprise", reason="apprise is not installed (extra: notify)")
    with pytest.raises(ConfigError, match=r"channels\.rest\.url") as caught:
        target(tools, environ, "carrier-pigeon://sesame")
    assert "sesame" not in caught.value.diagnostics()


def test_without_apprise_the_extra_is_named(tools: Tools, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError) as caught:
        target(tools, environ, "json://127.0.0.1/")
    assert "deploywatch[notify]" in caught.value.hint
