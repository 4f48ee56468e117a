"""A watch's memory in the store: a watch that was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from deploywatch.watch.state import from_json

if TYPE_CHECKING:
    from deploywatch.store.checkpoints import Checkpoints


class WatchCheckpoint:
    """The ``watch.source.CheckpointStore`` of one release in one environment (``None``: any): its watches by their keys.

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
        self._watches = dict(_kept(checkpoints, release, environment))

    def get(self, key: str) -> Mapping[str, Any] | None:
        """See ``CheckpointStore``."""
        return self._watches.get(key)

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """See ``CheckpointStore``."""
        self._watches[key] = value
        document = {"deployed_at": self._deployed_at.isoformat(), "watches": self._watches}
        self._checkpoints.put(*self._place, document, self._now())


def _kept(checkpoints: Checkpoints, release: str, environment: str | None) -> Mapping[str, Mapping[str, Any]]:
    """The watches that have not come to their end; what another version kept is forgotten."""
    kept = (checkpoints.get(release, environment) or {}).get("watches")
    watches = kept if isinstance(kept, Mapping) else {}
    return {key: watch for key, watch in watches.items() if not (watch.get("state") or {}).get("finished")}


def unfinished_since(
    checkpoints: Checkpoints, release: str, environment: str | None, *, within: timedelta, now: datetime
) -> datetime | None:
    """The time of the deploy that a watch assumed which began at most ``within`` ago and did not come to its end."""
    states = (from_json(kept) for kept in _kept(checkpoints, release, environment).values())
    if not any(state and now - state.started_at <= within for state in states):
        return None
    return datetime.fromisoformat((checkpoints.get(release, environment) or {})["deployed_at"])
