"""Findings about ownership rules for programs and people: JSON, Markdown, SARIF 2.1.0, plain lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from deploywatch.owners.finding import Check, Health, Level, OwnerFinding
from deploywatch.report.escaping import code, markdown, path_uri

Json = dict[str, Any]

SCHEMA: Final = "deploywatch.owners-check/1"
SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

_MEANING: Final = {
    Check.INVALID_LINE: "A line that the owner file's host, or Sentry, does not take",
    Check.UNKNOWN_OWNER: "An owner that does not exist",
    Check.UNOWNED: "Files that nobody owns",
    Check.MATCHES_NOTHING: "A rule that matches no file",
    Check.SHADOWED: "A rule that never decides, because later ones do",
    Check.DROPPED: "A line that Sentry drops without saying so",
    Check.DRIFT: "Sentry gives files to others than the owner file does",
    Check.TOO_LARGE: "More than Sentry takes",
}


def as_json(health: Health) -> Json:
    """``deploywatch.owners-check/1``; ``share`` is 0..1, ``line`` is ``null`` where the whole file is meant."""
    findings = health.findings
    counts = Counter(finding.level for finding in findings)
    return {
        "schema": SCHEMA,
        "counts": {str(level): counts[level] for level in Level},
        "findings": [
            {
                "check": str(finding.check),
                "level": str(finding.level),
                "message": finding.message,
                "file": finding.file,
                "line": finding.line or None,
                "path": finding.path,
                "share": finding.share,
            }
            for finding in findings
        ],
        "not_checked": list(health.not_checked),
    }


def as_markdown(health: Health) -> str:
    """The findings as one table, and what was not checked. Text from outside stays text."""
    findings = health.findings
    rows = [f"| {f.level} | {markdown(_place(f))} | {markdown(f.message)} | {f.check} |" for f in findings]
    table = ["", "| level | where | what | check |", "|---|---|---|---|", *rows] if rows else []
    unseen = (
        ["", "Not checked:", "", *(f"- {markdown(sentence)}" for sentence in health.not_checked)] if health.not_checked else []
    )
    return "\n".join([summary(findings), *table, *unseen]) + "\n"


def as_text(health: Health) -> str:
    """One line for each finding, as compilers write them, and a summary."""
    lines = [code(f"{_place(f)}: {f.level}: {f.message} [{f.check}]", 1_000) for f in health.findings]
    unseen = [code(f"not checked: {sentence}", 1_000) for sentence in health.not_checked]
    return "\n".join([*lines, *unseen, summary(health.findings)]) + "\n"


def summary(findings: Sequence[OwnerFinding]) -> str:
    """How many there are of each level, as a sentence."""
    counts = Counter(finding.level for finding in findings)
    parts = [f"{counts[level]} {level}{'s' if counts[level] != 1 else ''}" for level in Level if counts[level]]
    return ", ".join(parts) + "." if parts else "Nothing is wrong with the ownership rules."


def as_sarif(health: Health, version: str) -> Json:
    """The findings as a SARIF 2.1.0 log, as code scanning takes it. ``version`` is that of deploywatch.

    Code scanning shows a result only at a line, so that a finding about a whole file stands at its first. What was not checked is
    a notification of the run.
    """
    findings = health.findings
    used = [check for check in Check if any(finding.check is check for finding in findings)]
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "deploywatch",
                        "version": version,
                        "rules": [{"id": str(check), "shortDescription": {"text": _MEANING[check]}} for check in used],
                    }
                },
                "results": [_result(finding, used.index(finding.check)) for finding in findings],
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {"level": "warning", "message": {"text": sentence}} for sentence in health.not_checked
                        ],
                    }
                ],
            }
        ],
    }


def _result(finding: OwnerFinding, rule: int) -> Json:
    result: Json = {
        "ruleId": str(finding.check),
        "ruleIndex": rule,
        "level": str(finding.level),
        "message": {"text": finding.message},
        "locations": [_location(finding.file, finding.line or 1)],
        "partialFingerprints": {"deploywatch/v1": f"{finding.check}:{finding.path or finding.line}:{finding.file}"},
    }
    if finding.share is not None:
        result["rank"] = round(100 * finding.share, 1)
    return result


def _location(file: str, line: int) -> Json:
    return {"physicalLocation": {"artifactLocation": {"uri": path_uri(file)}, "region": {"startLine": line}}}


def _place(finding: OwnerFinding) -> str:
    return f"{finding.file}:{finding.line}" if finding.line else finding.file
