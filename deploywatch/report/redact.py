"""Takes secrets and users' e-mail addresses out of everything before it reaches a message or the store. Pure.

Commit authors and owners keep their addresses: they are whom the report is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar, cast

from deploywatch.model import Contributor, Event, Owner, Person, Raised, Report, Request, Resolution, RuleRef
from deploywatch.report.sensitive import EMAIL, KINDS, MARK, is_secret_name

REMOVED: Final = "[secret removed]"
_SHORTEST_KNOWN: Final = 6
_MOST_PASSES: Final = 20
# Text that UTF-8 or a database cannot hold.
_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")
_Noun = TypeVar("_Noun")
_PEOPLE: Final = (Person, Contributor, Owner, RuleRef)
_NAMES: Final = frozenset(
    (
        "base branch command conflicts environment file first_release head id last_release old_path path permalink project "
        "pull_request release revert_command sha short_id url"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Redactor:
    """What to take out, beyond every kind of ``sensitive.KINDS``.

    ``known`` are secrets in their own words (the token and the webhook addresses in use); ``patterns`` are the user's own.
    ``emails`` false leaves e-mail addresses in.
    """

    known: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    emails: bool = True

    def text(self, text: str) -> str:
        """Running text without secrets. Doing it twice changes nothing more."""
        clean = self._pass(text)
        # A secret that touches another is seen only when that one is gone.
        for _ in range(_MOST_PASSES):
            before, clean = clean, self._pass(clean)
            if clean == before:
                break
        return clean

    def _pass(self, text: str) -> str:
        clean = self._without_known(text)
        for kind in KINDS:
            if self.emails or kind.name != EMAIL:
                clean = kind.removed_from(clean)
        for pattern in self.patterns:
            clean = pattern.sub(REMOVED, clean)
        return clean

    def name(self, text: str) -> str:
        """A name or an address that must stay usable: only what is a secret beyond doubt is taken out."""
        clean = self._without_known(text)
        for kind in KINDS:
            if kind.in_names:
                clean = kind.removed_from(clean)
        return clean

    def document(self, value: Any) -> Any:
        """JSON values without secrets: what has a secret's name is removed whole, all other text as in ``text``."""
        if isinstance(value, Mapping):
            return {key: self._entry(str(key), item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.document(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def report(self, report: Report) -> Report:
        """The report without secrets; names, paths and links of it stay usable."""
        return self.noun(report)

    def noun(self, value: _Noun) -> _Noun:
        """Any of the nouns without secrets, as ``report``."""
        return cast(_Noun, self._walk(value, as_name=False))

    def event(self, event: Event) -> Event:
        """As ``noun``, for whoever compares the event's words and lines: nothing stands where a secret was.

        A line of code that holds one is not known at all; with a gap in it, it would be another line than the file's.
        """
        clean = self.noun(event)
        exceptions = tuple(map(_without_marks, event.stacktrace.exceptions, clean.stacktrace.exceptions))
        return replace(clean, stacktrace=replace(clean.stacktrace, exceptions=exceptions))

    def resolution(self, resolution: Resolution) -> Resolution:
        """As ``report``."""
        return cast(Resolution, self._walk(resolution, as_name=False))

    def _entry(self, name: str, value: Any) -> Any:
        if is_secret_name(name) and isinstance(value, str) and value:
            return REMOVED
        return self.document(value)

    def _walk(self, value: Any, *, as_name: bool) -> Any:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self.name(value) if as_name else self.text(value)
        if isinstance(value, tuple):
            return tuple(self._walk(item, as_name=as_name) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{field.name: self._field(value, field.name, as_name=as_name) for field in fields(value)})
        return value

    def _field(self, owner: Any, name: str, *, as_name: bool) -> Any:
        value = getattr(owner, name)
        if name == "tags":
            return self._tags(value)
        if isinstance(owner, Request):
            return self._walk(value, as_name=False)
        return self._walk(value, as_name=as_name or name in _NAMES or isinstance(owner, _PEOPLE))

    def _tags(self, tags: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((name, str(self._entry(name, value))) for name, value in tags)

    def _without_known(self, text: str) -> str:
        clean = _UNWRITABLE.sub("\ufffd", text)
        for secret in self.known:
            if len(secret) >= _SHORTEST_KNOWN:
                clean = clean.replace(secret, REMOVED)
        return clean


def _without_marks(raw: Raised, clean: Raised) -> Raised:
    frames = (
        shown if was.context_line == shown.context_line else replace(shown, context_line=None)
        for was, shown in zip(raw.frames, clean.frames, strict=True)
    )
    message = None if clean.message is None else MARK.sub("", clean.message)
    return replace(clean, message=message, frames=tuple(frames))
