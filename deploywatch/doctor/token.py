"""The token: which scope each thing needs, and whether it is held. The scopes are those of Sentry's API reference."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from deploywatch.doctor.finding import Code, DoctorFinding

_NEW_TOKEN: Final = "use the token of a user or of an internal integration"  # noqa: S105 - advice


@dataclass(frozen=True, slots=True)
class Need:
    """Something that one of the ``scopes`` allows; the first is the least. ``without`` says what is missing without any."""

    what: str
    scopes: tuple[str, ...]
    without: str
    required: bool = False


RELEASES: Final = Need(
    "create releases and deploys",
    ("project:releases", "org:ci", "project:write", "project:admin"),
    "`release` and `run` fail",
    required=True,
)
ISSUES: Final = Need(
    "read issues and their events",
    ("event:read", "event:write", "event:admin"),
    "`watch`, `run` and `investigate` see nothing",
    required=True,
)
COMMENTS: Final = Need(
    "comment on issues and resolve them", ("event:write", "event:admin"), "the `sentry` channel and `verify` cannot write"
)
COUNTS: Final = Need(
    "count requests, errors and sessions",
    ("org:read", "org:write", "org:admin"),
    "spikes are judged by single events, without a share of requests",
)
PROJECT: Final = Need(
    "read a project and its ownership rules",
    ("project:read", "project:write", "project:admin"),
    "owners come from the repository's owner file alone",
)
PEOPLE: Final = Need(
    "read the organisation's members",
    ("member:read", "member:write", "member:admin"),
    "owners are not matched with Sentry's users",
)
NEEDS: Final = (RELEASES, ISSUES, COUNTS, PROJECT, COMMENTS, PEOPLE)


def scope_findings(
    held: Collection[str] | None, source: str, *, comments: bool, organisation_token: bool
) -> Iterator[DoctorFinding]:
    """A finding for each need; ``held`` is ``None`` where the server does not tell.

    ``source`` is where the token was found; ``comments``: a channel wants to comment on issues.
    """
    if held is None:
        text = "the server does not tell which scopes the token has"
        yield DoctorFinding("token", Code.SCOPE_UNTOLD, text, "compare them in Sentry with those that the documentation lists")
        return
    for need in NEEDS:
        granted = next((scope for scope in need.scopes if scope in held), None)
        if granted:
            yield DoctorFinding("token", Code.SCOPE_GRANTED, f"may {need.what} ({granted})")
            continue
        required = need.required or (need is COMMENTS and comments)
        text = f"may not {need.what}: {need.without}"
        give = f"give the token of {source} the scope {need.scopes[0]}"
        fix = _NEW_TOKEN if organisation_token and "org:ci" not in need.scopes else give
        yield DoctorFinding("token", Code.SCOPE_MISSING if required else Code.SCOPE_OPTIONAL, text, fix)
