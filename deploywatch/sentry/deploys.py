"""Deploys of a release. Each POST adds another one, so it looks before it posts, and looks again when an answer got lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from deploywatch.errors import SentryUnavailable, UsageError
from deploywatch.model import Deploy
from deploywatch.sentry.client import Call, Client
from deploywatch.sentry.releases import SCOPE
from deploywatch.sentry.retry import ONCE
from deploywatch.sentry.versions import validate_version
from deploywatch.sentry.wire import DeployWire, read, read_all, stamp

MAX_ENVIRONMENT: Final = 64
MAX_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class NewDeploy:
    """A deploy to record. ``name`` (a build number) tells deploys of one release to one environment apart.

    Times are aware UTC. Give ``started_at`` only if a second run of the same job gives the same one: a deploy that was over
    before it counts as an earlier deploy, and another one is recorded. So does one that was over before ``after``: give the time
    of a deploy that replaced it.
    """

    environment: str
    name: str | None = None
    url: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    after: datetime | None = None


def create_deploy(client: Client, version: str, deploy: NewDeploy) -> Deploy:
    """Record the deploy, unless it is recorded already. ``finished_at`` is now unless it is given."""
    if not deploy.environment.strip() or len(deploy.environment) > MAX_ENVIRONMENT:
        raise UsageError(
            f"an environment's name has 1 to {MAX_ENVIRONMENT} characters", hint="correct --environment, for example production"
        )
    if there := _recorded(client, version, deploy):
        return there
    where = client.path("releases", validate_version(version), "deploys")
    try:
        return read(
            DeployWire, client.call(Call("POST", where, body=_body(client, deploy), scope=SCOPE, repeat=ONCE)).json, where
        ).noun()
    except SentryUnavailable as error:
        if error.sent and (there := _recorded(client, version, deploy)):
            return there
        raise


def deploys(client: Client, version: str) -> tuple[Deploy, ...]:
    """The deploys of the release, newest finished first. A newer Sentry gives the latest of each project and environment only."""
    where = client.path("releases", validate_version(version), "deploys")
    return tuple(wire.noun() for wire in read_all(DeployWire, client.pages(where, scope=SCOPE), where))


def _recorded(client: Client, version: str, wanted: NewDeploy) -> Deploy | None:
    return next((there for there in deploys(client, version) if _is_same(there, wanted)), None)


def _is_same(there: Deploy, wanted: NewDeploy) -> bool:
    """The same environment, name and address, and it was not over before this one began (that would be an earlier deploy)."""
    if (there.environment, there.name, there.url) != (wanted.environment, _cut(wanted.name), wanted.url):
        return False
    if there.finished_at is None:
        return True
    if wanted.after is not None and there.finished_at < wanted.after:
        return False
    return wanted.started_at is None or there.finished_at >= wanted.started_at


def _body(client: Client, deploy: NewDeploy) -> dict[str, Any]:
    return {
        "environment": deploy.environment,
        "name": _cut(deploy.name),
        "url": deploy.url,
        "dateStarted": stamp(deploy.started_at) if deploy.started_at else None,
        "dateFinished": stamp(deploy.finished_at or client.now()),
    }


def _cut(name: str | None) -> str | None:
    return name[:MAX_NAME] if name else None
