"""``deploywatch owners``: who owns a file, and which line says so; and Sentry's rules made small enough for Sentry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to, say

if TYPE_CHECKING:
    from deploywatch.model import RuleRef
    from deploywatch.owners.compress import Compression
    from deploywatch.owners.rules import Decision

_EXAMPLES = """\b
Examples:
  deploywatch owners who apps/shop/checkout.py
  git diff --name-only main | xargs deploywatch owners who --format json"""

_COMPRESS_EXAMPLES = """\b
Examples:
  deploywatch owners compress rules.txt > compressed.txt"""


@click.group("owners", short_help="Who owns a file, and rules made smaller.")
def command() -> None:
    """Who owns a file of the repository, and which line says so; and Sentry's ownership rules made smaller."""


@command.command("who", epilog=_EXAMPLES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git repository.  [default: here]")
@options.option("--rev", default="HEAD", show_default=True, metavar="REV", help="The commit whose owner file is asked.")
@options.reporting("text", "json")
@click.pass_obj
def who(invocation: Invocation, /, paths: tuple[str, ...], repo: Path, rev: str) -> None:
    """Name the owners of each PATH (from the repository's root), the line that decided, and the lines that it outranked."""
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        decisions = respond.who(invocation.setup(repo), repo=repo, rev=rev, paths=paths)
        if invocation.format == "json":
            from deploywatch.report.as_json import dumps

            write(dumps([_as_json(path, decision) for path, decision in decisions]))
        else:
            for path, decision in decisions:
                write(_as_text(path, decision))


@command.command("compress", epilog=_COMPRESS_EXAMPLES)
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
def compress(invocation: Invocation, /, file: TextIO, mode: str) -> None:
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


def _as_json(path: str, decision: Decision) -> dict[str, Any]:
    by = decision.decided_by
    return {
        "path": path,
        "owners": list(decision.owners),
        "decided_by": _rule(by) if by else None,
        "outranked": [_rule(rule) for rule in decision.outranked],
    }


def _rule(rule: RuleRef) -> dict[str, Any]:
    return {"file": rule.file, "line": rule.line, "pattern": rule.pattern, "owners": list(rule.owners)}


def _as_text(path: str, decision: Decision) -> str:
    from deploywatch.owners.rules import where
    from deploywatch.report.escaping import code

    by = decision.decided_by
    lines = [f"{path}: {' '.join(decision.owners) or 'nobody'}", f"  {where(by) if by else 'no line matches'}"]
    lines += [f"  over {where(rule)}: {' '.join(rule.owners) or 'nobody'}" for rule in decision.outranked]
    return "\n".join(code(line, 1_000) for line in lines)
