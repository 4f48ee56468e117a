"""Sentry's platform word, or the frames' file names -> the language of a stack trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from deploywatch.model import Frame

_BY_PLATFORM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "python": "python",
        "javascript": "javascript",
        "node": "javascript",
        "java": "java",
        "kotlin": "java",
        "groovy": "java",
        "android": "java",
        "go": "go",
        "ruby": "ruby",
        "php": "php",
        "csharp": "csharp",
        "rust": "rust",
        "elixir": "elixir",
    }
)

_BY_SUFFIX: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("py", "pyx", "pyw"), "python"),
        **dict.fromkeys(("js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"), "javascript"),
        **dict.fromkeys(("java", "kt", "kts", "scala", "groovy", "clj"), "java"),
        "go": "go",
        **dict.fromkeys(("rb", "erb", "rake"), "ruby"),
        **dict.fromkeys(("php", "phtml"), "php"),
        **dict.fromkeys(("cs", "fs", "vb", "cshtml", "razor"), "csharp"),
        "rs": "rust",
        **dict.fromkeys(("ex", "exs", "eex", "heex", "erl"), "elixir"),
    }
)


def language_of(platform: str | None, frames: Iterable[Frame]) -> str:
    """The language that ``platform`` names (``node.express`` is JavaScript), else the one of most frames' files, else ``other``.

    Native SDKs say ``native`` for Rust and C alike, so there too the files decide.
    """
    named = _BY_PLATFORM.get((platform or "").partition("-")[0].partition(".")[0].lower())
    if named:
        return named
    votes = Counter(language for frame in frames if (language := language_of_file(frame.path)))
    return votes.most_common(1)[0][0] if votes else "other"


def language_of_file(path: str | None) -> str | None:
    """The language of a file, by its ending; ``None`` for one that no stack trace names."""
    return _BY_SUFFIX.get((path or "").rpartition(".")[2].lower())
