"""This machine: the configuration and the state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.errors import ConfigError, StateError
from deploywatch.steps.doctor.patient import Patient


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
        from deploywatch.store.store import Store

        Store.open(patient.setup.state_url(), sleep=patient.setup.sleep).close()
        return "the database of state.url" if patient.setup.settings.state.url else str(patient.setup.state_folder())
    if not _may_be_made(file.parent):
        raise StateError(f"{file.parent} cannot be written", hint="name another folder with [state] folder or XDG_STATE_HOME")
    return str(file.parent)


def _may_be_made(folder: Path) -> bool:
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
