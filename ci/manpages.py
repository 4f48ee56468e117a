"""Write a man page for every command, from ``--help``: ``python -m ci.manpages FOLDER``. The date is SOURCE_DATE_EPOCH's."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from click_man.core import generate_man_page

from deploywatch import __version__
from deploywatch.cli.main import COMMANDS, program


def main() -> int:
    """Write them."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    day = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC).strftime("%Y-%m-%d")
    with click.Context(program, info_name="deploywatch") as root:
        # click-man reads the table that a lazy group does not have.
        commands = {name: command for name in COMMANDS if (command := program.get_command(root, name))}
        program.commands.update(commands)
        _write(root, folder, day)
        for name, command in commands.items():
            _write_below(command, root, name, folder=folder, day=day)
    print(f"{len(list(folder.glob('*.1')))} man pages")
    return 0


def _write_below(command: click.Command, parent: click.Context, name: str, *, folder: Path, day: str) -> None:
    with click.Context(command, parent=parent, info_name=name) as context:
        _write(context, folder, day)
        for inner, below in getattr(command, "commands", {}).items():
            _write_below(below, context, inner, folder=folder, day=day)


def _write(context: click.Context, folder: Path, day: str) -> None:
    page = generate_man_page(context, version=__version__, date=day)
    (folder / f"{context.command_path.replace(' ', '-')}.1").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
