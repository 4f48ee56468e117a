"""A check run on GitHub's commit that was deployed: failure after a regression, success when it looks healthy, neutral else.

REST API 2022-11-28, "Check runs" (needs a GitHub App's token, such as a workflow's own with ``checks: write``). Effectively once:
its ``external_id`` is the key, by which it is looked for. The newest run of a name is the one that GitHub shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Parcel, Policy, Receipt
from deploywatch.deliver.channels.github_comment import GitHubOptions, credentials
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, connect, document, segment, text_of
from deploywatch.model import Delivery, Report, Resolution, Verdict
from deploywatch.report.annotations import Annotation, Level, annotations_of
from deploywatch.report.escaping import clip, plain, safe_url
from deploywatch.report.outline import outline

POLICY: Final = Policy(repeatable=False, attempts=5, every_deploy=True)
SUMMARY_LIMIT: Final = 65_535
_TITLE_LIMIT: Final = 255
_CONCLUSIONS: Final[Mapping[Verdict, str]] = MappingProxyType(
    {Verdict.REGRESSION: "failure", Verdict.HEALTHY: "success", Verdict.INCONCLUSIVE: "neutral"}
)
_LEVELS: Final[Mapping[Level, str]] = MappingProxyType({Level.ERROR: "failure", Level.WARNING: "warning", Level.NOTICE: "notice"})


class CheckOptions(GitHubOptions):
    """The keys of a check run."""

    check: str = "deploywatch"
    """What the check is called, before its environment; a rule that requires the check names it so."""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """The check runs of one repository's commits."""

    name: str
    api: Api
    repository: str
    check: str
    render: Callable[[Report, str], str]
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str | None:
        """A completed run; nothing for a report that does not know its commit."""
        if not report.head:
            return None
        page = outline(report)
        link = next((address for link in report.links if (address := safe_url(link.url))), None)
        run = {
            "name": self.check + (f" ({plain(report.environment)})" if report.environment else ""),
            "head_sha": report.head,
            "external_id": key,
            "status": "completed",
            "conclusion": _CONCLUSIONS[report.verdict],
            "started_at": _stamp(report.deployed_at or report.made_at),
            "completed_at": _stamp(report.made_at),
            "output": {
                "title": clip(plain(page.headline), _TITLE_LIMIT),
                "summary": self.render(report, "markdown")[:SUMMARY_LIMIT],
                "annotations": [_annotation(note) for note in annotations_of(report) if note.file and note.line],
            },
        }
        return json.dumps(run | ({"details_url": link} if link else {}))

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> None:  # noqa: ARG002 - the deployed commit stays a bad one
        """Never."""
        return

    def send(self, parcel: Parcel) -> Receipt:
        """Make it."""
        receipt = self.api.write("POST", f"{self.repository}/check-runs", json.loads(parcel.payload))
        return replace(receipt, reference=text_of(document(receipt), "html_url") or None)

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """The run with the key among all that the commit has of this name."""
        run = json.loads(parcel.payload)
        where = f"check_name={segment(run['name'])}&filter=all&per_page=100"
        found = self.api.read(f"{self.repository}/commits/{segment(run['head_sha'])}/check-runs?{where}")
        if isinstance(found, CannotTell):
            return found
        runs = found.get("check_runs") if isinstance(found, Mapping) else None
        return next((text_of(item, "html_url") for item in runs or () if text_of(item, "external_id") == parcel.key), None)


def _annotation(note: Annotation) -> dict[str, Any]:
    where = {"path": note.file, "start_line": note.line, "end_line": note.line}
    return {**where, "annotation_level": _LEVELS[note.level], "title": note.title, "message": "\n".join(note.lines)}


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make(name: str, config: Mapping[str, Any], tools: Tools) -> CheckRun:
    """From ``repository``, ``token``, ``check`` and ``url``. Raises ``ConfigError``."""
    options = read_options(CheckOptions, name, config)
    return CheckRun(name, connect(options, name, tools, credentials), options.path(), options.check, tools.render)
