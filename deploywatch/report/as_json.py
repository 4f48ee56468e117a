"""The JSON contracts: every answer that another program reads, as plain dicts.

Each top-level answer names its schema (``deploywatch.suspects/1`` ...); ``schema(name)`` gives the JSON Schema (draft 2020-12)
that is shipped for it. Times are ISO 8601 in UTC with ``Z``, durations are seconds, probabilities are 0..1 and not rounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

from deploywatch.model import (
    CodeExcerpt,
    Commit,
    EndpointShare,
    Event,
    Evidence,
    FailingService,
    Finding,
    FixOutcome,
    Gate,
    Issue,
    Link,
    MappedFrame,
    Owner,
    Person,
    Ranking,
    Rate,
    Regression,
    ReleaseOutcome,
    Report,
    Revert,
    RuleRef,
    Suspect,
    WatchResult,
)

# "##vso[..." is a command to Azure Pipelines wherever it stands in the output of a step (see ``escaping``).
_CI_COMMAND: Final = re.compile(r"##(?=\[|[a-z]+\[)", re.IGNORECASE)

Json = dict[str, Any]

SCHEMAS: Final = ("suspects", "watch", "release", "report", "verify", "owners-check", "owners-sync")

# Lone surrogates cannot be written as UTF-8; C1 controls and bidi marks steer a terminal that shows the JSON.
_UNSAFE: Final = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def schema(name: str) -> Json:
    """The shipped JSON Schema of ``deploywatch.<name>/1``; ``name`` is one of ``SCHEMAS``."""
    text = files("deploywatch").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def dumps(answer: object, *, indent: int | None = 2) -> str:
    """JSON text that is safe to print: readable UTF-8, except that control, bidi and surrogate characters stay escaped.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    text = _CI_COMMAND.sub(r"#\\u0023", json.dumps(answer, indent=indent, ensure_ascii=False, allow_nan=False))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def ranking_json(ranking: Ranking) -> Json:
    """``deploywatch.suspects/1``: the answer of ``deploywatch suspects``."""
    return {
        "schema": "deploywatch.suspects/1",
        "base": ranking.base,
        "head": ranking.head,
        "commits": ranking.commits,
        "verdict": ranking.verdict.value,
        "none_probability": ranking.none_probability,
        "suspects": [_suspect(suspect) for suspect in ranking.suspects],
        "frames": [_frame(frame) for frame in ranking.frames],
        "ruled_out": list(ranking.ruled_out),
        "warnings": list(ranking.warnings),
    }


def watch_json(result: WatchResult, gate: Gate | None = None) -> Json:
    """``deploywatch.watch/1``: the answer of ``deploywatch watch``."""
    return {
        "schema": "deploywatch.watch/1",
        "release": result.release,
        "environment": result.environment,
        "verdict": result.verdict.value,
        "why": result.why,
        "started_at": _time(result.started_at),
        "ended_at": _time(result.ended_at),
        "watched_seconds": result.watched.total_seconds(),
        "events_seen": result.events_seen,
        "polls": result.polls,
        "blind_spots": list(result.blind_spots),
        "notes": list(result.notes),
        "gate": _gate(gate),
        "regressions": [_regression(regression) for regression in result.regressions],
    }


def release_json(outcome: ReleaseOutcome) -> Json:
    """``deploywatch.release/1``: the answer of ``deploywatch release``."""
    return {
        "schema": "deploywatch.release/1",
        "release": outcome.release,
        "base": outcome.base,
        "base_found_by": outcome.base_found_by,
        "head": outcome.head,
        "rollback": outcome.rollback,
        "commits": outcome.commits,
        "created": outcome.created,
        "deploy": outcome.deploy,
        "repository": outcome.repository,
        "also": [
            {
                "repository": other.name,
                "base": other.base,
                "base_found_by": other.base_found_by,
                "head": other.head,
                "commits": other.commits,
            }
            for other in outcome.also
        ],
        "resolves": list(outcome.resolves),
        "warnings": list(outcome.warnings),
    }


def fix_json(outcome: FixOutcome) -> Json:
    """``deploywatch.verify/1``: the answer of ``deploywatch verify``."""
    return {
        "schema": "deploywatch.verify/1",
        "issue": _issue(outcome.issue),
        "environment": outcome.environment,
        "verdict": outcome.verdict.value,
        "why": outcome.why,
        "fix": outcome.fix,
        "fix_found_by": outcome.found_by,
        "containing": list(outcome.containing),
        "release": outcome.release,
        "since": _time(outcome.since),
        "hits": outcome.hits,
        "elsewhere": outcome.elsewhere,
        "resolved": outcome.resolved,
        "reopened": outcome.reopened,
        "warnings": list(outcome.warnings),
    }


def report_json(report: Report) -> Json:
    """``deploywatch.report/1``: everything that the page says, findings worst first."""
    return {
        "schema": "deploywatch.report/1",
        "release": report.release,
        "environment": report.environment,
        "verdict": report.verdict.value,
        "why": report.why,
        "gate": _gate(report.gate),
        "made_at": _time(report.made_at),
        "base": report.base,
        "head": report.head,
        "commits": report.commits,
        "rollback": report.rollback,
        "deployed_at": _time(report.deployed_at),
        "watched_seconds": None if report.watched is None else report.watched.total_seconds(),
        "findings": [_finding(finding) for finding in report.findings],
        "not_visible": list(report.not_visible),
        "notes": list(report.notes),
        "warnings": list(report.warnings),
        "links": [_link(link) for link in report.links],
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _gate(gate: Gate | None) -> Json | None:
    return None if gate is None else {"exit_code": gate.exit_code, "true_code": gate.true_code, "why": gate.why}


def _person(person: Person) -> Json:
    return {"name": person.name, "email": person.email}


def _link(link: Link) -> Json:
    return {"label": link.label, "url": link.url}


def _suspect(suspect: Suspect) -> Json:
    commit: Commit = suspect.commit
    return {
        "rank": suspect.rank,
        "sha": commit.sha,
        "probability": suspect.probability,
        "author": _person(commit.author),
        "committed_at": _time(commit.committed_at),
        "subject": commit.subject,
        "pull_request": commit.pull_request,
        "evidence": [_evidence(evidence) for evidence in suspect.evidence],
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "signal": evidence.signal,
        "contribution": evidence.contribution,
        "text": evidence.text,
        "file": evidence.file,
        "line": evidence.line,
        "hunk": evidence.hunk,
        "frame": evidence.frame,
    }


def _frame(mapped: MappedFrame) -> Json:
    return {
        "index": mapped.index,
        "file": mapped.file,
        "line": mapped.line,
        "function": mapped.frame.function,
        "in_app": mapped.in_app,
        "mapped_by": mapped.mapped_by,
    }


def _issue(issue: Issue) -> Json:
    return {
        "id": issue.id,
        "short_id": issue.short_id,
        "title": issue.title,
        "culprit": issue.culprit,
        "project": issue.project,
        "permalink": issue.permalink,
        "level": issue.level,
        "status": issue.status,
        "substatus": issue.substatus,
        "is_unhandled": issue.is_unhandled,
        "count": issue.count,
        "user_count": issue.user_count,
        "first_seen": _time(issue.first_seen),
        "last_seen": _time(issue.last_seen),
        "first_release": issue.first_release,
        "last_release": issue.last_release,
        "error_type": issue.error_type,
        "error_value": issue.error_value,
        "assigned_to": issue.assigned_to,
    }


def _rate(rate: Rate) -> Json:
    return {"before": rate.before, "after": rate.after, "unit": rate.unit}


def rule_json(rule: RuleRef) -> Json:
    """A line of an owner file."""
    return {"file": rule.file, "line": rule.line or None, "pattern": rule.pattern, "owners": list(rule.owners)}


def owner_json(owner: Owner | None) -> Json | None:
    """Who owns a failure, and how that was found."""
    if owner is None:
        return None
    return {
        "names": list(owner.names),
        "why": owner.why,
        "path": owner.path,
        "decided_by": None if owner.decided_by is None else rule_json(owner.decided_by),
        "outranked": [rule_json(rule) for rule in owner.outranked],
        "service": None if owner.service is None else _service(owner.service),
        "steps": [{"name": step.name, "text": step.text} for step in owner.steps],
    }


def _service(service: FailingService) -> Json:
    return {"name": service.name, "by": service.by, "function": service.function, "product": service.product}


def _regression(regression: Regression) -> Json:
    ranking = regression.ranking
    return {
        "kind": regression.kind.value,
        "severity": regression.severity.value,
        "why": regression.why,
        "issue": _issue(regression.issue),
        "rate": _rate(regression.rate),
        "share": _share(regression.endpoint),
        "owner": owner_json(regression.owner),
        "suspects_verdict": None if ranking is None else ranking.verdict.value,
        "none_probability": None if ranking is None else ranking.none_probability,
        "suspects": [] if ranking is None else [_suspect(suspect) for suspect in ranking.suspects],
        "people": [] if ranking is None or ranking.first is None else _people(ranking.first),
    }


def _share(found: EndpointShare | None) -> Json | None:
    if found is None:
        return None
    counts = {"failed": found.failed, "requests": found.requests, "samples": found.samples, "share": found.share}
    return {"endpoint": found.endpoint, **counts, "extrapolated": found.is_extrapolated}


def _people(suspect: Suspect) -> list[Json]:
    return [_person(each.person) | {"known_by": each.known_by, "mention": each.mention} for each in suspect.people]


def _finding(finding: Finding) -> Json:
    ranking = finding.regression.ranking
    extra: Mapping[str, Any] = {
        "endpoint": finding.endpoint,
        "event": _event(finding.regression.event),
        "buckets": [
            {"start": _time(bucket.start), "seconds": bucket.width.total_seconds(), "count": bucket.count}
            for bucket in finding.regression.buckets
        ],
        "frames": [] if ranking is None else [_frame(frame) for frame in ranking.frames],
        "excerpt": _excerpt(finding.excerpt),
        "revert_command": finding.revert_command,
        "links": [_link(link) for link in finding.links],
        "revert": _revert(finding.revert),
    }
    return _regression(finding.regression) | dict(extra)


def _revert(revert: Revert | None) -> Json | None:
    if revert is None:
        return None
    return {
        "outcome": revert.outcome.value,
        "head": revert.head,
        "command": revert.command,
        "with_later": revert.with_later,
        "later": [{"sha": each.sha, "author": _person(each.author), "subject": each.subject} for each in revert.later],
        "conflicts": list(revert.conflicts),
        "note": revert.note,
        "branch": revert.branch,
        "pull_request": revert.pull_request,
    }


def _event(event: Event | None) -> Json | None:
    if event is None:
        return None
    return {"id": event.id, "trace_id": event.trace_id, "occurred_at": _time(event.occurred_at), "status_code": event.status_code}


def _excerpt(excerpt: CodeExcerpt | None) -> Json | None:
    if excerpt is None:
        return None
    lines = [{"number": line.number, "text": line.text, "is_failing": line.is_failing} for line in excerpt.lines]
    return {"file": excerpt.file, "lines": lines}
