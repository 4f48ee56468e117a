"""What GitHub's runner makes of a step's output: workflow commands are obeyed, secrets are masked, the rest is the log.

After the runner's ``ActionCommandManager``: a line is a command when it begins with ``::`` (after spaces) and names a known one;
between ``::stop-commands::TOKEN`` and ``::TOKEN::`` none is. The old form ``##[command]`` works anywhere in a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_COMMAND: Final = re.compile(r"\s*::(?P<name>[\w-]+)(?: (?P<properties>[^\n]*?))?::(?P<data>.*)")
_OLD: Final = re.compile(r"##\[(?P<name>[\w-]+)(?: (?P<properties>[^\]]*))?\](?P<data>.*)")
_KNOWN: Final = frozenset(
    (
        "add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher save-state set-env set-output "
        "warning"
    ).split()
)
_NOTES: Final = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation."""

    level: str
    properties: dict[str, str]
    message: str


@dataclass(slots=True)
class Reader:
    """Reads the output of all steps of a job. ``masks`` are the secrets; ``log`` is what people see."""

    masks: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    obeyed: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    _stopped_until: str | None = None

    def read(self, output: str) -> None:
        """Take the whole output of a step."""
        for line in output.splitlines():
            self._line(line)

    def _line(self, line: str) -> None:
        match = _COMMAND.fullmatch(line)
        if self._stopped_until is not None:
            if match and match["name"] == self._stopped_until:
                self._stopped_until = None
            else:
                self.log.append(self._masked(line))
            return
        if match and match["name"] == "stop-commands":
            self._stopped_until = match["data"]
            return
        found = match if match and match["name"] in _KNOWN else _OLD.search(line)
        if found and found["name"] in _KNOWN:
            self._obey(found)
        else:
            self.log.append(self._masked(line))

    def _obey(self, found: re.Match[str]) -> None:
        name, data = found["name"], _plain(found["data"])
        self.obeyed.append(name)
        if name == "add-mask":
            self.masks.add(data)
        if name in _NOTES:
            pairs = (pair.partition("=") for pair in (found["properties"] or "").split(",") if pair)
            self.notes.append(Note(name, {key.strip(): _plain(value) for key, _, value in pairs}, self._masked(data)))

    def _masked(self, line: str) -> str:
        for secret in sorted(self.masks, key=len, reverse=True):
            line = line.replace(secret, "***")
        return line


def _plain(text: str) -> str:
    for character, code in ((",", "%2C"), (":", "%3A"), ("\n", "%0A"), ("\r", "%0D"), ("%", "%25")):
        text = text.replace(code, character)
    return text
