"""What the commands share that make rules for Sentry: the mode, and what is told of the proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from deploywatch.cli import options
from deploywatch.cli.output import say

if TYPE_CHECKING:
    from deploywatch.owners.compress import Compression

mode = options.option(
    "--mode",
    type=click.Choice(["readable", "smallest"]),
    default="readable",
    show_default=True,
    help="No two rules match one path, or the fewest characters where the last match wins.",
)


def tell_proof(done: Compression, *, new_files: bool = True) -> None:
    """Tell on stderr what became smaller, what was proved, and where new files would go."""
    for line in _proof(done, new_files=new_files):
        say(line)


def _proof(done: Compression, *, new_files: bool) -> Iterator[str]:
    yield f"{done.rules_before} rules became {done.rules_after}, {done.size_before} characters {done.size_after}"
    yield f"proved: each of the {done.paths} paths goes where it went before"
    if not done.fits:
        yield "warning: that is still more than Sentry takes by default"
    if done.kept:
        yield f"{done.kept} wildcards written by hand were left as they are"
    if done.comments:
        yield f"{done.comments} comment lines are gone"
    for problem in done.problems:
        yield f"left out, because Sentry would refuse it: line {problem.line}: {problem.reason}"
    for rule in done.new_files if new_files else ():
        yield f"new files: {rule.matcher} goes to {' '.join(rule.owners) or 'nobody'}"
