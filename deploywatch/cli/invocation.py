"""What one call of the program is told beside its command: the format, the output, colours, verbosity, the configuration."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deploywatch.cli.output import say

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.report.render import Look
    from deploywatch.settings import Settings
    from deploywatch.watch.loop import Progress

WIDEST = 120


@dataclass(slots=True)
class Invocation:
    """Filled by the shared options while click parses, read by the command and by the exit door."""

    format: str = "text"
    output: Path | None = None
    reports: tuple[tuple[str, Path], ...] = ()
    config: Path | None = None
    no_color: bool = False
    verbosity: int = 0
    blind_exit: int | None = None
    """The exit code of "Sentry could not be reached" where that is a verdict and not a failure (``run``, ``watch``)."""
    gate_on_trial: bool = False
    """Whether nothing that was found, or failed, may stop the pipeline (``run``, ``watch``)."""
    problems: list[str] = field(default_factory=list)
    """What could not be done beside the answer, in sentences."""
    trouble: tuple[str, str] | None = None
    """What ended the command, if something did: the message, and what to do about it."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @property
    def plain(self) -> bool:
        """Whether colours and moving displays are unwanted, wherever the output goes."""
        wanted_off = self.no_color or any(self.environ.get(name) for name in ("NO_COLOR", "CI"))
        return wanted_off or self.environ.get("TERM") == "dumb"

    def look(self, settings: Settings | None = None) -> Look:
        """How reports are drawn to where the output goes."""
        import shutil

        from deploywatch.report.render import Look

        terminal = self.output is None and sys.stdout.isatty()
        width = min(shutil.get_terminal_size((100, 24)).columns, WIDEST) if terminal else 100
        return Look(settings.report.templates if settings else None, width, color=terminal and not self.plain)

    def settings(self, start: Path) -> Settings:
        """deploywatch.toml for the repository at ``start``. Raises ``ConfigError``."""
        from deploywatch.config import load_settings

        return load_settings(self.config, self.environ, start=start)

    def has_settings(self, start: Path) -> bool:
        """Whether there is a configuration to read; asking spares an offline command the machinery that reads it."""
        from deploywatch.config import find_config

        return bool(self.config or find_config(start, self.environ))

    def setup(self, start: Path) -> Setup:
        """The production set-up of the use cases for the repository at ``start``. Raises ``ConfigError``."""
        from deploywatch.bootstrap import production

        return production(self.settings(start), environ=self.environ, say=say)

    def progress(self) -> AbstractContextManager[Progress]:
        """Shows on stderr how a watch goes: a live display where that is wanted, plain lines elsewhere."""
        from deploywatch.cli.progress import show_progress

        return show_progress(sys.stderr, plain=self.plain)
