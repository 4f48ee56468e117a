"""What a watch found -> ranked, with owners, as a report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deploywatch.model import Regression, Report, WatchResult
from deploywatch.report.build import Setting, build_report
from deploywatch.requests import CodeRequest
from deploywatch.steps.code import Code
from deploywatch.steps.investigator import Investigator

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup


def reported(setup: Setup, result: WatchResult, code: Code | None, request: CodeRequest) -> tuple[WatchResult, Report]:
    """The result with suspects and owners, and its report. Without code it says what broke, and names nobody."""
    made_at = setup.now()
    if code is None:
        return result, build_report(result, Setting(made_at))
    roots = (*request.code_roots, *((root.from_, root.to) for root in setup.settings.repository.code_roots))
    investigator = Investigator(code.repository, code.window, code_roots=roots)
    regressions = tuple(_investigated(setup, investigator, regression) for regression in result.regressions)
    result = replace(result, regressions=regressions)
    excerpts = {r.issue.id: excerpt for r in regressions if (excerpt := investigator.excerpt(r))}
    setting = Setting(
        made_at,
        window=code.window,
        deployed_at=result.deployed_at or result.started_at,
        remote_url=code.repository.remote_url(setup.settings.repository.remote),
        excerpts=excerpts,
        warnings=code.warnings,
    )
    return result, build_report(result, setting)


def _investigated(setup: Setup, investigator: Investigator, regression: Regression) -> Regression:
    if regression.event is None:
        return regression
    ranking = investigator.rank(regression.event)
    owner = investigator.owner(ranking, setup.settings.owners.default, file=setup.settings.owners.file)
    return replace(regression, ranking=ranking, owner=owner)
