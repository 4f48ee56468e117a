"""All checks, in the order in which they are told, each by itself: what one of them runs into hides none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.errors import DeployWatchError
from deploywatch.requests import DoctorRequest
from deploywatch.steps.doctor import channels, code, places, server, traffic
from deploywatch.steps.doctor.patient import CannotLookError, Patient
from deploywatch.steps.privacy import redactor_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup

Check = Callable[[Patient], Iterator[DoctorFinding]]

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("configuration", places.check_configuration),
    ("sentry", server.check_server),
    ("token", server.check_token),
    ("projects", traffic.check_projects),
    ("environment", traffic.check_environment),
    ("naming", traffic.check_naming),
    ("clock", server.check_clock),
    ("repository", code.check_clone),
    ("window", code.check_window),
    ("mapping", code.check_mapping),
    ("owners", code.check_owners),
    ("channels", channels.check_channels),
    ("state", places.check_state),
)


def examine(setup: Setup, request: DoctorRequest) -> tuple[DoctorFinding, ...]:
    """Look at everything. Nothing is changed or sent, and no secret is in what is found."""
    patient = Patient(setup, request)
    found = tuple(finding for name, check in CHECKS for finding in _looked(name, check, patient))
    redactor = redactor_of(setup, (*patient.secrets, *_token(patient)))
    return tuple(replace(one, text=redactor.text(one.text), fix=redactor.text(one.fix)) for one in found)


def _looked(name: str, check: Check, patient: Patient) -> Iterator[DoctorFinding]:
    """The findings until the check ended, however it did."""
    try:
        yield from check(patient)
    except CannotLookError as why:
        yield DoctorFinding(name, Code.NOT_LOOKED, f"not looked at: {why}", "mend that first")
    except DeployWatchError as trouble:
        yield DoctorFinding(name, Code.LOOK_FAILED, f"could not be looked at: {trouble.message}", trouble.hint)
    except Exception as bug:  # noqa: BLE001 - a bug in one check must not hide what the others find; it is told as what it is
        fix = "open an issue, and name this line and the version in it"
        yield DoctorFinding(
            name, Code.LOOK_FAILED, f"could not be looked at, by a bug of deploywatch's: {type(bug).__name__}", fix
        )


def _token(patient: Patient) -> tuple[str, ...]:
    try:
        return (patient.configured.connection.token.reveal(),)
    except DeployWatchError:
        return ()
