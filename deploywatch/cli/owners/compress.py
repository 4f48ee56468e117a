"""``deploywatch owners compress``: Sentry's rules made small enough for Sentry, with a proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to, say

if TYPE_CHECKING:
    from deploywatch.owners.compress import Compression

_EXAMPLES = """\b
Examples:
  deploywatch owners compress rules.txt > compressed.txt"""


@click.command("compress", epilog=_EXAMPLES)
@click.argument("file", default="-", type=click.File(encoding="utf-8", errors="surrogateescape"))
@options.option(
    "--mode",
    type=click.Choice(["readable", "smallest"]),
    default="readable",
    show_default=True,
    help="No two rules match one path, or the fewest characters where the last match wins.",
)
@options.output
@options.general
@click.pass_obj
def command(invocation: Invocation, /, file: TextIO, mode: str) -> None:
    """Write Sentry's ownership rules in FILE (- is stdin) as far fewer wildcard rules that route every path as before.

    The rules go to stdout; the proof, the sizes and where new files would go are told on stderr.
    """
    from deploywatch.owners import compress as compression

    with answer_to(invocation.output) as write:
        done = compression.compress(file.read(), compression.Mode(mode))
        write(done.text)
    for line in _proof(done):
        say(line)


def _proof(done: Compression) -> Iterator[str]:
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
    for rule in done.new_files:
        yield f"new files: {rule.matcher} goes to {' '.join(rule.owners) or 'nobody'}"
