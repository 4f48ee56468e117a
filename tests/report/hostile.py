"""Text as strangers write it, and a way to put it into every field of a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from itertools import count, cycle
from typing import Any, Final

from hypothesis import strategies as st

NASTY: Final = (
    "",
    " ",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></svg><b>",
    "<!-- -->",
    "{{ 7*7 }}{% raw %}",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07here\x1b]8;;\x07",
    "\x9b31m \x07 \x08\x08\x00 \x7f",
    "\u202eevil\u2066 \u200b\ufeff \U000e0041",
    "@octocat @acme/team #12 acme/shop#3 GH-1 !4 ~5 $6 %7 &8",
    "https://evil.example www.evil.example mailto:a@evil.example",
    "[click](https://evil.example) ![see](https://evil.example/x.png) <https://evil.example>",
    "[ref]: https://evil.example",
    "`code` ``more`` ```most",
    "```\n# heading\n```",
    "`" * 60,
    "~~~\nout\n~~~",
    "<!channel> <!here> <@U123> <#C1> <https://evil.example|click>",
    "*b* _i_ ~s~ __init__ ***x***",
    "&lt;b&gt; &amp; &#64;octocat",
    "[red]x[/red] [link=https://evil.example]x[/link] [/]",
    "\\[bold]x \\",
    "\ufdd0bold]x\ufdd0/] \ufdd1",
    "one\n\n# two\n\n- three\r\nfour\u2028five\x85six",
    "| a | b |\n|---|---|\n| c | d |",
    "\ud800 \udfff",
    ":fire: :+1:",
    "/close",
    "---",
    "===",
    "# h",
    "1. one",
    "- [x] done",
    "> quoted",
    "    four",
    "\tindented\tmore",
    "$x^2$ $$y$$",
    "x" * 5000,
    "https://evil.example/" + "a" * 3000,
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u6f22\u5b57 \U0001f469\u200d\U0001f4bb e\u0301",
)

ANY_TEXT: Final = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(), max_size=80),
    st.text(st.sampled_from(list("`*_~[]()<>#@!|\\&:/-+=.\n\t 1wWhtps\x1b\u202e\ud800\ufdd0")), max_size=60),
)


MIXES: Final = tuple(NASTY[at:] + NASTY[:at] for at in range(0, len(NASTY), 6))
"""All of it, in several orders, so that each field meets several of them without a report for each."""


def prefixed(*texts: str) -> Iterator[str]:
    """The texts again and again, each behind a word of its own: nothing is empty and no two are the same."""
    return (f"x{number}{text}" for number, text in zip(count(), cycle(texts)))


def poisoned(value: Any, text: str | Iterator[str], *, keep: frozenset[str] = frozenset()) -> Any:
    """The same value with ``text`` (or the next of them) in every string field, but in those named in ``keep``."""
    if isinstance(value, Enum) or not (is_dataclass(value) or isinstance(value, (str, tuple))):
        return value
    if isinstance(value, str):
        return text if isinstance(text, str) else next(text)
    if isinstance(value, tuple):
        return tuple(poisoned(each, text, keep=keep) for each in value)
    names = [each.name for each in fields(value) if each.name not in keep]
    return replace(value, **{name: poisoned(getattr(value, name), text, keep=keep) for name in names})
