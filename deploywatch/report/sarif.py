"""Report -> SARIF 2.1.0 (OASIS), for code scanning and editors: the named changes at their lines.

GitHub shows a result only where it has a line, so that what has none is a notification of the run. It knows a result again by its
``partialFingerprints``, and a run by its ``automationDetails.id`` ("SARIF support for code scanning").
"""

from __future__ import annotations

from typing import Any, Final

from deploywatch import __version__
from deploywatch.model import MappedFrame, RegressionKind, Report
from deploywatch.report import words
from deploywatch.report.annotations import Annotation, Level, notes_of
from deploywatch.report.escaping import path_uri, plain, safe_url, sarif
from deploywatch.report.outline import Story

MAX_RESULTS: Final = 5_000
"""GitHub takes 25,000 results a run and shows 5,000."""

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTICE: "note"}
_RULES: Final = {
    RegressionKind.NEW: "A failure that is new in a release",
    RegressionKind.REGRESSED: "A failure that is back after it had been resolved",
    RegressionKind.SPIKING: "A failure that is far more frequent than before",
}
_KINDS: Final = tuple(_RULES)

Json = dict[str, Any]


def sarif_log(report: Report) -> Json:
    """The log as a plain dict."""
    told = notes_of(report)
    results = [_result(story, note) for story, note in told if story and note.file][:MAX_RESULTS]
    rest = [_notification(note) for story, note in told if not (story and note.file)]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "automationDetails": {"id": f"deploywatch/{path_uri(report.environment or 'any')}/"},
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": rest}],
                "results": results,
                "properties": {"release": plain(report.release), "verdict": report.verdict.value},
            }
        ],
    }


def _driver() -> Json:
    rules = [
        {
            "id": f"deploywatch/{kind}",
            "name": f"{kind.capitalize()}Failure",
            "shortDescription": {"text": text},
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["regression", "production"]},
        }
        for kind, text in _RULES.items()
    ]
    return {"name": "deploywatch", "semanticVersion": __version__, "rules": rules}


def _result(story: Story, note: Annotation) -> Json:
    regression = story.finding.regression
    kind = regression.kind
    known: Json = {
        "ruleId": f"deploywatch/{kind}",
        "ruleIndex": _KINDS.index(kind),
        "level": _LEVELS[note.level],
        "message": {"text": sarif(words.sentence(note.title)) + "\n" + "\n".join(map(sarif, note.lines))},
        "locations": [_location(str(note.file), note.line)],
        "partialFingerprints": {"sentryIssue/v1": plain(f"{regression.issue.project}/{regression.issue.id}/{note.file}")},
        "rank": round(100 * note.confidence, 1),
        "occurrenceCount": max(regression.issue.count, 1),
        "properties": {
            "severity": regression.severity.value,
            "owners": [plain(name) for name in (regression.owner.names if regression.owner else ())],
        },
    }
    if address := safe_url(regression.issue.permalink):
        known["hostedViewerUri"] = address
    frames = regression.ranking.frames if regression.ranking else ()
    if stack := [_frame(frame) for frame in frames if frame.file]:
        known["stacks"] = [{"message": {"text": "The latest event"}, "frames": stack}]
    return known


def _frame(frame: MappedFrame) -> Json:
    location = _location(str(frame.file), frame.line)
    return {"location": location | {"logicalLocations": [{"name": plain(frame.frame.function or "?")}]}}


def _location(file: str, line: int | None) -> Json:
    place: Json = {"artifactLocation": {"uri": path_uri(file), "uriBaseId": "%SRCROOT%"}}
    return {"physicalLocation": place | ({"region": {"startLine": line}} if line else {})}


def _notification(note: Annotation) -> Json:
    return {"level": _LEVELS[note.level], "message": {"text": "\n".join(map(sarif, (note.title, *note.lines)))}}
