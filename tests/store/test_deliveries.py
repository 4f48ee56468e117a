from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploywatch.model import Attempt, Delivery, DeliveryState
from deploywatch.store.deliveries import INTERRUPTED, POLL, Deliveries, Draft, Lease, Settlement
from deploywatch.store.store import Store

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DRAFT = Draft("a" * 64, "team", "regression", "shop@1.2.3", "production", "17", '{"text": "snö"}', '{"report": 1}')


@pytest.fixture
def deliveries(state_url: str) -> Iterator[Deliveries]:
    with Store.open(state_url) as store:
        yield store.deliveries


def lease(holder: str = "me", *, until: datetime = NOW + MINUTE, gone: bool = False) -> Lease:
    return Lease(holder, until, lambda _: gone)


def recorded(deliveries: Deliveries, draft: Draft = DRAFT) -> Delivery:
    return deliveries.record([draft], NOW)[0]


def ended(state: DeliveryState, **parts) -> Settlement:
    return Settlement(state, Attempt(NOW, NOW + timedelta(seconds=1), 200, "ok", headers=(("date", "today"),)), **parts)


def in_state(deliveries: Deliveries, state: DeliveryState) -> Delivery:
    delivery = recorded(deliveries)
    if state is DeliveryState.PENDING:
        return delivery
    delivery = deliveries.claim(delivery.id, lease(), NOW).delivery
    return delivery if state is DeliveryState.SENDING else deliveries.settle(delivery.id, "me", ended(state), NOW)


def test_a_delivery_is_recorded_once_with_its_exact_payload(deliveries: Deliveries):
    first, again = deliveries.record([DRAFT, replace(DRAFT, payload="counted anew", report="{}")], NOW)
    assert again == first
    assert deliveries.get(first.id) == first
    assert (first.payload, first.state, first.created_at) == (DRAFT.payload, DeliveryState.PENDING, NOW)
    assert (first.release, first.environment, first.kind, first.incident) == ("shop@1.2.3", "production", "regression", "17")
    assert deliveries.report_of(first.id) == DRAFT.report


def test_several_are_recorded_together_or_not_at_all(deliveries: Deliveries):
    with pytest.raises(AttributeError):
        deliveries.record([DRAFT, None], NOW)
    assert deliveries.list() == ()


@pytest.mark.parametrize("state", sorted(set(DeliveryState) - {DeliveryState.DEAD}))
def test_what_may_have_been_sent_keeps_its_payload(deliveries: Deliveries, state: DeliveryState):
    before = in_state(deliveries, state)
    assert recorded(deliveries, replace(DRAFT, payload="new")) == before


def test_saying_it_again_brings_a_dead_one_back_with_the_new_payload(deliveries: Deliveries):
    before = in_state(deliveries, DeliveryState.DEAD)
    after = recorded(deliveries, replace(DRAFT, payload="new", report='{"report": 2}'))
    assert (after.id, after.state, after.payload) == (before.id, DeliveryState.PENDING, "new")
    assert after.attempts == before.attempts
    assert deliveries.report_of(after.id) == '{"report": 2}'
    assert deliveries.claim(after.id, lease(), NOW).held


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.FAILED])
def test_a_claimed_one_is_sending_and_its_attempt_has_begun(deliveries: Deliveries, state: DeliveryState):
    before = in_state(deliveries, state)
    claim = deliveries.claim(before.id, lease(), NOW + MINUTE)
    assert (claim.held, claim.delivery.state) == (True, DeliveryState.SENDING)
    assert claim.delivery.attempts == (*before.attempts, Attempt(NOW + MINUTE))


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.DEAD])
def test_a_settled_one_cannot_be_claimed(deliveries: Deliveries, state: DeliveryState):
    before = in_state(deliveries, state)
    claim = deliveries.claim(before.id, lease(), NOW + MINUTE)
    assert (claim.held, claim.again_at, claim.delivery) == (False, None, before)


def test_one_that_is_not_due_says_when_it_is(deliveries: Deliveries):
    delivery = in_state(deliveries, DeliveryState.SENDING)
    deliveries.settle(delivery.id, "me", ended(DeliveryState.FAILED, due_at=NOW + MINUTE), NOW)
    assert deliveries.claim(delivery.id, lease(), NOW).again_at == NOW + MINUTE
    assert deliveries.claim(delivery.id, lease(), NOW + MINUTE).held


def test_somebody_elses_is_left_to_them_while_they_live(deliveries: Deliveries):
    delivery = in_state(deliveries, DeliveryState.SENDING)
    claim = deliveries.claim(delivery.id, lease("other"), NOW)
    assert (claim.held, claim.again_at) == (False, NOW + POLL)


@pytest.mark.parametrize(("gone", "at"), [(True, NOW), (False, NOW + MINUTE)], ids=["gone", "too late"])
def test_one_that_was_interrupted_is_unknown_and_its_attempt_says_so(deliveries: Deliveries, gone: bool, at: datetime):
    delivery = in_state(deliveries, DeliveryState.SENDING)
    claim = deliveries.claim(delivery.id, lease("other", until=at + MINUTE, gone=gone), at)
    assert (claim.held, claim.delivery.state) == (True, DeliveryState.UNKNOWN)
    assert claim.delivery.attempts == (Attempt(NOW, at, error=INTERRUPTED),)
    assert not deliveries.claim(delivery.id, lease("third"), at).held


def test_an_unknown_one_is_sent_again_only_by_who_holds_it(deliveries: Deliveries):
    delivery = in_state(deliveries, DeliveryState.UNKNOWN)
    assert not deliveries.begin(delivery.id, lease("other"), NOW).held
    deliveries.claim(delivery.id, lease("me"), NOW)
    begun = deliveries.begin(delivery.id, lease("me"), NOW)
    assert (begun.held, begun.delivery.state) == (True, DeliveryState.SENDING)
    assert not deliveries.begin(delivery.id, lease("me"), NOW).held


def test_how_it_ended_is_recorded_and_lets_go(deliveries: Deliveries):
    delivery = in_state(deliveries, DeliveryState.SENDING)
    after = deliveries.settle(delivery.id, "me", ended(DeliveryState.DELIVERED, reference="https://x/1"), NOW)
    assert (after.state, after.reference) == (DeliveryState.DELIVERED, "https://x/1")
    assert after.attempts == (Attempt(NOW, NOW + timedelta(seconds=1), 200, "ok", headers=(("date", "today"),)),)


def test_a_look_is_an_entry_of_its_own(deliveries: Deliveries):
    delivery = in_state(deliveries, DeliveryState.UNKNOWN)
    deliveries.claim(delivery.id, lease("other"), NOW)
    look = Attempt(NOW + MINUTE, NOW + MINUTE, answer="it is there")
    after = deliveries.settle(delivery.id, "other", Settlement(DeliveryState.DELIVERED, look), NOW)
    assert after.attempts == (*delivery.attempts, look)


def test_who_was_too_late_cannot_undo_but_can_confirm(deliveries: Deliveries):
    delivery = in_state(deliveries, DeliveryState.SENDING)
    later = NOW + MINUTE
    taken = deliveries.claim(delivery.id, lease("other", until=later + MINUTE), later)
    assert deliveries.settle(delivery.id, "me", ended(DeliveryState.FAILED), later).state is DeliveryState.UNKNOWN
    assert taken.held
    assert deliveries.settle(delivery.id, "me", ended(DeliveryState.DELIVERED), later).state is DeliveryState.DELIVERED


def test_the_fallback_is_recorded_with_the_death(deliveries: Deliveries):
    delivery = in_state(deliveries, DeliveryState.SENDING)
    draft = replace(DRAFT, key="b" * 64, channel="on-call", fallback_for=delivery.id)
    deliveries.settle(delivery.id, "me", ended(DeliveryState.DEAD, fallbacks=(draft,)), NOW)
    (stand_in,) = deliveries.fallbacks_of([delivery.id])
    assert (stand_in.channel, stand_in.state, stand_in.fallback_for) == ("on-call", DeliveryState.PENDING, delivery.id)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DeliveryState.DEAD, DeliveryState.PENDING),
        (DeliveryState.FAILED, DeliveryState.PENDING),
        (DeliveryState.UNKNOWN, DeliveryState.UNKNOWN),
        (DeliveryState.DELIVERED, DeliveryState.DELIVERED),
        (DeliveryState.SENDING, DeliveryState.SENDING),
    ],
)
def test_reset(deliveries: Deliveries, before: DeliveryState, after: DeliveryState):
    delivery = in_state(deliveries, before)
    assert deliveries.reset(delivery.id, NOW).state is after


def test_the_list_is_newest_first_and_filtered(deliveries: Deliveries):
    drafts = [
        replace(DRAFT, key=f"{number}", channel=channel, release=release)
        for number, (channel, release) in enumerate([("team", "1"), ("mail", "1"), ("team", "2")])
    ]
    one, two, three = (delivery.id for delivery in deliveries.record(drafts, NOW))
    deliveries.claim(two, lease(), NOW)
    numbers = [
        [delivery.id for delivery in found]
        for found in (
            deliveries.list(),
            deliveries.list(channels=["team"]),
            deliveries.list(release="1"),
            deliveries.list(states=[DeliveryState.SENDING]),
            deliveries.list(limit=1),
        )
    ]
    assert numbers == [[three, two, one], [three, one], [two, one], [two], [three]]


def test_pruning_forgets_only_what_is_old_and_settled(deliveries: Deliveries):
    old = deliveries.record([replace(DRAFT, key="old", report="old"), replace(DRAFT, key="open")], NOW - 40 * 24 * 60 * MINUTE)
    new = recorded(deliveries)
    for delivery in (old[0], new):
        deliveries.claim(delivery.id, lease(), NOW)
        deliveries.settle(delivery.id, "me", ended(DeliveryState.DELIVERED), NOW)
    assert deliveries.count(NOW - 30 * 24 * 60 * MINUTE) == 1
    assert deliveries.prune(NOW - 30 * 24 * 60 * MINUTE) == 1
    assert deliveries.count(NOW - 30 * 24 * 60 * MINUTE) == 0
    assert deliveries.get(old[0].id) is None
    assert [delivery.id for delivery in deliveries.list()] == [new.id, old[1].id]
    assert [deliveries.report_of(delivery.id) for delivery in (new, old[0])] == [DRAFT.report, None]
    assert recorded(deliveries, replace(DRAFT, key="later")).id > new.id


@pytest.mark.parametrize(
    ("state", "issue", "channels", "environment", "found"),
    [
        (DeliveryState.DELIVERED, "17", ["team"], "production", True),
        (DeliveryState.UNKNOWN, "17", ["team"], None, True),
        (DeliveryState.DEAD, "17", ["team"], None, False),
        (DeliveryState.DELIVERED, "1", ["team"], None, False),
        (DeliveryState.DELIVERED, "%", ["team"], None, False),
        (DeliveryState.DELIVERED, "17", ["mail"], None, False),
        (DeliveryState.DELIVERED, "17", ["team"], "staging", False),
    ],
)
def test_what_was_told_of_an_issue_is_found(
    deliveries: Deliveries, state: DeliveryState, issue: str, channels: list[str], environment: str | None, found: bool
):
    told = recorded(deliveries, replace(DRAFT, report='{"findings":[{"issue":{"id":"17"}}]}'))
    deliveries.claim(told.id, lease(), NOW)
    told = deliveries.settle(told.id, "me", ended(state), NOW)
    assert deliveries.about(issue, channels, environment=environment) == ((told,) if found else ())


def test_what_was_told_of_no_environment_is_of_any(deliveries: Deliveries):
    told = recorded(deliveries, replace(DRAFT, environment=None, report='{"id":"17"}'))
    deliveries.claim(told.id, lease(), NOW)
    told = deliveries.settle(told.id, "me", ended(DeliveryState.DELIVERED), NOW)
    assert deliveries.about("17", ["team"], environment="production") == (told,)


def test_of_many_that_claim_at_once_one_gets_it(state_url: str):
    with Store.open(state_url) as store:
        ids = [delivery.id for delivery in store.deliveries.record([replace(DRAFT, key=str(n)) for n in range(10)], NOW)]
    winners: list[tuple[int, str]] = []
    start = threading.Barrier(4)

    def run(name: str) -> None:
        with Store.open(state_url) as store:
            start.wait()
            winners.extend((number, name) for number in ids if store.deliveries.claim(number, lease(name), NOW).held)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _ in winners) == ids


def test_of_many_that_record_the_same_at_once_there_is_one(state_url: str):
    start = threading.Barrier(4)
    found: list[int] = []

    def run() -> None:
        with Store.open(state_url) as store:
            start.wait()
            found.extend(delivery.id for n in range(5) for delivery in store.deliveries.record([replace(DRAFT, key=str(n))], NOW))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(4 * list(dict.fromkeys(found)))
    assert len(set(found)) == 5
