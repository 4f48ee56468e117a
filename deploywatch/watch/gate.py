"""What a verdict means to the pipeline: go on, or stop, and why."""

from __future__ import annotations

from typing import Final

from deploywatch.model import Gate, Verdict, WatchResult
from deploywatch.requests import FailOn

PASS: Final = 0
REGRESSION: Final = 3
INCONCLUSIVE: Final = 4


def gate(result: WatchResult, fail_on: FailOn = FailOn.ANY, *, dry_run: bool = False, rollback: bool = False) -> Gate:
    """The gate's answer.

    ``fail_on`` says which regressions stop the pipeline; what is inconclusive is never called a pass by it. With ``dry_run``
    the gate always opens, so that a team can learn to trust it. A ``rollback`` is never stopped by the monitor whose alarm it
    answers: the failures that it repairs are still happening when its watch begins.
    """
    code, why = _verdict(result, fail_on)
    if code != PASS and dry_run:
        return Gate(PASS, code, f"{why}; the gate is on trial (dry run), so the pipeline goes on instead of ending with {code}")
    if code != PASS and rollback:
        return Gate(PASS, code, f"{why}; this deploy is a rollback, so the pipeline goes on instead of ending with {code}")
    return Gate(code, code, why)


def _verdict(result: WatchResult, fail_on: FailOn) -> tuple[int, str]:
    if result.verdict is Verdict.HEALTHY:
        return PASS, "healthy"
    if result.verdict is Verdict.INCONCLUSIVE:
        return INCONCLUSIVE, "inconclusive"
    if fail_on.counts(result.regressions):
        return REGRESSION, "a regression was found"
    return PASS, f"a regression was found, but the gate stops only on: {fail_on.value}"
