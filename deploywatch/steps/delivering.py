"""The report leaves the house: as files, and through the outbox to the channels that its routes lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploywatch.deliver.registry import Switchboard
from deploywatch.errors import StateError
from deploywatch.model import Delivery, Report, Severity, Verdict
from deploywatch.report.formats import ENDINGS
from deploywatch.report.render import Look, render
from deploywatch.requests import DeliveryRequest
from deploywatch.steps.code_host import with_code_host
from deploywatch.steps.outbox import opened_outbox
from deploywatch.steps.owner_sources import people_of
from deploywatch.steps.quieting import Part, parts_of
from deploywatch.steps.routing import destinations, is_routed

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.deliver.channel import Channel
    from deploywatch.deliver.outbox import Outbox
    from deploywatch.sentry.client import Client


_EVERY_DEPLOY: Final = "it hears of every deploy"
_HOST: Final = "the pipeline runs there"


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
    """Tell the channels of a regression; of a healthy or an inconclusive release only those that disturb nobody.

    People hear of each incident once and not of each issue, within the limits of ``[noise]``; each is told once, however often
    this runs, and a dry run tells nobody. What a killed run recorded and did not send, or was held back until now, goes first.
    """
    if not request.deliver:
        return ()
    setup, hosts = with_code_host(setup, request.tell)
    if not setup.settings.channels:
        return ()
    with opened_outbox(setup, client) as (outbox, switchboard):
        left = () if request.dry_run else outbox.resume(tuple(switchboard.channels.values()))
        beside = dict.fromkeys(_bystanders(switchboard, report, setup, request), _EVERY_DEPLOY) | dict.fromkeys(hosts, _HOST)
        sent: tuple[Delivery, ...] = ()
        for part in _parts(setup, outbox, report):
            told = _routed(setup, switchboard, part.report, request)
            channels = switchboard.named(name for name in told if name not in beside)
            sent += _said(setup, outbox, channels, replace(part, why=part.why or next(iter(told.values()), "")), request)
        for why in dict.fromkeys(beside.values()):
            channels = switchboard.named(name for name in beside if beside[name] == why)
            sent += _said(setup, outbox, channels, Part(report, why=why), request)
        return (*left, *sent)


def _parts(setup: Setup, outbox: Outbox, report: Report) -> tuple[Part, ...]:
    if report.verdict is not Verdict.REGRESSION:
        return ()
    return parts_of(report, outbox.recorded, setup.settings.noise, setup.now())


def _said(
    setup: Setup, outbox: Outbox, channels: Sequence[Channel], part: Part, request: DeliveryRequest
) -> tuple[Delivery, ...]:
    """Say a part of the report, or with a dry run say what would be said."""
    if request.dry_run:
        for draft in outbox.preview(part.report, channels):
            setup.say(f"dry run: {draft.channel} would be told ({len(draft.payload)} characters): {part.why}")
        return ()
    if part.due_at and channels:
        names = ", ".join(channel.name for channel in channels)
        setup.say(f"{names} will be told by a run after {part.due_at:%Y-%m-%d %H:%M} UTC: {part.why}")
    return outbox.say(part.report, channels, kind=part.kind, due_at=part.due_at) if channels else ()


def _bystanders(switchboard: Switchboard, report: Report, setup: Setup, request: DeliveryRequest) -> list[str]:
    """The names of the channels that hear of every deploy, whatever came of it."""
    wanted = [name for name, channel in switchboard.channels.items() if channel.policy.every_deploy]
    return [name for name in wanted if name in request.channels or (not request.channels and _is_for(setup, name, report))]


def _is_for(setup: Setup, name: str, report: Report) -> bool:
    """Whether a channel that wants every deploy wants those of this environment: where routes name it, one must fit."""
    environments = [route.environment for route in setup.settings.routes if name in route.channels]
    return not environments or None in environments or report.environment in environments


def _routed(setup: Setup, switchboard: Switchboard, report: Report, request: DeliveryRequest) -> dict[str, str]:
    """The names of the channels to tell: those asked for, else those that the owners and routes of the findings lead to."""
    if request.channels:
        return dict.fromkeys(request.channels, "it was asked for")
    found = destinations(setup.settings, report, people_of(setup.settings))
    if not found:
        setup.say("warning: no route fits, so nobody is told; [routing] fallback in deploywatch.toml names who is to hear of it")
    told = {destination.channel: destination.why for destination in found}
    return told if setup.settings.routes or is_routed(setup.settings) else _without_waking(switchboard, report, told)


def _without_waking(switchboard: Switchboard, report: Report, told: dict[str, str]) -> dict[str, str]:
    """Where nothing routes, nobody is woken for less than what is critical, unless nobody else would hear of it."""
    if any(finding.regression.severity is Severity.CRITICAL for finding in report.findings):
        return told
    awake = {name: why for name, why in told.items() if not switchboard.channels[name].policy.wakes}
    others = [name for name in awake if not switchboard.channels[name].policy.every_deploy]
    return awake if others else told
