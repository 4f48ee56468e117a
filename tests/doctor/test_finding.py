from __future__ import annotations

import json

import jsonschema
import pytest

from deploywatch.doctor.finding import LEVEL_OF, USAGE, Code, DoctorFinding, Level, verdict
from deploywatch.doctor.output import as_json, as_markdown, as_text, summary
from tests.cli.conftest import schema


def finding(code: Code, text: str = "a sentence", fix: str = "") -> DoctorFinding:
    return DoctorFinding("sentry", code, text, fix)


def test_every_code_has_one_level() -> None:
    assert set(LEVEL_OF) == set(Code)
    assert all(LEVEL_OF[code] is Level.ERROR for code in USAGE)


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ((), Level.OK),
        ((Code.SENTRY_REACHED, Code.SENTRY_LACKS, Code.NOT_LOOKED), Level.OK),
        ((Code.SENTRY_REACHED, Code.NAMING_DIFFERS), Level.WARNING),
        ((Code.NAMING_DIFFERS, Code.SENTRY_UNREACHABLE), Level.UNKNOWN),
        ((Code.SENTRY_UNREACHABLE, Code.SCOPE_MISSING), Level.ERROR),
    ],
)
def test_the_verdict_is_the_worst(codes: tuple[Code, ...], worst: Level) -> None:
    assert verdict(map(finding, codes)) is worst


HOSTILE = "\x1b[2J<script>|`x`\n\u202e"


@pytest.mark.parametrize("code", Code)
def test_every_finding_fits_the_schema(code: Code) -> None:
    answer = as_json([finding(code, HOSTILE, "do this"), finding(Code.SENTRY_REACHED)])
    jsonschema.validate(json.loads(json.dumps(answer)), schema("doctor"))
    assert answer["findings"][1]["fix"] is None


def test_a_level_that_is_not_the_codes_does_not_fit() -> None:
    answer = as_json([finding(Code.SCOPE_MISSING)])
    answer["findings"][0]["level"] = "ok"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer, schema("doctor"))


def test_one_line_each_and_nothing_steers_a_terminal() -> None:
    found = [finding(Code.SCOPE_MISSING, HOSTILE, "give it"), finding(Code.SENTRY_REACHED)]
    text = as_text(found)
    assert len(text.splitlines()) == len(found) + 2
    assert "-> give it  [scope-missing]" in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert text.endswith("1 error, 1 ok.\n")
    table = as_markdown(found)
    assert len([line for line in table.splitlines() if line.startswith("|")]) == 4
    assert "<script>" not in table
    assert summary([]) == "."
