"""Rich markup -> what a terminal shows: styled or not, wrapped to its width under the place where the text began.

A template's line may hold one tab: what follows is wrapped under itself. Lines that open with ``│`` are code and are cut at
the edge; lines that open with ``$`` are commands and, like an address by itself, are never broken, so that they can be copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Final, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from deploywatch.report.escaping import no_commands, unmask

_BLANK_LINES: Final = re.compile(r"\n(?:[ \t]*\n){2,}")


def to_terminal(markup: str, *, width: int, color: bool) -> str:
    """The lines of ``markup`` (made by a ``.txt.j2`` template) as text of ``width`` columns, with ANSI styles if ``color``."""
    out = StringIO()
    # Every answer is given here, so that rich asks the environment nothing.
    system: Literal["standard"] | None = "standard" if color else None
    console = Console(file=out, width=width, color_system=system, force_terminal=color, no_color=not color)
    for line in _BLANK_LINES.sub("\n\n", markup).strip("\n").split("\n"):
        for shown in _laid_out(_text(line), console):
            console.print(shown, soft_wrap=True, highlight=False, emoji=False)
    return no_commands(out.getvalue())


def _text(markup: str) -> Text:
    text = Text.from_markup(markup, emoji=False)
    text.plain = unmask(text.plain)
    return text


def _laid_out(text: Text, console: Console) -> Iterator[Text]:
    start = text.plain.lstrip()[:1]
    if start == "│":
        text.truncate(console.width, overflow="ellipsis")
        yield text
    elif start == "$":
        yield text
    else:
        head, body = _parted(text)
        if " " not in body.plain:
            yield head + body
            return
        for row, part in enumerate(body.wrap(console, max(console.width - cell_len(head.plain), 20)) or [Text()]):
            part.rstrip()
            yield (head if row == 0 else Text(" " * cell_len(head.plain))) + part


def _parted(text: Text) -> tuple[Text, Text]:
    at = text.plain.find("\t")
    if at >= 0:
        head, tab_and_body = text.divide([at])
        return head, tab_and_body[1:]
    indent = len(text.plain) - len(text.plain.lstrip(" "))
    head, body = text.divide([indent]) if indent else (Text(), text)
    return head, body
