"""Whatever a person or a program has of a failure -> ``Event``s. What it is, is told by its content.

Accepted are a Sentry event (any dialect, also inside a webhook's body), an array of them, JSON Lines of them, an
envelope as SDKs send it, structured logs, and a raw traceback in any language of ``languages``.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from deploywatch.errors import InputError
from deploywatch.model import Event, StackTrace
from deploywatch.stacktraces import structured_logs
from deploywatch.stacktraces.assemble import headline
from deploywatch.stacktraces.envelopes import Envelope
from deploywatch.stacktraces.events import read_event

_LINE_HINT: Final = "each line must be one whole Sentry event as JSON; repair or remove that line"
_IDS: Final = frozenset({"event_id", "eventID", "entries"})
_JSON_SPACE: Final = " \t\r\n\ufeff"


def read_inputs(text: str) -> tuple[Event, ...]:
    """Every event of ``text``, in its order; never empty. Raises ``InputError``, which names the line where there are several."""
    return tuple(iter_inputs(io.StringIO(text)))


def iter_inputs(lines: Iterable[str]) -> Iterator[Event]:
    """As ``read_inputs``, over lines with their ends (an open file); JSON Lines are held one line at a time."""
    numbered = enumerate(lines, start=1)
    head = next(((number, line) for number, line in numbered if line.strip(_JSON_SPACE)), None)
    if head is None:
        raise InputError("the input is empty", hint=_accepted())
    first = _json_or_none(head[1])
    if isinstance(first, dict) and (Envelope.begins_with(first) or _is_surely_event(first)):
        yield from _stream(chain([head], numbered))
        return
    text = "\n" * (head[0] - 1) + "".join(chain([head[1]], (line for _, line in numbered)))
    trace = _parsed(_log_text(text))
    if trace is not None:
        yield _event_of_trace(trace)
    elif _is_event(first):
        yield from _stream(enumerate(text.split("\n"), start=1))
    else:
        yield from _documents(text.strip(_JSON_SPACE))


def _parsed(text: str) -> StackTrace | None:
    # The parsers of ten languages take longer to load than an event to read.
    from deploywatch.stacktraces import languages

    return languages.parse(text)


def _accepted() -> str:
    from deploywatch.stacktraces import languages

    return (
        f"give a traceback as the program printed it ({', '.join(languages.PARSERS)}), "
        "a Sentry event as JSON (from the API, an SDK or a webhook), or JSON Lines of events"
    )


def _stream(numbered: Iterable[tuple[int, str]]) -> Iterator[Event]:
    envelope = Envelope()
    found = 0
    for number, line in numbered:
        if not line.strip(_JSON_SPACE) or envelope.is_foreign_payload():
            continue
        document = _json_of_line(line, number)
        if envelope.is_header(document):
            continue
        found += 1
        yield _event_of_line(document, number)
    if not found:
        raise InputError("the envelope holds no event", hint=_accepted())


def _documents(text: str) -> Iterator[Event]:
    """The event, or the array of events, that ``text`` is as a whole."""
    if text[:1] not in ("{", "["):
        raise InputError("the input holds no traceback in a known language and no Sentry event", hint=_accepted())
    try:
        document = _loads(text)
    except ValueError as problem:
        raise InputError(f"the input looks like JSON and is not: {_place(problem)}", hint=_accepted()) from problem
    documents = document if isinstance(document, list) else [document]
    if not documents:
        raise InputError("the JSON array is empty", hint=_accepted())
    yield from (read_event(each if isinstance(each, dict) else {}) for each in documents)


def _event_of_trace(trace: StackTrace) -> Event:
    return Event(id=None, stacktrace=trace, message=headline(trace), platform=trace.language)


def _log_text(text: str) -> str:
    """What a person would have read in the log: structured entries are replaced by their texts, surely events by nothing."""
    whole = _json_or_none(text) if text.strip(_JSON_SPACE)[:1] in ("{", "[") else None
    if whole is not None:
        documents = whole if isinstance(whole, list) else [whole]
        return "" if any(map(_is_surely_event, documents)) else structured_logs.text_of(documents)
    entries = ((line, _json_or_none(line) if line.startswith("{") else None) for line in text.split("\n"))
    return "\n".join(line if entry is None else structured_logs.text_of([entry]) for line, entry in entries)


def _json_of_line(line: str, number: int) -> object:
    try:
        return _loads(line.strip(_JSON_SPACE))
    except ValueError as problem:
        raise InputError(f"line {number} is not JSON: {_place(problem, with_line=False)}", hint=_LINE_HINT) from problem


def _event_of_line(document: object, number: int) -> Event:
    try:
        return read_event(document if isinstance(document, dict) else {})
    except InputError as problem:
        raise InputError(f"line {number}: {problem.message}", hint=problem.hint) from problem


def _is_event(document: object) -> bool:
    return _event_or_none(document) is not None


def _is_surely_event(document: object) -> bool:
    """Whether it can be nothing else: an entry of a structured log may have a message, a title and a level, too."""
    event = _event_or_none(document)
    return event is not None and (
        bool(event.stacktrace.exceptions) or (isinstance(document, dict) and bool(_IDS & document.keys()))
    )


def _event_or_none(document: object) -> Event | None:
    try:
        return read_event(document) if isinstance(document, dict) else None
    except InputError:
        return None


def _loads(text: str) -> object:
    """Parse JSON; nesting too deep and numbers too long are ``ValueError`` like any other fault."""
    try:
        return json.loads(text)
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem


def _json_or_none(text: str) -> object:
    try:
        return _loads(text.strip(_JSON_SPACE))
    except ValueError:
        return None


def _place(problem: ValueError, *, with_line: bool = True) -> str:
    if not isinstance(problem, json.JSONDecodeError):
        return str(problem)
    line = f"line {problem.lineno}, " if with_line else ""
    return f"{problem.msg} ({line}column {problem.colno})"
