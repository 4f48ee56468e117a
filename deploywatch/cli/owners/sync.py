"""``deploywatch owners diff`` and ``push``: the rules that Sentry holds, compared with others and replaced by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from deploywatch.cli import options
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import Write, answer_to, say
from deploywatch.cli.owners.making import mode, tell_proof
from deploywatch.requests import OwnersRequest, SyncRequest

if TYPE_CHECKING:
    from deploywatch.steps.syncing import Synced

_DIFF_EXAMPLES = """\b
Examples:
  deploywatch owners diff --project shop
  deploywatch owners diff rules.txt --project shop --exit-code"""

_PUSH_EXAMPLES = """\b
Examples:
  deploywatch owners push --project shop
  deploywatch owners compress rules.txt | deploywatch owners push - --project shop --apply"""

_MOST_NAMED: Final = 10

_file = click.argument("file", required=False, metavar="[FILE]", type=click.File(encoding="utf-8", errors="replace"))


@click.command("diff", epilog=_DIFF_EXAMPLES)
@_file
@options.projects
@mode
@options.repository
@options.option("--exit-code", is_flag=True, help="Exit with 1 where there is a difference.")
@options.reporting("text", "json")
@click.pass_obj
def diff(invocation: Invocation, /, *, file: TextIO | None, exit_code: bool, **given: Any) -> ExitCode:
    """Show what would change in Sentry if it held the rules in FILE (- is stdin).

    Without FILE the rules are made of the repository's owner file, one for each file, and compressed.
    """
    from deploywatch import respond

    request = _request(file, given)
    with answer_to(invocation.output) as write:
        found = respond.owners_diff(invocation.setup(request.owners.repo), request)
        _answer(found, invocation.format, write)
    _tell(found)
    return ExitCode.FAILED if exit_code and not found.comparison.is_same else ExitCode.DONE


@click.command("push", epilog=_PUSH_EXAMPLES)
@_file
@options.projects
@mode
@options.repository
@options.option("--apply", is_flag=True, help="Write the rules; without it nothing is changed.")
@options.option("--allow-empty", is_flag=True, help="Let FILE hold no rule, which deletes all that Sentry holds.")
@options.reporting("text", "json")
@click.pass_obj
def push(invocation: Invocation, /, file: TextIO | None, **given: Any) -> None:
    """Replace the ownership rules of a Sentry project by those in FILE (- is stdin), if --apply is given.

    Without FILE the rules are made as `diff` makes them. Their size and their owners are checked first; what was there is kept in
    the state folder; what was written is read again.
    """
    from deploywatch import respond

    request = _request(file, given)
    with answer_to(invocation.output) as write:
        found = respond.owners_push(invocation.setup(request.owners.repo), request)
        _answer(found, invocation.format, write)
    _tell(found)
    say(_done(found))


def _request(file: TextIO | None, given: dict[str, Any]) -> SyncRequest:
    text = file.read() if file else None
    smallest = given.pop("mode") == "smallest"
    return SyncRequest(owners=options.take(OwnersRequest, given), text=text, smallest=smallest, **given)


def _answer(found: Synced, fmt: str, write: Write) -> None:
    if fmt == "json":
        from deploywatch.report.as_json import dumps

        write(dumps(_as_json(found)))
    elif not found.comparison.is_same:
        from deploywatch.report.escaping import code

        write("\n".join(code(line, 10_000) for line in found.comparison.diff))


def _as_json(found: Synced) -> dict[str, Any]:
    comparison = found.comparison
    return {
        "schema": "deploywatch.owners-sync/1",
        "project": found.project,
        "same": comparison.is_same,
        "applied": found.applied,
        "backup": str(found.backup) if found.backup else None,
        "characters": {"held": len(comparison.held), "wanted": len(comparison.wanted), "limit": comparison.limit},
        "rules": {"held": comparison.rules_held, "wanted": comparison.rules_wanted},
        "refused_lines": [{"line": problem.line, "reason": problem.reason} for problem in comparison.problems],
        "unknown_owners": None if comparison.unknown is None else list(comparison.unknown),
        "diff": list(comparison.diff),
        "warnings": list(found.warnings),
    }


def _tell(found: Synced) -> None:
    comparison = found.comparison
    if found.made:
        tell_proof(found.made.compression, new_files=False)
    for warning in found.warnings:
        say(f"warning: {warning}")
    for problem in comparison.problems[:_MOST_NAMED]:
        say(f"warning: Sentry would refuse line {problem.line}: {problem.reason}")
    for owner in (comparison.unknown or ())[:_MOST_NAMED]:
        say(f"warning: Sentry knows no {owner}")
    if not comparison.fits:
        say(f"warning: {len(comparison.wanted):,} characters are more than the {comparison.limit:,} that Sentry takes")
    if comparison.is_same:
        say(f"Sentry holds these rules of {found.project} already")


def _done(found: Synced) -> str:
    comparison = found.comparison
    if found.applied:
        written = f"{comparison.rules_wanted} rules of {found.project} were written and read again"
        return f"{written}; the former ones are in {found.backup}"
    if comparison.is_same:
        return "nothing to do"
    became = f"{comparison.rules_held} rules of {found.project} would become {comparison.rules_wanted}"
    return f"dry run: {became}; say --apply to write them"
