"""Stacks of Firefox and Safari: ``function@address:line:column`` a line, and what Firefox's console copies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deploywatch.model import Frame, StackTrace
from deploywatch.stacktraces import assemble
from deploywatch.stacktraces.javascript_errors import read_header
from deploywatch.stacktraces.javascript_frames import ANONYMOUS, placed

_FRAME = re.compile(r"\s*+(?P<function>[^@]{0,400}+)@(?P<place>(?:[a-z][\w+.-]{1,20}:/?/|/|[A-Za-z]:[\\/]|\[native code\]|<).*)$")
_CONSOLE = re.compile(r"\s++(?P<function>[^\s@]{1,400}+) (?P<place>[a-z][\w+.-]{1,20}://\S+:\d{1,9}:\d{1,9})$")
_NATIVE = re.compile(r"\s*\[native code\]$")
_EVALUATED = re.compile(r"(?P<path>.*?) line (?P<line>\d{1,9}) > (?:eval|Function).*$")
_ASYNC = re.compile(r"(?:async|promise callback|setTimeout handler|EventListener\.handleEvent)\*")


def parse_lines(lines: Sequence[str]) -> StackTrace | None:
    """Every stack in the lines of a text, the last one being the failure; ``None`` where there is none."""
    chains = []
    above, frames = 0, list[Frame]()
    for number, line in enumerate([*lines, ""]):
        frame = _read_frame(line)
        if frame is not None:
            frames.append(frame)
        elif frames:
            header = read_header(lines[above : number - len(frames)])
            chains.append([assemble.raised(header.type, header.message, reversed(frames))])
            above, frames = number, []
    return assemble.stack_trace(chains, "javascript")


def _read_frame(line: str) -> Frame | None:
    if _NATIVE.match(line):
        return assemble.frame(ANONYMOUS, None, ANONYMOUS)
    found = _FRAME.match(line) or _CONSOLE.match(line)
    if found is None:
        return None
    evaluated = _EVALUATED.match(found["place"])
    place = f"{evaluated['path']}:{evaluated['line']}" if evaluated else found["place"]
    return placed(place, _ASYNC.sub("", found["function"].strip()) or ANONYMOUS)
