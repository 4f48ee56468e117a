"""The channels: whether messages would leave. What sends them is loaded only where there are some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from deploywatch.doctor.channels import channel_findings, no_channels
from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.errors import ConfigError
from deploywatch.steps.doctor.patient import Patient

if TYPE_CHECKING:
    from deploywatch.http import Guard, Http
    from deploywatch.settings import Channel

_SENTRY: Final = "sentry"


def check_channels(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether each channel could be reached; nothing is sent."""
    channels = patient.setup.settings.channels
    if not channels:
        yield no_channels()
    for channel in channels:
        yield from _channel(patient, channel)


def _channel(patient: Patient, channel: Channel) -> Iterator[DoctorFinding]:
    if channel.type == _SENTRY:
        why = "it comments on issues, which the token may or may not do"
        yield from channel_findings(channel.name, channel.type, what="", failed="", untold=why)
        return
    from deploywatch.deliver.options import Tools
    from deploywatch.deliver.reach import reach
    from deploywatch.deliver.registry import build
    from deploywatch.deliver.vault import Vault
    from deploywatch.http import HttpClient, Network
    from deploywatch.report.render import render
    from deploywatch.steps.outbox import config_of

    setup, doors = patient.setup, list["Http"]()
    vault = Vault(setup.environ)

    def connect(guard: Guard) -> Http:
        doors.append(setup.transport or HttpClient(network=Network(guard=guard), environ=setup.environ))
        return doors[-1]

    tools = Tools(connect=connect, render=render, vault=vault, now=setup.now, folder=setup.folder)
    try:
        made = build([config_of(channel) | {"fallback": None}], tools).channels[channel.name]
    except ConfigError as error:
        yield DoctorFinding("channels", Code.CHANNEL_WRONG, f"{channel.name} ({channel.type}): {error.message}", error.hint)
        return
    tried = reach(made, doors[-1] if doors else None, vault.addresses)
    patient.secrets.update(vault.given)
    yield from channel_findings(channel.name, channel.type, what=tried.what, failed=tried.failed, untold=tried.untold)
