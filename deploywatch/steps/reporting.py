"""What a watch found -> ranked, with owners, as a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from deploywatch.history.undo import try_revert
from deploywatch.model import Regression, Report, Revert, WatchResult
from deploywatch.report.build import Setting, build_report
from deploywatch.report.excerpt import named_suspect, presentable
from deploywatch.report.redact import Redactor
from deploywatch.requests import CodeRequest
from deploywatch.steps.code import Code
from deploywatch.steps.investigator import Investigator
from deploywatch.steps.owner_finder import OwnerFinder
from deploywatch.steps.privacy import redactor_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client


def reported(
    setup: Setup, result: WatchResult, code: Code | None, request: CodeRequest, *, client: Client | None = None
) -> tuple[WatchResult, Report]:
    """The result with suspects and owners, and its report. Without code it says what broke and whose it is, and accuses nobody.

    ``client`` is asked for what Sentry knows of owners and people. No secret leaves here: all that is printed, written or sent is
    made of this.
    """
    made_at = setup.now()
    redactor = redactor_of(setup)
    if code is None:
        finder = OwnerFinder(setup, client=client)
        regressions = tuple(finder.investigated(regression, None) for regression in result.regressions)
        result = redactor.noun(replace(result, regressions=regressions))
        return result, build_report(result, Setting(made_at))
    roots = (*request.code_roots, *((root.from_, root.to) for root in setup.settings.repository.code_roots))
    investigator = Investigator(code.repository, code.new, code_roots=roots)
    investigator.acquaint([regression.event for regression in result.regressions if regression.event])
    finder = OwnerFinder(setup, code.repository, code.head, client=client)
    regressions = tuple(_investigated(investigator, finder, redactor, regression) for regression in result.regressions)
    result = replace(result, regressions=regressions)
    reverts = _reverts(code, regressions)
    excerpts = {r.issue.id: excerpt for r in regressions if (excerpt := investigator.excerpt(r))}
    setting = Setting(
        made_at,
        window=code.window,
        deployed_at=result.deployed_at or result.started_at,
        remote_url=code.repository.remote_url(setup.settings.repository.remote),
        excerpts=excerpts,
        reverts=reverts,
        warnings=code.warnings,
        rollback=code.rollback,
    )
    return redactor.noun(result), redactor.report(build_report(result, setting))


def _reverts(code: Code, regressions: Iterable[Regression]) -> dict[str, Revert]:
    """How to undo each change that is named, tried out at the commit that is deployed."""
    named = {suspect.commit.sha: suspect.commit for each in regressions if (suspect := named_suspect(each.ranking))}
    tried = {sha: try_revert(code.repository, commit, code.head) for sha, commit in named.items()}
    return {sha: revert for sha, revert in tried.items() if revert}


def _investigated(investigator: Investigator, finder: OwnerFinder, redactor: Redactor, regression: Regression) -> Regression:
    ranking = investigator.rank(redactor.event(regression.event)) if regression.event else None
    owned = finder.investigated(regression, ranking)
    return replace(owned, ranking=presentable(owned.ranking)) if owned.ranking else owned
