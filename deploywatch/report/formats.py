"""The names of the formats of a report, and the endings of the files that hold them. Light: a help text names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENDINGS: Final[Mapping[str, str]] = {
    "text": "txt",
    "json": "json",
    "markdown": "md",
    "html": "html",
    "slack": "slack.json",
    "teams": "teams.json",
    "email": "eml",
    "email-html": "email.html",
    "sarif": "sarif",
    "junit": "xml",
    "step-summary": "summary.md",
    "annotations": "annotations.txt",
    "variables": "env",
}
"""A file's ending by the format's name, in the order in which people are told of them."""


def format_of(name: str) -> str | None:
    """The format that a file of this name holds, by the longest ending that fits; ``None`` where none does."""
    lower = name.lower()
    fitting = [(len(ending), fmt) for fmt, ending in ENDINGS.items() if lower.endswith(f".{ending}")]
    return max(fitting)[1] if fitting else None
