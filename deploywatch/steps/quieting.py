"""A report -> what is said of it now, what later and what together: by what was said before, to whom, and how late it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from deploywatch.deliver import archive
from deploywatch.errors import StateError
from deploywatch.model import Delivery, Finding, Ranking, RankingVerdict, Regression, Report, Severity
from deploywatch.settings import Noise
from deploywatch.store.deliveries import Deliveries
from deploywatch.watch.noise import Incident, NoiseSettings, QuietHours, Said, Sending, Way, incidents, sendings

DIGEST: Final = "digest"
"""The kind of a message that tells of several incidents together."""

# An incident that nobody was told of for so long is a new one.
_REMEMBERED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A report of one incident (or with ``kind`` of several), for the owners that its findings name; not before ``due_at``.

    ``why`` says why it is held back, or told together with others.
    """

    report: Report
    kind: str | None = None
    due_at: datetime | None = None
    why: str = ""


def parts_of(report: Report, deliveries: Deliveries, noise: Noise, now: datetime) -> tuple[Part, ...]:
    """The parts of a report of a regression, worst first, digests last. Nothing of it is left out.

    Raises ``StateError``.
    """
    told = deliveries.said_since(now - _REMEMBERED)
    said = said_before(told)
    found = [incident for incident in _incidents(report) if not _is_known(incident, told, said)]
    decided = sendings(found, said, _settings(noise), now)
    alone = [part for incident in found if (part := _alone(report, incident, decided))]
    owners = dict.fromkeys(one.owner for one in decided if one.way is Way.DIGEST)
    return (*alone, *(_digest(report, owner, decided) for owner in owners))


def _is_known(incident: Incident, told: Iterable[tuple[Delivery, str]], said: Iterable[Said]) -> bool:
    """Whether people know all of it already: no other issue, no other commit, and it was as bad before."""
    steps = list(Severity)
    worst = max((steps.index(one.severity) for one in said if one.key == incident.key), default=-1)
    if worst < steps.index(incident.severity):
        return False
    before = (one for _, document in told for one in _told_of(document) if one.key == incident.key)
    return any(_contents(incident.regressions) <= _contents(one.regressions) for one in before)


def _contents(regressions: Iterable[Regression]) -> set[tuple[str, str]]:
    """The issues, and the commits that are named for them."""
    return {(regression.issue.id, _named(regression.ranking)) for regression in regressions}


def _named(ranking: Ranking | None) -> str:
    is_sure = ranking is not None and ranking.verdict is RankingVerdict.SUSPECT
    return ranking.first.commit.sha if ranking and ranking.first and is_sure else ""


def _incidents(report: Report) -> tuple[Incident, ...]:
    """The incidents of a report. The same cause in another release, or elsewhere, is another incident."""
    place = f"{report.release}\n{report.environment or ''}\n"
    found = incidents(finding.regression for finding in report.findings)
    return tuple(replace(incident, key=place + incident.key) for incident in found)


def _told_of(document: str) -> tuple[Incident, ...]:
    """The incidents of a report that was recorded; none of one that another version wrote."""
    try:
        return _incidents(archive.load(document))
    except StateError:
        return ()


def said_before(told: Iterable[tuple[Delivery, str]]) -> tuple[Said, ...]:
    """What people were told of, by the reports that were recorded; one that another version wrote tells nothing."""
    return tuple(said for delivery, document in told for said in _said(delivery, document))


def _said(delivery: Delivery, document: str) -> Iterator[Said]:
    for incident in _told_of(document):
        for owner in incident.owners:
            # What is held back is said when it is due.
            at = max(delivery.created_at, delivery.due_at or delivery.created_at)
            yield Said(incident.key, owner, at, incident.severity, in_digest=delivery.kind == DIGEST)


def _alone(report: Report, incident: Incident, decided: Sequence[Sending]) -> Part | None:
    """The incident for those who hear of it by itself: now, or when the first of them may."""
    mine = [one for one in decided if one.incident.key == incident.key and one.way is not Way.DIGEST]
    if not mine:
        return None
    now = [one for one in mine if one.way is not Way.WAIT]
    chosen = now or mine
    due_at = None if now else min(one.until for one in mine if one.until)
    return Part(_about(report, incident, [one.owner for one in chosen]), due_at=due_at, why=chosen[0].why)


def _digest(report: Report, owner: str, decided: Sequence[Sending]) -> Part:
    mine = [one for one in decided if one.owner == owner and one.way is Way.DIGEST]
    findings = tuple(finding for one in mine for finding in _about(report, one.incident, [owner]).findings)
    why = f"{len(mine)} more incidents, told together ({mine[0].why}): {report.why}"
    return Part(replace(report, findings=findings, why=why), DIGEST, mine[0].until, mine[0].why)


def _about(report: Report, incident: Incident, owners: Sequence[str]) -> Report:
    """The report of one incident, to these owners alone. The sentence on top is of its worst finding."""
    issues = {regression.issue.id for regression in incident.regressions}
    findings = tuple(_to(finding, owners) for finding in report.findings if finding.regression.issue.id in issues)
    is_whole = len(findings) == len(report.findings)
    return replace(report, findings=findings, why=report.why if is_whole else incident.regressions[0].why)


def _to(finding: Finding, owners: Sequence[str]) -> Finding:
    owner = finding.regression.owner
    if owner is None or all(name in owners for name in owner.names):
        return finding
    names = tuple(name for name in owner.names if name in owners) or owner.names
    return replace(finding, regression=replace(finding.regression, owner=replace(owner, names=names)))


def _settings(noise: Noise) -> NoiseSettings:
    quiet = QuietHours(noise.quiet.from_, noise.quiet.to, ZoneInfo(noise.quiet.zone)) if noise.quiet else None
    return NoiseSettings(per_hour=noise.per_hour, cool_down=noise.cool_down, quiet=quiet)
