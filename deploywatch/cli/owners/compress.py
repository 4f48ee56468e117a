"""``deploywatch owners compress``: Sentry's rules made small enough for Sentry, with a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to, say
from deploywatch.cli.owners.making import mode, tell_proof
from deploywatch.requests import OwnersRequest

if TYPE_CHECKING:
    from deploywatch.owners.compress import Compression

_EXAMPLES = """\b
Examples:
  deploywatch owners compress rules.txt > compressed.txt
  deploywatch owners compress --generate --mode smallest > compressed.txt"""


@click.command("compress", epilog=_EXAMPLES)
@click.argument("file", default="-", type=click.File(encoding="utf-8", errors="surrogateescape", lazy=True))
@mode
@options.option(
    "--generate", is_flag=True, help="Make a rule for every file of the repository by its owner file; no FILE is read."
)
@options.repository
@click.option(
    "--project",
    metavar="SLUG",
    envvar=["DEPLOYWATCH_PROJECT"],
    help="With --generate: a Sentry project, to ask what it calls owners and files.",
)
@options.output
@options.general
@click.pass_obj
def command(invocation: Invocation, /, file: TextIO, **given: Any) -> None:
    """Write Sentry's ownership rules in FILE (- is stdin) as far fewer wildcard rules that route every path as before.

    The rules go to stdout; the proof, the sizes and where new files would go are told on stderr.
    """
    with answer_to(invocation.output) as write:
        smallest = given.pop("mode") == "smallest"
        done = _made(invocation, given, smallest=smallest) if given.pop("generate") else _read(file, smallest=smallest)
        write(done.text)
    tell_proof(done)


def _read(file: TextIO, *, smallest: bool) -> Compression:
    from deploywatch.owners.compress import Mode, compress

    return compress(file.read(), Mode.SMALLEST if smallest else Mode.READABLE)


def _made(invocation: Invocation, given: dict[str, Any], *, smallest: bool) -> Compression:
    from deploywatch import respond

    project = given.pop("project")
    request = OwnersRequest(repo=given["repo"], rev=given["rev"], projects=(project,) if project else ())
    made = respond.owners_rules(invocation.setup(request.repo), request, smallest=smallest)
    for owner in made.unknown:
        say(f"warning: nothing tells what Sentry calls {owner}, so its files are left to others, or to nobody")
    return made.compression
