"""``--open-revert``: the change that broke it undone on a branch, and a pull request for it. Nothing is merged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from deploywatch.deliver.guard import PublicOnly
from deploywatch.deliver.options import EVERYWHERE
from deploywatch.deliver.pull_requests import Draft, Means, pull_requests_of
from deploywatch.errors import DeployWatchError, GitError
from deploywatch.history.publishing import on_remote, push, revert_commit
from deploywatch.model import Commit, Finding, Link, Report, Revert, RevertOutcome, Verdict
from deploywatch.report.excerpt import named_suspect
from deploywatch.report.reverting import branch_name, commit_message, pull_request_body, pull_request_title
from deploywatch.requests import DeliveryRequest
from deploywatch.steps.code import Code
from deploywatch.steps.outbox import http_of
from deploywatch.steps.privacy import redactor_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup

_NOT_LET_IN: Final = "No pull request was opened: there is no token for the code host (GITHUB_TOKEN, GITLAB_TOKEN)."


def reverted(setup: Setup, code: Code | None, report: Report, request: DeliveryRequest) -> Report:
    """The report with the branch and the pull request that undo the worst finding's change, where that was asked for.

    Both are made once, however often this runs. Only a change that is named and that can be undone cleanly is; what could not be
    done is said in the report, and never stops it.
    """
    if not request.open_revert or report.verdict is not Verdict.REGRESSION or not report.findings or code is None:
        return report
    finding = report.findings[0]
    named = named_suspect(finding.regression.ranking)
    if named is None or finding.revert is None:
        return _warned(report, "No revert was opened: no change is sure enough to be undone by itself")
    if finding.revert.outcome is not RevertOutcome.CLEAN:
        return _warned(report, "No revert was opened: it cannot be told that the change is undone cleanly")
    if request.dry_run:
        setup.say(f"dry run: the branch {branch_name(named.commit)} would be made and pushed, and a pull request opened")
        return report
    return _with(report, named.commit, _opened(setup, code, report, finding, named.commit))


def _opened(setup: Setup, code: Code, report: Report, finding: Finding, commit: Commit) -> Revert:
    assert finding.revert  # noqa: S101 - the caller has looked
    branch = branch_name(commit)
    try:
        _publish(setup, code, report, finding, commit)
    except GitError as trouble:
        said = redactor_of(setup).text(trouble.message)
        return replace(finding.revert, note=f"The branch {branch} could not be made: {said}")
    on_branch = replace(finding.revert, branch=branch)
    try:
        address = _request(setup, code, report, finding, commit)
    except DeployWatchError as trouble:
        return replace(on_branch, note=f"The pull request could not be opened: {redactor_of(setup).text(trouble.message)}")
    if address is None:
        return replace(on_branch, note=_NOT_LET_IN)
    return replace(on_branch, pull_request=address)


def _publish(setup: Setup, code: Code, report: Report, finding: Finding, commit: Commit) -> None:
    remote, branch = setup.settings.repository.remote, branch_name(commit)
    if on_remote(code.repository, remote, branch) is not None:
        return
    made = revert_commit(code.repository, commit, code.head, commit_message(commit, finding, report))
    push(code.repository, remote, made, branch)


def _request(setup: Setup, code: Code, report: Report, finding: Finding, commit: Commit) -> str | None:
    url = code.repository.remote_url(setup.settings.repository.remote)
    means = Means(setup.environ, lambda: http_of(setup, PublicOnly(EVERYWHERE)), setup.now)
    requests = pull_requests_of(url, means)
    if requests is None:
        return None
    draft = Draft(branch_name(commit), pull_request_title(commit), pull_request_body(commit, finding, report))
    return requests.ensure(draft)


def _with(report: Report, commit: Commit, revert: Revert) -> Report:
    """The revert in every finding that the same change explains, with a link where there is something to open."""
    links = (Link("Pull request that undoes it", revert.pull_request),) if revert.pull_request else ()
    findings = (
        replace(each, revert=revert, links=(*links, *each.links)) if _is_of(each, commit) else each for each in report.findings
    )
    return replace(report, findings=tuple(findings))


def _is_of(finding: Finding, commit: Commit) -> bool:
    named = named_suspect(finding.regression.ranking)
    return named is not None and named.commit.sha == commit.sha


def _warned(report: Report, warning: str) -> Report:
    return replace(report, warnings=(*report.warnings, warning))
