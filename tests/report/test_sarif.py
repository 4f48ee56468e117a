"""SARIF for code scanning: the named changes at their lines, valid by the official schema where that can be had."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from deploywatch.model import Report
from deploywatch.report.render import render
from deploywatch.report.sarif import sarif_log
from tests.report import samples
from tests.report.hostile import MIXES, poisoned, prefixed
from tests.report.test_render import OURS

SHARED = Path(os.environ.get("DEPLOYWATCH_SHARED", Path(__file__).parents[3] / "shared"))
SCHEMA = next(iter(SHARED.glob("contracts/sarif*.json")), None)


def run_of(report: Report) -> dict[str, Any]:
    (run,) = sarif_log(report)["runs"]
    return run


def test_a_result_has_what_code_scanning_needs(report: Report) -> None:
    result = run_of(report)["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "shop/checkout.py"
    assert place["region"] == {"startLine": 42}
    assert (result["level"], result["rank"]) == ("error", 93.0)
    assert result["partialFingerprints"] == {"sentryIssue/v1": "shop/451/shop/checkout.py"}
    rules = run_of(report)["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "deploywatch/new"
    assert "4be1a90c4b" in result["message"]["text"]
    assert [frame["location"]["logicalLocations"][0]["name"] for frame in result["stacks"][0]["frames"]] == [
        "checkout",
        "dispatch",
    ]


def test_what_has_no_line_is_a_notification(degenerate: Mapping[str, Report]) -> None:
    run = run_of(degenerate["inconclusive"])
    assert run["results"] == []
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "warning"
    assert "Sentry stopped answering" in note["message"]["text"]


@pytest.mark.parametrize("mix", MIXES)
def test_strangers_make_no_links_and_no_addresses(report: Report, mix: tuple[str, ...]) -> None:
    log = json.loads(render(poisoned(report, prefixed("[click](https://evil.example)", "../../../etc/passwd", *mix)), "sarif"))
    messages = [result["message"]["text"] for result in log["runs"][0]["results"]]
    messages += [note["message"]["text"] for note in log["runs"][0]["invocations"][0]["toolExecutionNotifications"]]
    assert messages
    assert not [text for text in messages if "](" in text]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["runs"][0]["results"]]
    assert not [uri for uri in uris if ":" in uri or " " in uri or "<" in uri]


@pytest.mark.shared
@pytest.mark.skipif(SCHEMA is None, reason="the schema of SARIF 2.1.0 is not among the reference data")
@pytest.mark.parametrize("mix", [("",), *MIXES])
def test_it_is_valid_by_the_official_schema(report: Report, degenerate: Mapping[str, Report], mix: tuple[str, ...]) -> None:
    assert SCHEMA
    schema = json.loads(SCHEMA.read_text())
    check = jsonschema.validators.validator_for(schema)(schema).validate
    for told in (report, samples.bare_report(), *degenerate.values(), poisoned(report, prefixed(*mix), keep=OURS)):
        check(json.loads(render(told, "sarif")))
