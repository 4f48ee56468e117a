"""The one exit door: whatever ends a command becomes an exit code, a message that helps, and for programs a JSON object.

Expected trouble is a ``DeployWatchError`` with its own exit code. Anything else is a bug of ours: a short message, and a log that
can be pasted into an issue, with the values of secret-looking variables taken out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from deploywatch import __version__
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.gate import on_trial
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import ReaderGoneError, answer_to, say
from deploywatch.errors import DeployWatchError, SentryUnavailable

_SECRET_WORDS: Final = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "WEBHOOK", "DSN", "CREDENTIAL", "AUTH")
_SHORTEST_SECRET: Final = 6


def leave(command: Callable[[], Any], invocation: Invocation) -> int:
    """Run ``command`` and say in an exit code how it ended; nothing but that comes out of here."""
    exit_code = _end(command, invocation)
    return on_trial(exit_code) if invocation.gate_on_trial else exit_code


def _end(command: Callable[[], Any], invocation: Invocation) -> int:
    try:
        return int(command() or ExitCode.DONE)
    except DeployWatchError as error:
        return _expected(error, invocation)
    except click.Abort:
        say("interrupted")
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        return _refused_by_click(error, invocation)
    except ReaderGoneError:
        return ExitCode.READER_GONE
    except Exception as error:  # noqa: BLE001 - the outermost frame: a bug becomes a log to send, and exit code 1
        return _unexpected(error, invocation)


def _expected(error: DeployWatchError, invocation: Invocation) -> int:
    exit_code = error.exit_code
    if isinstance(error, SentryUnavailable) and invocation.blind_exit is not None:
        exit_code = invocation.blind_exit
    say(error.diagnostics())
    if invocation.verbosity:
        say(_trace(error))
    _tell_programs(error.code, error.message, error.hint, exit_code=exit_code, invocation=invocation)
    return exit_code


def _refused_by_click(error: click.ClickException, invocation: Invocation) -> int:
    error.show()
    hint = "see the command's --help"
    _tell_programs("UsageError", error.format_message(), hint, exit_code=error.exit_code, invocation=invocation)
    return error.exit_code


def _unexpected(error: Exception, invocation: Invocation) -> int:
    import tempfile

    log = report_of(error, invocation.environ)
    try:
        with tempfile.NamedTemporaryFile("w", prefix="deploywatch-", suffix=".log", delete=False, encoding="utf-8") as file:
            file.write(log)
        place = file.name
    except OSError as trouble:
        place = f"nowhere ({trouble.strerror})"
    message = f"deploywatch has a bug: {type(error).__name__}"
    hint = f"open an issue with the log in {place}; secrets of the environment are masked in it"
    say(f"error: {message}\n  hint: {hint}")
    if invocation.verbosity or invocation.environ.get("CI"):
        say(log)
    _tell_programs("Unexpected", message, hint, exit_code=ExitCode.FAILED, invocation=invocation)
    return ExitCode.FAILED


def _tell_programs(code: str, message: str, hint: str, *, exit_code: int, invocation: Invocation) -> None:
    invocation.trouble = (message, hint)
    if invocation.format != "json":
        return
    from deploywatch.report.as_json import dumps

    answer = {"schema": "deploywatch.error/1", "error": {"code": code, "message": message, "hint": hint}, "exit_code": exit_code}
    try:
        with answer_to(None) as write:
            write(dumps(answer, indent=None))
    except ReaderGoneError:
        return


def report_of(error: BaseException, environ: Mapping[str, str]) -> str:
    """A log that can be pasted into an issue: versions and the traceback, fenced, without any secret of ``environ``."""
    import platform

    trace = _masked(_trace(error), environ)
    versions = f"deploywatch {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    command = " ".join(sys.argv[1:2])
    return f"### {versions}\n\ncommand: `deploywatch {command}`\n\n```\n{trace.replace('```', '` ` `')}```\n"


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _masked(text: str, environ: Mapping[str, str]) -> str:
    for name, value in environ.items():
        if len(value) >= _SHORTEST_SECRET and any(word in name.upper() for word in _SECRET_WORDS):
            text = text.replace(value, f"<{name}>")
    return text
