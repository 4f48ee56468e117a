"""When a release began to serve, as far as Sentry can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from deploywatch.errors import SentryUnavailable
from deploywatch.model import Deploy, Release
from deploywatch.sentry.addresses import tell
from deploywatch.sentry.deploys import deploys
from deploywatch.sentry.releases import get_release

if TYPE_CHECKING:
    from deploywatch.sentry.client import Client

# A rollout sends events of the new release long before the pipeline records that it is done; what happened in longer than that
# before is of another place, such as a staging environment.
ROLLOUT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deployed:
    """``at`` is aware UTC. ``is_recorded``: Sentry holds a deploy of the release to the environment."""

    at: datetime
    is_recorded: bool


def last_deployed(client: Client, release: str, environment: str | None) -> Deployed | None:
    """When the release's last deploy to the environment (``None``: any) began; ``None`` where Sentry does not know, or is down.

    A deploy's recorded start or end is corrected by the release's first event. Without a recorded deploy a recent first event
    will do. That Sentry is down is for the watch to wait out.
    """
    try:
        known, found = _known(client, release, environment)
    except SentryUnavailable:
        return None
    moments = [moment for deploy in known if (moment := _moment(deploy))]
    last = max(moments, default=None)
    first_event = found.first_event if found else None
    limit = client.now() if last is None else last
    if first_event and limit - ROLLOUT <= first_event <= limit:
        return Deployed(first_event, is_recorded=last is not None)
    return Deployed(min(last, client.now()), is_recorded=True) if last else None


def first_deployed(client: Client, release: str, environment: str | None) -> Deployed | None:
    """When the release was there for the first time; ``None`` where Sentry does not know it. Raises ``SentryError``."""
    known, found = _known(client, release, environment)
    moments = [moment for deploy in known if (moment := _moment(deploy))]
    first_event = found.first_event if found else None
    if moments:
        first = min(moments)
        return Deployed(min(first, first_event or first), is_recorded=True)
    return next((Deployed(at, is_recorded=False) for at in _signs(found)), None)


def _known(client: Client, release: str, environment: str | None) -> tuple[list[Deploy], Release | None]:
    found = tell(lambda: get_release(client, release))
    recorded = (tell(lambda: deploys(client, release)) or ()) if found else ()
    return [deploy for deploy in recorded if environment in (deploy.environment, None)], found


def _moment(deploy: Deploy) -> datetime | None:
    return deploy.started_at or deploy.finished_at


def _signs(found: Release | None) -> Iterator[datetime]:
    if found:
        yield from filter(None, (found.first_event, found.released_at, found.created_at))
