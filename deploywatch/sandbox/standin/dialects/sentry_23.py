"""Sentry 23.7.1 of one's own (2023)."""

from __future__ import annotations

from typing import Any, ClassVar

from deploywatch.sandbox.standin.answers import Refusal, bad_request
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.dialects.base import Dialect
from deploywatch.sandbox.standin.routes import ORG, Address

LONGEST_EMAIL = 75


class Sentry23(Dialect):
    """No time series of today, project numbers only, short e-mail addresses; no rate limits, for it is one's own."""

    name: ClassVar[str] = "sentry-23.7.1"
    version: ClassVar[str] = "23.7.1"
    limits: ClassVar[bool] = False
    lacks: ClassVar[tuple[str, ...]] = ("* */events-timeseries/",)

    def check(self, call: Call, address: Address) -> None:
        """See ``Dialect``."""
        if address.path.startswith(ORG) and any(not name.lstrip("-").isdigit() for name in call.query.getlist("project")):
            raise self.no_slugs()
        for entry in _commits(call.body):
            if len(str(entry.get("author_email") or "")) > LONGEST_EMAIL:
                text = f"Ensure this field has no more than {LONGEST_EMAIL} characters."
                raise Refusal(400, {"commits": [{"author_email": [text]}]})

    def no_slugs(self) -> Refusal:
        """What it says to a project's slug in a query."""
        return bad_request("Invalid project parameter. Values must be numbers.")


def _commits(body: object) -> list[dict[str, Any]]:
    sent = body.get("commits") if isinstance(body, dict) else None
    return [entry for entry in sent if isinstance(entry, dict)] if isinstance(sent, list) else []
