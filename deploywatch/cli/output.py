"""Where answers go: stdout, or a file that appears whole or not at all. Everything else that is said goes to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from deploywatch.errors import UsageError

Write = Callable[[str], None]
_LONGEST_LINE = 2_000


class ReaderGoneError(Exception):
    """Whatever read stdout has closed it."""


@contextmanager
def answer_to(path: Path | None) -> Iterator[Write]:
    """A function that writes text, ending with a newline, to ``path`` or else to stdout.

    The file is made beside its place before the work begins, so that an unwritable folder is known at once, and is moved there
    when the block ends well; after an error the old file is still there. Raises ``UsageError`` where nothing can be written.
    """
    if path is None:
        yield _print
        return
    import tempfile

    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            yield lambda text: _write(file.write, text)
        draft.chmod(0o666 & ~_umask())
        _move(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_to(path: Path, text: str) -> None:
    """Write a whole file, in place of an old one; what is no regular file (a pipe, a device) is written into.

    Raises ``UsageError`` where it cannot be.
    """
    if path.exists() and not path.is_file():
        try:
            path.write_text(text, "utf-8")
        except OSError as error:
            raise _unwritable(path, error) from error
        return
    with answer_to(path) as write:
        write(text)


def say(text: str) -> None:
    """Tell a person something on stderr, with nothing in it that steers a terminal."""
    from deploywatch.report.escaping import code, no_commands

    for line in text.split("\n"):
        click.echo(no_commands(code(line, _LONGEST_LINE)), err=True)


def _print(text: str) -> None:
    try:
        _write(lambda whole: click.echo(whole, nl=False, color=True), text)
    except BrokenPipeError:
        # Python flushes stdout once more when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ReaderGoneError from None


def _write(write: Callable[[str], object], text: str) -> None:
    write(text if text.endswith("\n") else f"{text}\n")


def _move(draft: Path, path: Path) -> None:
    try:
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be written: {error.strerror}", hint="name a file in a folder that you may write to")


def _umask() -> int:
    """mkstemp makes a file for its owner alone; the answer is for whoever the user's umask lets read."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
