"""The report leaves the house: as files, and through the outbox to the channels that its routes lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deploywatch.deliver.registry import Switchboard
from deploywatch.errors import StateError
from deploywatch.model import Delivery, Report, Severity, Verdict
from deploywatch.report.formats import ENDINGS
from deploywatch.report.render import Look, render
from deploywatch.requests import DeliveryRequest
from deploywatch.steps.code_host import with_code_host
from deploywatch.steps.outbox import opened_outbox
from deploywatch.steps.owner_sources import people_of
from deploywatch.steps.routing import destinations, is_routed

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client


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

    Each is told once, however often this runs; a dry run tells nobody. What a killed run recorded and did not send goes first.
    """
    if not request.deliver:
        return ()
    setup, hosts = with_code_host(setup, request.tell)
    if not setup.settings.channels:
        return ()
    with opened_outbox(setup, client) as (outbox, switchboard):
        left = () if request.dry_run else outbox.resume(tuple(switchboard.channels.values()))
        told = _told(setup, switchboard, report, request) | dict.fromkeys(hosts, "the pipeline runs there")
        channels = switchboard.named(told)
        if request.dry_run:
            for draft in outbox.preview(report, channels):
                setup.say(f"dry run: {draft.channel} would be told ({len(draft.payload)} characters): {told[draft.channel]}")
            return ()
        return (*left, *outbox.deliver(report, channels))


def _told(setup: Setup, switchboard: Switchboard, report: Report, request: DeliveryRequest) -> dict[str, str]:
    """The names of the channels to tell, and why: of a regression those it is routed to, of any release those that want all."""
    routed = _routed(setup, switchboard, report, request) if report.verdict is Verdict.REGRESSION else {}
    wanted = [name for name, channel in switchboard.channels.items() if channel.policy.every_deploy]
    asked = [name for name in wanted if name in request.channels or (not request.channels and _is_for(setup, name, report))]
    return routed | {name: "it hears of every deploy" for name in asked if name not in routed}


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
