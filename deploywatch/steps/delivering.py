"""The report leaves the house: as files, and through the outbox to the channels that its routes lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deploywatch.deliver.courier import Timing
from deploywatch.deliver.options import Tools
from deploywatch.deliver.outbox import Manner, Outbox
from deploywatch.deliver.redact import Redactor
from deploywatch.deliver.registry import Switchboard, build
from deploywatch.deliver.vault import Vault
from deploywatch.errors import StateError, UsageError
from deploywatch.model import Delivery, Finding, Report, Severity, Verdict
from deploywatch.report.formats import ENDINGS
from deploywatch.report.render import Look, render
from deploywatch.requests import DeliveriesRequest, DeliveryRequest
from deploywatch.sentry.comments import Comment, comment, comments
from deploywatch.store.store import Store

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.http import Guard, Http
    from deploywatch.sentry.client import Client
    from deploywatch.settings import Route

_SEVERITIES: Final = tuple(Severity)


def write_files(setup: Setup, report: Report, request: DeliveryRequest) -> tuple[Path, ...]:
    """Write the report in the configured formats; the same release and environment overwrite their former files."""
    if request.dry_run:
        return ()
    ours = setup.settings.report
    folder = request.folder or ours.folder or setup.state_folder() / "reports"
    name = "".join(c if c.isalnum() or c in "._@+-" else "-" for c in f"{report.release}-{report.environment or 'any'}")[:120]
    look = Look(templates=ours.templates)
    return tuple(_written(folder / f"{name}.{ENDINGS[fmt]}", render(report, fmt, look)) for fmt in ours.formats)


def _written(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.part")
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as trouble:
        raise StateError(
            f"the report cannot be written to {path}: {trouble.strerror}",
            hint="name a folder that can be written with --report-folder or [report] folder",
        ) from trouble
    return path


def deliver_report(setup: Setup, client: Client | None, report: Report, request: DeliveryRequest) -> tuple[Delivery, ...]:
    """Tell the channels of a regression; nobody is disturbed by a healthy or an inconclusive release.

    Each is told once, however often this runs; a dry run tells nobody. What a killed run recorded and did not send goes first.
    """
    if not request.deliver or not setup.settings.channels:
        return ()
    with _outbox(setup, client) as (outbox, switchboard):
        left = () if request.dry_run else outbox.resume(tuple(switchboard.channels.values()))
        if report.verdict is not Verdict.REGRESSION:
            return left
        channels = switchboard.named(_routed(setup, switchboard, report, request))
        if request.dry_run:
            for draft in outbox.preview(report, channels):
                setup.say(f"dry run: {draft.channel} would be told ({len(draft.payload)} characters)")
            return ()
        return (*left, *outbox.deliver(report, channels))


def listed(setup: Setup, request: DeliveriesRequest) -> tuple[Delivery, ...]:
    """What was recorded, newest first."""
    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        return store.deliveries.list(
            states=request.states, channels=request.channels, release=request.release, limit=request.limit
        )


def shown(setup: Setup, delivery_id: int) -> Delivery:
    """One delivery. Raises UsageError where there is none of this number."""
    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        found = store.deliveries.get(delivery_id)
    if found is None:
        raise UsageError(f"there is no delivery {delivery_id}", hint="deploywatch deliveries list names them")
    return found


def retried(setup: Setup, client: Client | None, delivery_ids: Sequence[int]) -> tuple[Delivery, ...]:
    """Try again what did not arrive."""
    with _outbox(setup, client) as (outbox, switchboard):
        found: list[Delivery] = []
        for number in delivery_ids:
            (channel,) = switchboard.named([shown(setup, number).channel])
            found += outbox.retry(number, channel)
    return tuple(found)


def _routed(setup: Setup, switchboard: Switchboard, report: Report, request: DeliveryRequest) -> list[str]:
    """The names of the channels to tell: those asked for, else those of every route that fits a finding, else all."""
    if request.channels:
        return list(request.channels)
    routes = setup.settings.routes
    if not routes:
        return list(switchboard.channels)
    fitting = (route for route in routes for finding in report.findings if _fits(route, finding, report.environment))
    return list(dict.fromkeys(name for route in fitting for name in route.channels))


def _fits(route: Route, finding: Finding, environment: str | None) -> bool:
    if route.environment is not None and route.environment != environment:
        return False
    if _SEVERITIES.index(finding.regression.severity) < _SEVERITIES.index(route.severity):
        return False
    owner = finding.regression.owner
    return route.owner is None or any(fnmatchcase(name, route.owner) for name in (owner.names if owner else ()))


@contextmanager
def _outbox(setup: Setup, client: Client | None) -> Iterator[tuple[Outbox, Switchboard]]:
    vault = Vault(setup.environ)
    look = Look(templates=setup.settings.report.templates)
    tools = Tools(
        connect=lambda guard: _http(setup, guard),
        render=lambda report, fmt: render(report, fmt, look),
        vault=vault,
        now=setup.now,
        folder=setup.folder,
        issues=_Comments(client) if client else None,
    )
    switchboard = build((_config(channel) for channel in setup.settings.channels), tools)
    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        timing = Timing(now=setup.now, sleep=setup.sleep)
        privacy = setup.settings.privacy
        patterns = tuple(re.compile(pattern) for pattern in privacy.patterns)
        manner = Manner(redactor=Redactor(vault.given, patterns, emails=privacy.emails), timing=timing)
        yield Outbox(store.deliveries, manner, fallbacks=switchboard.fallbacks), switchboard


def _http(setup: Setup, guard: Guard) -> Http:
    from deploywatch.http import HttpClient, Network

    return setup.transport or HttpClient(network=Network(guard=guard), environ=setup.environ)


def _config(channel: Any) -> dict[str, Any]:
    known = {"name": channel.name, "type": channel.type, **channel.options}
    if channel.url is not None:
        known["url"] = channel.url.get_secret_value()
    if channel.fallback is not None:
        known["fallback"] = channel.fallback
    return known


class _Comments:
    """The comments of Sentry's issues, as the channel wants them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def comment(self, issue_id: str, text: str) -> Comment:
        return comment(self._client, issue_id, text)

    def comments(self, issue_id: str) -> tuple[Comment, ...]:
        return comments(self._client, issue_id)
