"""docs/owners.md says what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from deploywatch.owners.dialects import DIALECTS
from deploywatch.owners.finding import Check
from deploywatch.report.as_json import schema
from deploywatch.settings import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs/owners.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(title: str) -> list[str]:
    return re.findall(r"^\| `([\w-]+)` \|", section(title), re.MULTILINE)


def test_the_steps_are_those_of_the_report_in_their_order():
    assert first_column("The order") == schema("report")["$defs"]["owner_step"]["properties"]["name"]["enum"]


def test_every_finding_and_every_dialect_is_explained():
    assert set(first_column("Healthy rules")) == set(map(str, Check))
    assert first_column("Owner files") == list(DIALECTS)


def test_the_configuration_is_one():
    whole: dict[str, Any] = {}
    for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        for name, value in tomllib.loads(block).items():
            whole[name] = [*whole.get(name, []), *value] if isinstance(value, list) else value
    names = ("slack-checkout", "slack-incidents", "pagerduty", "slack-deploys")
    settings = Settings.model_validate({**whole, "channels": [{"name": name, "type": "file"} for name in names]})
    assert [service.name for service in settings.services] == ["checkout", "platform"]
    assert settings.routing.is_set
    assert settings.people[0].github == "annlee"
