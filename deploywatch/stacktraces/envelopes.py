"""Envelopes, the format in which SDKs send events: a header line, then for each item a header line and a payload line.

https://develop.sentry.dev/sdk/data-model/envelopes/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_HEADER_KEYS: Final = ("dsn", "sent_at", "sdk", "trace", "event_id")
_ITEM_KEYS: Final = frozenset({"type", "length", "content_type", "filename", "attachment_type", "item_count", "platform", "meta"})


@dataclass(slots=True)
class Envelope:
    """Tells which lines of a file are an envelope's own and not events; of files that are no envelopes, none are."""

    skips_next: bool = False

    @staticmethod
    def begins_with(document: dict[str, object]) -> bool:
        """Whether ``document`` is an envelope's header: an event has more than these keys."""
        return bool(document.keys() & set(_HEADER_KEYS[:3])) and document.keys() <= set(_HEADER_KEYS)

    def is_header(self, document: object) -> bool:
        """Whether ``document`` heads an envelope or an item; a payload that is no event is then skipped."""
        if not isinstance(document, dict):
            return False
        is_item = isinstance(document.get("type"), str) and document.keys() <= _ITEM_KEYS
        self.skips_next = is_item and document["type"] != "event"
        return is_item or self.begins_with(document)

    def is_foreign_payload(self) -> bool:
        """Whether the current line is the payload of a session, a transaction or the like; asked once for each line."""
        skips, self.skips_next = self.skips_next, False
        return skips
