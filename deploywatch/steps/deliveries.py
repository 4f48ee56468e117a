"""What was sent: looked at, tried again, said elsewhere, forgotten, and ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deploywatch.deliver.resolving import IsOpen
from deploywatch.errors import UsageError
from deploywatch.model import Delivery, Resolution
from deploywatch.requests import DeliveriesRequest, PruneRequest
from deploywatch.steps.outbox import opened_outbox
from deploywatch.store.store import Store

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client


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
    with opened_outbox(setup, client) as (outbox, switchboard):
        found: list[Delivery] = []
        for number in delivery_ids:
            (channel,) = switchboard.named([shown(setup, number).channel])
            found += outbox.retry(number, channel)
    return tuple(found)


def sent_due(setup: Setup, client: Client | None) -> tuple[Delivery, ...]:
    """Send what is due of what was held back, and what a killed run left; what is not due yet is given back as it is."""
    with opened_outbox(setup, client) as (outbox, switchboard):
        return outbox.resume(tuple(switchboard.channels.values()))


def replayed(setup: Setup, client: Client | None, delivery_ids: Sequence[int], to: str) -> tuple[Delivery, ...]:
    """Say to another channel what was said to one, once however often this runs. Raises ConfigError for an unknown channel."""
    with opened_outbox(setup, client) as (outbox, switchboard):
        (channel,) = switchboard.named([to])
        return tuple(delivery for number in delivery_ids for delivery in outbox.replay(number, channel))


def pruned(setup: Setup, request: PruneRequest) -> int:
    """Forget old deliveries, and how many those were; a dry run only counts them."""
    before = setup.now() - request.older_than
    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        if request.dry_run:
            return store.deliveries.count(before, states=request.states)
        return store.deliveries.prune(before, states=request.states)


def tell_resolution(setup: Setup, client: Client | None, resolution: Resolution, is_open: IsOpen) -> tuple[Delivery, ...]:
    """Tell every configured channel that told of an issue that it is over: pagers and tickets are closed, threads answered.

    ``is_open`` says of the other issues of the same message whether they still happen. Saying it again says nothing twice.
    """
    if not setup.settings.channels:
        return ()
    with opened_outbox(setup, client) as (outbox, switchboard):
        return outbox.resolve(resolution, tuple(switchboard.channels.values()), is_open)
