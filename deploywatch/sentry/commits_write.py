"""The commits of a release, written once and whole, or as much of them as the server takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from deploywatch.errors import SentryError, SentryRejected, SentryUnavailable
from deploywatch.model import Release
from deploywatch.sentry.client import Call, Client
from deploywatch.sentry.commits import SKIPPED
from deploywatch.sentry.releases import SCOPE, get_release, release_path
from deploywatch.sentry.retry import COMMITS, COMMITS_LEFT_RUNNING, CONFLICT
from deploywatch.sentry.versions import validate_version
from deploywatch.sentry.wire import ReleaseWire, read

_NOT_WAITED_FOR: Final = 504
_TOO_MUCH: Final = (413, _NOT_WAITED_FOR)
# Sentry holds its lock on a release's commits for ten minutes at most; what takes longer than this is not worth the wait.
_LOOKS: Final = 12
_LOOK_EVERY: Final = 5.0


def set_commits(client: Client, version: str, payloads: Sequence[dict[str, Any]], *, there: Release | None = None) -> Release:
    """Write ``payloads`` as *the* commits of the release: it replaces what was there, so there is one write only.

    Nothing is written where there is none, or where ``there`` (the release as it is) shows that they are written already: Sentry
    would resolve anew what their messages call fixed. Where the server finds it too much (413), or its gateway does not wait for
    it (504) and it does not come to its end behind that, the newest half is tried, and so on: compare ``commit_count``.
    """
    name = validate_version(version)
    if there and (not payloads or are_there(there, payloads)):
        return there
    if not payloads:
        return get_release(client, name)
    return _CommitsWrite(client, name, list(payloads)).run()


def are_there(there: Release, payloads: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the release has these commits already, as far as their number and the newest one tell."""
    kept = [payload["id"] for payload in payloads if SKIPPED not in payload["message"]]
    return bool(kept) and there.commit_count == len(kept) and there.last_commit == kept[0]


class _CommitsWrite:
    """One write of commits, in as many attempts as it takes."""

    def __init__(self, client: Client, version: str, payloads: list[dict[str, Any]]) -> None:
        self._client = client
        self._version = version
        self._payloads = payloads
        self._left_running: list[dict[str, Any]] = []
        self._looks = 0

    def run(self) -> Release:
        """The release with the commits that it has in the end."""
        while True:
            try:
                return self._put()
            except (SentryRejected, SentryUnavailable) as error:
                if error.status == CONFLICT and self._left_running and self._looks < _LOOKS:
                    self._client.pause(_LOOK_EVERY)
                elif error.status in _TOO_MUCH:
                    self._left_running = self._payloads if error.status == _NOT_WAITED_FOR else []
                    self._payloads = _less(self._payloads, error)
                else:
                    raise
            if done := self._done_behind_the_gateway():
                return done

    def _put(self) -> Release:
        where = release_path(self._client, self._version)
        repeat = COMMITS_LEFT_RUNNING if self._left_running and self._looks < _LOOKS else COMMITS
        call = Call("PUT", where, body={"commits": self._payloads}, scope=SCOPE, repeat=repeat)
        return read(ReleaseWire, self._client.call(call).json, where).noun()

    def _done_behind_the_gateway(self) -> Release | None:
        if not self._left_running:
            return None
        self._looks += 1
        found = get_release(self._client, self._version)
        return found if are_there(found, self._left_running) else None


def _less(payloads: list[dict[str, Any]], error: SentryError) -> list[dict[str, Any]]:
    """The newest half; of a single commit, half of its files."""
    if len(payloads) > 1:
        return payloads[: len(payloads) // 2]
    (last,) = payloads
    if not last["patch_set"]:
        raise error
    return [last | {"patch_set": last["patch_set"][: len(last["patch_set"]) // 2]}]
