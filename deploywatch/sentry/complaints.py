"""What Sentry's error bodies say, in one line of text, whichever of its many shapes they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from deploywatch.http import Response

MAX_LENGTH = 300
_DEEPEST = 8
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_WORDLESS_KEYS = ("detail", "error", "message", "msg", "non_field_errors")


def complaint(response: Response) -> str:
    """The reason that a body gives, cut to one line; ``""`` where it gives none.

    Read are: ``{"detail": text}``, ``{"detail": {"code", "message"}}``, ``{"field": [text, ..]}`` nested to any depth, a bare
    JSON string, a JSON string that holds JSON (the answer to a repeated comment), the title of an HTML page, and plain text.
    """
    if is_html(response):
        return _clean(_title(response.text))
    return _clean("; ".join(_sentences(_decoded(response))))


def error_code(response: Response) -> str | None:
    """Sentry's own code in ``{"detail": {"code": ..}}``, such as ``resource-moved`` or ``sso-required``."""
    detail = _member(_decoded(response), "detail")
    code = _member(detail, "code") or _member(_decoded(response), "code")
    return code if isinstance(code, str) else None


def moved_to(response: Response) -> str | None:
    """The new slug of a renamed project: Sentry answers 302 ``{"detail": {"code": "resource-moved", "extra": {"slug": ..}}}``."""
    detail = _member(_decoded(response), "detail")
    slug = _member(_member(detail, "extra"), "slug")
    return slug if isinstance(slug, str) and error_code(response) == "resource-moved" else None


def is_html(response: Response) -> bool:
    """Whether the answer is a web page, by its type or, where no type is given, by its look."""
    if response.content_type:
        return response.content_type in ("text/html", "application/xhtml+xml")
    return response.body[:200].lstrip()[:9].lower() in (b"<!doctype", b"<html>") or response.body[:5].lower() == b"<html"


def _decoded(response: Response) -> Any:
    """The body; a JSON string that holds JSON is read once more."""
    try:
        value = response.json()
        return json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else value
    except (ValueError, RecursionError):
        return response.text


def _sentences(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth > _DEEPEST:
        return
    elif isinstance(value, Mapping):
        said = {key: inner for key, inner in value.items() if key in _WORDLESS_KEYS}
        # Beside a sentence stand only its code, its place and the like; without one the keys are the fields that are wrong.
        for key, inner in (said or value).items():
            prefix = "" if said else f"{key}: "
            yield from (prefix + text for text in _sentences(inner, depth + 1))
    elif isinstance(value, list):
        for inner in value[:10]:
            yield from _sentences(inner, depth + 1)


def _member(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def _title(page: str) -> str:
    found = _TITLE.search(page[:20_000])
    return unescape(_TAG.sub(" ", found[2])) if found else ""


def _clean(text: str) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"
