"""What ``deploywatch run`` found, read from the report that it wrote, and whether that is what really happened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploywatch.sandbox.story import Story

REGRESSION = 3


@dataclass(frozen=True, slots=True)
class Named:
    """The first suspect of the first finding; ``probability`` is between 0 and 1."""

    sha: str
    subject: str
    author: str
    probability: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code, the commit that was named (``None``: none was), the page (``None``: none was written), and the truth."""

    exit_code: int
    named: Named | None
    page: Path | None
    culprit: str

    @property
    def is_right(self) -> bool:
        """Whether the regression was seen and the commit that caused it named first."""
        return self.exit_code == REGRESSION and self.named is not None and self.named.sha == self.culprit


def read_outcome(folder: Path, story: Story, *, exit_code: int) -> Outcome:
    """Read the report files in ``folder``, which need not exist: a run that failed wrote none."""
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    reports = [read for path in files if path.suffix == ".json" and (read := _report(path))]
    page = next((path for path in files if path.suffix == ".html"), None)
    return Outcome(exit_code, _first_named(reports[-1]) if reports else None, page, story.culprit)


def _report(path: Path) -> dict[str, Any] | None:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return read if isinstance(read, dict) and read.get("schema") == "deploywatch.report/1" else None


def _first_named(report: dict[str, Any]) -> Named | None:
    suspects = [suspect for finding in report["findings"][:1] for suspect in finding["suspects"]]
    if not suspects:
        return None
    first = suspects[0]
    return Named(first["sha"], first["subject"], first["author"]["name"], first["probability"])
