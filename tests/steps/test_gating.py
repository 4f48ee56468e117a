from __future__ import annotations

import pytest

from deploywatch.model import Verdict
from deploywatch.requests import FailOn, WatchRequest
from deploywatch.settings import Settings
from deploywatch.steps.gating import gated
from tests.report import samples


def exit_codes(request: WatchRequest, verdict: Verdict = Verdict.REGRESSION, **settings: object) -> tuple[int, int]:
    watch = Settings.model_validate({"watch": settings}).watch
    outcome = gated(watch, request, samples.watch_result(verdict=verdict), samples.report(verdict=verdict))
    assert outcome.report.gate == outcome.gate
    return outcome.gate.exit_code, outcome.gate.true_code


def test_the_settings_decide_and_the_request_goes_before_them():
    assert exit_codes(WatchRequest()) == (3, 3)
    assert exit_codes(WatchRequest(), fail_on="never") == (0, 0)
    assert exit_codes(WatchRequest(fail_on=FailOn.ANY), fail_on="never") == (3, 3)


@pytest.mark.parametrize(("verdict", "true_code"), [(Verdict.REGRESSION, 3), (Verdict.INCONCLUSIVE, 4)])
def test_a_trial_and_a_rollback_are_let_through(verdict, true_code):
    assert exit_codes(WatchRequest(), verdict, dry_run_gate=True) == (0, true_code)
    assert exit_codes(WatchRequest(dry_run_gate=False), verdict, dry_run_gate=True) == (true_code, true_code)
    assert exit_codes(WatchRequest(rollback=True), verdict) == (0, true_code)
