"""Many failures before one window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploywatch.errors import InputError
from deploywatch.history import material
from deploywatch.model import Event, StackTrace
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


@pytest.fixture(params=["whole", "wide"])
def window(request, monkeypatch):
    if request.param == "wide":
        monkeypatch.setattr(material, "WHOLE_WINDOW", 2)


@pytest.mark.usefixtures("window")
def test_each_gets_the_answer_that_it_gets_alone_in_order(history: History) -> None:
    events = [event(history, n % 6, message=f"m {n // 6}") for n in range(15)]
    together = list(investigator(history).rank_all(events))
    assert together == [investigator(history).rank(one) for one in events]
    assert [ranking.suspects[0].commit.subject for ranking in together[1:6]] == [f"change {n}" for n in range(1, 6)]


@pytest.mark.usefixtures("window")
def test_history_is_read_once_however_many_they_are(history: History) -> None:
    few, many = investigator(history), investigator(history)
    list(few.rank_all([event(history, n) for n in range(6)]))
    list(many.rank_all([event(history, n % 6, message=f"m {n}") for n in range(60)]))
    assert many.repository.git.count <= few.repository.git.count + 1


def test_the_same_failure_is_ranked_once(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploywatch.steps import investigator as module

    ranked = []
    real = module.rank
    monkeypatch.setattr(module, "rank", lambda *args, **more: ranked.append(1) or real(*args, **more))
    found = list(investigator(history).rank_all([event(history, 1)] * 20))
    assert len(ranked) == 1
    assert found == [found[0]] * 20


def test_the_first_answer_does_not_wait_for_the_last_event(history: History) -> None:
    read = []

    def events() -> Iterator[Event]:
        for number in range(6):
            read.append(number)
            yield event(history, number)

    answers = investigator(history).rank_all(events())
    next(answers)
    assert read == [0]


def test_what_cannot_be_read_is_told_after_the_answers_to_those_before(history: History) -> None:
    def events() -> Iterator[Event]:
        yield from (event(history, number) for number in range(2))
        raise InputError("line 3 is no event", hint="mend it")

    answers = investigator(history).rank_all(events())
    assert [next(answers).suspects[0].commit.subject for _ in range(2)] == ["change 0", "change 1"]
    with pytest.raises(InputError, match="line 3"):
        next(answers)


def test_of_no_events_nothing_is_asked(history: History) -> None:
    asked = investigator(history)
    before = asked.repository.git.count
    assert list(asked.rank_all([])) == []
    assert asked.repository.git.count == before
