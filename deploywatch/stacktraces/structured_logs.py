"""Entries of structured logs (JSON objects that are no events) -> the text that a person would have seen in the log.

Container runtimes log each line as an object of its own (``{"log": "..."}``), applications log a whole trace in one field
(``exc_info``, ``stack_trace``, ``err.stack``, ``error.stack_trace`` ...).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_LINE_FIELDS: Final = ("log", "message", "msg", "MESSAGE", "textPayload", "line", "event")
_MAX_DEPTH: Final = 5


def text_of(entries: Iterable[object]) -> str:
    """The entries' texts joined by line breaks: an entry's fields of several lines if it has any, else its message field."""
    return "\n".join(piece.removesuffix("\n") for entry in entries for piece in _pieces(entry))


def _pieces(entry: object) -> list[str]:
    if not isinstance(entry, Mapping):
        return []
    blocks = [text for text in _texts(entry, 0) if "\n" in text.rstrip("\n")]
    return blocks or [value for field in _LINE_FIELDS if isinstance(value := entry.get(field), str)][:1]


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _MAX_DEPTH:
        members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        for member in members:
            yield from _texts(member, depth + 1)
