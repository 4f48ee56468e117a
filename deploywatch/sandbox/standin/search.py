"""Sentry's search language, as far as a stand-in needs it.

``key:value``, ``!key:value``, ``key:[a,b]``, quotes, ``*``, free text. Terms are joined by AND. Issue search knows no OR and
no parentheses (as real Sentry); the time series take ``AND`` and a flat ``OR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deploywatch.sandbox.standin.answers import bad_request
from deploywatch.sandbox.standin.processing import is_unhandled, part, values
from deploywatch.sandbox.standin.records import Event, Release, Transaction

_TOKEN = re.compile(r'(?P<not>!?)(?:(?P<key>[\w.@-]+):)?(?P<value>\[[^\]]*\]|"(?:\\.|[^"\\])*"|[^\s"\[]\S*|)', re.ASCII)
_RAISED = {"error.type": "type", "error.value": "value"}
_STACK = {"stack.filename": "filename", "stack.function": "function", "stack.module": "module", "stack.abs_path": "abs_path"}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. ``key`` is empty for free text; any of ``values`` will do; ``negated`` turns it round."""

    key: str
    values: tuple[str, ...]
    negated: bool = False

    def fits(self, found: Iterable[str]) -> bool:
        """Whether any of the found texts is one of the wanted ones; ``*`` stands for anything."""
        have = list(found)
        return any(_like(want, text) for want in self.values for text in have) is not self.negated


def parse(query: str) -> list[Term]:
    """The terms of a query without boolean operators. Answers 400 where there are some."""
    if re.search(r"(?:^|\s)(?:AND|OR)(?:\s|$)|(?:^|\s)\(", _without_quoted(query)):
        raise bad_request('Boolean statements containing "OR" or "AND" are not supported in this search')
    return list(_terms(query))


def parse_boolean(query: str) -> list[list[Term]]:
    """The groups of a query of which one must hold. Answers 400 for parentheses, which the stand-in does not read."""
    plain = _without_quoted(query)
    if re.search(r"(?:^|\s)\(", plain):
        raise bad_request("parentheses are not supported by the stand-in")
    groups: list[list[Term]] = [[]]
    start = 0
    for operator in [*re.finditer(r"(?:^|(?<=\s))(AND|OR)(?=\s|$)", plain), None]:
        groups[-1] += _terms(query[start : operator.start() if operator else None])
        if operator and operator[1] == "OR":
            groups.append([])
        start = operator.end() if operator else start
    return groups


def matches_release(release: Release, terms: Iterable[Term]) -> bool:
    """The search of the list of releases: a part of the version, ``release:`` or ``finalized:``."""
    have = {"release": release.version, "finalized": "true" if release.released else "false"}
    return all(
        term.fits([have.get(term.key, "")]) if term.key else any(part in release.version for part in term.values)
        for term in terms
    )


def matches_event(event: Event, term: Term) -> bool:
    """One condition on one event."""
    if term.key == "has":
        return (term.values[0] in dict(event.tags)) is not term.negated
    if not term.key:
        text = f"{event.data['title']} {event.data['culprit']}".lower()
        return any(want.strip("*").lower() in text for want in term.values) is not term.negated
    return term.fits(_of_event(event, term.key))


def matches_transaction(transaction: Transaction, term: Term) -> bool:
    """One condition on one traced request."""
    if term.key in ("is_transaction", "has"):
        return True
    have: Mapping[str, str | None] = {
        "release": transaction.release,
        "environment": transaction.environment,
        "transaction": transaction.name,
        "span.op": transaction.op,
        "transaction.op": transaction.op,
        "event.type": "transaction",
        **({} if term.key in ("release", "environment", "transaction") else dict(transaction.tags)),
    }
    found = have.get(term.key)
    return term.fits([found] if found is not None else [])


def _without_quoted(query: str) -> str:
    """As long, with nothing in it that was in quotes: there no word is an operator."""
    return re.sub(r'"(?:\\.|[^"\\])*"', lambda found: '"' * len(found[0]), query, flags=re.DOTALL)


def _terms(query: str) -> Iterable[Term]:
    for match in _TOKEN.finditer(query):
        if not match["key"] and not match["value"]:
            continue
        yield Term(_KEYS.get(match["key"] or "", match["key"] or ""), _values(match["value"]), bool(match["not"]))


_KEYS = {"first-release": "firstRelease", "first_release": "firstRelease", "times_seen": "timesSeen", "is": "is"}


def _values(text: str) -> tuple[str, ...]:
    if text.startswith("["):
        return tuple(_unquote(part.strip()) for part in text[1:-1].split(","))
    return (_unquote(text),)


def _unquote(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    return text


def _like(want: str, text: str) -> bool:
    parts = [re.escape(part.replace("\0", "*")) for part in want.replace(r"\*", "\0").split("*")]
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def _of_event(event: Event, key: str) -> list[str]:
    data = event.data
    exceptions = values(data.get("exception"))
    if key in _RAISED:
        return [str(entry.get(_RAISED[key])) for entry in exceptions]
    if key in _STACK:
        frames = [frame for entry in exceptions for frame in values(part(entry, "stacktrace").get("frames"))]
        return [str(frame.get(_STACK[key])) for frame in frames]
    if key in ("error.unhandled", "error.handled"):
        return ["1", "true"] if is_unhandled(data) is (key == "error.unhandled") else ["0", "false"]
    return [value for value in (_simple(data, event).get(key), dict(event.tags).get(key)) if value is not None]


def _simple(data: Mapping[str, Any], event: Event) -> dict[str, str | None]:
    trace = part(data, "contexts", "trace")
    return {
        "id": event.id,
        "trace": trace.get("trace_id"),
        "event.type": data["type"],
        "title": data["title"],
        "message": data["title"],
        "platform": data["platform"],
        "http.method": part(data, "request").get("method"),
    }
