"""Reports to text and back, so that a delivery can be composed again for another channel when the run that made it is over."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, ValidationError

from deploywatch.errors import StateError
from deploywatch.model import Report


def dump(report: Report) -> str:
    """The report as JSON, every value kept."""
    return _adapter().dump_json(report).decode()


def load(document: str) -> Report:
    """The report that ``dump`` wrote. Raises ``StateError`` where another version of deploywatch wrote something else."""
    try:
        return _adapter().validate_json(document)
    except ValidationError as error:
        raise StateError(
            f"the stored report cannot be read ({error.error_count()} differences)",
            hint="another version of deploywatch wrote it: make it again with `deploywatch run` or `deploywatch investigate`",
        ) from error


@cache
def _adapter() -> TypeAdapter[Report]:
    """Making one costs more than all its uses in a run."""
    return TypeAdapter(Report)
