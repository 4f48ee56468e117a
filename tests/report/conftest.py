"""Reports as fixtures: a realistic incident with several findings, and the degenerate ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from deploywatch.model import Finding, Report
from tests.report import samples


@pytest.fixture(scope="session")
def report() -> Report:
    return samples.report()


@pytest.fixture(scope="session")
def degenerate(report: Report) -> Mapping[str, Report]:
    """By name: the reports in which something that is usual is missing."""
    by_title = {finding.regression.issue.short_id: finding for finding in report.findings}
    return {
        "healthy": samples.healthy_report(),
        "inconclusive": samples.inconclusive_report(),
        "bare": samples.bare_report(),
        "unsure": replace(report, findings=(by_title["SHOP-3"],)),
        "none": replace(report, findings=(by_title["SHOP-4"],)),
        "found nothing": replace(report, findings=()),
        "inconclusive with a finding": replace(samples.inconclusive_report(), findings=(Finding(samples.regression()),)),
    }
