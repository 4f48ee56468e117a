"""Owners that the code itself names: a tag such as ``owner`` that the application sets on its events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.model import RuleRef
from deploywatch.owners.rules import Decision, Subject

TAGS: Final = ("owner",)
"""The tags that are looked at where the configuration names no others."""

_OWNER: Final = re.compile(r"[@#]?[\w.+-]+(?:[@/][\w.+-]+)*")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Annotations:
    """The tags that name owners, the strongest first. A value holds one owner or several, separated by spaces or commas."""

    tags: Sequence[str] = TAGS
    file: str = "the event itself"

    def decide(self, subject: Subject | str) -> Decision:
        """The owners that the event's tags name. What cannot be a name decides nothing: strangers write events."""
        event = None if isinstance(subject, str) else subject.event
        found = [(tag, value) for tag in self.tags if event and (value := event.tag(tag))]
        rules = [RuleRef(self.file, 0, f"tag {tag}={value}", owners) for tag, value in found if (owners := _owners(value))]
        return Decision(rules[0].owners, rules[0], tuple(rules[1:])) if rules else Decision()


def _owners(value: str) -> tuple[str, ...]:
    words = value[:_LONGEST].replace(",", " ").split()
    return tuple(dict.fromkeys(words)) if len(value) <= _LONGEST and all(map(_OWNER.fullmatch, words)) else ()
