"""``deploywatch completion``: the script that makes a shell complete commands, options and values."""

from __future__ import annotations

import click

from deploywatch.cli import options
from deploywatch.cli.output import answer_to

_EXAMPLES = """\b
Examples:
  eval "$(deploywatch completion bash)"                                        in ~/.bashrc
  eval "$(deploywatch completion zsh)"                                         in ~/.zshrc
  deploywatch completion fish > ~/.config/fish/completions/deploywatch.fish"""


@click.command("completion", epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.general
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL."""
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    kinds = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
    script = kinds[shell](context.find_root().command, {}, "deploywatch", "_DEPLOYWATCH_COMPLETE")
    with answer_to(None) as write:
        write(script.source_template % script.source_vars())
