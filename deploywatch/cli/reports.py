"""``--report FILE``: the same report in further formats, as files beside the answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploywatch.cli.output import write_to
from deploywatch.report.formats import ENDINGS, format_of

if TYPE_CHECKING:
    from deploywatch.cli.invocation import Invocation
    from deploywatch.model import Report
    from deploywatch.settings import Settings


class ReportFile(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """``report.html``, or ``step-summary=FILE`` where the ending does not say the format: the format's name and the path."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """Parse, or fail as click does."""
        if isinstance(value, tuple):
            return value
        named, equals, path = str(value).partition("=")
        fmt, file = (named, Path(path)) if equals and path and named in ENDINGS else (format_of(str(value)), Path(value))
        if fmt is None:
            endings = ", ".join(f".{ending}" for ending in ENDINGS.values())
            self.fail(f"{value!r}: name a file that ends in {endings}, or say FORMAT=FILE", param, ctx)
        # Before a watch of a quarter of an hour, not after it.
        if not file.parent.is_dir():
            self.fail(f"{value!r}: there is no folder {file.parent}", param, ctx)
        return fmt, file


def write_reports(invocation: Invocation, settings: Settings, report: Report) -> None:
    """Write the files that ``--report`` asked for. Raises ``UsageError`` for one that cannot be written."""
    from deploywatch.report.render import render

    look = replace(invocation.look(settings), width=100, color=False)
    for fmt, path in invocation.reports:
        write_to(path, render(report, fmt, look))
