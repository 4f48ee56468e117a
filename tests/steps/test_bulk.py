"""Many failures before one window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploywatch.errors import InputError
from deploywatch.history import material
from deploywatch.model import Event, Ranking, StackTrace
from deploywatch.stacktraces.mapping import PathIndex
from deploywatch.steps.bulk import Bulk
from deploywatch.steps.investigator import Investigator
from tests.suspects.histories import At, History

MODULE = "".join(f"def f{n}(x):\n    return x + {n}\n\n\n" for n in range(12))
FILES = [f"shop/m{n}.py" for n in range(6)]


@pytest.fixture
def history(tmp_path: Path) -> History:
    made = History(tmp_path / "repository", dict.fromkeys(FILES, MODULE))
    for number, file in enumerate(FILES):
        made.edit(f"change {number}", file, (f"return x + {number}\n", f"return x.total_{number}\n"))
    return made


def event(history: History, number: int, *, message: str = "") -> Event:
    stack = (At(FILES[number], f"total_{number}", f"f{number}"), At(FILES[0], "total_0", "f0"))
    return Event("e", StackTrace((history.raised(*stack, error="AttributeError", message=message),), "python"))


def investigator(history: History) -> Investigator:
    repository, window = history.window()
    return Investigator(repository, window)


def all_of(asked: History | Investigator, events: Iterable[Event]) -> Iterator[Ranking]:
    one = investigator(asked) if isinstance(asked, History) else asked
    return Bulk(one, clean=lambda event: event, shown=lambda ranking: ranking).rank_all(events)


@pytest.fixture(params=["whole", "wide"])
def window(request, monkeypatch):
    if request.param == "wide":
        monkeypatch.setattr(material, "WHOLE_WINDOW", 2)


@pytest.mark.usefixtures("window")
def test_each_gets_the_answer_that_it_gets_alone_in_order(history: History) -> None:
    events = [event(history, n % 6, message=f"m {n // 6}") for n in range(15)]
    together = list(all_of(history, events))
    assert together == [investigator(history).rank(one) for one in events]
    assert [ranking.suspects[0].commit.subject for ranking in together[1:6]] == [f"change {n}" for n in range(1, 6)]


def test_a_tree_that_is_known_is_not_listed_again(history: History) -> None:
    repository, window = history.window()
    known = PathIndex(repository.paths(window.head))
    counts = []
    for index in (None, known):
        before = repository.git.count
        assert Investigator(repository, window, index=index).rank(event(history, 1)).suspects[0].commit.subject == "change 1"
        counts.append(repository.git.count - before)
    assert counts[1] == counts[0] - 1


@pytest.mark.usefixtures("window")
def test_history_is_read_once_however_many_they_are(history: History) -> None:
    few, many = investigator(history), investigator(history)
    list(all_of(few, [event(history, n) for n in range(6)]))
    list(all_of(many, [event(history, n % 6, message=f"m {n}") for n in range(60)]))
    assert many.repository.git.count <= few.repository.git.count + 1


def test_the_same_failure_is_ranked_once_whatever_numbers_its_messages_hold(history: History) -> None:
    asked = investigator(history)
    ranked = []
    bulk = Bulk(asked, clean=lambda event: event, shown=lambda ranking: ranked.append(ranking) or ranking)
    same = [event(history, 1, message=f"order {n} failed") for n in range(20)]
    found = list(bulk.rank_all([*same, event(history, 1, message="order x2 failed")]))
    assert len(ranked) == 2
    assert found == [*[found[0]] * 20, found[-1]]


def test_what_was_answered_long_ago_is_forgotten_and_answered_again_alike(history: History) -> None:
    events = [event(history, n % 6, message=f"m{n}") for n in range(140)]
    found = list(all_of(history, [*events, events[0]]))
    assert found[-1] == found[0]


def test_events_are_cleaned_and_answers_shown(history: History) -> None:
    def clean(asked: Event) -> Event:
        return event(history, 2) if asked.id == "dirty" else asked

    bulk = Bulk(investigator(history), clean=clean, shown=lambda ranking: replace(ranking, warnings=("shown",)))
    (found,) = bulk.rank_all([replace(event(history, 1), id="dirty")])
    assert (found.suspects[0].commit.subject, found.warnings) == ("change 2", ("shown",))


def test_the_first_answer_does_not_wait_for_the_last_event(history: History) -> None:
    read = []

    def events() -> Iterator[Event]:
        for number in range(6):
            read.append(number)
            yield event(history, number)

    answers = all_of(history, events())
    next(answers)
    assert read == [0]


def test_what_cannot_be_read_is_told_after_the_answers_to_those_before(history: History) -> None:
    def events() -> Iterator[Event]:
        yield from (event(history, number) for number in range(2))
        raise InputError("line 3 is no event", hint="mend it")

    answers = all_of(history, events())
    assert [next(answers).suspects[0].commit.subject for _ in range(2)] == ["change 0", "change 1"]
    with pytest.raises(InputError, match="line 3"):
        next(answers)


def test_of_no_events_nothing_is_asked(history: History) -> None:
    asked = investigator(history)
    before = asked.repository.git.count
    assert list(all_of(asked, [])) == []
    assert asked.repository.git.count == before
