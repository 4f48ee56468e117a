"""docs/troubleshooting.md and docs/errors.md tell of everything that a user may be told."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import deploywatch
from ci.reference.errors import messages
from deploywatch import errors
from deploywatch.doctor.finding import LEVEL_OF, Code
from tests.conftest import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
FINDING = re.compile(r"^\| `([a-z-]+)` \| ([a-z]+) \| (.+) \|$", re.MULTILINE)
SAYING = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|$", re.MULTILINE)
SOURCE = "\n".join(path.read_text() for path in sorted(Path(deploywatch.__file__).parent.rglob("*.py")))


def test_every_finding_of_the_doctor_is_told_once_with_its_level() -> None:
    rows = FINDING.findall(PAGE)
    assert Counter(code for code, _, _ in rows) == Counter(str(code) for code in Code)
    assert {code: level for code, level, _ in rows} == {str(code): str(level) for code, level in LEVEL_OF.items()}


def test_every_finding_that_is_not_well_says_what_to_do() -> None:
    for code, level, meaning in FINDING.findall(PAGE):
        assert len(meaning.split()) >= 3, code
        assert level == "ok" or meaning.endswith("."), code


@pytest.mark.parametrize("saying", [text for text, _ in SAYING.findall(PAGE)])
def test_what_the_page_quotes_is_what_the_program_says(saying: str) -> None:
    assert saying in SOURCE


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DeployWatchError)]
)
def test_every_error_has_a_section(kind: type[errors.DeployWatchError]) -> None:
    section = f"## `{kind.__name__}` (exit code {kind.exit_code})"
    assert section in (ROOT / "docs/errors.md").read_text() or kind is errors.DeployWatchError


def test_every_message_has_a_hint_or_says_that_it_depends() -> None:
    found = messages()
    assert sum(map(len, found.values())) > 100
    told = [message for rows in found.values() for message in rows if message.hint]
    assert len(told) > 0.85 * sum(map(len, found.values()))
    assert any(message.text.startswith("no environment is named") for message in found["ConfigError"])


def test_the_links_of_the_page_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).strip().replace(" ", "-")
        for line in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert target[1:] in headings if target.startswith("#") else (ROOT / "docs" / target).is_file(), target
