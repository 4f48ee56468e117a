"""What a watch's verdict means to the pipeline that waits for it: settings, request and the deploy's kind -> the gate."""

from __future__ import annotations

from dataclasses import replace

from deploywatch.model import Report, WatchResult
from deploywatch.requests import WatchOutcome, WatchRequest
from deploywatch.settings import Watch
from deploywatch.watch.gate import gate


def gated(settings: Watch, request: WatchRequest, result: WatchResult, report: Report) -> WatchOutcome:
    """The outcome with its gate, which the report tells of, too. What the request says goes before the settings."""
    answer = gate(
        result,
        request.fail_on or settings.fail_on,
        dry_run=settings.dry_run_gate if request.dry_run_gate is None else request.dry_run_gate,
        rollback=request.rollback,
    )
    return WatchOutcome(result, replace(report, gate=answer), answer)
