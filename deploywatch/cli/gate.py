"""The pipeline's gate: the exit code of ``run`` and ``watch``, and what is said where the pipeline goes on in spite of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.output import say

if TYPE_CHECKING:
    from deploywatch.model import Gate
    from deploywatch.settings import Settings

_LIFTED: Final = (ExitCode.FAILED, ExitCode.REGRESSION, ExitCode.INCONCLUSIVE)


def exit_code_of(gate: Gate) -> ExitCode:
    """The exit code. A person is told where it is not that of the verdict."""
    if gate.is_lifted:
        say(f"gate: {gate.why}")
    return ExitCode(gate.exit_code)


def is_on_trial(settings: Settings, *, asked: bool | None) -> bool:
    """Whether the gate is only being tried out: as the command line says, else as deploywatch.toml says."""
    return settings.watch.dry_run_gate if asked is None else asked


def on_trial(exit_code: int) -> int:
    """The exit code of a run that failed while the gate is on trial: nothing but a wrong command or an interrupt stops it."""
    if exit_code not in _LIFTED:
        return exit_code
    say(f"gate: on trial (dry run), so the pipeline goes on instead of ending with {exit_code}")
    return ExitCode.DONE
