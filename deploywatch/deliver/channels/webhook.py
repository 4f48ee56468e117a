"""A webhook of anybody's that takes JSON, signed as "Standard Webhooks" 1.0 says so that the receiver knows whose it is.

At least once: the same ``webhook-id`` (also as ``Idempotency-Key``) comes with every repetition, by which the receiver can tell.

    {"type": "deploywatch.<verdict>", "timestamp": <when the report was made>, "data": {"schema": "deploywatch.report/1", ...}}

    webhook-id: <key>    webhook-timestamp: <seconds>    webhook-signature: v1,<base64 of HMAC-SHA256 of "id.timestamp.body">
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import Field

from deploywatch.deliver.answers import Post, send
from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.options import Tools, WebOptions, read_options
from deploywatch.errors import ConfigError
from deploywatch.http import Http
from deploywatch.model import Delivery, Report, Resolution
from deploywatch.report import resolved
from deploywatch.report.sensitive import is_secret_name

POLICY: Final = Policy(repeatable=True)
_BASE64_FOLLOWS: Final = "whsec_"
_SHORTEST_SECRET: Final = 16
_IN_PROGRESS: Final = 409


class WebhookOptions(WebOptions):
    """The keys of a webhook."""

    secret: str | None = None
    """What messages are signed with, by reference: "whsec_" and base64, or any text; several, spaced, while it changes."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Further headers, such as Authorization = "env:NAME"."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes signed JSON. ``keys`` may be several while a secret is being changed; none: it is not signed."""

    name: str
    http: Http
    url: str = field(repr=False)
    render: Callable[[Report, str], str]
    now: Callable[[], datetime]
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:  # noqa: ARG002 - the key goes in a header
        """The event that the webhook is told."""
        return _event(report.verdict.value, report.made_at, json.loads(self.render(report, "json")))

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:  # noqa: ARG002
        """The event ``deploywatch.resolved``; ``told`` in its data is the id of the event that told of the issue."""
        return _event("resolved", resolution.at, resolved.as_json(resolution) | {"told": told.key})

    def send(self, parcel: Parcel) -> Receipt:
        """Post it with its key and signature."""
        now = self.now()
        headers = {
            "Content-Type": "application/json",
            **dict(self.headers),
            "Idempotency-Key": parcel.key,
            **signed(parcel.payload, parcel.key, now, self.keys),
        }
        receipt = send(self.http, Post(self.url, parcel.payload, headers, self.policy.timeout), now)
        if receipt.status == _IN_PROGRESS:  # the receiver is still at an earlier request with this key
            return replace(receipt, outcome=Outcome.LATER)
        return receipt

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never possible, nor needed."""
        return CannotTell("a webhook cannot be read; the receiver tells repetitions by their webhook-id")


def _event(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    event = {"type": f"deploywatch.{kind}", "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(event, separators=(",", ":"))


def signed(payload: str, key: str, now: datetime, keys: tuple[bytes, ...]) -> dict[str, str]:
    """The headers of Standard Webhooks; the signature is missing where there is nothing to sign with."""
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": key, "webhook-timestamp": stamp}
    content = f"{key}.{stamp}.{payload}".encode()
    made = [base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode() for secret in keys]
    return headers | ({"webhook-signature": " ".join(f"v1,{signature}" for signature in made)} if made else {})


def signing_keys(secret: str, key: str) -> tuple[bytes, ...]:
    """The bytes of one or more secrets. Raises ``ConfigError`` for one that is not base64 or too short to be one."""
    return tuple(_signing_key(part, key) for part in secret.split())


def _signing_key(secret: str, key: str) -> bytes:
    try:
        encoded = secret.removeprefix(_BASE64_FOLLOWS)
        found = secret.encode() if encoded == secret else base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ConfigError(f"{key} is not base64 behind {_BASE64_FOLLOWS}", hint="copy it again") from None
    if len(found) < _SHORTEST_SECRET:
        raise ConfigError(f"{key} is too short to be a secret", hint="use 24 random bytes or more: openssl rand -base64 24")
    return found


def _header(name: str, value: str, key: str, tools: Tools) -> str:
    return tools.vault.secret(value, key) if is_secret_name(name) else tools.vault.value(value, key)


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Webhook:
    """From ``url``, ``secret``, ``headers`` and ``allow_private``. Raises ``ConfigError``."""
    options = read_options(WebhookOptions, name, config)
    where = f"channels.{name}"
    url = tools.vault.address(options.url, f"{where}.url")
    keys = signing_keys(tools.vault.secret(options.secret, f"{where}.secret"), f"{where}.secret") if options.secret else ()
    headers = tuple(
        (header, _header(header, value, f"{where}.headers.{header}", tools)) for header, value in options.headers.items()
    )
    return Webhook(name, tools.connect(options.guard()), url, tools.render, tools.now, keys, headers)
