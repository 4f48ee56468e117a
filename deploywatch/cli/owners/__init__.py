"""``deploywatch owners``: who owns what and why, whether the rules are sound, and Sentry's rules made small and written."""

from __future__ import annotations

import click

from deploywatch.cli.owners import check, compress, sync, who


@click.group("owners", short_help="Who owns what and why; rules checked, made smaller, and written to Sentry.")
def command() -> None:
    """Who owns a file, an issue or an event, and why; whether the rules are sound; Sentry's rules made smaller, and written."""


for each in (who.command, check.command, compress.command, sync.diff, sync.push):
    command.add_command(each)
