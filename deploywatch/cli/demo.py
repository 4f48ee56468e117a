"""``deploywatch demo``: all of it on an embedded sandbox, with a real application that breaks for real."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from deploywatch.cli import options
from deploywatch.cli.output import answer_to


@click.command("demo")
@options.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Play in this folder, which is kept.  [default: a new one in /tmp]",
)
@options.option("--keep", is_flag=True, help="Let everything run on at the end, to try commands, until Ctrl-C.")
@options.general
def command(folder: Path | None, *, keep: bool) -> int:
    """Deploy a small web application that breaks, and watch deploywatch name the change.

    Everything runs on this machine. Exit code 0 when the commit that was named first is the one that broke it, else 1. It needs
    deploywatch[demo].
    """
    from deploywatch.sandbox.demo import run_demo, until_interrupted
    from deploywatch.sandbox.extra import require_demo_extra

    require_demo_extra()
    stage = folder or Path(tempfile.mkdtemp(prefix="deploywatch-demo-"))
    with answer_to(None) as write:
        return run_demo(stage, out=write, keep=until_interrupted if keep else None)
