"""The program: a table of commands, of which only the one that is called is loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from typing import Any, Final, NoReturn

import click

from deploywatch import __version__
from deploywatch.cli.errors import leave
from deploywatch.cli.invocation import Invocation


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the module that holds it as ``command``, and its line in the help."""

    module: str
    summary: str


COMMANDS: Final = {
    "run": Entry("run", "The pipeline step: release, watch, investigate, deliver."),
    "release": Entry("release", "Create the Sentry release: commits, deploy, finalize."),
    "watch": Entry("watch", "Watch a release that exists."),
    "investigate": Entry("investigate", "Name the suspects of an issue, or of a release's new issues."),
    "verify": Entry("verify", "Did the fix work? Resolves the issue where it did."),
    "suspects": Entry("suspects", "Rank commits for a traceback or event; needs git alone."),
    "owners": Entry("owners", "Who owns what and why; rules checked, made smaller, written to Sentry."),
    "deliveries": Entry("deliveries", "What was sent, to whom, and what became of it."),
    "doctor": Entry("doctor", "Is everything there? Tokens and scopes, clone, path mapping, owners, channels."),
    "init": Entry("init", "Write a first deploywatch.toml from what is there."),
    "demo": Entry("demo", "All of it on an embedded sandbox, with an application that breaks."),
    "completion": Entry("completion", "Print the completion script for a shell."),
}


class LazyCommands(click.Group):
    """Knows its commands by name and summary, so that ``--help`` loads none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of a deploy."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"deploywatch.cli.{COMMANDS[cmd_name].module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The table of the help, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the one that was probably meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            suggestion = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"there is no command {name!r}.{suggestion}")
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]  # it never returns, whatever click was asked for
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run, leave by the one exit door, and end the process."""
        sys.exit(self.run(args, Invocation(), prog_name or "deploywatch", **extra))

    def run(self, args: Sequence[str] | None, invocation: Invocation, prog_name: str = "deploywatch", **extra: Any) -> int:
        """Run, leave by the one exit door, and return the exit code."""
        _write_whatever_comes()
        extra |= {"standalone_mode": False, "obj": invocation}
        return leave(lambda: super(LazyCommands, self).main(args, prog_name, **extra), invocation)


def _write_whatever_comes() -> None:
    """A locale that cannot write a character must not lose a report."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@click.group(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Every option has a variable: --fail-on is DEPLOYWATCH_FAIL_ON.
Exit codes: 0 done, or healthy; 1 failed; 2 usage; 3 regression found; 4 inconclusive.""",
)
@click.version_option(__version__, prog_name="deploywatch")
def program() -> None:
    """After a deploy, tell the right owner which change broke production, and show why."""


def main() -> NoReturn:
    """The console script."""
    program.main()
