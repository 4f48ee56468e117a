"""How to undo a change, in words, in every medium."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploywatch.model import Report, RevertOutcome
from deploywatch.report.outline import outline
from deploywatch.report.render import render
from deploywatch.report.reverting import revert_command, told
from tests.report import samples

MERGE = replace(samples.CACHE, parents=("1" * 40, "2" * 40))


def with_revert(report: Report, **changes: object) -> Report:
    outcome = changes.pop("outcome", RevertOutcome.CONFLICTS)
    first = replace(report.findings[0], revert=samples.revert(outcome, **changes))  # type: ignore[arg-type]
    return replace(report, findings=(first, *report.findings[1:]))


@pytest.mark.parametrize(
    ("outcome", "changes", "expected"),
    [
        (RevertOutcome.CLEAN, {}, "no later commit touched the same lines"),
        (RevertOutcome.CLEAN, {"later": (samples.CACHE,)}, "but 1 later commit changed lines right beside it"),
        (RevertOutcome.CONFLICTS, {}, "alone it conflicts with 1 later commit in shop/checkout.py"),
        (RevertOutcome.CONFLICTS, {"with_later": False}, "It conflicts in shop/checkout.py, where 1 later commit changed"),
        (RevertOutcome.CONFLICTS, {"with_later": False, "later": ()}, "It conflicts in shop/checkout.py."),
        (RevertOutcome.CONFLICTS, {"conflicts": tuple("abcdefg")}, "in a, b, c, d, e and 2 more files"),
        (RevertOutcome.DONE, {}, "does not hold the change any more"),
        (RevertOutcome.UNKNOWN, {"note": "This git is too old."}, "This git is too old."),
        (RevertOutcome.CLEAN, {"branch": "deploywatch/revert-4be1"}, "The branch deploywatch/revert-4be1 undoes it."),
    ],
)
@pytest.mark.parametrize("fmt", ["text", "markdown", "html", "slack"])
def test_every_outcome_is_told(
    report: Report, fmt: str, outcome: RevertOutcome, changes: dict[str, object], expected: str
) -> None:
    told_of = with_revert(report, outcome=outcome, **changes)
    assert expected in " ".join(told(told_of.findings[0].revert or samples.revert()))
    shown = " ".join(render(told_of, fmt).replace("\u200b", "").split())
    assert expected.removesuffix(".") in shown
    assert ("git revert --no-edit" in shown) is (outcome is not RevertOutcome.DONE)


def test_what_stands_in_the_way_is_named_and_counted(report: Report) -> None:
    many = tuple(samples.commit(f"{number:08x}", f"Later {number}") for number in range(8))
    for fmt in ("text", "markdown", "html"):
        shown = render(with_revert(report, later=many), fmt)
        assert "Later 4" in shown
        assert "Later 5" not in shown
        assert "and 3 more" in shown
    assert len(outline(with_revert(report, later=many)).lead.later) == 5  # type: ignore[union-attr]


def test_several_commits_are_undone_in_one_go_and_merges_one_at_a_time() -> None:
    assert revert_command(samples.CACHE, samples.BUMP) == f"git revert --no-edit {samples.CACHE.sha} {samples.BUMP.sha}"
    assert revert_command(MERGE) == f"git revert --no-edit -m 1 {MERGE.sha}"
    assert revert_command(samples.CACHE, MERGE) is None
    assert revert_command() is None
