from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import subprocess
from datetime import timedelta

import jsonschema
import pytest

from deploywatch.deliver.channel import Channel, Outcome, Parcel
from deploywatch.deliver.channels.webhook import make, signed, signing_keys
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError
from deploywatch.report.as_json import schema
from tests.deliver.support import START, resolution, told
from tests.fakes.loopback import Loopback, http
from tests.report.samples import report

KEY = "k" * 40
RAW = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(RAW).decode()


def channel(tools: Tools, environ: dict[str, str], url: str, **options) -> Channel:
    environ |= {"SECRET": SECRET}
    return make("hook", {"url": url, "allow_private": True, **options}, tools)


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}


def verify(request: bytes, secret: bytes) -> str:
    """What a receiver does by the specification of Standard Webhooks; gives the body."""
    headers, body = headers_of(request), request.partition(b"\r\n\r\n")[2]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    assert expected in [part.removeprefix("v1,") for part in headers["webhook-signature"].split(" ")]
    return body.decode()


def test_the_message_is_signed_and_has_its_key(tools: Tools, environ: dict[str, str]):
    with Loopback([http("204 No Content", b"")]) as receiver:
        hook = channel(tools, environ, receiver.url + "/in", secret="env:SECRET")
        payload = hook.compose(report(), KEY)
        receipt = hook.send(Parcel(payload, KEY))
    assert receipt.outcome is Outcome.TAKEN
    assert verify(receiver.requests[0], RAW) == payload
    headers = headers_of(receiver.requests[0])
    assert (headers["webhook-id"], headers["idempotency-key"]) == (KEY, KEY)
    assert headers["webhook-timestamp"] == str(int(START.timestamp()))
    assert headers["content-type"] == "application/json"


def test_the_specifications_own_example():
    """The example of Standard Webhooks 1.0, "Signature scheme"."""
    payload = '{"test": 2432232314}'
    (key,) = signing_keys("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "x")
    now = START.fromtimestamp(1614265330, tz=START.tzinfo)
    made = signed(payload, "msg_p5jXN8AQM9LWM0D4loKWxJek", now, (key,))
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_openssl_makes_the_same_signature(tools: Tools, environ: dict[str, str]):
    if not (openssl := shutil.which("openssl")):
        pytest.skip("openssl is not installed")
    with Loopback([http()]) as receiver:
        channel(tools, environ, receiver.url, secret="env:SECRET").send(Parcel('{"text": "snö"}', KEY))
    headers, body = headers_of(receiver.requests[0]), receiver.requests[0].partition(b"\r\n\r\n")[2]
    signed_content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    command = [openssl, "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{RAW.hex()}", "-binary"]
    made = subprocess.run(command, input=signed_content, capture_output=True, check=True).stdout
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(made).decode()}"


def test_while_a_secret_changes_both_sign(tools: Tools, environ: dict[str, str]):
    environ["BOTH"] = f"{SECRET} another-secret-of-24-bytes"
    with Loopback([http()]) as receiver:
        channel(tools, environ, receiver.url, secret="env:BOTH").send(Parcel("{}", KEY))
    assert verify(receiver.requests[0], RAW) == verify(receiver.requests[0], b"another-secret-of-24-bytes") == "{}"


def test_without_a_secret_it_is_not_signed(tools: Tools, environ: dict[str, str]):
    with Loopback([http()]) as receiver:
        channel(tools, environ, receiver.url).send(Parcel("{}", KEY))
    headers = headers_of(receiver.requests[0])
    assert "webhook-signature" not in headers
    assert headers["webhook-id"] == KEY


def test_further_headers_are_sent_and_secret_ones_are_references(tools: Tools, environ: dict[str, str]):
    environ["AUTH"] = "Bearer sesame"
    with Loopback([http()]) as receiver:
        hook = channel(tools, environ, receiver.url, headers={"Authorization": "env:AUTH", "X-Team": "shop"})
        hook.send(Parcel("{}", KEY))
    headers = headers_of(receiver.requests[0])
    assert (headers["authorization"], headers["x-team"]) == ("Bearer sesame", "shop")
    assert "sesame" not in repr(hook)
    with pytest.raises(ConfigError, match=r"channels\.hook\.headers\.Authorization"):
        channel(tools, environ, "https://x.example", headers={"Authorization": "sesame"})


def test_the_event_holds_the_whole_report_by_its_schema(tools: Tools, environ: dict[str, str]):
    event = json.loads(channel(tools, environ, "https://x.example").compose(report(), KEY))
    assert event["type"] == "deploywatch.regression"
    assert event["timestamp"].endswith("Z")
    jsonschema.validate(event["data"], schema("report"))


def test_a_receiver_that_is_still_at_it_is_asked_later(tools: Tools, environ: dict[str, str]):
    with Loopback([http("409 Conflict")]) as receiver:
        assert channel(tools, environ, receiver.url).send(Parcel("{}", KEY)).outcome is Outcome.LATER


def test_the_answer_of_a_later_message_is_its_own(tools: Tools, environ: dict[str, str]):
    """A receiver that answers twice leaves a second answer on the connection; it must not be taken for the next one's."""
    twice = http(connection="keep-alive") * 2
    with Loopback([twice, http("404 Not Found")]) as receiver:
        hook = channel(tools, environ, receiver.url)
        receipts = [hook.send(Parcel("{}", KEY)), hook.send(Parcel("{}", KEY))]
    assert [receipt.status for receipt in receipts] == [200, 404]


def test_a_redirect_is_not_followed(tools: Tools, environ: dict[str, str]):
    with Loopback([http()]) as inside, Loopback([http("307 Temporary Redirect", location=inside.url)]) as receiver:
        receipt = channel(tools, environ, receiver.url).send(Parcel("{}", KEY))
    assert (receipt.outcome, inside.requests) == (Outcome.REFUSED, [])
    assert "redirect" in (receipt.error or "")


@pytest.mark.parametrize("secret", ["whsec_###", "whsec_c2hvcnQ=", "sesame"])
def test_a_secret_that_is_none_is_an_error_without_it(tools: Tools, environ: dict[str, str], secret: str):
    environ["BAD"] = secret
    with pytest.raises(ConfigError, match=r"channels\.hook\.secret") as caught:
        channel(tools, environ, "https://x.example", secret="env:BAD")
    assert secret.removeprefix("whsec_") not in caught.value.message


def test_it_stamps_each_attempt_anew_under_the_same_key():
    first, second = (signed("{}", KEY, START + timedelta(seconds=late), (RAW,)) for late in (0, 60))
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]


def test_that_it_is_over_is_an_event_that_names_the_one_that_told_of_it(tools: Tools, environ: dict[str, str]):
    with Loopback([http()]) as receiver:
        hook = channel(tools, environ, receiver.url, secret="env:SECRET")
        payload = hook.resolve(resolution(), told("{}", key="t" * 40), KEY)
        assert hook.send(Parcel(payload, KEY)).outcome is Outcome.TAKEN
    event = json.loads(verify(receiver.requests[0], RAW))
    assert (event["type"], event["data"]["told"]) == ("deploywatch.resolved", "t" * 40)
    assert event["data"]["issue"]["short_id"] == "SHOP-1"
    jsonschema.validate(event["data"], schema("resolved"))
