"""This machine and the channels: the configuration, the state, and whether messages would leave."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploywatch.deliver.options import Tools
from deploywatch.deliver.reach import reach
from deploywatch.deliver.registry import build
from deploywatch.deliver.vault import Vault
from deploywatch.doctor.channels import channel_findings, no_channels
from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.errors import ConfigError, StateError
from deploywatch.http import Guard, Http, HttpClient, Network
from deploywatch.report.render import render
from deploywatch.steps.doctor.patient import Patient
from deploywatch.steps.outbox import config_of
from deploywatch.store.store import Store

if TYPE_CHECKING:
    from deploywatch.settings import Channel

_SENTRY: Final = "sentry"


def check_configuration(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether deploywatch.toml could be read. The rest is looked at without it where it could not."""
    request = patient.request
    if request.trouble:
        message, hint = request.trouble
        yield DoctorFinding("configuration", Code.CONFIGURATION_WRONG, message, hint)
    elif request.configuration:
        yield DoctorFinding("configuration", Code.CONFIGURATION_READ, f"{request.configuration} is in order")
    else:
        yield DoctorFinding("configuration", Code.CONFIGURATION_READ, "there is no deploywatch.toml; the defaults are used")


def check_state(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether deliveries and watches can be remembered. Nothing is made that is not there yet."""
    try:
        where = _state(patient)
    except (StateError, ConfigError) as error:
        yield DoctorFinding("state", Code.STATE_UNUSABLE, error.message, error.hint)
        return
    yield DoctorFinding("state", Code.STATE_USABLE, f"deliveries and watches are remembered in {where}")


def _state(patient: Patient) -> str:
    file = patient.missing_state()
    if file is None:
        Store.open(patient.setup.state_url(), sleep=patient.setup.sleep).close()
        return "the database of state.url" if patient.setup.settings.state.url else str(patient.setup.state_folder())
    if not _may_be_made(file.parent):
        raise StateError(f"{file.parent} cannot be written", hint="name another folder with [state] folder or XDG_STATE_HOME")
    return str(file.parent)


def _may_be_made(folder: Path) -> bool:
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


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
    setup, doors = patient.setup, list[Http]()
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
