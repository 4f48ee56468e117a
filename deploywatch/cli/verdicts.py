"""What a watch's verdict means to the pipeline."""

from __future__ import annotations

from deploywatch.cli.exit_codes import ExitCode
from deploywatch.model import Verdict, WatchResult
from deploywatch.requests import FailOn


def exit_code_of(result: WatchResult, fail_on: FailOn) -> ExitCode:
    """The exit code of ``run`` and ``watch``. ``fail_on`` says which regressions count; it never turns blindness into health."""
    match result.verdict:
        case Verdict.HEALTHY:
            return ExitCode.DONE
        case Verdict.INCONCLUSIVE:
            return ExitCode.INCONCLUSIVE
        case Verdict.REGRESSION:
            return ExitCode.REGRESSION if fail_on.counts(result.regressions) else ExitCode.DONE
