"""docs/watching.md says what the benchmark measured and what the code does."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from deploywatch.requests import FailOn
from deploywatch.settings import Settings
from deploywatch.watch.plan import FailureRateSettings, KnownIssueSettings, NewIssueSettings
from deploywatch.watch.sequential import RATIOS, SCALES
from tests.steps.conftest import DEPLOYED, NEW
from tests.watch.worlds import plan

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/watching.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "ci/bench/results/detection.md").read_text(encoding="utf-8").splitlines()


def test_the_tables_are_the_benchmarks_own():
    rows = [line for line in PAGE.splitlines() if "**deploywatch**" in line or line.startswith("|  | ")]
    assert len(rows) >= 14
    assert [row for row in rows if row not in MEASURED] == []
    assert [row for row in MEASURED if "**deploywatch**" in row and row not in rows] == []


def test_the_numbers_are_the_defaults():
    shares = [kind().alpha_share for kind in (NewIssueSettings, KnownIssueSettings, FailureRateSettings)]
    assert "35 % of it for new issues, 45 % for known ones, 20 % for the service" in PAGE
    assert shares == [0.35, 0.45, 0.2]
    assert [ratio for ratio, _ in RATIOS] == [2, 5, 15]
    assert (SCALES[0], SCALES[-1]) == (1, 20)
    assert plan(release=NEW, deployed_at=DEPLOYED).level.total_seconds() == 75 * 60


@pytest.mark.parametrize("text", [block.partition("```")[0] for block in PAGE.split("```toml\n")[1:]])
def test_the_examples_are_valid(text: str):
    assert Settings.model_validate(tomllib.loads(text)) != Settings()


def test_every_way_of_the_gate_is_told():
    assert all(kind.value in PAGE.partition("--fail-on ")[2].partition("`")[0].split("|") for kind in FailOn)
