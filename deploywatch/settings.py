"""deploywatch.toml as typed, frozen values. The docstrings and descriptions here are the configuration reference.

Relative folders and files in it are relative to the file's own folder; they are absolute once loaded.
A text value may be ``env:NAME``: it is read from that variable when it is needed, so that no secret stands in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StrictBool, StrictInt, model_validator

from deploywatch.model import Severity
from deploywatch.owner_settings import Owners, Person, Routing, Service
from deploywatch.requests import FailOn
from deploywatch.setting_types import Duration, Format, Pattern, Place, Section, Slug


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone that this machine knows, such as Europe/Berlin or UTC") from None
    return value


class Sentry(Section):
    """Where Sentry is. The token never stands here: set SENTRY_AUTH_TOKEN."""

    url: str | None = None
    """Scheme and host of the Sentry server. Default: SENTRY_URL, then .sentryclirc, then https://sentry.io."""
    org: Slug | None = None
    """The organisation's slug. Default: SENTRY_ORG, then .sentryclirc."""
    projects: tuple[Slug, ...] = ()
    """The projects (slugs) that a release belongs to and that are watched. Default: SENTRY_PROJECT, then .sentryclirc."""
    environment: str | None = None
    """The environment that is deployed to, such as "production". Default: SENTRY_ENVIRONMENT, then .sentryclirc."""


class CodeRoot(Section):
    """Where a prefix of the paths in stack traces lies in the repository."""

    from_: Annotated[str, Field(alias="from", min_length=1)]
    """How paths begin in stack traces, such as "/srv/app"."""
    to: str = ""
    """The folder of the repository that it is; "" is the root."""


class Repository(Section):
    """The git repository that is deployed."""

    name: str | None = None
    """owner/name as Sentry knows the repository. Default: taken from the remote's address."""
    remote: str = "origin"
    """The remote whose address names the repository and its web pages."""
    paths: tuple[str, ...] = ()
    """git pathspecs: only commits that touch them belong to the release (a monorepo's service)."""
    project_paths: Mapping[Slug, tuple[str, ...]] = {}
    """The same by Sentry project, for the services of a monorepo: { cart = ["services/cart", "libs/money"] }. A project that is
    not listed has those of `paths`."""
    fetch: StrictBool = True
    """Whether history that a cut check-out lacks is fetched from the remote."""
    fetch_for: Duration = timedelta(minutes=2)
    """How long fetching may take in all."""
    fetch_depth: Annotated[StrictInt, Field(ge=1)] = 20_000
    """How many commits back history is fetched at most."""
    code_roots: tuple[CodeRoot, ...] = ()
    """Prefixes of stack trace paths and the folders of the repository that they are; asked before any guess."""


class OtherRepository(Section):
    """A further repository that releases are made of: its commits belong to the same release."""

    path: Place
    """The folder of its check-out."""
    name: str | None = None
    """owner/name as Sentry knows it. Default: taken from the remote's address."""
    paths: tuple[str, ...] = ()
    """git pathspecs: only commits that touch them belong to the release."""


class Ignore(Section):
    """A failure that does not count, for a reason and for a time. Every key that is given must match."""

    issue: str | None = None
    """An issue's id or short id."""
    type: str | None = None
    """The exception's type, exactly."""
    message: Pattern | None = None
    """A regular expression that is searched in the issue's title."""
    path: str | None = None
    """A glob for the file of the raising frame."""
    until: date | None = None
    """The last day (UTC) on which it holds."""
    reason: Annotated[str, Field(min_length=3)]
    """Why; the report shows it."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not (self.issue or self.type or self.message or self.path):
            raise ValueError("say what to ignore: issue, type, message or path")
        return self


class Severities(Section):
    """From what on an issue is high, and from what on critical. What is handled, or is no error, is one step milder."""

    high_per_minute: Annotated[float, Field(gt=0)] = 5.0
    """Events a minute."""
    critical_per_minute: Annotated[float, Field(gt=0)] = 30.0
    """Events a minute."""
    high_users: Annotated[StrictInt, Field(gt=0)] = 20
    """Users."""
    critical_users: Annotated[StrictInt, Field(gt=0)] = 200
    """Users."""
    high_share: Annotated[float, Field(gt=0, le=1)] = 0.02
    """The share of the requests to the endpoint that it hurts most, or of all requests, where those are counted."""
    critical_share: Annotated[float, Field(gt=0, le=1)] = 0.1
    """The share of the requests to the endpoint that it hurts most, or of all requests, where those are counted."""
    min_requests: Annotated[StrictInt, Field(gt=0)] = 10
    """Of fewer requests to an endpoint no share is told: of fewer than ten a single failure is more than a tenth."""
    low_share: Annotated[float, Field(ge=0, le=1)] = 0.001
    """An endpoint of which a smaller share fails is not critical for its events a minute alone."""


class Watch(Section):
    """How long a deploy is watched, and what counts against it."""

    duration: Annotated[Duration, Field(alias="for")] = timedelta(minutes=15)
    """How long to watch before a release may be called healthy."""
    every: Duration = timedelta(seconds=15)
    """How often Sentry is asked."""
    fail_on: FailOn = FailOn.ANY
    """Which regressions give exit code 3."""
    dry_run_gate: StrictBool = False
    """Whether the gate is on trial: the exit code is always 0, and the report says what it would have been."""
    query: str = ""
    """An additional Sentry search that an issue must match, such as "level:error"."""
    levels: tuple[str, ...] = ()
    """Only issues of these levels count, such as ["error", "fatal"]. Default: all."""
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    """The share of innocent deploys that may be called a regression."""
    min_ratio: Annotated[float, Field(ge=1)] = 1.5
    """A known issue counts from so many times its former rate on."""
    min_events: Annotated[StrictInt, Field(ge=1)] = 1
    """A new issue counts from so many events on."""
    min_users: Annotated[StrictInt, Field(ge=0)] = 0
    """A new issue counts from so many users on."""
    power: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """Healthy needs so much traffic that a doubling of the failures would have been noticed with this probability."""
    stop_when_healthy: StrictBool = False
    """Whether the watch ends as soon as the release may be called healthy, and not only when its time is over."""
    severity: Severities = Severities()
    """From what on an issue is high, and critical."""
    ignore: tuple[Ignore, ...] = ()
    """Failures that do not count."""


class Channel(BaseModel):
    """A place that messages go to. Further keys are the channel type's own."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    name: Slug
    """How routes and `deliveries` call it."""
    type: str
    """Which kind; the kinds and their own keys are below."""
    url: SecretStr | None = None
    """Where to send; write "env:SLACK_WEBHOOK_URL" to keep the secret out of the file."""

    fallback: Slug | None = None
    """The channel that is told when this one does not take a message."""

    @property
    def options(self) -> Mapping[str, Any]:
        """The keys beyond those above; the channel's adapter checks them."""
        return self.model_extra or {}

    def plain(self) -> dict[str, Any]:
        """All of it as a mapping, for the registry of channels; ``url`` shows in it."""
        url = self.url.get_secret_value() if self.url else None
        own = {"name": self.name, "type": self.type, "url": url, "fallback": self.fallback}
        return {key: value for key, value in own.items() if value is not None} | dict(self.options)


class Route(Section):
    """Which channels hear of a regression. Every key that is given must match; all routes that match are used."""

    channels: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Names of channels."""
    owner: str | None = None
    """A glob for one of the owners, such as "@acme/shop*"."""
    severity: Severity = Severity.LOW
    """The least severity that it is for."""
    environment: str | None = None
    """The environment that it is for."""


class Quiet(Section):
    """When people want to sleep: only what is critical is said then, the rest when it is over."""

    from_: Annotated[time, Field(alias="from")]
    """When it begins, by the clock of the zone, such as "22:00"."""
    to: time
    """When it ends; earlier than the beginning means the next day."""
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The time zone, such as "Europe/Berlin"."""


class Noise(Section):
    """How much people hear: one message for each incident, that is for all issues of one cause, and not too many of those."""

    per_hour: Annotated[StrictInt, Field(ge=1)] = 5
    """Messages about new incidents to one owner in an hour; the rest comes in a digest, what is critical always at once."""
    cool_down: Duration = timedelta(minutes=30)
    """How long nothing more is said about an incident, unless it gets worse."""
    quiet: Quiet | None = None
    """Quiet hours, such as { from = "22:00", to = "07:00", zone = "Europe/Berlin" }. Default: none."""


class ReportFiles(Section):
    """How reports look, and which files are written."""

    templates: Place | None = None
    """A folder whose templates replace the built-in ones of the same name."""
    folder: Place | None = None
    """Where report files are written. Default: the state folder."""
    formats: tuple[Format, ...] = ("html", "json")
    """Which report files `run` writes; docs/reports.md says what each is."""


class State(Section):
    """Where deliveries and watches are remembered."""

    folder: Place | None = None
    """A folder for the SQLite database. Default: $XDG_STATE_HOME/deploywatch, or ~/.local/state/deploywatch."""
    url: str | None = None
    """An SQLAlchemy address instead, such as "env:DATABASE_URL", to share the state between machines."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.folder and self.url:
            raise ValueError("state.folder and state.url exclude each other: keep one")
        return self


class Privacy(Section):
    """What is taken out of every message and of what is remembered, beyond tokens, passwords and keys, which always are."""

    patterns: tuple[Pattern, ...] = ()
    """Regular expressions of your own secrets."""
    emails: StrictBool = True
    """Whether e-mail addresses in texts are taken out. Those of authors and owners stay."""


class Settings(Section):
    """All of deploywatch.toml. Every section may be missing."""

    sentry: Sentry = Sentry()
    repository: Repository = Repository()
    repositories: tuple[OtherRepository, ...] = ()
    watch: Watch = Watch()
    owners: Owners = Owners()
    services: tuple[Service, ...] = ()
    people: tuple[Person, ...] = ()
    channels: tuple[Channel, ...] = ()
    routing: Routing = Routing()
    routes: tuple[Route, ...] = ()
    noise: Noise = Noise()
    report: ReportFiles = ReportFiles()
    state: State = State()
    privacy: Privacy = Privacy()

    @model_validator(mode="after")
    def _routes_lead_somewhere(self) -> Self:
        names = [channel.name for channel in self.channels]
        if doubled := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"there are two channels of the name {doubled!r}")
        named = [("a route leads to", name) for route in self.routes for name in route.channels]
        named += [(f"{channel.name} falls back to", channel.fallback) for channel in self.channels if channel.fallback]
        named += [(f"the service {service.name} leads to", name) for service in self.services for name in service.channels]
        named += self.routing.named()
        for who, name in named:
            if name not in names:
                raise ValueError(f"{who} {name!r}, but the channels are: {', '.join(names) or 'none'}")
        return self

    @model_validator(mode="after")
    def _services_have_names_of_their_own(self) -> Self:
        names = [service.name for service in self.services]
        if doubled := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"there are two services of the name {doubled!r}")
        return self
