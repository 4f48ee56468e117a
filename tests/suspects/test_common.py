"""Functions that most failures of a run pass through."""

from __future__ import annotations

from deploywatch.model import Frame, MappedFrame
from deploywatch.suspects.common import common_places


def stack(*places: tuple[str, int, str]) -> list[MappedFrame]:
    """The application's frames of one failure, the raising one first."""
    return [
        MappedFrame(index, Frame(file, line, function), file, in_app=True, mapped_by="exact", line=line)
        for index, (file, line, function) in enumerate(places)
    ]


ENTRY = ("app.py", 9, "handle")


def test_what_nearly_all_pass_and_none_raised_in() -> None:
    stacks = [stack((f"{n}.py", n, "work"), ENTRY) for n in range(1, 6)]
    assert common_places(stacks) == {("app.py", "handle")}


def test_few_failures_tell_nothing() -> None:
    assert common_places([stack((f"{n}.py", n, "work"), ENTRY) for n in range(1, 5)]) == frozenset()


def test_the_same_failure_many_times_is_one() -> None:
    assert common_places([stack(("a.py", 1, "work"), ENTRY)] * 9) == frozenset()


def test_where_one_was_raised_is_not_common() -> None:
    stacks = [stack((f"{n}.py", n, "work"), ENTRY) for n in range(1, 7)]
    assert common_places([*stacks, stack(("app.py", 12, "handle"))]) == frozenset()
