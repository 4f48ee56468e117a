"""The part of deploywatch.toml that says who owns what and who is told: owners, services, people, routing.

The docstrings and descriptions here are the configuration reference, as in ``deploywatch.settings``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, PrivateAttr, StrictBool, StrictInt, WithJsonSchema, model_validator

from deploywatch.model import Severity
from deploywatch.owners.annotations import TAGS
from deploywatch.owners.dialects import DIALECTS
from deploywatch.owners.gitignore import PatternError, compile_pattern
from deploywatch.owners.sentry_globs import compile_glob
from deploywatch.owners.sentry_grammar import SIZE_LIMIT
from deploywatch.owners.sentry_rules import Generation
from deploywatch.setting_types import Section, Slug

LINES: Final = "service_lines"
"""The key of the validation context under which the line of each service in the file stands, by the service's name."""


def _dialect(value: str) -> str:
    if value not in DIALECTS:
        raise ValueError(f"{value!r} is no dialect of owner files: use {', '.join(DIALECTS)}")
    return value


def _path_pattern(value: str) -> str:
    try:
        compile_pattern(value)
    except PatternError as error:
        raise ValueError(f"{value!r} is not a pattern as in CODEOWNERS, such as /apps/cart/: {error}") from None
    return value


def _glob(value: str) -> str:
    try:
        compile_glob(value)
    except PatternError as error:
        raise ValueError(f"{value!r} is not a glob, such as checkout-*: {error}") from None
    return value


Name = Annotated[str, Field(min_length=1, max_length=200)]
Dialect = Annotated[str, AfterValidator(_dialect), WithJsonSchema({"enum": list(DIALECTS)})]
PathPattern = Annotated[str, AfterValidator(_path_pattern)]
ValueGlob = Annotated[str, AfterValidator(_glob)]


class Owners(Section):
    """Who owns what, beyond what the repository's owner file says."""

    default: tuple[Name, ...] = ()
    """The owners of everything that nobody owns, such as ["@acme/on-call"]."""
    file: str | None = None
    """The owner file's path in the repository. Default: CODEOWNERS where the code host looks for it."""
    dialect: Dialect | None = None
    """How the owner file is read. Default: that of the host in the remote's address, else GitHub's."""
    tags: tuple[Name, ...] = TAGS
    """The tags of events in which the application itself names the owner, the strongest first."""
    robots: tuple[Name, ...] = ()
    """Further names or e-mail addresses under which robots commit; who is behind them is looked for."""
    sentry_rules: StrictBool = True
    """Whether the ownership rules that Sentry holds are asked before the owner file, as Sentry does."""
    generation: Generation = Generation.TOP_FRAME
    """How the Sentry server ranks several rules that match: "last-line" for servers up to about 2025."""
    limit: Annotated[StrictInt, Field(ge=1)] = SIZE_LIMIT
    """How many characters of rules the Sentry plan takes in one project."""
    names: Mapping[Name, Name] = {}
    """What Sentry calls an owner: "@acme/storefront" = "#shop". Default: a team's last name, a member's e-mail address."""


class Service(Section):
    """A part of the product that fails and is owned as a whole: a Sentry project, a set of paths, or a tag of its events."""

    name: Name
    """How reports and routing call it."""
    owners: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Who owns its failures, as owner files write owners."""
    projects: tuple[Slug, ...] = ()
    """The Sentry projects (slugs) that it reports to."""
    paths: tuple[PathPattern, ...] = ()
    """Its files, as patterns of CODEOWNERS, such as "/apps/cart/"."""
    tags: Mapping[Name, ValueGlob] = {}
    """Tags of its events and globs for their values: { service = "cart*" }."""
    channels: tuple[Slug, ...] = ()
    """Channels that hear of its failures where its owners have none of their own."""
    function: str | None = None
    """What it does, for reports."""
    product: str | None = None
    """The product that it belongs to, for reports."""
    shared: StrictBool = False
    """Code that serves other services: it owns what fails only where no other service does."""
    _line: int = PrivateAttr(0)

    def model_post_init(self, context: Any) -> None:
        """Remember the line, for reports to name it."""
        self._line = ((context or {}).get(LINES) or {}).get(self.name, 0)

    @property
    def line(self) -> int:
        """Where it stands in the file, from 1; 0 where that is not known."""
        return self._line

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if not (self.projects or self.paths or self.tags):
            raise ValueError(f"say what the service {self.name} is: projects, paths or tags")
        return self


class Person(Section):
    """One person under the names that others know: what shares an address or a handle is the same person."""

    name: str | None = None
    """The full name."""
    emails: tuple[Name, ...] = ()
    """E-mail addresses of commits, owner files and Sentry."""
    github: str | None = None
    """The handle on GitHub, without @."""
    gitlab: str | None = None
    """The handle on GitLab, without @."""
    slack: str | None = None
    """The member id in Slack, such as "U012AB3CD"."""
    sentry: str | None = None
    """The user's id in Sentry."""


class OwnerChannels(Section):
    """Where an owner is reached."""

    owner: Name
    """The owner, as owner files write it; how Sentry calls it means the same."""
    channels: tuple[Slug, ...] = ()
    """Channels that hear of all its failures."""
    pager: tuple[Slug, ...] = ()
    """Channels that hear when it burns, in place of the general pager."""


class Override(Section):
    """What is different for a service, an environment, or both; what names more is applied later."""

    service: ValueGlob | None = None
    """A glob for the service's name. Default: any, or none."""
    environment: ValueGlob | None = None
    """A glob for the environment. Default: any."""
    channels: tuple[Slug, ...] | None = None
    """Channels in place of the owner's own."""
    also: tuple[Slug, ...] = ()
    """Channels beside all others."""
    general_from: Severity | None = None
    """The least severity that the general channels hear of."""
    pager_from: Severity | None = None
    """The least severity that the pager hears of."""
    never_general: StrictBool = False
    """Whether the general channels never hear of it."""
    never_page: StrictBool = False
    """Whether the pager never hears of it."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.service is None and self.environment is None:
            raise ValueError("say for which service or environment the override is")
        return self


class Routing(Section):
    """From an owner to channels by severity: its own always, the general ones too from "high", the pager for "critical"."""

    owners: tuple[OwnerChannels, ...] = ()
    """The channels of each owner."""
    general: tuple[Slug, ...] = ()
    """Channels that everybody reads."""
    pager: tuple[Slug, ...] = ()
    """Channels that wake somebody, for owners without a pager of their own."""
    fallback: tuple[Slug, ...] = ()
    """Channels that hear of what would reach nobody. Default: the general ones, else all."""
    general_from: Severity = Severity.HIGH
    """The least severity that the general channels hear of."""
    pager_from: Severity = Severity.CRITICAL
    """The least severity that the pager hears of."""
    overrides: tuple[Override, ...] = ()
    """What is different for some services and environments."""

    @property
    def is_set(self) -> bool:
        """Whether the section says anything."""
        return bool(self.owners or self.general or self.pager or self.fallback or self.overrides)

    def named(self) -> Iterator[tuple[str, str]]:
        """Every channel that is named, with the words that lead to it."""
        for what, names in (("general", self.general), ("pager", self.pager), ("fallback", self.fallback)):
            yield from ((f"routing.{what} names", name) for name in names)
        for owner in self.owners:
            yield from ((f"the routing of {owner.owner} leads to", name) for name in (*owner.channels, *owner.pager))
        for override in self.overrides:
            yield from (("a routing override leads to", name) for name in (*(override.channels or ()), *override.also))
