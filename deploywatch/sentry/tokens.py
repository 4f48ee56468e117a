"""Auth tokens: kept out of sight, and what an organisation token says about itself."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from deploywatch.errors import ConfigError

ORG_TOKEN_PREFIX = "sntrys_"  # noqa: S105 - a public prefix, not a secret
_PRINTABLE = re.compile(r"[!-~]+")


class Secret:
    """A string that no ``repr``, format or traceback shows; ``reveal()`` is the only way to read it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def reveal(self) -> str:
        """The secret itself, for the one header that carries it."""
        return self._value

    def redact(self, text: str) -> str:
        """``text`` without the secret, should somebody have echoed it (as one server's ``GET /api/0/`` does)."""
        return text.replace(self._value, "[token]") if self._value else text


@dataclass(frozen=True, slots=True)
class OrgToken:
    """What is written inside an organisation token ``sntrys_<base64 JSON>_<secret>``; ``None`` where it does not say."""

    url: str | None
    region_url: str | None
    org: str | None


def clean_token(value: str, source: str) -> Secret:
    """Strip a token and check that it can go into a header. Raises ``ConfigError`` that names ``source`` and never the token."""
    token = value.strip()
    if not _PRINTABLE.fullmatch(token):
        raise ConfigError(
            f"the Sentry auth token of {source} holds spaces, line breaks or other characters that no token has",
            hint=f"copy the token again into {source}, without quotes and without the word Bearer",
        )
    return Secret(token)


def read_org_token(token: Secret) -> OrgToken | None:
    """Read what an organisation token says of itself; ``None`` for tokens of any other kind. A damaged one says nothing."""
    value = token.reveal()
    if not value.startswith(ORG_TOKEN_PREFIX):
        return None
    claims = _claims(value.removeprefix(ORG_TOKEN_PREFIX).partition("_")[0])
    return OrgToken(url=_text(claims, "url"), region_url=_text(claims, "region_url"), org=_text(claims, "org"))


def _claims(payload: str) -> dict[str, Any]:
    try:
        claims = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _text(claims: dict[str, Any], key: str) -> str | None:
    value = claims.get(key)
    return value if isinstance(value, str) and value else None
