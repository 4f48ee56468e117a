"""Findings of the doctor for people and programs: one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from deploywatch.doctor.finding import DoctorFinding, Level, verdict
from deploywatch.report.escaping import code, markdown

Json = dict[str, Any]

SCHEMA: Final = "deploywatch.doctor/1"
_LONGEST_LINE: Final = 2_000
_ORDER: Final = (Level.ERROR, Level.UNKNOWN, Level.WARNING, Level.NOTE, Level.SKIPPED, Level.OK)


def as_json(findings: Sequence[DoctorFinding]) -> Json:
    """``deploywatch.doctor/1``: the findings in the order in which was looked; ``fix`` is null where there is nothing to do."""
    counts = Counter(finding.level for finding in findings)
    return {
        "schema": SCHEMA,
        "verdict": str(verdict(findings)),
        "counts": {str(level): counts[level] for level in Level},
        "findings": [
            {
                "check": finding.check,
                "code": str(finding.code),
                "level": str(finding.level),
                "text": finding.text,
                "fix": finding.fix or None,
            }
            for finding in findings
        ],
    }


def as_text(findings: Sequence[DoctorFinding]) -> str:
    """One line for each, and a summary."""
    wide = max((len(finding.check) for finding in findings), default=0)
    lines = [code(f"{f.level:<7}  {f.check:<{wide}}  {f.text}{_fix(f)}  [{f.code}]", _LONGEST_LINE) for f in findings]
    return "\n".join([*lines, "", summary(findings)]) + "\n"


def as_markdown(findings: Sequence[DoctorFinding]) -> str:
    """One table. Text from outside stays text."""
    rows = [f"| {f.level} | {f.check} | {markdown(f.text)} | {markdown(f.fix)} | {f.code} |" for f in findings]
    head = ["| level | checked | found | what to do | code |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([f"{summary(findings)}\n", *head, *rows]) + "\n"


def summary(findings: Sequence[DoctorFinding]) -> str:
    """How many there are of each level, the worst first."""
    counts = Counter(finding.level for finding in findings)
    return ", ".join(f"{counts[level]} {level}" for level in _ORDER if counts[level]) + "."


def _fix(finding: DoctorFinding) -> str:
    return f" -> {finding.fix}" if finding.fix else ""
