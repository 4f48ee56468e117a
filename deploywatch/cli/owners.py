"""``deploywatch owners``: who owns a file, and which line of which file says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to

if TYPE_CHECKING:
    from deploywatch.model import RuleRef
    from deploywatch.owners.rules import Decision

_EXAMPLES = """\b
Examples:
  deploywatch owners who apps/shop/checkout.py
  git diff --name-only main | xargs deploywatch owners who --format json"""


@click.group("owners", short_help="Who owns a file, and which line says so.")
def command() -> None:
    """Who owns a file of the repository, and which line of the owner file says so."""


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
    from deploywatch.owners.resolve import where
    from deploywatch.report.escaping import code

    by = decision.decided_by
    lines = [f"{path}: {' '.join(decision.owners) or 'nobody'}", f"  {where(by) if by else 'no line matches'}"]
    lines += [f"  over {where(rule)}: {' '.join(rule.owners) or 'nobody'}" for rule in decision.outranked]
    return "\n".join(code(line, 1_000) for line in lines)
