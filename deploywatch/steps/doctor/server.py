"""Sentry itself: reached, which server, in which region; the token and its scopes; the clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.doctor.server import Answering, clock_findings, doubts, server_findings
from deploywatch.doctor.token import scope_findings
from deploywatch.errors import ConfigError, SentryAuthError, SentryEndpointMissing, SentryError, SentryUnavailable
from deploywatch.sentry.server import SAAS, Server, identify, lacking, region_of
from deploywatch.steps.doctor.patient import CannotLookError, Patient

if TYPE_CHECKING:
    from datetime import timedelta

    from deploywatch.sentry.client import Client

_COMMENTS: Final = "sentry"
_ORGANISATION_SCOPES: Final = frozenset({"org:ci"})


def check_server(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether Sentry answers, and as what."""
    try:
        client = patient.configured
    except ConfigError as error:
        yield DoctorFinding("sentry", Code.SENTRY_UNCONFIGURED, error.message, error.hint)
        return
    yield from doubts(client.connection.warnings)
    before = client.now()
    try:
        patient.caller()
    except SentryAuthError:
        yield from _answers(patient, client, client.now() - before)
    except SentryError as error:
        yield DoctorFinding("sentry", _trouble(error), error.message, error.hint)
    else:
        yield from _answers(patient, client, client.now() - before)


def _trouble(error: SentryError) -> Code:
    is_silent = isinstance(error, SentryUnavailable) and not isinstance(error, SentryEndpointMissing)
    return Code.SENTRY_UNREACHABLE if is_silent else Code.SENTRY_NO_API


def _answers(patient: Patient, client: Client, took: timedelta) -> Iterator[DoctorFinding]:
    server: Server = identify(client)
    lacks: tuple[str, ...] = ()
    region = None
    try:
        lacks = lacking(patient.client, patient.query)
        region = region_of(patient.client) if server.kind == SAAS else None
    except CannotLookError:
        pass
    yield from server_findings(Answering(client.connection.url, server.kind, server.version, took, lacks, region))


def check_token(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether the token is taken, and which of the scopes it holds."""
    try:
        connection = patient.configured.connection
        who = patient.caller()
    except SentryAuthError as error:
        yield DoctorFinding("token", Code.TOKEN_REFUSED, error.message, error.hint)
        return
    except (SentryError, ConfigError):
        raise CannotLookError("Sentry cannot be asked") from None
    kind = "an organisation's" if connection.org_token else "a user's" if who.has_user else "an integration's"
    yield DoctorFinding("token", Code.TOKEN_ACCEPTED, f"the token of {connection.token_source} is taken as {kind}")
    held = who.scopes or (_ORGANISATION_SCOPES if connection.org_token else who.scopes)
    comments = any(channel.type == _COMMENTS for channel in patient.setup.settings.channels)
    yield from scope_findings(held, connection.token_source, comments=comments, organisation_token=connection.org_token)


def check_clock(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether Sentry's clock and this machine's agree."""
    yield from clock_findings(patient.client.skew)
