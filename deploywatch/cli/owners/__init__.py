"""``deploywatch owners``: who owns what and why, whether the rules are sound, and Sentry's rules made small and written."""

from __future__ import annotations

import click

from deploywatch.cli.owners import compress, who


@click.group("owners", short_help="Who owns what and why; rules checked, made smaller, and written to Sentry.")
def command() -> None:
    """Who owns a file, an issue or an event, and which line says so; whether the rules are sound; Sentry's rules made smaller."""


for each in (who, compress):
    command.add_command(each.command)
