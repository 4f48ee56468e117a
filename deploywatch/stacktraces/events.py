"""A Sentry event in any dialect -> ``Event``: the one door through which event JSON comes in.

Read are the API's camelCase (``entries[]``), the snake_case that SDKs send and webhooks forward, and mixtures of the two,
also inside the envelopes ``{"event": ..}``, ``{"data": {"event": ..}}`` and ``{"data": {"error": ..}}`` of webhooks and of
Sentry's event-id look-up. Every value may be null or of a wrong type; it is then unknown. Local variables, headers,
cookies, bodies, breadcrumbs, user data and query strings are never read into the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from deploywatch.errors import InputError
from deploywatch.model import Event, Request, StackTrace
from deploywatch.stacktraces import untrusted
from deploywatch.stacktraces.assemble import headline
from deploywatch.stacktraces.event_trace import read_trace

_SIGNS_OF_AN_EVENT: Final = (
    "exception",
    "entries",
    "threads",
    "stacktrace",
    "logentry",
    "message",
    "event_id",
    "eventID",
    "title",
)
_LEGACY_NAMES: Final = {"exception": "sentry.interfaces.Exception", "stacktrace": "sentry.interfaces.Stacktrace"}
_TRACE_ID = re.compile(r"[0-9a-fA-F-]{8,36}")

_JsonObject = Mapping[str, object]


def read_event(data: Mapping[str, object]) -> Event:
    """Read one event. Frames are oldest call first, exceptions root cause first, times aware UTC.

    Raises ``InputError`` where ``data`` is not an event. One without a stack trace is read; its ``stacktrace`` warns of it.
    """
    body = _unwrap(data)
    sections = _sections(body)
    tags = _tags(body.get("tags"))
    platform = untrusted.word(body.get("platform"))
    trace = read_trace(sections, platform)
    contexts = untrusted.mapping(body.get("contexts"))
    span = untrusted.mapping(contexts.get("trace"))
    tagged = dict(reversed(tags))
    return Event(
        id=_first_word(body, "eventID", "event_id", "id"),
        stacktrace=trace,
        message=_message(body, sections, trace),
        level=_first_word(body, "level") or tagged.get("level"),
        platform=platform,
        release=_release(body) or tagged.get("release") or tagged.get("sentry:release"),
        environment=_first_word(body, "environment") or tagged.get("environment"),
        transaction=_public(_first_word(body, "transaction")) or _public(tagged.get("transaction")),
        culprit=_public(_first_word(body, "culprit")),
        occurred_at=_first_instant(body, "dateCreated", "datetime", "timestamp"),
        received_at=_first_instant(body, "dateReceived", "received"),
        request=_request(sections.get("request")),
        tags=tags,
        trace_id=_trace_id(span.get("trace_id")),
        span_id=_trace_id(span.get("span_id")),
        status_code=_status_code(contexts, tagged),
        issue_id=_first_word(body, "groupID", "groupId", "issue_id"),
    )


def _unwrap(data: object) -> _JsonObject:
    """The event inside a webhook's or a look-up's envelope; the outer object where there is none."""
    outer = untrusted.mapping(data)
    payload = untrusted.mapping(outer.get("data"))
    for inner in (outer.get("event"), payload.get("event"), payload.get("error")):
        if isinstance(inner, Mapping) and _is_event(inner):
            return inner
    is_issue = "shortId" in outer and "entries" not in outer and "exception" not in outer
    if _is_event(outer) and not is_issue:
        return outer
    if is_issue or "issue" in payload:
        raise InputError(
            "this is a Sentry issue or the webhook of one: it holds no event",
            hint="give one of the issue's events (Sentry: the event's JSON link), or `deploywatch investigate` the issue's id",
        )
    raise InputError(
        "this JSON object is not a Sentry event: it has no exception, entries, threads, stacktrace or message",
        hint="give an event as Sentry's API returns it (/issues/ID/events/latest/), as an SDK sends it, or as a webhook holds it",
    )


def _is_event(body: _JsonObject) -> bool:
    return any(body.get(key) is not None for key in (*_SIGNS_OF_AN_EVENT, *_LEGACY_NAMES.values()))


def _sections(body: _JsonObject) -> dict[str, object]:
    """The event's interfaces by their raw name, wherever the dialect puts them; an ``entries`` item wins."""
    names = ("exception", "threads", "stacktrace", "request")
    found = {name: body.get(name, body.get(_LEGACY_NAMES.get(name, name))) for name in names}
    found["message"] = body.get("logentry")
    for entry in untrusted.items(body.get("entries")):
        kind, content = untrusted.mapping(entry).get("type"), untrusted.mapping(entry).get("data")
        if isinstance(kind, str) and kind in found and content is not None:
            found[kind] = content
    return found


def _tags(value: object) -> tuple[tuple[str, str], ...]:
    read = ((untrusted.word(key), untrusted.word(content)) for key, content in _tag_pairs(value))
    return tuple((key, _public(content) or "") for key, content in read if key and content)


def _tag_pairs(value: object) -> Iterator[tuple[object, object]]:
    """Tags are ``[{key, value}]`` in the API, ``[[key, value]]`` in raw events, and an object from some SDKs."""
    if isinstance(value, Mapping):
        yield from value.items()
    for member in untrusted.items(value):
        if isinstance(member, Mapping):
            yield member.get("key"), member.get("value")
        elif isinstance(member, list | tuple) and len(member) == 2:
            yield member[0], member[1]


def _message(body: _JsonObject, sections: _JsonObject, trace: StackTrace) -> str | None:
    """What was logged; for an exception its title, because the API's ``message`` is then a text for searching."""
    logged = untrusted.mapping(sections.get("message")) or untrusted.mapping(body.get("message"))
    title, plain = untrusted.text(body.get("title")), untrusted.text(body.get("message"))
    spoken = untrusted.text(logged.get("formatted")) or untrusted.text(logged.get("message"))
    return spoken or ((title or plain or headline(trace)) if trace.exceptions else (plain or title))


def _release(body: _JsonObject) -> str | None:
    release = body.get("release")
    return untrusted.word(release.get("version")) if isinstance(release, Mapping) else untrusted.word(release)


def _request(value: object) -> Request | None:
    data = untrusted.mapping(value)
    method, url = untrusted.word(data.get("method")), untrusted.word(data.get("url"))
    return Request(method=method, url=untrusted.public_url(url) if url else None) if method or url else None


def _status_code(contexts: _JsonObject, tagged: Mapping[str, str]) -> int | None:
    span_data = untrusted.mapping(untrusted.mapping(contexts.get("trace")).get("data"))
    places = (
        untrusted.mapping(contexts.get("response")).get("status_code"),
        tagged.get("http.status_code"),
        tagged.get("http.response.status_code"),
        span_data.get("http.response.status_code"),
    )
    codes = (untrusted.number(place) for place in places)
    return next((code for code in codes if code is not None and 100 <= code <= 599), None)


def _public(value: str | None) -> str | None:
    """A name that is really an address (browser transactions, ``url`` tags) loses its query like any address."""
    is_address = value is not None and (value.startswith("/") or "://" in value)
    return untrusted.public_url(value) if value is not None and is_address else value


def _trace_id(value: object) -> str | None:
    return value if isinstance(value, str) and _TRACE_ID.fullmatch(value) else None


def _first_word(body: _JsonObject, *names: str) -> str | None:
    return next((read for name in names if (read := untrusted.word(body.get(name))) is not None), None)


def _first_instant(body: _JsonObject, *names: str) -> datetime | None:
    return next((read for name in names if (read := untrusted.instant(body.get(name))) is not None), None)
