"""Tokens and scopes: who asks, and what they may."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from deploywatch.sandbox.standin.answers import unauthorized
from deploywatch.sandbox.standin.records import User

READ_RELEASES = frozenset({"project:read", "project:write", "project:admin", "project:releases", "org:ci"})
WRITE_RELEASES = frozenset({"project:write", "project:admin", "project:releases", "org:ci"})
READ_REPOSITORIES = frozenset({"org:read", "org:write", "org:admin", "org:integrations", "org:ci"})
READ_EVENTS = frozenset({"event:read", "event:write", "event:admin"})
WRITE_EVENTS = frozenset({"event:write", "event:admin"})
READ_PROJECT = frozenset({"project:read", "project:write", "project:admin"})
WRITE_PROJECT = frozenset({"project:write", "project:admin"})
READ_ORGANIZATION = frozenset({"org:read", "org:write", "org:admin"})
READ_PEOPLE = frozenset({"member:read", "member:write", "member:admin", "team:read", "team:write", "team:admin"})
ANYBODY: frozenset[str] = frozenset()

ALL_SCOPES = (
    "event:admin event:read event:write member:read org:read project:admin project:read project:releases project:write team:read"
).split()


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token. An organization token (``user`` is ``None``) can do releases only and writes no comments."""

    text: str
    scopes: frozenset[str]
    user: User | None

    def may(self, scopes: frozenset[str]) -> bool:
        """Whether one of these scopes is held; an empty set asks for none."""
        return not scopes or bool(scopes & self.scopes)


class Tokens:
    """The tokens that the server knows."""

    def __init__(self) -> None:
        self._known: dict[str, Token] = {}

    def add(self, token: Token) -> Token:
        """Make a token valid."""
        self._known[token.text] = token
        return token

    def of_header(self, header: str | None) -> Token:
        """The token of an ``Authorization`` header. Answers 401 in Sentry's words."""
        if not header:
            raise unauthorized("Authentication credentials were not provided.")
        kind, _, text = header.partition(" ")
        if kind.lower() != "bearer":
            raise unauthorized("Authentication credentials were not provided.")
        if not text.strip() or " " in text.strip():
            raise unauthorized("Invalid token header. No credentials provided.")
        if text.strip() not in self._known:
            raise unauthorized("Invalid token")
        return self._known[text.strip()]


def organization_token(url: str, organization: str) -> str:
    """The text of an organization token, which carries its server's address and organization, as ``sntrys_`` tokens do."""
    claims = {"iat": 0, "url": url, "region_url": url, "org": organization}
    body = base64.b64encode(json.dumps(claims).encode()).decode()
    return f"sntrys_{body}_{'s' * 43}"
