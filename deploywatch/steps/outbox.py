"""The outbox of this set-up: its channels, its state, and what is taken out of everything that it writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from deploywatch.deliver.courier import Timing
from deploywatch.deliver.options import Tools
from deploywatch.deliver.outbox import Manner, Outbox
from deploywatch.deliver.registry import Switchboard, build
from deploywatch.deliver.vault import Vault
from deploywatch.owners.people import People
from deploywatch.owners.sentry_names import SentryNames
from deploywatch.report.redact import Redactor
from deploywatch.report.render import Look, render
from deploywatch.sentry.assigning import assign
from deploywatch.sentry.comments import Comment, comment, comments
from deploywatch.steps.owner_sources import people_of
from deploywatch.steps.privacy import redactor_of
from deploywatch.store.store import Store

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.http import Guard, Http
    from deploywatch.sentry.client import Client


@contextmanager
def opened_outbox(setup: Setup, client: Client | None) -> Iterator[tuple[Outbox, Switchboard]]:
    """The outbox with its channels. Raises ``ConfigError`` for a channel that cannot be, ``StateError`` for the state."""
    vault = Vault(setup.environ)
    look = Look(templates=setup.settings.report.templates)
    tools = Tools(
        connect=lambda guard: http_of(setup, guard),
        render=lambda report, fmt: render(report, fmt, look),
        vault=vault,
        now=setup.now,
        folder=setup.folder,
        known_as=partial(_known_as, people_of(setup.settings)),
        issues=_Issues(client, _names(setup)) if client else None,
    )
    switchboard = build((config_of(channel) for channel in setup.settings.channels), tools)
    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        timing = Timing(now=setup.now, sleep=setup.sleep)
        manner = Manner(redactor=redactor(setup, vault, client), timing=timing)
        yield Outbox(store.deliveries, manner, fallbacks=switchboard.fallbacks), switchboard


def redactor(setup: Setup, vault: Vault, client: Client | None) -> Redactor:
    """What is taken out of every message: also the secrets in use, in their own words, whatever they look like."""
    return redactor_of(setup, (*vault.given, *([client.connection.token.reveal()] if client else [])))


def http_of(setup: Setup, guard: Guard) -> Http:
    """The door to HTTP that lets ``guard`` decide which addresses may be spoken to."""
    from deploywatch.http import HttpClient, Network

    return setup.transport or HttpClient(network=Network(guard=guard), environ=setup.environ)


def config_of(channel: Any) -> dict[str, Any]:
    """A channel of the settings as the registry of channels takes it."""
    known = {"name": channel.name, "type": channel.type, **channel.options}
    if channel.url is not None:
        known["url"] = channel.url.get_secret_value()
    if channel.fallback is not None:
        known["fallback"] = channel.fallback
    return known


def _known_as(people: People, name: str) -> tuple[str, ...]:
    match = people.owner(name)
    if match is None:
        return ()
    known = match.identity
    return tuple(each for each in (known.slack, *known.emails) if each)


class _Issues:
    """Sentry's issues as the channels want them. ``names`` tell what Sentry calls owners."""

    def __init__(self, client: Client, names: SentryNames) -> None:
        self._client = client
        self._names = names

    def comment(self, issue_id: str, text: str) -> Comment:
        return comment(self._client, issue_id, text)

    def comments(self, issue_id: str) -> tuple[Comment, ...]:
        return comments(self._client, issue_id)

    def assign(self, issue_id: str, owners: Sequence[str]) -> str:
        called = [self._names.of(name) or name for name in owners]
        done = assign(self._client, issue_id, called)
        if done.made:
            return f"assigned to {done.to}"
        return f"left as it is, because {done.why}" + (f": {done.to}" if done.to else "")


def _names(setup: Setup) -> SentryNames:
    return SentryNames(configured=setup.settings.owners.names, people=people_of(setup.settings))
