"""From an owner to channels, by severity: never to nobody.

The owner's own channels always hear of a failure; the general channels too from "high"; the pager for "critical". Overrides
change that for a service, an environment, or both; the more an override names, the later it is applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from deploywatch.errors import ConfigError
from deploywatch.model import Owner, Severity
from deploywatch.owners.gitignore import PatternError
from deploywatch.owners.sentry_globs import compile_glob

_ORDER: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class OwnerChannels:
    """Where an owner is reached: always at ``channels``, at ``pager`` when it burns."""

    channels: tuple[str, ...] = ()
    pager: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """What is different for a service, an environment, or both (globs; ``None``: any). ``None`` elsewhere: as before.

    ``channels`` stand in place of the owner's own, ``also`` beside whatever else. ``general_from`` and ``pager_from`` are the
    least severities for those two; ``never_general`` and ``never_page`` switch them off.
    """

    service: str | None = None
    environment: str | None = None
    channels: tuple[str, ...] | None = None
    also: tuple[str, ...] = ()
    general_from: Severity | None = None
    pager_from: Severity | None = None
    never_general: bool = False
    never_page: bool = False

    @property
    def specificity(self) -> int:
        """How much it names; a service says more than an environment."""
        return 2 * (self.service is not None) + (self.environment is not None)


@dataclass(frozen=True, slots=True)
class Routing:
    """The whole configuration. ``owners`` maps an owner, as owner files write it, to its channels; case does not matter.

    ``pager`` is rung for owners without one of their own. ``fallback`` hears of what would otherwise reach nobody; where it is
    empty, ``general`` does. Raises ConfigError if both are empty, or for an override that cannot be read.
    """

    owners: Mapping[str, OwnerChannels] = field(default_factory=dict)
    services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    general: tuple[str, ...] = ()
    pager: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    general_from: Severity = Severity.HIGH
    pager_from: Severity = Severity.CRITICAL
    overrides: Sequence[Override] = ()

    def __post_init__(self) -> None:
        if not self.fallback and not self.general:
            raise ConfigError(
                "no channel is named for failures whose owner has none",
                hint="name a fallback channel for routing in deploywatch.toml",
            )
        for override in self.overrides:
            for glob in (override.service, override.environment):
                _matches(glob, "")


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel that hears of a failure, and why, as a sentence."""

    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class _Terms:
    """The configuration for one failure, overrides applied."""

    own: tuple[str, ...] | None
    also: tuple[str, ...]
    general_from: Severity | None
    pager_from: Severity | None


def route(
    owner: Owner, severity: Severity, routing: Routing, *, service: str | None = None, environment: str | None = None
) -> tuple[Destination, ...]:
    """The channels that hear of a failure, each once: the owner's first, then the general ones, then the pager. Never empty."""
    terms = _terms(routing, service, environment)
    found: dict[str, str] = {}
    for channel, why in (
        *_own(owner, routing, terms, service),
        *_general(routing, terms, severity),
        *_pager(owner, routing, terms, severity),
    ):
        found.setdefault(channel, why)
    if not found:
        names = " ".join(owner.names)
        for channel in routing.fallback or routing.general:
            found.setdefault(channel, f"no channel is known for {names}, and somebody has to hear of it")
    return tuple(Destination(channel, why) for channel, why in found.items())


def _terms(routing: Routing, service: str | None, environment: str | None) -> _Terms:
    fitting = [o for o in routing.overrides if _matches(o.service, service) and _matches(o.environment, environment)]
    own: tuple[str, ...] | None = None
    also: tuple[str, ...] = ()
    general: Severity | None = routing.general_from
    pager: Severity | None = routing.pager_from
    for override in sorted(fitting, key=lambda override: override.specificity):
        own = override.channels if override.channels is not None else own
        also = (*also, *override.also)
        general = None if override.never_general else override.general_from or general
        pager = None if override.never_page else override.pager_from or pager
    return _Terms(own, also, general, pager)


def _own(owner: Owner, routing: Routing, terms: _Terms, service: str | None) -> list[tuple[str, str]]:
    if terms.own is not None:
        own = [(channel, f"an override for {service or 'this environment'} names it") for channel in terms.own]
    else:
        own = [(channel, f"it is {name}'s channel") for name in owner.names for channel in _of(name, routing).channels]
    if service and not own:
        own = [(channel, f"it is the channel of service {service}") for channel in routing.services.get(service, ())]
    return own + [(channel, f"an override for {service or 'this environment'} adds it") for channel in terms.also]


def _general(routing: Routing, terms: _Terms, severity: Severity) -> list[tuple[str, str]]:
    if not _at_least(severity, terms.general_from):
        return []
    return [(channel, f"everybody hears of {severity} failures") for channel in routing.general]


def _pager(owner: Owner, routing: Routing, terms: _Terms, severity: Severity) -> list[tuple[str, str]]:
    if not _at_least(severity, terms.pager_from):
        return []
    own = [
        (channel, f"it is {name}'s pager, for {severity} failures")
        for name in owner.names
        for channel in _of(name, routing).pager
    ]
    return own or [(channel, f"it is the pager for {severity} failures") for channel in routing.pager]


def _of(name: str, routing: Routing) -> OwnerChannels:
    folded = name.casefold()
    return next((found for owner, found in routing.owners.items() if owner.casefold() == folded), OwnerChannels())


def _at_least(severity: Severity, least: Severity | None) -> bool:
    return least is not None and _ORDER.index(severity) >= _ORDER.index(least)


def _matches(glob: str | None, name: str | None) -> bool:
    try:
        return glob is None or (name is not None and compile_glob(glob.lower()).matches(name.lower()))
    except PatternError as error:
        raise ConfigError(
            f"the override for {glob!r} cannot be read: {error}", hint="use names, or globs such as checkout-* or {staging,qa}"
        ) from error
