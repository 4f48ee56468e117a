"""Our JSON answers against the schemas that we ship."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from deploywatch.model import Finding, RankingVerdict, ReleaseOutcome, Report
from deploywatch.report import as_json
from tests.report import samples

FULL = Report(
    "shop@1.4.0",
    "production",
    samples.watch_result().verdict,
    "why",
    samples.DEPLOYED,
    samples.BASE,
    samples.HEAD,
    17,
    samples.DEPLOYED,
    timedelta(minutes=15),
    (samples.finding(), Finding(samples.bare_regression())),
    ("not visible",),
    ("warning",),
    samples.finding().links,
)
OUTCOME = ReleaseOutcome("shop@1.4.0", samples.BASE, "last-deploy", samples.HEAD, 17, True, deploy="12", warnings=("w",))

ANSWERS = [
    *[("suspects", as_json.ranking_json(samples.ranking(verdict))) for verdict in RankingVerdict],
    ("watch", as_json.watch_json(samples.watch_result())),
    ("watch", as_json.watch_json(samples.watch_result(regressions=(samples.bare_regression(),), blind_spots=()))),
    ("release", as_json.release_json(OUTCOME)),
    ("release", as_json.release_json(replace(OUTCOME, created=False, deploy=None))),
    *[
        ("report", as_json.report_json(report))
        for report in (FULL, samples.bare_report(), samples.healthy_report(), samples.inconclusive_report())
    ],
]


def check(name: str, answer: object) -> None:
    Draft202012Validator(as_json.schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer)


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_every_answer_fits_its_schema_after_the_wire(name: str, answer: Any) -> None:
    assert answer["schema"] == f"deploywatch.{name}/1"
    check(name, json.loads(as_json.dumps(answer)))


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_the_schemas_are_strict(name: str, answer: Any) -> None:
    with pytest.raises(ValidationError):
        check(name, answer | {"surprise": 1})
    for key in answer:
        with pytest.raises(ValidationError):
            check(name, {k: v for k, v in answer.items() if k != key})


@pytest.mark.parametrize("name", as_json.SCHEMAS)
def test_schemas_are_valid_and_close_every_object(name: str) -> None:
    schema = as_json.schema(name)
    Draft202012Validator.check_schema(schema)
    nodes = [schema, *schema.get("$defs", {}).values()]
    assert all(node["additionalProperties"] is False and node["required"] == list(node["properties"]) for node in nodes)


def test_a_definition_is_the_same_in_every_schema() -> None:
    seen: dict[str, Any] = {}
    for name in as_json.SCHEMAS:
        for key, definition in as_json.schema(name).get("$defs", {}).items():
            assert seen.setdefault(key, definition) == definition
    assert {"suspect", "evidence", "finding"} <= set(seen)


def test_suspects_have_the_keys_of_the_contract() -> None:
    answer = as_json.ranking_json(samples.ranking())
    suspect = answer["suspects"][0]
    assert list(suspect) == ["rank", "sha", "probability", "author", "committed_at", "subject", "pull_request", "evidence"]
    assert suspect["author"] == {"name": "Ana Bell", "email": "ana@acme.example"}
    assert suspect["subject"] == "Read the currency from the cart, not from the shop (#128)"
    assert suspect["pull_request"] == 128
    assert suspect["evidence"][0] == {
        "signal": "raising_line",
        "contribution": 3.1,
        "text": "The line that raised, shop/checkout.py:42, was last changed by this commit.",
        "file": "shop/checkout.py",
        "line": 42,
        "hunk": "@@ -40,2 +40,3 @@",
        "frame": 0,
    }
    assert answer["frames"][0] == {
        "index": 0,
        "file": "shop/checkout.py",
        "line": 42,
        "function": "checkout",
        "in_app": True,
        "mapped_by": "exact",
    }


@pytest.mark.parametrize("verdict", list(RankingVerdict))
def test_probabilities_add_up_to_one(verdict: RankingVerdict) -> None:
    answer = as_json.ranking_json(samples.ranking(verdict))
    total = sum(suspect["probability"] for suspect in answer["suspects"]) + answer["none_probability"]
    assert total == pytest.approx(1.0)


def test_times_are_utc_whatever_the_zone() -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    made = replace(samples.healthy_report(), made_at=datetime(2026, 11, 20, 5, 0, tzinfo=elsewhere))
    assert as_json.report_json(made)["made_at"] == "2026-11-19T23:30:00Z"


def test_dumps_is_readable_and_cannot_steer_a_terminal() -> None:
    text = as_json.dumps({"a": "é 漢 \x1b[31m \x9b \u202e \ud800 \x7f"}, indent=None)
    assert text == '{"a": "é 漢 \\u001b[31m \\u009b \\u202e \\ud800 \\u007f"}'
    assert json.loads(text)["a"].endswith("\x7f")
    text.encode("utf-8")


def test_dumps_refuses_what_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        as_json.dumps({"p": float("nan")})
