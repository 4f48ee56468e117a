"""The runner that plays GitHub's: what it obeys, what it masks, and what its expressions come to."""

from __future__ import annotations

import pytest

from ci.runner.commands import Reader
from ci.runner.expressions import evaluate, fill, holds


def read(*lines: str) -> Reader:
    reader = Reader()
    reader.read("\n".join(lines))
    return reader


def test_annotations_are_read_with_their_escapes() -> None:
    (note,) = read("  ::error file=a%2Cb.py,line=3::one%0Atwo 100%25").notes
    assert (note.level, note.properties, note.message) == ("error", {"file": "a,b.py", "line": "3"}, "one\ntwo 100%")


def test_secrets_are_masked_from_then_on() -> None:
    assert read("before hunter22", "::add-mask::hunter22", "after hunter22").log == ["before hunter22", "after ***"]


def test_stopped_commands_are_text() -> None:
    found = read("::stop-commands::abc", "::error::no", "x ##[error]no", "::xyz::", "::abc::", "::warning::yes")
    assert [note.message for note in found.notes] == ["yes"]
    assert "::error::no" in found.log


@pytest.mark.parametrize("line", ["::error::x", "text ##[error]x"])
def test_what_strangers_write_would_be_obeyed(line: str) -> None:
    assert read(line).obeyed == ["error"]


@pytest.mark.parametrize("line", ["a ::error::x", "::nothing::x", "::error", "# #[error]x"])
def test_other_lines_are_text(line: str) -> None:
    found = read(line)
    assert (found.obeyed, found.log) == ([], [line])


CONTEXTS = {"inputs": {"a": "x", "empty": ""}, "steps": {"run": {"outputs": {"verdict": "healthy"}}}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("inputs.a", "x"),
        ("inputs.missing", None),
        ("inputs.empty || inputs.a", "x"),
        ("inputs.a && 'it''s'", "it's"),
        ("steps.run.outputs.verdict == 'healthy'", True),
        ("!(inputs.a != 'x')", True),
    ],
)
def test_expressions(expression: str, value: object) -> None:
    assert evaluate(expression, CONTEXTS) == value


def test_they_stand_in_texts() -> None:
    assert fill("-${{ inputs.a }}-${{ inputs.missing }}-${{ inputs.a == 'x' }}", CONTEXTS) == "-x--true"
    assert holds("${{ inputs.empty == '' }}", CONTEXTS)
    assert not holds("inputs.empty", CONTEXTS)
    assert holds(None, CONTEXTS)


@pytest.mark.parametrize("expression", ["secrets.x", "inputs.a == ", "toJSON(inputs)", "inputs.a 'x'", "(inputs.a", "a + b"])
def test_what_is_not_played_is_an_error(expression: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        evaluate(expression, CONTEXTS)
