"""Which issues a query means. Conditions on issues are asked of the issue; those on events must all hold of *one* event."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploywatch.sandbox.standin.answers import bad_request
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.records import Event, Issue, User
from deploywatch.sandbox.standin.search import Term, matches_event, parse
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import moment, period
from deploywatch.sandbox.standin.window import window_of

DEFAULT_QUERY = "is:unresolved"
_COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "": operator.eq}


@dataclass(frozen=True, slots=True)
class Found:
    """An issue with its events inside the window and environments, and those of them that the query means."""

    issue: Issue
    events: Sequence[Event]
    filtered: Sequence[Event]

    @property
    def users(self) -> int:
        """How many different users met it."""
        return len({event.user for event in self.events if event.user})


@dataclass(frozen=True, slots=True)
class _Question:
    """One condition asked of one issue."""

    call: Call
    issue: Issue
    term: Term
    environments: list[str]


def search_issues(call: Call) -> list[Found]:
    """The issues that the request asks for, sorted. ``query`` missing means unresolved ones, empty means all."""
    terms = parse(call.query.get("query", DEFAULT_QUERY))
    window, environments, projects = window_of(call), call.environments(), call.projects()
    of_issue = [term for term in terms if term.key in _ISSUE_TERMS]
    of_event = [term for term in terms if term.key not in _ISSUE_TERMS]
    found = []
    for issue in call.state.issues.values():
        if issue.project in projects and all(_ISSUE_TERMS[t.key](_Question(call, issue, t, environments)) for t in of_issue):
            events = [e for e in issue.events if window.holds(e.occurred) and (not environments or e.environment in environments)]
            filtered = [e for e in events if all(matches_event(e, resolve_latest(t, call.state)) for t in of_event)]
            if filtered:
                found.append(Found(issue, events, filtered))
    return sorted(found, key=_SORTS.get(call.query.get("sort", "date"), _SORTS["date"]), reverse=True)


def resolve_latest(term: Term, state: State) -> Term:
    """``release:latest`` is the newest release by date."""
    if term.key not in ("release", "firstRelease") or "latest" not in term.values or not state.releases:
        return term
    newest = max(state.releases.values(), key=lambda release: (release.released or release.created, release.id)).version
    return Term(term.key, tuple(newest if value == "latest" else value for value in term.values), term.negated)


def _is(asked: _Question) -> bool:
    have = {asked.issue.status, asked.issue.substatus or "", "assigned" if asked.issue.assigned_to else "unassigned", "unlinked"}
    have |= {"archived"} if asked.issue.status == "ignored" else set()
    return asked.term.fits(have)


def _first_release(asked: _Question) -> bool:
    """With environments: first seen *there* in this release. Without: in any environment."""
    term = resolve_latest(asked.term, asked.call.state)
    chosen = asked.environments or list(asked.issue.first_release_in)
    versions = [asked.issue.first_release_in.get(name) for name in chosen]
    versions += [] if asked.environments else [asked.issue.first_release]
    return term.fits([version for version in versions if version])


def _assigned(asked: _Question) -> bool:
    assignee = asked.issue.assigned_to
    have = ["none"] if assignee is None else ["#" + assignee.slug] if not isinstance(assignee, User) else [assignee.email]
    return asked.term.fits([*have, *(["me"] if assignee and assignee is asked.call.token.user else [])])


def _age(of: Callable[[Issue], datetime]) -> Callable[[_Question], bool]:
    def fits(asked: _Question) -> bool:
        """``-24h`` is newer than a day, ``+24h`` is older, ``>2026-05-04T10:00:00Z`` is later."""
        text = asked.term.values[0]
        if text[:1] in ("-", "+"):
            limit = asked.call.state.now() - period(text[1:])
            return (of(asked.issue) >= limit if text[0] == "-" else of(asked.issue) <= limit) is not asked.term.negated
        sign = re.match(r"[<>]?=?", text)
        at = moment(text[sign.end() :]) if sign else None
        if sign is None or at is None:
            raise bad_request(f"Invalid date: {text}. Expected +/-duration (e.g. +1h) or ISO 8601-like")
        return bool(_COMPARE[sign[0]](of(asked.issue), at)) is not asked.term.negated

    return fits


def _times_seen(asked: _Question) -> bool:
    match = re.fullmatch(r"([<>]=?|)(\d{1,12})", asked.term.values[0])
    if match is None:
        raise bad_request(f"Invalid number: {asked.term.values[0]}. Expected number then optional k, m, or b suffix")
    return bool(_COMPARE[match[1]](asked.issue.times_seen, int(match[2]))) is not asked.term.negated


def _level(asked: _Question) -> bool:
    return asked.term.fits([asked.issue.level])


def _short_id(asked: _Question) -> bool:
    return asked.term.fits([asked.issue.short_id])


def _regressed_in(asked: _Question) -> bool:
    return asked.term.fits([asked.issue.regressed_in] if asked.issue.regressed_in else [])


_ISSUE_TERMS: Mapping[str, Callable[[_Question], bool]] = {
    "is": _is,
    "firstRelease": _first_release,
    "regressed_in_release": _regressed_in,
    "assigned": _assigned,
    "level": _level,
    "issue": _short_id,
    "age": _age(lambda issue: issue.first_seen),
    "firstSeen": _age(lambda issue: issue.first_seen),
    "lastSeen": _age(lambda issue: issue.last_seen),
    "timesSeen": _times_seen,
}

_SORTS: Mapping[str, Callable[[Found], tuple[float, int]]] = {
    "date": lambda found: (max(event.occurred for event in found.events).timestamp(), found.issue.id),
    "new": lambda found: (found.issue.first_seen.timestamp(), found.issue.id),
    "freq": lambda found: (len(found.events), found.issue.id),
    "user": lambda found: (found.users, found.issue.id),
}
