"""The shapes of Sentry's answers, read leniently, and the nouns that they become. Wire shapes end here.

Unknown keys are ignored, any value may be null or absent, numbers may come as text (``count``) and ids as numbers. Only what
an object is useless without (its id, its version) must be there. Old servers, and servers that resemble Sentry, lack much of the
rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from deploywatch.errors import SentryUnavailable
from deploywatch.model import Deploy, Issue, Release


def moment(value: object) -> datetime | None:
    """ISO 8601 text as aware UTC; anything else is not known."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _count(value: object) -> int | None:
    """A number, or the text of one; anything else is not known."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return max(int(value), 0)
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def mapping(value: object) -> object:
    """An object; anything else is not known."""
    return value if isinstance(value, Mapping) else None


def items(value: object) -> list[object]:
    """The objects of a list; anything else is none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


Moment = Annotated[datetime | None, BeforeValidator(moment)]
Count = Annotated[int | None, BeforeValidator(_count)]
Text = Annotated[str | None, BeforeValidator(_text)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
_Shape = TypeVar("_Shape", bound=BaseModel)


class Wire(BaseModel):
    """An object of an answer: camelCase keys, unknown ones ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", coerce_numbers_to_str=True, frozen=True)


class _Project(Wire):
    slug: Text = None


class _Named(Wire):
    """An assignee, an author: whichever of the names it has."""

    name: Text = None
    email: Text = None
    username: Text = None


class _ReleaseName(Wire):
    version: Text = None


class _LastCommit(Wire):
    id: Text = None


class _Provider(Wire):
    id: Text = None


class _Metadata(Wire):
    type: Text = None
    value: Text = None
    title: Text = None
    filename: Text = None


class _Lifetime(Wire):
    first_seen: Moment = None


class DeployWire(Wire):
    """A deploy, alone or inside a release."""

    id: str
    environment: Text = None
    name: Text = None
    url: Text = None
    date_started: Moment = None
    date_finished: Moment = None

    def noun(self) -> Deploy:
        """As a ``Deploy``."""
        return Deploy(self.id, self.environment or "", self.name, self.url, self.date_started, self.date_finished)


class ReleaseWire(Wire):
    """A release of any server since 9."""

    version: str
    ref: Text = None
    url: Text = None
    date_created: Moment = None
    date_released: Moment = None
    first_event: Moment = None
    last_event: Moment = None
    new_groups: Count = None
    commit_count: Count = None
    last_commit: Annotated[_LastCommit | None, BeforeValidator(mapping)] = None
    last_deploy: Annotated[DeployWire | None, BeforeValidator(mapping)] = None
    projects: Annotated[tuple[_Project, ...], BeforeValidator(items)] = ()

    def noun(self) -> Release:
        """As a ``Release``."""
        return Release(
            version=self.version,
            projects=tuple(project.slug for project in self.projects if project.slug),
            created_at=self.date_created,
            released_at=self.date_released,
            first_event=self.first_event,
            last_event=self.last_event,
            new_groups=self.new_groups or 0,
            commit_count=self.commit_count or 0,
            last_commit=self.last_commit.id if self.last_commit else None,
            last_deploy=self.last_deploy.noun() if self.last_deploy else None,
            ref=self.ref,
        )


class IssueWire(Wire):
    """An issue of a list or of its own page; only the latter has the releases."""

    id: str
    short_id: Text = None
    title: Text = None
    culprit: Text = None
    permalink: Text = None
    level: Text = None
    status: Text = None
    substatus: Text = None
    is_unhandled: Flag = None
    count: Count = None
    user_count: Count = None
    first_seen: Moment = None
    last_seen: Moment = None
    project: Annotated[_Project | None, BeforeValidator(mapping)] = None
    metadata: Annotated[_Metadata | None, BeforeValidator(mapping)] = None
    lifetime: Annotated[_Lifetime | None, BeforeValidator(mapping)] = None
    first_release: Annotated[_ReleaseName | None, BeforeValidator(mapping)] = None
    last_release: Annotated[_ReleaseName | None, BeforeValidator(mapping)] = None
    assigned_to: Annotated[_Named | None, BeforeValidator(mapping)] = None

    def noun(self) -> Issue:
        """As an ``Issue``: ``first_seen`` of its lifetime where the answer tells it apart, ``count`` of the window asked for."""
        about = self.metadata or _Metadata()
        owner = self.assigned_to or _Named()
        return Issue(
            id=self.id,
            short_id=self.short_id or self.id,
            title=self.title or about.title or "(no title)",
            culprit=self.culprit,
            project=(self.project.slug if self.project else None) or "",
            permalink=self.permalink,
            level=self.level,
            status=self.status,
            substatus=self.substatus,
            is_unhandled=self.is_unhandled,
            count=self.count or 0,
            # No event says whose it is, or the server never counts people (GlitchTip): neither means that it hurt nobody.
            user_count=self.user_count or None,
            first_seen=(self.lifetime.first_seen if self.lifetime else None) or self.first_seen,
            last_seen=self.last_seen,
            first_release=self.first_release.version if self.first_release else None,
            last_release=self.last_release.version if self.last_release else None,
            error_type=about.type,
            error_value=about.value,
            filename=about.filename,
            assigned_to=owner.name or owner.email or owner.username,
        )


class ShortIdWire(Wire):
    """The answer to a short id."""

    group_id: str


class ProjectWire(Wire):
    """A project, for its numeric id."""

    id: str
    slug: Text = None


class _Tag(Wire):
    key: Text = None
    value: Text = None


class _Who(_Named):
    model_config = ConfigDict(alias_generator=None)

    id: Text = None
    ip_address: Text = None


class OccurrenceWire(Wire):
    """An event in a list, of which only the circumstances are read."""

    # Old servers count their events, too; ``id`` is then that number, which no address takes.
    id: Annotated[str, Field(validation_alias=AliasChoices("eventID", "event_id", "id"))]
    date_created: Annotated[Moment, Field(validation_alias=AliasChoices("dateCreated", "date_created"))] = None
    tags: Annotated[tuple[_Tag, ...], BeforeValidator(items)] = ()
    user: Annotated[_Who | None, BeforeValidator(mapping)] = None

    def tag(self, key: str) -> str | None:
        """The value of a tag."""
        return next((tag.value for tag in self.tags if tag.key == key), None)

    def client(self) -> str | None:
        """Who met the event, as a key that tells people apart without telling who they are."""
        who = self.user or _Who()
        name = who.id or who.email or who.username or who.ip_address or self.tag("user")
        return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16] if name else None


class _Note(Wire):
    text: Text = None


class CommentWire(Wire):
    """An activity of an issue; those of type ``note`` are comments."""

    id: str
    type: Text = None
    data: Annotated[_Note | None, BeforeValidator(mapping)] = None
    date_created: Moment = None
    user: Annotated[_Named | None, BeforeValidator(mapping)] = None


class _SessionTotals(Wire):
    sessions: Annotated[Count, Field(validation_alias="sum(session)")] = None


class _SessionGroup(Wire):
    totals: Annotated[_SessionTotals, BeforeValidator(lambda value: value or {})] = _SessionTotals()


class SessionsWire(Wire):
    """Session counts, of which only the totals are read."""

    groups: Annotated[tuple[_SessionGroup, ...], BeforeValidator(items)] = ()


class ReleaseCommitWire(Wire):
    """A commit of a release; older servers leave its repository out."""

    id: str
    repository: Annotated[_Named | None, BeforeValidator(mapping)] = None


class RepositoryWire(Wire):
    """A repository; its provider is ``unknown`` where a commit made it up."""

    name: str
    url: Text = None
    provider: Annotated[_Provider | None, BeforeValidator(mapping)] = None

    @property
    def provider_id(self) -> str | None:
        """The provider's id, such as ``integrations:github``."""
        return self.provider.id if self.provider else None


def read(shape: type[_Shape], value: Any, path: str) -> _Shape:
    """``value`` as ``shape``. Raises ``SentryUnavailable`` that names the key where an answer makes no sense."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise SentryUnavailable(
            f"Sentry's answer from {path} makes no sense: {where}: {first['msg']}",
            hint="check that SENTRY_URL is a Sentry, and what stands between it and this machine",
        ) from None


def read_all(shape: type[_Shape], values: Iterable[Mapping[str, Any]], path: str) -> tuple[_Shape, ...]:
    """Every value as ``shape``, in order."""
    return tuple(read(shape, value, path) for value in values)


def stamp(value: datetime) -> str:
    """A time as the API takes it: ISO 8601 in UTC with ``Z``; a fraction only where there is one."""
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
