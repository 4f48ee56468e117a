"""What people were told of an issue before, and that it is over: said where it was told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploywatch.deliver import archive
from deploywatch.errors import StateError
from deploywatch.model import Delivery, FixOutcome, Issue, Resolution
from deploywatch.requests import DeliveryRequest
from deploywatch.steps.deliveries import tell_resolution
from deploywatch.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client


def suspects_told_of(setup: Setup, issue: Issue, environment: str | None) -> tuple[str, ...]:
    """The commits (full names) that people were told of as suspects or leads of the issue: the last told, most probable first."""
    channels = [channel.name for channel in setup.settings.channels]
    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        told = store.deliveries.about(issue.id, channels, environment=environment)
        reports = [store.deliveries.report_of(delivery.id) or "" for delivery in reversed(told)]
    return tuple(dict.fromkeys(sha for report in reports for sha in _suspects(report, issue)))


def tell_fixed(
    setup: Setup, client: Client, outcome: FixOutcome, request: DeliveryRequest, *, is_open: Callable[[Issue], bool]
) -> tuple[Delivery, ...]:
    """Tell those who were told of the issue that it is over: in the same thread, with tickets and alerts closed. Once."""
    if not request.deliver or not setup.settings.channels or not outcome.release:
        return ()
    if request.dry_run:
        setup.say(f"dry run: those who were told of {outcome.issue.short_id} would be told that it is fixed")
        return ()
    resolution = Resolution(outcome.issue, outcome.release, outcome.environment, outcome.why, setup.now())
    return tell_resolution(setup, client, resolution, is_open)


def _suspects(document: str, issue: Issue) -> Iterator[str]:
    try:
        findings = archive.load(document).findings
    except StateError:
        return
    for finding in findings:
        if finding.regression.issue.id == issue.id and finding.regression.ranking:
            yield from (suspect.commit.sha for suspect in finding.regression.ranking.suspects)
