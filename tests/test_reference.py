"""What is generated from the code is as the code says."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from ci.reference.__main__ import stale
from ci.reference.commands import with_blocks
from tests.conftest import ROOT
from tests.test_config import WHOLE

CONFIG_SCHEMA = json.loads((ROOT / "deploywatch/schemas/config.json").read_text())


def test_nothing_is_stale() -> None:
    assert stale() == [], "run: make reference"


def test_blocks_are_replaced_and_the_rest_is_kept() -> None:
    text = "before\n<!-- generated: exit-codes -->\nold\n<!-- end -->\nafter\n"
    made = with_blocks(text)
    assert made.startswith("before\n<!-- generated: exit-codes -->\n| code | meaning |")
    assert made.endswith("|\n<!-- end -->\nafter\n")
    assert "old" not in made


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "deploywatch/schemas").glob("*.json")))
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads((ROOT / "deploywatch/schemas" / name).read_text()))


def as_json(text: str) -> object:
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_the_schema_takes_what_the_program_takes() -> None:
    jsonschema.validate(as_json(WHOLE), CONFIG_SCHEMA)


@pytest.mark.parametrize(
    "text", ['[watch]\nfro = "1m"', '[wacth]\nfor = "1m"', "[watch]\nfor = 15", '[watch]\nfail_on = "always"']
)
def test_the_schema_refuses_what_the_program_refuses(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_json(text), CONFIG_SCHEMA)


def test_the_example_of_the_page_is_read() -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    example = page.partition("```toml\n")[2].partition("```")[0]
    jsonschema.validate(as_json(example), CONFIG_SCHEMA)


def test_the_lock_names_no_place() -> None:
    for file in sorted(Path(ROOT / "requirements").glob("*.txt")):
        text = file.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert " /" not in text
