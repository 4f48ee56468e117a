"""What one kind of server differs from another in; by itself it is Sentry of today."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from deploywatch.sandbox.standin.answers import Answer
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.routes import Address, addresses

Handler = Callable[[Call], Answer]


class Dialect:
    """``name`` is how it is asked for, ``version`` what the server calls itself. ``limits``: it sends rate-limit headers."""

    name: ClassVar[str] = "current"
    version: ClassVar[str] = "26.11.0"
    limits: ClassVar[bool] = True
    envelopes: ClassVar[bool] = True
    # Patterns of "METHOD /path/with/{names}/" that the server does not have.
    lacks: ClassVar[tuple[str, ...]] = ()
    # Addresses where an organization that does not exist is no error.
    blind: ClassVar[tuple[str, ...]] = ()

    def addresses(self) -> tuple[Address, ...]:
        """What it answers at all."""
        known = (*self.additions(), *addresses())
        have = (each for each in known if not any(fnmatchcase(f"{each.method} {each.path}", pattern) for pattern in self.lacks))
        return tuple(replace(each, handler=self.handlers().get(f"{each.method} {each.path}", each.handler)) for each in have)

    def additions(self) -> tuple[Address, ...]:
        """Addresses of its own."""
        return (Address("GET", "/api/client-config/", self._client_config, frozenset()),)

    def handlers(self) -> Mapping[str, Handler]:
        """What it does otherwise, by method and address."""
        return {}

    def nowhere(self, method: str, path: str) -> Answer:  # noqa: ARG002 - for those who care
        """The answer at an address that it does not have: 404 and an empty page."""
        return Answer(status=404, html="")

    def check(self, call: Call, address: Address) -> None:
        """Raises ``Refusal`` for what it does not take."""

    def shape(self, address: Address, answer: Answer) -> Answer:  # noqa: ARG002 - for those who care
        """A good answer in its words."""
        return answer

    def refuse(self, answer: Answer) -> Answer:
        """A refusal in its words."""
        return answer

    def _client_config(self, call: Call) -> Answer:  # noqa: ARG002 - as every handler
        """``GET /api/client-config/``: what Sentry's own front end asks first, without a token."""
        return Answer({"version": {"current": self.version, "latest": self.version, "upgradeAvailable": False}})


def without(value: Any, keys: Collection[str]) -> Any:
    """An object, or each object of a list, without some keys."""
    if isinstance(value, list):
        return [without(each, keys) for each in value]
    return {key: inner for key, inner in value.items() if key not in keys} if isinstance(value, dict) else value


def only(value: Any, keys: Collection[str]) -> Any:
    """An object, or each object of a list, with no other than some keys."""
    if isinstance(value, list):
        return [only(each, keys) for each in value]
    return {key: inner for key, inner in value.items() if key in keys} if isinstance(value, dict) else value


def snake_case(value: Any) -> Any:
    """An object, or each object of a list, with its own keys in snake case."""
    if isinstance(value, list):
        return [snake_case(each) for each in value]
    return {re.sub(r"(?<=[a-z])([A-Z]+)", lambda found: f"_{found[0].lower()}", key): inner for key, inner in value.items()}
