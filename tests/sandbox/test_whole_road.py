"""The demo with nothing replaced: ``deploywatch run`` as a process, against the shop that breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploywatch.sandbox.demo import Pace, run_demo


def test_deploywatch_names_the_commit_that_broke_the_shop(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    code = run_demo(tmp_path, out=told.append, pace=Pace(before=1, watch=30, every=1, per_second=60))
    printed = capfd.readouterr()
    assert code == 0, "\n".join(told) + printed.out + printed.err
    (report,) = (tmp_path / "report").glob("*.json")
    (finding,) = json.loads(report.read_text())["findings"]
    assert finding["suspects"][0]["subject"] == "Name the discount on the receipt (#41)"
    assert finding["suspects"][0]["probability"] > 0.5
    assert finding["owner"]["names"] == ["@acme/pricing"]
    assert finding["endpoint"] == "POST /carts/{cart_id}/checkout"
    assert "git revert" in printed.out
    text = "\n".join(told)
    assert "The stand-in for Slack received 1 message:" in text
    assert "The webhook received 1 message:" in text
    assert "Sentry's issue SHOP-1 got a comment:" in text
