"""``deploywatch owners who``: the owner of a path, an issue or an event, and what decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.requests import OwnersRequest, WhoRequest

if TYPE_CHECKING:
    from deploywatch.model import RuleRef
    from deploywatch.requests import WhoAnswer

_EXAMPLES = """\b
Examples:
  deploywatch owners who apps/shop/checkout.py
  deploywatch owners who SHOP-4F --base v1.4.0
  python app.py 2>&1 | deploywatch owners who -
  git diff --name-only main | xargs deploywatch owners who --format json"""


@click.command("who", epilog=_EXAMPLES)
@click.argument("targets", nargs=-1, required=True, metavar="PATH|ISSUE|EVENT...")
@options.repository
@options.projects
@options.option("--base", metavar="REV", help="The commit that was deployed before, to ask the suspected change too.")
@options.option("--event", "events", is_flag=True, help="Every argument is a file that holds an event or a traceback.")
@options.reporting("text", "json")
@click.pass_obj
def command(invocation: Invocation, /, **given: Any) -> None:
    """Name the owners of each argument, the line that decided, and what it outranked.

    PATH is a file or folder, from the repository's root. ISSUE is a Sentry issue: its number, its short id in capitals, its link.
    EVENT is - for stdin, or a .json, .jsonl, .txt or .log file that is not in the repository: a Sentry event or a traceback.
    Only for issues is Sentry asked.
    """
    import sys

    from deploywatch import respond

    owners = options.take(OwnersRequest, given)
    setup = invocation.setup(owners.repo)
    with answer_to(invocation.output) as write:
        answers = respond.who(setup, WhoRequest(owners=owners, **given), stdin=sys.stdin)
        if invocation.format == "json":
            from deploywatch.report.as_json import dumps

            write(dumps([_as_json(answer) for answer in answers]))
        else:
            for answer in answers:
                write(_as_text(answer))


def _as_json(answer: WhoAnswer) -> dict[str, Any]:
    from deploywatch.report.as_json import owner_json, rule_json

    found = {
        "path": answer.target,
        "owners": list(answer.owners),
        "decided_by": rule_json(answer.decided_by) if answer.decided_by else None,
        "outranked": [rule_json(rule) for rule in answer.outranked],
    }
    if answer.owner is None:
        return found
    told = owner_json(answer.owner) or {}
    more = {key: told[key] for key in ("path", "why", "service", "steps")}
    return {"target": answer.target, "event": answer.event} | found | more


def _as_text(answer: WhoAnswer) -> str:
    from deploywatch.report.escaping import code

    lines = [f"{answer.target}: {' '.join(answer.owners) or 'nobody'}", *_why(answer)]
    return "\n".join(code(line, 1_000) for line in lines)


def _why(answer: WhoAnswer) -> list[str]:
    from deploywatch.owners.rules import where

    by = answer.decided_by
    if answer.owner is None:
        return [f"  {where(by) if by else 'no line matches'}", *map(_over, answer.outranked)]
    service = answer.owner.service
    failing = [f"  service {service.name} ({service.by})"] if service else []
    steps = [f"  {number}. {step.text}" for number, step in enumerate(answer.owner.steps, start=1)]
    return [*failing, *steps, *map(_over, answer.outranked)]


def _over(rule: RuleRef) -> str:
    from deploywatch.owners.rules import where

    return f"  over {where(rule)}: {' '.join(rule.owners) or 'nobody'}"
