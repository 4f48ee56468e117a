"""Which channels hear of a report: those of its owners by severity, and those of every ``[[routes]]`` that fits."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from deploywatch.model import Finding, Owner, Report, Severity
from deploywatch.owners.people import People
from deploywatch.owners.routing import Destination, Override, OwnerChannels, Routing, route
from deploywatch.owners.sentry_names import SentryNames

if TYPE_CHECKING:
    from deploywatch.settings import Route, Settings

_SEVERITIES: Final = tuple(Severity)
_NOBODY: Final = Owner(("its unknown owner",), "no owner was looked for")


def destinations(settings: Settings, report: Report, people: People) -> tuple[Destination, ...]:
    """The channels that hear of a report, each once, and why.

    With neither ``[routing]`` nor ``[[routes]]`` in the configuration these are all channels. With routes alone it may be none:
    whoever writes them says what is not worth a message.
    """
    if not settings.routes and not is_routed(settings):
        return tuple(Destination(channel.name, "it is a channel, and nothing routes") for channel in settings.channels)
    routing = routing_of(settings, people) if is_routed(settings) else None
    found: dict[str, Destination] = {}
    for finding in report.findings:
        for destination in (*_by_owner(finding, routing, report.environment), *_by_routes(settings, finding, report.environment)):
            found.setdefault(destination.channel, destination)
    return tuple(found.values())


def is_routed(settings: Settings) -> bool:
    """Whether the configuration says where owners or services are reached."""
    return settings.routing.is_set or any(service.channels for service in settings.services)


def routing_of(settings: Settings, people: People) -> Routing:
    """The configuration as ``owners`` wants it. An owner is found under every name that it is known by.

    Without general and fallback channels all channels are the fallback, so that nothing reaches nobody.
    """
    ours = settings.routing
    everywhere = tuple(channel.name for channel in settings.channels)
    return Routing(
        owners={
            name: OwnerChannels(each.channels, each.pager)
            for each in reversed(ours.owners)
            for name in _names(each.owner, settings, people)
        },
        services={service.name: service.channels for service in settings.services},
        general=ours.general,
        pager=ours.pager,
        fallback=ours.fallback or (() if ours.general else everywhere),
        general_from=ours.general_from,
        pager_from=ours.pager_from,
        overrides=[Override(**override.model_dump()) for override in ours.overrides],
    )


def _names(owner: str, settings: Settings, people: People) -> Iterator[str]:
    """The owner as owner files, Sentry's rules and commits name it; the name of the configuration last, to be believed."""
    if called := SentryNames(configured=settings.owners.names, people=people).of(owner):
        yield called
    if match := people.owner(owner):
        identity = match.identity
        yield from (f"@{handle}" for handle in (identity.github, identity.gitlab) if handle)
        yield from identity.emails
    yield owner


def _by_owner(finding: Finding, routing: Routing | None, environment: str | None) -> tuple[Destination, ...]:
    if routing is None:
        return ()
    owner = finding.regression.owner or _NOBODY
    service = owner.service.name if owner.service else None
    return route(owner, finding.regression.severity, routing, service=service, environment=environment)


def _by_routes(settings: Settings, finding: Finding, environment: str | None) -> Iterator[Destination]:
    for number, each in enumerate(settings.routes, start=1):
        if _fits(each, finding, environment):
            yield from (Destination(name, f"route {number} leads to it") for name in each.channels)


def _fits(route: Route, finding: Finding, environment: str | None) -> bool:
    if route.environment is not None and route.environment != environment:
        return False
    if _SEVERITIES.index(finding.regression.severity) < _SEVERITIES.index(route.severity):
        return False
    owner = finding.regression.owner
    return route.owner is None or any(fnmatchcase(name, route.owner) for name in (owner.names if owner else ()))
