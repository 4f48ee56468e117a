"""What is said, and the key under which it is said once.

The key is the same whenever the same thing would be said again to the same channel, on whatever machine: it is a hash of the
channel's name, the release, the environment, the incident, the kind and the revision. Counts and times are not in it, or every
run would say everything again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from deploywatch.model import Finding, RankingVerdict, Report, Severity

KEY_LENGTH: Final = 40
_SEVERITIES: Final = tuple(Severity)
_NEVER_SEEN: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """A report and what it is about. ``kind`` is its verdict, or says for what else it is sent.

    ``incident`` is the issue of its findings that was seen first, so that it stays the same while others join; else ``""``.
    """

    report: Report
    kind: str
    incident: str

    def key(self, channel: str) -> str:
        """The key for a channel: 40 hexadecimal digits."""
        about = [channel, self.report.release, self.report.environment, self.incident, self.kind, revision(self.report.findings)]
        return digest(about)


def message_of(report: Report, kind: str | None = None) -> Message:
    """The message that a report is."""
    return Message(report, kind or report.verdict.value, _incident(report.findings))


def one_by_one(message: Message) -> tuple[Message, ...]:
    """A message for each finding, worst first; none where there is no finding."""
    singles = (replace(message.report, findings=(finding,)) for finding in message.report.findings)
    return tuple(message_of(report, message.kind) for report in singles)


def revision(findings: Sequence[Finding]) -> str:
    """What makes the same incident worth another message: other issues, another commit that is named, that it is worse."""
    worst = max((_SEVERITIES.index(finding.regression.severity) for finding in findings), default=0)
    return digest([worst, *sorted((finding.regression.issue.id, _named(finding)) for finding in findings)])


def digest(values: object) -> str:
    """A hash of JSON values: 40 hexadecimal digits."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:KEY_LENGTH]


def _incident(findings: Sequence[Finding]) -> str:
    issues = (finding.regression.issue for finding in findings)
    return min(((issue.first_seen or _NEVER_SEEN, issue.id) for issue in issues), default=(_NEVER_SEEN, ""))[1]


def _named(finding: Finding) -> str:
    ranking = finding.regression.ranking
    if ranking is None or ranking.first is None or ranking.verdict is not RankingVerdict.SUSPECT:
        return ""
    return ranking.first.commit.sha
