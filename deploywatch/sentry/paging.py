"""Sentry's ``Link`` header: where the next page is. Read leniently, for it is not always well-formed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

# GlitchTip sends the repr of a Python set around it: {'<..>; rel="previous"; .., <..>; rel="next"; ..'}. Looking for the entries
# themselves reads both forms.
_ENTRY = re.compile(r'<([^<>]*)>((?:\s*;\s*\w+\s*=\s*"[^"]*")*)')
_PARAMETER = re.compile(r'(\w+)\s*=\s*"([^"]*)"')


def next_cursor(link: str | None) -> str | None:
    """The cursor of the next page, or ``None`` on the last one.

    The entry for the next page is always there; only its ``results="true"`` says that the page holds something. Of its URL
    nothing but the cursor is used: the host in it may be another one, and the token must not travel there.
    """
    for url, tail in _ENTRY.findall(link or ""):
        parameters = dict(_PARAMETER.findall(tail))
        if parameters.get("rel") == "next" and parameters.get("results") == "true":
            return parameters.get("cursor") or _cursor_of(url)
    return None


def _cursor_of(url: str) -> str | None:
    try:
        return parse_qs(urlsplit(url).query).get("cursor", [None])[-1]
    except ValueError:
        return None
