"""What the configuration says about a channel, and what channels are made with."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.networks import IPvAnyNetwork

from deploywatch.deliver.guard import PublicOnly
from deploywatch.deliver.vault import Vault
from deploywatch.errors import ConfigError
from deploywatch.http import Guard, Http
from deploywatch.model import Report

EVERYWHERE: Final = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


class PostedComment(Protocol):
    """A comment that stands below an issue."""

    @property
    def id(self) -> str:
        """Its number, empty where Sentry does not tell."""
        ...

    @property
    def text(self) -> str:
        """Its Markdown."""
        ...


class SentryIssues(Protocol):
    """What is done with Sentry's issues. All raise ``SentryError``."""

    def comment(self, issue_id: str, text: str) -> PostedComment:
        """Add a comment, once."""
        ...

    def comments(self, issue_id: str) -> tuple[PostedComment, ...]:
        """Those that there are, newest first."""
        ...

    def assign(self, issue_id: str, owners: Sequence[str]) -> str:
        """Assign it to the first owner that Sentry takes, unless somebody has it; a sentence that says who has it and why."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What channels are made with. ``connect`` gives the door to HTTP that lets a guard decide; ``render`` takes a format's name.

    ``issues`` is ``None`` where there is no Sentry. ``folder`` is what relative paths are relative to. ``known_as`` gives other
    names of a person (a Slack member id, e-mail addresses), as far as the configuration knows any.
    """

    connect: Callable[[Guard], Http]
    render: Callable[[Report, str], str]
    vault: Vault
    now: Callable[[], datetime]
    folder: Path
    issues: SentryIssues | None = None
    known_as: Callable[[str], tuple[str, ...]] = lambda _name: ()


class Options(BaseModel):
    """The keys of one channel beyond its name, type and fallback."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class WebOptions(Options):
    """The keys of a channel that is an address on the web."""

    url: str
    """Where to send: "env:NAME" or "file:/path"; an address that is no secret may stand here itself."""
    allow_private: bool | tuple[IPvAnyNetwork, ...] = False
    """Whether the address may be private or on this machine: true, or a list of the networks that are allowed."""

    def guard(self) -> Guard:
        """Who decides which addresses may be spoken to."""
        if isinstance(self.allow_private, bool):
            return PublicOnly(EVERYWHERE if self.allow_private else ())
        return PublicOnly(self.allow_private)


OptionsT = TypeVar("OptionsT", bound=Options)


def read_options(model: type[OptionsT], name: str, config: Mapping[str, Any]) -> OptionsT:
    """The options of the channel ``name``. Raises ``ConfigError`` that names the key, never with a value in it."""
    try:
        return model.model_validate(dict(config))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        key = ".".join(("channels", name, *(str(part) for part in first["loc"] if isinstance(part, str))))
        known = ", ".join(model.model_fields) or "no others"
        raise ConfigError(f"{key}: {first['msg']}", hint=f"the keys of this channel are {known}") from None
