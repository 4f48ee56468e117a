"""Report -> ``name=value`` lines, for what comes later in the pipeline.

One line each, in the form that GitHub reads from $GITHUB_OUTPUT and GitLab from a dotenv report. It is no shell script: values
are as people wrote them, and a shell that reads it as one would run what they wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from deploywatch.model import Report
from deploywatch.report.escaping import plain
from deploywatch.report.excerpt import named_suspect

PREFIX: Final = "deploywatch_"
"""In lower case: the upper-case names are the options' own variables, and a later step must not take our answer for them."""


def variables_of(report: Report) -> Mapping[str, str]:
    """The answer in few words, about the worst finding; what is not known is an empty text."""
    worst = report.findings[0].regression if report.findings else None
    named = named_suspect(worst.ranking) if worst else None
    commit = named.commit if named else None
    return {
        "verdict": str(report.verdict),
        "release": report.release,
        "environment": report.environment or "",
        "regressions": str(len(report.findings)),
        "suspect": commit.sha if commit else "",
        "probability": f"{named.probability:.2f}" if named else "",
        "author": commit.author.name if commit else "",
        "pull_request": str(commit.pull_request or "") if commit else "",
        "owner": " ".join(worst.owner.names) if worst and worst.owner else "",
        "issue": (worst.issue.permalink or worst.issue.short_id) if worst else "",
    }


def dotenv(report: Report) -> str:
    """The variables as lines."""
    return "".join(f"{PREFIX}{name}={plain(value)}\n" for name, value in variables_of(report).items())
