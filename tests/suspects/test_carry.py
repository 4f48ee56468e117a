"""Positions of hunks at head, against patches that are really applied to lists of lines."""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.history.repository import Repository
from deploywatch.model import ChangeType, FileChange, FileDiff, Hunk, Origin, Origins
from deploywatch.suspects.carry import Region, Written, carried, regions, writer
from tests.gitrepo import GitRepo

Lines = list[str]


def written_as(counts: Callable[[str], bool]) -> Written:
    """Which lines count as written, told by their text."""
    return lambda _sha, hunk, side: [counts(line) for line in getattr(hunk, side)]


def hunks(old: Sequence[str], new: Sequence[str]) -> tuple[Hunk, ...]:
    """What ``git diff -U0`` prints: where nothing is left (or was), the line before the gap is named."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Hunk(
            old_start=i1 + 1 if i2 > i1 else i1,
            old_lines=i2 - i1,
            new_start=j1 + 1 if j2 > j1 else j1,
            new_lines=j2 - j1,
            removed=tuple(old[i1:i2]),
            added=tuple(new[j1:j2]),
        )
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    )


def diff(old: Sequence[str], new: Sequence[str], sha: str = "a") -> FileDiff:
    return FileDiff(sha, FileChange(ChangeType.MODIFIED, "f"), hunks(old, new))


def applied(lines: Sequence[str], patch: FileDiff) -> Lines:
    """The lines with the hunks put in, from the last to the first."""
    done = list(lines)
    for hunk in reversed(patch.hunks):
        start = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        assert tuple(done[start : start + hunk.old_lines]) == hunk.removed
        done[start : start + hunk.old_lines] = hunk.added
    return done


@st.composite
def histories(draw: st.DrawFn) -> list[Lines]:
    """Versions of a file. Every line is one of a kind, so that a line that survives is known again."""
    number = draw(st.integers(0, 12))
    versions = [[f"line {at}" for at in range(number)]]
    for version in range(draw(st.integers(1, 5))):
        lines = list(versions[-1])
        for edit in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(lines)))
            gone = draw(st.integers(0, 4))
            lines[at : at + gone] = [f"{version}.{edit}.{new}" for new in range(draw(st.integers(0, 4)))]
        versions.append(lines)
    return versions


def diffs_of(versions: Sequence[Lines]) -> list[FileDiff]:
    return [diff(old, new, str(number)) for number, (old, new) in enumerate(pairwise(versions))]


@given(histories())
def test_the_patches_of_these_tests_are_patches(versions: list[Lines]) -> None:
    lines: Sequence[str] = versions[0]
    for patch, after in zip(diffs_of(versions), versions[1:], strict=True):
        lines = applied(lines, patch)
        assert lines == after


@given(histories())
def test_a_line_that_survives_is_carried_to_where_it_is(versions: list[Lines]) -> None:
    later, head = diffs_of(versions), versions[-1]
    for number, line in enumerate(versions[0], 1):
        if all(line in version for version in versions):
            assert carried(number, later) == head.index(line) + 1


@given(histories())
def test_a_line_that_was_changed_stays_between_its_neighbours(versions: list[Lines]) -> None:
    later, head = diffs_of(versions), versions[-1]
    alive = {line for line in versions[0] if all(line in version for version in versions)}
    below, above = 0, len(head) + 1
    for number, line in enumerate(versions[0], 1):
        if line in alive:
            below = head.index(line) + 1
            continue
        above = next((head.index(after) + 1 for after in versions[0][number:] if after in alive), len(head) + 1)
        assert max(1, below) <= carried(number, later) <= max(1, above)


def survivors(versions: Sequence[Lines]) -> Origins:
    """What blame answers at head, by comparing texts: no line of a history here occurs twice."""
    found: dict[int, Origin] = {}
    for at_head, line in enumerate(versions[-1], 1):
        first = next(number for number, version in enumerate(versions) if line in version)
        if first:
            found[at_head] = Origin(str(first - 1), versions[first].index(line) + 1)
    return Origins(found)


@given(histories())
def test_what_a_commit_added_and_is_still_there_is_its_region(versions: list[Lines]) -> None:
    origins = survivors(versions)
    found = regions(diffs_of(versions)[::-1], origins, written_as(lambda _: True))
    for at_head, origin in origins.by_line.items():
        assert any(region.distance(at_head) == 0 for region in found[origin.sha])


@given(histories())
def test_a_deletion_is_the_gap_between_the_lines_around_it(versions: list[Lines]) -> None:
    later = diffs_of(versions)
    if not later[0].hunks:
        return
    found = regions(later[::-1], survivors(versions), written_as(lambda _: True))["0"]
    head = versions[-1]
    for hunk in later[0].hunks:
        after = versions[1][hunk.new_start : hunk.new_start + 1]
        if hunk.new_lines or not after or not all(after[0] in version for version in versions[1:]):
            continue
        (gap,) = [region for region in found if region.hunk is hunk]
        assert (gap.first, gap.last) == (head.index(after[0]) + 1, head.index(after[0]))
        assert gap.distance(gap.first) == gap.distance(gap.first - 1) == 1


def test_lines_that_do_not_count_make_no_region() -> None:
    old, new = ["a", "b"], ["a", "# one", "code", "# two", "b"]
    (region,) = regions([diff(old, new)], None, written_as(lambda line: not line.startswith("#")))["a"]
    assert (region.first, region.last) == (3, 3)
    assert regions([diff(old, ["a", "# one", "b"])], None, written_as(lambda line: not line.startswith("#"))) == {"a": ()}


def test_runs_of_lines_are_one_region_over_a_blank_and_two_over_more() -> None:
    added = ["x", "", "y", "", "", "z"]
    found = regions([diff(["a"], ["a", *added])], None, written_as(bool))["a"]
    assert [(region.first, region.last) for region in found] == [(2, 4), (7, 7)]


def test_blame_goes_before_arithmetic() -> None:
    """A line that was moved stands where blame sees it; of copies the one nearest to where it would have stayed."""
    change = diff(["a", "b"], ["a", "x", "b"])
    moved = regions([change], Origins({9: Origin("a", 2)}), written_as(lambda _: True))["a"]
    assert [(region.first, region.last) for region in moved] == [(9, 9)]
    copied = regions([change], Origins({9: Origin("a", 2), 3: Origin("a", 2)}), written_as(lambda _: True))["a"]
    assert [(region.first, region.last) for region in copied] == [(3, 3)]


@pytest.mark.parametrize(
    ("region", "distances"),
    [
        (Region(Hunk(1, 1, 1, 1), 4, 6), {2: 2, 3: 1, 4: 0, 6: 0, 7: 1, 9: 3}),
        (Region(Hunk(1, 1, 1, 0), 5, 4), {2: 3, 4: 1, 5: 1, 7: 3}),
    ],
)
def test_distances(region: Region, distances: dict[int, int]) -> None:
    assert {line: region.distance(line) for line in distances} == distances


@pytest.mark.parametrize(
    ("region", "span", "meets"),
    [
        (Region(Hunk(1, 1, 1, 1), 4, 6), (6, 9), True),
        (Region(Hunk(1, 1, 1, 1), 4, 6), (1, 4), True),
        (Region(Hunk(1, 1, 1, 1), 4, 6), (7, 9), False),
        (Region(Hunk(1, 1, 1, 1), 4, 6), (1, 3), False),
        (Region(Hunk(1, 1, 1, 0), 5, 4), (1, 9), True),
        (Region(Hunk(1, 1, 1, 0), 5, 4), (1, 4), True),
        (Region(Hunk(1, 1, 1, 0), 5, 4), (5, 9), True),
        (Region(Hunk(1, 1, 1, 0), 5, 4), (6, 9), False),
    ],
)
def test_a_gap_before_the_first_line_is_inside_for_a_decorator_may_have_stood_there(
    region: Region, span: tuple[int, int], meets: bool
) -> None:
    assert region.meets(*span) is meets


def test_against_git_itself(tmp_path: Path) -> None:
    """Thirty random commits: what git's blame calls a commit's line is in one of its regions, and nothing that is older is."""
    dice = random.Random(11)
    repo = GitRepo(tmp_path / "repository")
    lines = [f"line {number}" for number in range(60)]
    repo.commit("start", {"f.py": "\n".join(lines) + "\n"})
    repo.git("tag", "v1")
    for commit in range(30):
        for edit in range(dice.randint(1, 3)):
            at = dice.randint(0, len(lines))
            lines[at : at + dice.randint(0, 5)] = [f"{commit} {edit} {new}" for new in range(dice.randint(0, 5))]
        repo.commit(f"{commit}", {"f.py": "\n".join(lines) + "\n"})
    repository = Repository.open(repo.folder)
    window = repository.window(repository.resolve("v1"), repository.resolve("HEAD"))
    diffs, origins = repository.diffs(window, ["f.py"]), repository.origins(window, "f.py")
    for index, patch in enumerate(diffs):
        text = repository.read("f.py", patch.sha) or ""
        for number, line in enumerate(text.splitlines(), 1):
            if line in lines:
                assert carried(number, diffs[:index][::-1]) == lines.index(line) + 1
    found = regions(diffs, origins, written_as(lambda _: True))
    assert len(origins.by_line) > 20
    for at_head, origin in origins.by_line.items():
        assert any(region.distance(at_head) == 0 for region in found[origin.sha])


def test_a_line_that_was_only_laid_out_anew_is_its_writers() -> None:
    first = diff(["a"], ["a", "rate = first(card, None)"], "writer")
    wrap = diff(["a", "rate = first(card, None)"], ["z", "a", "rate = first(", "    card, None", ")"], "wrap")
    later = diff(
        ["z", "a", "rate = first(", "    card, None", ")"], ["y", "z", "a", "rate = first(", "    card, None", ")"], "later"
    )
    history = [later, wrap, first]
    assert writer(history, Origin("wrap", 4), lambda d, _: d.sha == "wrap") == Origin("writer", 2)
    assert writer(history, Origin("wrap", 4), lambda _, __: False) == Origin("wrap", 4)
    assert writer([later, wrap], Origin("wrap", 4), lambda d, _: d.sha == "wrap") is None
    assert writer(history, Origin("unknown", 4), lambda _, __: True) == Origin("unknown", 4)


def test_what_was_torn_apart_is_not_all_that_lies_between() -> None:
    added = [f"line {number}" for number in range(6)]
    change = diff(["a"], ["a", *added])
    head = {
        2: Origin("a", 2),
        3: Origin("a", 3),
        4: Origin("a", 4),
        200: Origin("a", 5),
        201: Origin("a", 6),
        202: Origin("a", 7),
    }
    found = regions([change], Origins(head), written_as(lambda _: True))["a"]
    assert [(region.first, region.last) for region in found] == [(2, 4), (200, 202)]


def test_where_arithmetic_tears_a_run_apart_its_beginning_is_believed() -> None:
    added = [f"line {number}" for number in range(4)]
    change = diff(["a", "b"], ["a", *added, "b"], "a")
    later = diff(["a", *added, "b"], ["a", *added[:2], *(f"new {number}" for number in range(60)), *added[2:], "b"], "later")
    found = regions([later, change], None, written_as(lambda _: True))["a"]
    assert [(region.first, region.last) for region in found] == [(2, 2)]
