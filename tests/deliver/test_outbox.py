from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploywatch.deliver.channel import CannotTell, Parcel, Policy
from deploywatch.deliver.courier import ANSWER_LIMIT
from deploywatch.deliver.outbox import Outbox
from deploywatch.errors import UsageError
from deploywatch.model import Delivery, DeliveryState, Report, Resolution
from deploywatch.report.redact import Redactor
from deploywatch.store.deliveries import Deliveries, Lease
from deploywatch.store.store import Store
from tests.deliver.support import LATER, LOST, NEVER, REFUSED, START, TAKEN, Clock, Scripted, manner, resolution
from tests.report.samples import finding, healthy_report, issue, regression, report

REPEATABLE = Policy(repeatable=True)


@pytest.fixture
def state_url(tmp_path: Path) -> str:
    """The store's own tests and the crash tests show that PostgreSQL makes no difference."""
    return f"sqlite:///{tmp_path}/state.db"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deliveries(state_url: str) -> Iterator[Deliveries]:
    with Store.open(state_url) as store:
        yield store.deliveries


@pytest.fixture
def outbox(deliveries: Deliveries, clock: Clock) -> Outbox:
    return Outbox(deliveries, manner(clock))


def with_issues(told: Report, *numbers: int) -> Report:
    return replace(told, findings=tuple(finding(regression=regression(issue=issue(number))) for number in numbers))


def states(delivered: tuple[Delivery, ...]) -> list[DeliveryState]:
    return [delivery.state for delivery in delivered]


def test_a_report_is_said_once_to_each_channel_and_never_again(outbox: Outbox):
    team, mail = Scripted("team"), Scripted("mail")
    first = outbox.deliver(report(), [team, mail])
    again = outbox.deliver(replace(report(), why="counted anew"), [team, mail])
    assert states(first) == [DeliveryState.DELIVERED] * 2
    assert [delivery.channel for delivery in first] == ["team", "mail"]
    assert again == first
    assert team.seen == [(first[0].key, first[0].payload)]
    assert len(mail.seen) == 1


def test_what_was_sent_is_recorded_with_its_attempt(outbox: Outbox, deliveries: Deliveries):
    (delivery,) = outbox.deliver(report(), [Scripted()])
    assert delivery == deliveries.get(delivery.id)
    (attempt,) = delivery.attempts
    assert (attempt.started_at, attempt.ended_at, attempt.status, attempt.answer, attempt.error) == (
        START,
        START,
        200,
        "ok",
        None,
    )
    assert (delivery.release, delivery.kind) == (report().release, "regression")


def test_it_is_recorded_before_it_is_sent(outbox: Outbox, deliveries: Deliveries):
    found: list[Delivery] = []

    def look() -> object:
        found.extend(deliveries.list())
        return TAKEN

    channel = Scripted(script=[look])
    outbox.deliver(report(), [channel])
    (before,) = found
    assert before.state is DeliveryState.SENDING
    assert channel.seen == [(before.key, before.payload)]
    assert before.attempts[0].ended_at is None


def test_a_preview_is_what_would_be_sent_and_sends_nothing(outbox: Outbox, deliveries: Deliveries):
    channel = Scripted()
    (draft,) = outbox.preview(report(), [channel])
    assert (channel.tries, deliveries.list()) == (0, ())
    outbox.deliver(report(), [channel])
    assert channel.seen == [(draft.key, draft.payload)]


def test_a_channel_may_be_told_finding_by_finding(outbox: Outbox):
    told = with_issues(report(), 7, 8)
    channel = Scripted(per_finding=True)
    delivered = outbox.deliver(told, [channel])
    assert [delivery.incident for delivery in delivered] == [issue(7).id, issue(8).id]
    assert len(channel.seen) == 2
    assert outbox.deliver(healthy_report(), [channel]) == ()


@pytest.mark.parametrize(
    ("script", "waits"),
    [
        ([LATER], 1),
        ([LATER, LATER], 1 + 2),
        ([LATER] * 5, 1 + 2 + 4 + 8 + 16),
        ([replace(LATER, wait=timedelta(seconds=40))], 40),
    ],
)
def test_a_channel_that_does_not_take_it_now_is_tried_again(outbox: Outbox, clock: Clock, script: list, waits: float):
    channel = Scripted(script=script)
    (delivery,) = outbox.deliver(report(), [channel])
    assert (delivery.state, len(channel.seen)) == (DeliveryState.DELIVERED, 1)
    assert [attempt.status for attempt in delivery.attempts] == [503] * len(script) + [200]
    assert clock.passed == timedelta(seconds=waits)


@pytest.mark.parametrize(
    ("script", "tries"),
    [([REFUSED], 1), ([LATER] * 9, 6), ([replace(LATER, wait=timedelta(hours=1))], 1), ([LATER, REFUSED], 2)],
    ids=["refused", "too often", "too late", "refused in the end"],
)
def test_what_is_not_taken_is_dead_and_the_caller_knows(outbox: Outbox, script: list, tries: int):
    channel = Scripted(script=script)
    (delivery,) = outbox.deliver(report(), [channel])
    assert (delivery.state, channel.tries, channel.seen) == (DeliveryState.DEAD, tries, [])
    assert delivery.attempts[-1].error


def test_saying_it_again_tries_a_dead_one_again(outbox: Outbox):
    channel = Scripted(script=[REFUSED])
    (dead,) = outbox.deliver(report(), [channel])
    (alive,) = outbox.deliver(replace(report(), why="counted anew"), [channel])
    assert (alive.id, alive.state, len(channel.seen)) == (dead.id, DeliveryState.DELIVERED, 1)
    assert "counted anew" in alive.payload


def test_one_that_fails_or_dawdles_does_not_hold_up_another(outbox: Outbox):
    others_are_done = threading.Event()

    def slow() -> object:
        assert others_are_done.wait(10)
        return TAKEN

    class Last(Scripted):
        def send(self, parcel: Parcel):
            others_are_done.set()
            return super().send(parcel)

    delivered = outbox.deliver(report(), [Scripted("dawdles", [slow]), Scripted("fails", [REFUSED]), Last("works")])
    assert states(delivered) == [DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.DELIVERED]


def test_a_channel_with_a_bug_does_not_hold_up_another_and_is_not_hidden(outbox: Outbox, deliveries: Deliveries):
    def bug() -> object:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outbox.deliver(report(), [Scripted("buggy", [bug]), Scripted("works", [LATER])])
    assert [(delivery.channel, delivery.state) for delivery in deliveries.list()] == [
        ("works", DeliveryState.DELIVERED),
        ("buggy", DeliveryState.SENDING),
    ]


def test_messages_to_one_channel_keep_their_distance(outbox: Outbox, clock: Clock):
    told = with_issues(report(), 7, 8, 9)
    outbox.deliver(told, [Scripted(per_finding=True, policy=Policy(repeatable=True, pause=timedelta(seconds=1)))])
    assert clock.passed == timedelta(seconds=2)


@pytest.mark.parametrize(("updates", "earlier"), [(True, [None, "ts 1", "ts 2"]), (False, [None, None, None])])
def test_what_is_new_about_an_incident_knows_where_the_earlier_message_is(outbox: Outbox, updates: bool, earlier: list):
    script = [replace(TAKEN, reference=f"ts {number}") for number in (1, 2, 3)]
    channel = Scripted(script=script, policy=Policy(repeatable=True, updates=updates))
    elsewhere = replace(report(), environment="staging")
    for told in (
        with_issues(report(), 7),
        with_issues(elsewhere, 7),
        with_issues(report(), 7, 8),
        with_issues(report(), 7, 8, 9),
    ):
        outbox.deliver(
            told, [channel] if told.environment == "production" else [Scripted("team", [replace(TAKEN, reference="other")])]
        )
    assert [parcel.earlier for parcel in channel.parcels] == earlier


@pytest.mark.parametrize(("threads", "found"), [(True, [None, "ts 1", None]), (False, [None, None, None])])
def test_what_comes_back_in_another_release_knows_its_thread(outbox: Outbox, threads: bool, found: list):
    script = [replace(TAKEN, reference=f"ts {number}") for number in (1, 2, 3)]
    channel = Scripted(script=script, policy=Policy(repeatable=True, updates=True, threads=threads))
    back = replace(report(), release="shop@3")
    for told in (with_issues(report(), 7), with_issues(back, 7), with_issues(back, 7, 8)):
        outbox.deliver(told, [channel])
    assert [parcel.thread for parcel in channel.parcels] == found
    assert [parcel.earlier for parcel in channel.parcels] == [None, None, "ts 2"]


def test_other_issues_other_environments_and_what_is_about_no_issue_have_no_thread(outbox: Outbox):
    channel = Scripted(script=[replace(TAKEN, reference="ts")] * 5, policy=Policy(repeatable=True, updates=True, threads=True))
    back = replace(report(), release="shop@3")
    for told in (with_issues(report(), 7), with_issues(back, 8), with_issues(replace(back, environment="staging"), 7)):
        outbox.deliver(told, [channel])
    for release in ("shop@3", "shop@4"):
        outbox.deliver(replace(report(), release=release, findings=()), [channel])
    assert [parcel.thread for parcel in channel.parcels] == [None] * 5


# --- it is over --------------------------------------------------------------------------------------------


NOTHING = lambda _issue: False  # noqa: E731


def test_those_who_were_told_of_an_issue_are_told_once_that_it_is_over(outbox: Outbox):
    team, mail = Scripted("team", [replace(TAKEN, reference="ts 1")]), Scripted("mail")
    outbox.deliver(with_issues(report(), 7), [team])
    (over,) = outbox.resolve(resolution(7), [team, mail], NOTHING)
    again = outbox.resolve(resolution(7), [team, mail], NOTHING)
    assert again == (over,)
    assert (over.kind, over.channel, over.state, over.incident) == ("resolved", "team", DeliveryState.DELIVERED, issue(7).id)
    assert team.seen[1:] == [(over.key, over.payload)]
    assert "SHOP-7 is over, nothing left, told ts 1" in over.payload
    assert mail.seen == []


def test_an_incident_ends_with_the_last_of_its_issues(outbox: Outbox):
    team, pager = Scripted("team"), Scripted("pager")
    pager.only_whole = True
    outbox.deliver(with_issues(report(), 7, 8), [team, pager])
    first = outbox.resolve(resolution(8), [team, pager], lambda other: other.short_id == "SHOP-7")
    assert [(over.channel, "SHOP-7 left" in over.payload) for over in first] == [("team", True)]
    assert [over.channel for over in outbox.resolve(resolution(7), [team, pager], NOTHING)] == ["team", "pager"]


def test_what_was_said_in_one_place_is_ended_there_once(outbox: Outbox):
    told = with_issues(report(), 7)
    ticket = Scripted(script=[replace(TAKEN, reference="ticket 1")] * 2)
    thread = Scripted("thread", [replace(TAKEN, reference=f"ts {number}") for number in (1, 2)])
    for release in ("shop@1", "shop@2"):
        outbox.deliver(replace(told, release=release), [ticket, thread])
    assert [over.channel for over in outbox.resolve(resolution(7), [ticket, thread], NOTHING)] == ["team", "thread", "thread"]


def test_an_issue_that_comes_back_ends_again(outbox: Outbox):
    channel = Scripted(script=[replace(TAKEN, reference="ticket 1")] * 4)
    for release in ("shop@1", "shop@2"):
        outbox.deliver(replace(with_issues(report(), 7), release=release), [channel])
        assert len(outbox.resolve(resolution(7), [channel], NOTHING)) == 1
    assert len(channel.seen) == 4


@pytest.mark.parametrize("other", [resolution(9), replace(resolution(7), environment="staging")], ids=["issue", "environment"])
def test_nobody_is_told_of_the_end_of_what_they_never_heard_of(outbox: Outbox, other: Resolution):
    channel = Scripted()
    outbox.deliver(with_issues(report(), 7), [channel, Scripted("dead", [REFUSED])])
    assert outbox.resolve(other, [channel], NOTHING) == ()
    assert outbox.resolve(resolution(7), [Scripted("dead")], NOTHING) == ()


def test_an_end_that_is_not_taken_is_shown_tried_again_and_not_told_to_the_fallback(deliveries: Deliveries, clock: Clock):
    channel, oncall = Scripted(script=[TAKEN, REFUSED]), Scripted("on-call")
    outbox = Outbox(deliveries, manner(clock), fallbacks={"team": oncall})
    outbox.deliver(with_issues(report(), 7), [channel])
    (dead,) = outbox.resolve(resolution(7), [channel], NOTHING)
    assert (dead.state, oncall.seen) == (DeliveryState.DEAD, [])
    assert states(outbox.retry(dead.id, channel)) == [DeliveryState.DELIVERED]


def test_an_end_cannot_be_replayed_to_whom_the_issue_was_not_told(outbox: Outbox):
    channel = Scripted()
    outbox.deliver(with_issues(report(), 7), [channel])
    (over,) = outbox.resolve(resolution(7), [channel], NOTHING)
    with pytest.raises(UsageError, match="says that an issue is over"):
        outbox.replay(over.id, Scripted("mail"))


def test_no_secret_reaches_the_end(deliveries: Deliveries, clock: Clock):
    channel = Scripted(script=[replace(TAKEN, reference="ts correcthorse")])
    outbox = Outbox(deliveries, manner(clock, redactor=Redactor(known=("correcthorse",))))
    outbox.deliver(with_issues(report(), 7), [channel])
    outbox.resolve(replace(resolution(7), why="said correcthorse"), [channel], NOTHING)
    assert "correcthorse" not in repr(channel.seen) + repr(deliveries.list())


# --- the answer was lost -----------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [[LOST], [NEVER], [LOST, LOST], [NEVER, LOST], [LATER, NEVER, LATER]])
def test_a_channel_that_can_be_looked_into_has_it_exactly_once(outbox: Outbox, script: list):
    channel = Scripted(script=script, can_find=True)
    (delivery,) = outbox.deliver(report(), [channel])
    assert (delivery.state, len(channel.seen)) == (DeliveryState.DELIVERED, 1)


def test_what_is_found_has_its_reference(outbox: Outbox):
    (delivery,) = outbox.deliver(report(), [Scripted(script=[LOST], can_find=True)])
    assert delivery.reference == "message 1"
    assert delivery.attempts[-1].answer == "looked: it is there (message 1)"


@pytest.mark.parametrize("script", [[LOST], [NEVER], [LOST, NEVER, LOST]])
def test_a_channel_whose_receiver_knows_repetitions_is_told_again_under_the_same_key(outbox: Outbox, script: list):
    channel = Scripted(script=script, policy=REPEATABLE)
    (delivery,) = outbox.deliver(report(), [channel])
    assert (delivery.state, channel.tries) == (DeliveryState.DELIVERED, len(script) + 1)
    assert set(channel.seen) == {(delivery.key, delivery.payload)}


@pytest.mark.parametrize("lost", [LOST, NEVER])
def test_a_channel_that_could_not_tell_a_repetition_is_not_told_again(outbox: Outbox, lost):
    channel = Scripted(script=[lost])
    (delivery,) = outbox.deliver(report(), [channel])
    (again,) = outbox.deliver(report(), [channel])
    assert (delivery.state, again.state, channel.tries) == (DeliveryState.UNKNOWN, DeliveryState.UNKNOWN, 1)
    assert delivery.attempts[-1].error == "looked: it cannot be read"


@pytest.mark.parametrize("script", [[NEVER] * 9, [LOST] * 9])
def test_an_answer_that_is_always_lost_ends_too(outbox: Outbox, script: list):
    channel = Scripted(script=script, policy=REPEATABLE)
    (delivery,) = outbox.deliver(report(), [channel])
    assert (delivery.state, channel.tries) == (DeliveryState.UNKNOWN, 6)
    assert states(outbox.deliver(report(), [Scripted(policy=REPEATABLE)])) == [DeliveryState.DELIVERED]


def test_what_certainly_never_arrived_is_dead_in_the_end(outbox: Outbox):
    channel = Scripted(script=[NEVER] * 9, can_find=True)
    (delivery,) = outbox.deliver(report(), [channel])
    assert (delivery.state, delivery.attempts[-1].error) == (DeliveryState.DEAD, "looked: it never arrived")


def test_a_channel_that_cannot_be_asked_now_is_asked_later(outbox: Outbox, clock: Clock):
    channel = Scripted(script=[LOST], can_find=True)
    channel.looks = [CannotTell("it does not answer", for_now=True)] * 3
    (delivery,) = outbox.deliver(report(), [channel])
    assert (delivery.state, len(channel.seen)) == (DeliveryState.DELIVERED, 1)
    assert clock.passed == timedelta(seconds=1 + 2 + 4 + 8)


def test_a_channel_that_never_answers_leaves_it_unknown_and_the_next_run_looks(outbox: Outbox):
    channel = Scripted(script=[LOST], can_find=True)
    channel.looks = [CannotTell("it does not answer", for_now=True)] * 20
    (delivery,) = outbox.deliver(report(), [channel])
    assert delivery.state is DeliveryState.UNKNOWN
    channel.looks = []
    (again,) = outbox.deliver(report(), [channel])
    assert (again.state, len(channel.seen)) == (DeliveryState.DELIVERED, 1)


# --- somebody else is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ({"script": [REFUSED, REFUSED]}, "This did not reach team: it is refused"),
        ({"script": [LOST]}, "This may or may not have reached team: looked: it cannot be read"),
        ({"refuses": "nothing to say"}, "This did not reach team: it could not be composed: nothing to say"),
    ],
    ids=["dead", "unknown", "never composed"],
)
def test_the_fallback_is_told_once_what_did_not_arrive(deliveries: Deliveries, clock: Clock, behaviour: dict, sentence: str):
    channel, oncall = Scripted("team", **behaviour), Scripted("on-call")
    outbox = Outbox(deliveries, manner(clock), fallbacks={"team": oncall})
    failed, instead = outbox.deliver(report(), [channel])
    outbox.deliver(report(), [channel])
    assert (instead.channel, instead.state, instead.fallback_for) == ("on-call", DeliveryState.DELIVERED, failed.id)
    assert [sentence in payload for _, payload in oncall.seen] == [True]


def test_a_fallback_that_is_told_anyway_is_told_of_the_failure_too(deliveries: Deliveries, clock: Clock):
    oncall = Scripted("on-call")
    outbox = Outbox(deliveries, manner(clock), fallbacks={"team": oncall})
    outbox.deliver(report(), [Scripted("team", [REFUSED]), oncall])
    assert len({key for key, _ in oncall.seen}) == len(oncall.seen) == 2


def test_a_fallback_that_fails_has_no_fallback(deliveries: Deliveries, clock: Clock):
    oncall = Scripted("on-call", [REFUSED])
    outbox = Outbox(deliveries, manner(clock), fallbacks={"team": oncall, "on-call": Scripted("team")})
    assert states(outbox.deliver(report(), [Scripted("team", [REFUSED])])) == [DeliveryState.DEAD] * 2


# --- several runs ------------------------------------------------------------------------------------------


def test_an_interrupted_run_is_finished_by_the_next_even_if_that_has_nothing_to_say(deliveries: Deliveries, clock: Clock):
    team, mail = Scripted("team", can_find=True), Scripted("mail")
    outbox = Outbox(deliveries, manner(clock))
    recorded = deliveries.record(outbox.preview(report(), [team, mail]), clock.now())
    deliveries.claim(recorded[0].id, Lease("killed", clock.now() + timedelta(seconds=90), lambda _: False), clock.now())
    team.seen.append((recorded[0].key, recorded[0].payload))
    assert states(outbox.resume([team, mail])) == [DeliveryState.DELIVERED] * 2
    assert (len(team.seen), len(mail.seen)) == (1, 1)
    assert clock.passed >= timedelta(seconds=90)
    assert outbox.resume([team, mail]) == ()


def test_what_another_run_is_sending_is_left_to_it(deliveries: Deliveries, clock: Clock):
    team = Scripted("team")
    outbox = Outbox(deliveries, manner(clock, patience=timedelta(seconds=30)))
    (recorded,) = deliveries.record(outbox.preview(report(), [team]), clock.now())
    deliveries.claim(recorded.id, Lease("other", clock.now() + timedelta(seconds=90), lambda _: False), clock.now())
    (delivery,) = outbox.deliver(report(), [team])
    assert (delivery.state, team.tries, clock.passed) == (DeliveryState.SENDING, 0, timedelta(seconds=30))


def test_two_runs_at_once_say_it_once(state_url: str):
    quick = Policy(repeatable=False, first_wait=timedelta(milliseconds=2))
    team, mail = Scripted("team", [LATER], policy=quick), Scripted("mail", policy=quick)
    start = threading.Barrier(2)
    found: list[list[DeliveryState]] = []

    def run() -> None:
        with Store.open(state_url) as store:
            start.wait()
            found.append(states(Outbox(store.deliveries).deliver(report(), [team, mail])))

    runs = [threading.Thread(target=run) for _ in range(2)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    assert found == [[DeliveryState.DELIVERED] * 2] * 2
    assert (len(team.seen), len(mail.seen)) == (1, 1)


def test_stopping_ends_the_waits_and_keeps_what_is_to_be_done(
    deliveries: Deliveries, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deploywatch.deliver.outbox.wait", stop)
    channel = Scripted(script=[LATER] * 3)
    with pytest.raises(KeyboardInterrupt):
        Outbox(deliveries, manner(clock)).deliver(report(), [channel])
    monkeypatch.undo()
    assert states(Outbox(deliveries, manner(clock)).resume([channel])) in ([DeliveryState.DELIVERED], [])
    assert len(channel.seen) == 1


# --- what a person asks for --------------------------------------------------------------------------------


def test_a_dead_one_can_be_tried_again_exactly_as_it_was(outbox: Outbox):
    channel = Scripted(script=[REFUSED])
    (dead,) = outbox.deliver(report(), [channel])
    (alive,) = outbox.retry(dead.id, channel)
    assert (alive.state, channel.seen) == (DeliveryState.DELIVERED, [(dead.key, dead.payload)])


def test_one_that_could_never_be_composed_is_composed_again(outbox: Outbox):
    (dead,) = outbox.deliver(report(), [Scripted(refuses="template error")])
    channel = Scripted()
    (alive,) = outbox.retry(dead.id, channel)
    assert (dead.payload, alive.id, alive.state) == ("", dead.id, DeliveryState.DELIVERED)
    assert channel.seen == [(dead.key, alive.payload)]


def test_an_unknown_one_is_sent_again_only_because_a_person_says_so(outbox: Outbox):
    channel = Scripted(script=[NEVER])
    (unknown,) = outbox.deliver(report(), [channel])
    assert states(outbox.resume([channel])) == []
    assert states(outbox.retry(unknown.id, channel)) == [DeliveryState.DELIVERED]
    assert len(channel.seen) == 1


@pytest.mark.parametrize(
    ("number", "channel", "message"), [(1, "team", "was delivered"), (1, "mail", "is for team"), (77, "team", "no delivery 77")]
)
def test_what_cannot_be_tried_again_is_said(outbox: Outbox, number: int, channel: str, message: str):
    (delivery,) = outbox.deliver(report(), [Scripted()])
    with pytest.raises(UsageError, match=message):
        outbox.retry(delivery.id if number == 1 else number, Scripted(channel))


def test_a_report_can_be_replayed_to_another_channel_once(outbox: Outbox):
    (dead,) = outbox.deliver(report(), [Scripted(script=[REFUSED])])
    mail = Scripted("mail")
    (first,) = outbox.replay(dead.id, mail)
    (again,) = outbox.replay(dead.id, mail)
    assert (first, first.state, len(mail.seen)) == (again, DeliveryState.DELIVERED, 1)
    assert report().release in first.payload


def test_replaying_what_is_not_there_is_an_error(outbox: Outbox):
    with pytest.raises(UsageError, match="no delivery 77"):
        outbox.replay(77, Scripted())


# --- secrets -----------------------------------------------------------------------------------------------


def test_no_secret_reaches_a_message_or_the_store(deliveries: Deliveries, clock: Clock, state_url: str):
    token, word = "sntryu_" + "0123456789abcdef" * 4, "correcthorse"
    answer = replace(
        REFUSED, answer=f"invalid token {token} " + "x" * 5000, error=f"password={word}", headers=(("location", f"/?k={word}"),)
    )
    channel, oncall = Scripted(script=[answer]), Scripted("on-call")
    told = replace(report(), why=f"bob@example.com used {token}", warnings=(f"said {word}",))
    outbox = Outbox(deliveries, manner(clock, redactor=Redactor(known=(word,))), fallbacks={"team": oncall})
    failed, _ = outbox.deliver(told, [channel])
    stored = repr(deliveries.list()) + "".join(deliveries.report_of(delivery.id) or "" for delivery in deliveries.list())
    for secret in (token, word, "bob@"):
        assert secret not in stored + repr(oncall.seen)
    assert len(failed.attempts[0].answer or "") == ANSWER_LIMIT
