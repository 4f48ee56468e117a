from __future__ import annotations

from dataclasses import replace

import pytest

from deploywatch.model import Issue, Rate, Regression, RegressionKind, Severity, Verdict, WatchResult
from deploywatch.watch.findings import SERVICE_ISSUE
from deploywatch.watch.together import together
from tests.watch.worlds import after


def result(verdict: Verdict, *regressions: Regression, **values) -> WatchResult:
    made = WatchResult("shop@1", "prod", verdict, f"it is {verdict}", after(), after(minutes=15), regressions, 5, 60)
    return replace(made, **values)


def regression(number: str, severity: Severity) -> Regression:
    issue = Issue(number, f"S-{number}", "t", None, "shop")
    return Regression(RegressionKind.NEW, severity, issue, Rate(None, 1.0), f"{number} is new")


WELL, BLIND = result(Verdict.HEALTHY), result(Verdict.INCONCLUSIVE, blind_spots=("Sentry was out",), notes=("a note",))


def test_of_one_service_nothing_changes():
    assert together({"shop": BLIND}) is BLIND


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ({"cart": WELL, "pay": WELL}, Verdict.HEALTHY),
        ({"cart": WELL, "pay": BLIND}, Verdict.INCONCLUSIVE),
        ({"cart": BLIND, "pay": result(Verdict.REGRESSION, regression("1", Severity.LOW))}, Verdict.REGRESSION),
    ],
)
def test_the_worst_is_the_deploys(results, verdict):
    assert together(results).verdict is verdict


def test_what_is_said_names_the_service():
    told = together({"cart": WELL, "pay": BLIND})
    assert told.why == "pay: it is inconclusive"
    assert told.blind_spots == ("pay: Sentry was out",)
    assert told.notes == ("pay: a note", "cart is healthy: it is healthy")
    assert (told.events_seen, told.polls) == (10, 120)


def test_regressions_of_all_are_the_deploys_worst_first():
    rate = regression(SERVICE_ISSUE, Severity.MEDIUM)
    told = together(
        {
            "cart": result(Verdict.REGRESSION, regression("1", Severity.LOW), rate),
            "pay": result(Verdict.REGRESSION, regression("2", Severity.HIGH), rate),
        }
    )
    assert told.regressions[0].why == "pay: 2 is new"
    assert told.why.startswith("pay: 2 is new; and 3 more regressions")
    assert len({one.issue.id for one in told.regressions}) == 4
