"""A watch's memory in the store: a watch that was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from deploywatch.watch.state import WatchState, from_json

if TYPE_CHECKING:
    from deploywatch.store.checkpoints import Checkpoints


class WatchCheckpoint:
    """The ``watch.source.CheckpointStore`` of one release in one environment (``None``: any): the last watch, and its key.

    ``deployed_at`` is kept beside it, for the next process to mean the same watch where Sentry knows of no deploy.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        release: str,
        environment: str | None,
        *,
        deployed_at: datetime,
        now: Callable[[], datetime],
    ) -> None:
        self._checkpoints = checkpoints
        self._place = (release, environment)
        self._deployed_at = deployed_at
        self._now = now

    def get(self, key: str) -> Mapping[str, Any] | None:
        """See ``CheckpointStore``."""
        kept = self._checkpoints.get(*self._place) or {}
        return kept.get("watch") if kept.get("key") == key else None

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """See ``CheckpointStore``."""
        document = {"key": key, "deployed_at": self._deployed_at.isoformat(), "watch": value}
        self._checkpoints.put(*self._place, document, self._now())


def unfinished_since(
    checkpoints: Checkpoints, release: str, environment: str | None, *, within: timedelta, now: datetime
) -> datetime | None:
    """The time of the deploy that a watch assumed which began at most ``within`` ago and did not come to its end."""
    kept = checkpoints.get(release, environment) or {}
    state: WatchState | None = from_json(kept.get("watch") or {})
    if state is None or state.finished or now - state.started_at > within:
        return None
    return datetime.fromisoformat(kept["deployed_at"])
