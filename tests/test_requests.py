from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploywatch.model import Issue, Rate, Regression, RegressionKind, Severity
from deploywatch.requests import FailOn


def regression(kind: RegressionKind, severity: Severity) -> Regression:
    issue = Issue("1", "SHOP-1", "KeyError", None, "shop", first_seen=datetime(2026, 1, 1, tzinfo=UTC))
    return Regression(kind, severity, issue, Rate(None, 1.0), "new")


@pytest.mark.parametrize(
    ("fail_on", "kind", "severity", "counts"),
    [
        (FailOn.ANY, RegressionKind.SPIKING, Severity.LOW, True),
        (FailOn.NEW, RegressionKind.SPIKING, Severity.CRITICAL, False),
        (FailOn.NEW, RegressionKind.NEW, Severity.LOW, True),
        (FailOn.CRITICAL, RegressionKind.NEW, Severity.HIGH, False),
        (FailOn.CRITICAL, RegressionKind.REGRESSED, Severity.CRITICAL, True),
        (FailOn.NEVER, RegressionKind.NEW, Severity.CRITICAL, False),
    ],
)
def test_what_fails_the_pipeline(fail_on: FailOn, kind: RegressionKind, severity: Severity, counts: bool) -> None:
    assert fail_on.counts([regression(kind, severity)]) is counts


@pytest.mark.parametrize("fail_on", FailOn)
def test_no_regression_never_fails(fail_on: FailOn) -> None:
    assert not fail_on.counts([])
