"""What was found -> one Report: endpoints, excerpts, revert commands and links picked, findings worst first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from deploywatch.model import (
    CodeExcerpt,
    CommitWindow,
    Event,
    Finding,
    Link,
    Regression,
    Report,
    Revert,
    Severity,
    Suspect,
    WatchResult,
)
from deploywatch.report.escaping import safe_url
from deploywatch.report.excerpt import named_suspect
from deploywatch.report.links import CodeHost, code_host
from deploywatch.report.reverting import revert_command

_METHOD: Final = re.compile(r"[A-Z]{3,10} /")
_CHANGES: Final = {False: "All changes of this deploy", True: "All changes that were taken away"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What the report needs beyond the regressions.

    ``window`` is what the deploy brought or, with ``rollback``, what it took away. ``excerpts`` are by issue id; ask
    ``failing_place`` which file and line each should show. ``remote_url`` is a git remote.
    """

    made_at: datetime
    window: CommitWindow | None = None
    deployed_at: datetime | None = None
    remote_url: str | None = None
    excerpts: Mapping[str, CodeExcerpt] = field(default_factory=dict)
    reverts: Mapping[str, Revert] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    rollback: bool = False


def build_report(result: WatchResult, setting: Setting) -> Report:
    """The report of a watch whose regressions have been ranked and given owners, as far as that was possible."""
    window, host = setting.window, code_host(setting.remote_url)
    ends = (window.base, window.head) if window else (None, None)
    base, head = reversed(ends) if setting.rollback else ends
    return Report(
        release=result.release,
        environment=result.environment or None,
        verdict=result.verdict,
        why=result.why,
        made_at=setting.made_at,
        base=base,
        head=head,
        commits=len(window) if window else 0,
        deployed_at=setting.deployed_at,
        watched=result.watched or None,
        rollback=setting.rollback,
        findings=build_findings(result.regressions, setting),
        not_visible=result.blind_spots,
        warnings=setting.warnings,
        links=_present((_CHANGES[setting.rollback], host.compare(window.base, window.head) if host and window else None))
        + setting.links,
        notes=result.notes,
    )


def build_findings(regressions: Iterable[Regression], setting: Setting) -> tuple[Finding, ...]:
    """One finding per regression, worst first; those that the same change explains stand together at the worst one's place."""
    host = code_host(setting.remote_url)
    findings = [_finding(regression, setting, host) for regression in regressions]
    findings.sort(key=lambda finding: _badness(finding.regression), reverse=True)
    place = {change: at for at, change in reversed(list(enumerate(map(explained_by, findings))))}
    return tuple(sorted(findings, key=lambda finding: place[explained_by(finding)]))


def explained_by(finding: Finding) -> str:
    """The object name of the named change; where none is named, a word that no other issue shares."""
    named = named_suspect(finding.regression.ranking)
    return named.commit.sha if named else f"issue {finding.regression.issue.id}"


def endpoint(event: Event | None) -> str | None:
    """What was asked of the program, without query: ``POST /checkout``, or the transaction's name where it was no request."""
    if event is None:
        return None
    transaction = (event.transaction or "").strip() or None
    method = event.request.method if event.request else None
    if transaction and _METHOD.match(transaction):
        return transaction
    if transaction and transaction.startswith("/"):
        return f"{method} {transaction}" if method else transaction
    path = _path(event.request.url) if event.request and event.request.url else None
    if path:
        return f"{method} {path}" if method else path
    return transaction


def _finding(regression: Regression, setting: Setting, host: CodeHost | None) -> Finding:
    named = named_suspect(regression.ranking)
    revert = setting.reverts.get(named.commit.sha) if named else None
    return Finding(
        regression=regression,
        endpoint=endpoint(regression.event),
        excerpt=setting.excerpts.get(regression.issue.id),
        revert_command=revert.command if revert else revert_command(named.commit) if named else None,
        links=_links(regression, named, host),
        revert=revert,
    )


def _links(regression: Regression, named: Suspect | None, host: CodeHost | None) -> tuple[Link, ...]:
    wanted = [(f"Issue {regression.issue.short_id} in Sentry", safe_url(regression.issue.permalink))]
    if named and host:
        commit = named.commit
        wanted.append((f"Commit {commit.short_sha}", host.commit(commit.sha)))
        if commit.pull_request:
            wanted.append((f"Pull request #{commit.pull_request}", host.pull_request(commit.pull_request)))
    return _present(*wanted)


def _present(*links: tuple[str, str | None]) -> tuple[Link, ...]:
    return tuple(Link(label, url) for label, url in links if url)


def _badness(regression: Regression) -> tuple[int, float, int, int]:
    levels: Sequence[Severity] = tuple(Severity)
    issue = regression.issue
    return levels.index(regression.severity), regression.rate.after, issue.count, issue.user_count or 0


def _path(url: str) -> str | None:
    try:
        return urlsplit(url).path or None
    except ValueError:
        return None
