"""A stored event in the dialect of the web API: camelCase frames, entries, tags as objects. Pure.

``vars`` are shown as the real server shows them; what a client keeps of them is the client's duty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploywatch.sandbox.standin.processing import message_of, part, values
from deploywatch.sandbox.standin.records import Event
from deploywatch.sandbox.standin.times import iso

_FRAME_KEYS = {
    "filename": "filename",
    "absPath": "abs_path",
    "module": "module",
    "package": "package",
    "platform": "platform",
    "instructionAddr": "instruction_addr",
    "symbolAddr": "symbol_addr",
    "function": "function",
    "rawFunction": "raw_function",
    "symbol": "symbol",
    "lineNo": "lineno",
    "colNo": "colno",
    "trust": "trust",
    "errors": "errors",
    "lock": "lock",
    "vars": "vars",
}


def short_event(event: Event) -> dict[str, Any]:
    """An event as lists show it without ``full``: no entries. Note the dot in ``event.type``."""
    data = event.data
    return {
        "id": event.id,
        "event.type": data["type"],
        "groupID": str(event.issue_id),
        "eventID": event.id,
        "projectID": str(event.project.id),
        "message": message_of(data) or data["title"],
        "title": data["title"],
        "location": data["location"],
        "culprit": data["culprit"],
        "user": _user(data),
        "tags": _tags(event),
        "platform": data["platform"],
        "dateCreated": iso(event.occurred),
        "crashFile": None,
        "metadata": data["metadata"],
    }


def full_event(event: Event) -> dict[str, Any]:
    """An event with its entries: exception, message, breadcrumbs, request."""
    data = event.data
    shown = short_event(event)
    del shown["event.type"]
    return {
        **shown,
        "message": message_of(data),
        "dateReceived": iso(event.received),
        "type": data["type"],
        "contexts": part(data, "contexts"),
        "size": len(str(data)),
        "entries": list(_entries(data)),
        "dist": data.get("dist"),
        "sdk": _sdk(data),
        "context": part(data, "extra"),
        "packages": part(data, "modules"),
        "errors": [],
        "occurrence": None,
        "_meta": {},
        "fingerprints": data["hashes"],
        "groupingConfig": {"id": "stand-in", "enhancements": ""},
        "userReport": None,
        "sdkUpdates": [],
        "resolvedWith": [],
    }


def _entries(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    exceptions = values(data.get("exception"))
    if exceptions:
        shown = [_exception(entry) for entry in exceptions]
        is_system = any(frame["inApp"] is False for entry in shown for frame in _frames_of(entry))
        yield {"type": "exception", "data": {"values": shown, "hasSystemFrames": is_system, "excOmitted": None}}
    if message_of(data):
        yield {"type": "message", "data": {"formatted": message_of(data), **part(data, "logentry")}}
    crumbs = values(data.get("breadcrumbs"))
    if crumbs:
        yield {"type": "breadcrumbs", "data": {"values": [{**crumb, "event_id": None} for crumb in crumbs]}}
    if isinstance(data.get("request"), dict):
        yield {"type": "request", "data": _request(data["request"])}


def _exception(entry: Mapping[str, Any]) -> dict[str, Any]:
    trace = entry.get("stacktrace")
    return {
        "type": entry.get("type"),
        "value": entry.get("value"),
        "mechanism": entry.get("mechanism"),
        "threadId": entry.get("thread_id"),
        "module": entry.get("module"),
        "stacktrace": _stacktrace(trace) if isinstance(trace, dict) else None,
        "rawStacktrace": None,
    }


def _stacktrace(trace: Mapping[str, Any]) -> dict[str, Any]:
    frames = [_frame(frame) for frame in values(trace.get("frames"))]
    return {"frames": frames, "framesOmitted": None, "registers": None, "hasSystemFrames": any(not f["inApp"] for f in frames)}


def _frames_of(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(part(entry, "stacktrace").get("frames") or [])


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    shown = {camel: frame.get(snake) for camel, snake in _FRAME_KEYS.items()}
    return {**shown, "inApp": frame.get("in_app"), "context": list(_context(frame))}


def _context(frame: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The source around the line, as pairs of number and text."""
    line = frame.get("lineno")
    if not isinstance(line, int) or frame.get("context_line") is None:
        return
    before, after = frame.get("pre_context") or [], frame.get("post_context") or []
    yield from ([number, text] for number, text in enumerate([*before, frame["context_line"], *after], line - len(before)))


def _request(request: Mapping[str, Any]) -> dict[str, Any]:
    pairs = sorted((str(name), value) for name, value in part(request, "headers").items())
    query = request.get("query_string")
    return {
        "url": request.get("url"),
        "method": request.get("method"),
        "headers": [list(pair) for pair in pairs],
        "query": [pair.split("=", 1) for pair in str(query).split("&")] if query else [],
        "env": request.get("env"),
        "data": request.get("data"),
        "cookies": [],
        "fragment": None,
        "inferredContentType": None,
    }


def _tags(event: Event) -> list[dict[str, Any]]:
    return [{"key": key, "value": value, **({"query": f"user.{value}"} if key == "user" else {})} for key, value in event.tags]


def _user(data: Mapping[str, Any]) -> dict[str, Any] | None:
    user = data.get("user")
    if not isinstance(user, dict):
        return None
    named = {key: user.get(key) for key in ("id", "email", "username", "ip_address", "name")}
    return {**named, "data": {}}


def _sdk(data: Mapping[str, Any]) -> dict[str, Any] | None:
    sdk = data.get("sdk")
    return {"name": sdk.get("name"), "version": sdk.get("version")} if isinstance(sdk, dict) else None
