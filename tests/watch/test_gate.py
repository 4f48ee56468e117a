from __future__ import annotations

import pytest

from deploywatch.model import Issue, Rate, Regression, RegressionKind, Severity, Verdict, WatchResult
from deploywatch.requests import FailOn
from deploywatch.watch.gate import gate
from tests.watch.worlds import after


def result(verdict: Verdict, *kinds: tuple[RegressionKind, Severity]) -> WatchResult:
    issue = Issue(id="1", short_id="S-1", title="t", culprit=None, project="shop")
    found = tuple(Regression(kind, severity, issue, Rate(None, 1.0), "why") for kind, severity in kinds)
    return WatchResult("shop@1", "prod", verdict, "why", after(), after(minutes=15), found)


NEW = result(Verdict.REGRESSION, (RegressionKind.NEW, Severity.HIGH))
SPIKE = result(Verdict.REGRESSION, (RegressionKind.SPIKING, Severity.CRITICAL))
BLIND, WELL = result(Verdict.INCONCLUSIVE), result(Verdict.HEALTHY)


@pytest.mark.parametrize(
    ("given", "fail_on", "code"),
    [
        (WELL, FailOn.ANY, 0),
        (NEW, FailOn.ANY, 3),
        (NEW, FailOn.NEW, 3),
        (NEW, FailOn.CRITICAL, 0),
        (NEW, FailOn.NEVER, 0),
        (SPIKE, FailOn.ANY, 3),
        (SPIKE, FailOn.NEW, 0),
        (SPIKE, FailOn.CRITICAL, 3),
        (BLIND, FailOn.ANY, 4),
        (BLIND, FailOn.NEVER, 4),
    ],
)
def test_the_exit_code(given, fail_on, code):
    answer = gate(given, fail_on)
    assert (answer.exit_code, answer.true_code) == (code, code)
    assert answer.why


@pytest.mark.parametrize("exempt", [{"dry_run": True}, {"rollback": True}, {"dry_run": True, "rollback": True}])
@pytest.mark.parametrize(("given", "true_code"), [(WELL, 0), (NEW, 3), (BLIND, 4)])
def test_a_trial_and_a_rollback_go_on_and_remember_what_it_would_have_been(given, true_code, exempt):
    answer = gate(given, **exempt)
    assert (answer.exit_code, answer.true_code) == (0, true_code)
    assert ("instead of" in answer.why) is (true_code != 0)
