"""deploywatch.toml, the repository and Sentry -> everything that may say who owns something, as values of ``owners``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from deploywatch.history.remote import repository_name
from deploywatch.owners.annotations import Annotations
from deploywatch.owners.dialects import OwnerRules, dialect_of
from deploywatch.owners.find import find
from deploywatch.owners.people import Identity, People, read_mailmap
from deploywatch.owners.resolution import OwnerSources
from deploywatch.owners.rules import Matcher
from deploywatch.owners.services import Service, Services

if TYPE_CHECKING:
    from deploywatch.history.repository import Repository
    from deploywatch.sentry.people import Member
    from deploywatch.settings import Settings

Read = Callable[[str], str | None]


def sources_of(
    settings: Settings,
    rules: OwnerRules | None,
    *,
    people: People | None = None,
    before: Sequence[Matcher] = (),
) -> OwnerSources:
    """All sources; ``before`` are asked before the owner file. Raises ``ConfigError``."""
    ours = settings.owners
    return OwnerSources(
        files=(*before, *((rules,) if rules else ())),
        services=services_of(settings),
        annotations=Annotations(ours.tags),
        people=people or people_of(settings),
        robots=ours.robots,
        default=ours.default,
    )


def services_of(settings: Settings) -> Services:
    """The services of the configuration."""
    return Services(
        [
            Service(
                name=service.name,
                owners=service.owners,
                projects=service.projects,
                paths=service.paths,
                tags=tuple(service.tags.items()),
                channels=service.channels,
                function=service.function,
                product=service.product,
                shared=service.shared,
                line=service.line,
            )
            for service in settings.services
        ]
    )


def people_of(settings: Settings, *, mailmap: str | None = None, members: Iterable[Member] = ()) -> People:
    """Everybody who is known: the configuration is believed first, then ``.mailmap``, then Sentry."""
    configured = [Identity(**person.model_dump()) for person in settings.people]
    return People([*configured, *read_mailmap(mailmap or ""), *map(identity_of, members)])


def identity_of(member: Member) -> Identity:
    """A member of Sentry with the handles that integrations told it."""
    handles = {provider: name.removeprefix("@") for provider, name in reversed(member.externals)}
    return Identity(
        name=member.name if member.name not in member.emails else None,
        emails=member.emails,
        github=handles.get("github") or handles.get("github_enterprise"),
        gitlab=handles.get("gitlab"),
        slack=handles.get("slack"),
        sentry=member.user_id,
    )


def owner_file(settings: Settings, repository: Repository, commit: str) -> OwnerRules | None:
    """The repository's owner file at a commit, in the dialect of its code host unless the configuration names another."""
    dialect = settings.owners.dialect or dialect_of(repository.remote_url(settings.repository.remote))
    named = settings.owners.file
    return find(lambda path: repository.read(path, commit), dialect, paths=[named] if named else ())


def code_host_name(settings: Settings, repository: Repository) -> str | None:
    """owner/name of the repository on its code host, as far as it is known."""
    return settings.repository.name or repository_name(repository.remote_url(settings.repository.remote))
