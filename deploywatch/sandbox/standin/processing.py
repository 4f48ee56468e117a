"""What the real server does to an event after it arrived: ids, tags, title, culprit, metadata and the group it belongs to.

Pure. Grouping is a simplification that is enough for one application: the explicit fingerprint of the event, else the
exception's type with the file and function that raised it (the last in-app frame), else the message. Real Sentry hashes the
whole in-app stack.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from deploywatch.sandbox.standin.answers import bad_request
from deploywatch.sandbox.standin.times import iso, moment

TITLE_LENGTH = 256
TAG_LENGTH = 200
LEVELS = ("sample", "debug", "info", "warning", "error", "fatal", "unknown")

Json = dict[str, Any]


def process(payload: Mapping[str, Any], *, project_id: int, received: datetime) -> Json:
    """The stored event, snake_case. ``payload`` is as an SDK sent it. Answers 400 when its id is no id."""
    occurred = moment(payload.get("timestamp")) or received
    exception = crashed_exception(payload)
    frame = raising_frame(exception)
    metadata = _metadata(payload, exception, frame)
    title = _title(metadata)
    return {
        **payload,
        "event_id": event_id(payload.get("event_id")),
        "project": project_id,
        "type": "error" if exception else "default",
        "level": payload.get("level") if payload.get("level") in LEVELS else "error",
        "platform": payload.get("platform") or "other",
        "timestamp": occurred.timestamp(),
        "datetime": iso(occurred),
        "received": received.timestamp(),
        "tags": [list(tag) for tag in tags_of(payload, exception)],
        "title": title,
        "metadata": metadata if exception else {"title": title},
        "culprit": payload.get("transaction") or _where(frame),
        "location": metadata.get("filename"),
        "hashes": [_hash(payload, exception, frame)],
    }


def event_id(given: object) -> str:
    """32 lower-case hex digits, made up where none were given. Answers 400 for anything that is no UUID."""
    try:
        return uuid.UUID(str(given)).hex if given else uuid.uuid4().hex
    except ValueError as error:
        raise bad_request(f"invalid event id: {given!r}") from error


def part(data: object, *keys: str) -> Mapping[str, Any]:
    """The object inside objects, or an empty one where anything on the way is missing or something else."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, Mapping) else {}


def values(interface: object) -> list[Json]:
    """The entries of an interface that SDKs send as ``{"values": [...]}`` or as a bare list; nulls are dropped."""
    entries = interface.get("values") if isinstance(interface, Mapping) else interface
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def crashed_exception(payload: Mapping[str, Any]) -> Json | None:
    """The exception that left the program: the last one, as SDKs order them oldest first."""
    exceptions = values(payload.get("exception"))
    return exceptions[-1] if exceptions else None


def raising_frame(exception: Mapping[str, Any] | None) -> Json | None:
    """The innermost in-app frame, or the innermost of all."""
    frames = values(part(exception, "stacktrace").get("frames"))
    in_app = [frame for frame in frames if frame.get("in_app")]
    chosen = in_app or frames
    return chosen[-1] if chosen else None


def message_of(payload: Mapping[str, Any]) -> str:
    """The text of a message event."""
    entry = payload.get("logentry")
    if isinstance(entry, Mapping):
        return str(entry.get("formatted") or entry.get("message") or "")
    return str(entry or payload.get("message") or "")


def is_unhandled(payload: Mapping[str, Any]) -> bool:
    """Whether any exception was not handled by the program."""
    return any(part(entry, "mechanism").get("handled") is False for entry in values(payload.get("exception")))


def user_of(payload: Mapping[str, Any]) -> str | None:
    """The user as Sentry's tag writes it: ``id:7``, else ``email:``, ``username:`` or ``ip:``."""
    user = payload.get("user")
    if not isinstance(user, Mapping):
        return None
    for key, name in (("id", "id"), ("email", "email"), ("username", "username"), ("ip_address", "ip")):
        if user.get(key):
            return f"{name}:{user[key]}"
    return None


def tags_of(payload: Mapping[str, Any], exception: Mapping[str, Any] | None = None) -> tuple[tuple[str, str], ...]:
    """The event's own tags and those that the server adds, by key."""
    found = dict(_own_tags(payload.get("tags"))) | dict(_added_tags(payload, exception))
    return tuple(sorted((key, str(value)[:TAG_LENGTH]) for key, value in found.items() if value not in (None, "")))


def _own_tags(tags: object) -> Iterator[tuple[str, object]]:
    if isinstance(tags, Mapping):
        yield from tags.items()
    elif isinstance(tags, list):
        yield from ((str(tag[0]), tag[1]) for tag in tags if isinstance(tag, list) and len(tag) == 2)


def _added_tags(payload: Mapping[str, Any], exception: Mapping[str, Any] | None) -> Iterator[tuple[str, object]]:
    yield from ((key, payload.get(key)) for key in ("release", "environment", "server_name", "transaction", "dist"))
    yield "level", payload.get("level") or "error"
    yield "user", user_of(payload)
    yield "url", part(payload, "request").get("url")
    mechanism = part(exception, "mechanism")
    yield "mechanism", mechanism.get("type")
    if mechanism.get("handled") is not None:
        yield "handled", "yes" if mechanism["handled"] else "no"
    runtime = part(payload, "contexts", "runtime")
    yield "runtime.name", runtime.get("name")
    if runtime.get("name") and runtime.get("version"):
        yield "runtime", f"{runtime['name']} {runtime['version']}"


def _metadata(payload: Mapping[str, Any], exception: Mapping[str, Any] | None, frame: Mapping[str, Any] | None) -> Json:
    if exception is None:
        return {"title": _first_line(message_of(payload)) or "<unlabeled event>"}
    found = {"type": exception.get("type") or "Error", "value": str(exception.get("value") or "")[:TITLE_LENGTH]}
    if frame:
        found |= {key: frame[key] for key in ("filename", "function") if frame.get(key)}
    return found


def _title(metadata: Json) -> str:
    if "title" in metadata:
        return str(metadata["title"])
    value = _first_line(metadata["value"])
    return f"{metadata['type']}: {value}" if value else str(metadata["type"])


def _first_line(text: str) -> str:
    line = (text.strip().splitlines() or [""])[0]
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 3] + "..."


def _where(frame: Mapping[str, Any] | None) -> str:
    if not frame:
        return ""
    return f"{frame.get('module') or frame.get('filename') or '?'} in {frame.get('function') or '?'}"


def _hash(payload: Mapping[str, Any], exception: Mapping[str, Any] | None, frame: Mapping[str, Any] | None) -> str:
    own = payload.get("fingerprint")
    default = _default_fingerprint(payload, exception, frame)
    parts = [str(part) for part in own] if isinstance(own, list) and own else ["{{ default }}"]
    text = "\0".join(default if part in ("{{ default }}", "{{default}}") else part for part in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _default_fingerprint(payload: Mapping[str, Any], exception: Mapping[str, Any] | None, frame: Mapping[str, Any] | None) -> str:
    if exception is None:
        entry = payload.get("logentry")
        # The template, not the text that was made of it: "user %s is unknown" is one issue, not one per user.
        return "message\0" + str(entry.get("message") if isinstance(entry, Mapping) else message_of(payload))
    where = frame or {}
    return "\0".join(str(part) for part in ("exception", exception.get("type"), where.get("filename"), where.get("function")))
