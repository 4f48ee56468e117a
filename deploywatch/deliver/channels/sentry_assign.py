"""Assigns each Sentry issue of the report to its owner, and never over a human's choice (see ``deploywatch.sentry.assigning``).

At least once: whoever is assigned already stays so, by which a repetition does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.channels.sentry_comment import failed
from deploywatch.deliver.options import Options, SentryIssues, Tools, read_options
from deploywatch.errors import ConfigError, SentryError
from deploywatch.model import Delivery, Report, Resolution

POLICY: Final = Policy(repeatable=True, attempts=5)


@dataclass(frozen=True, slots=True)
class Assignments:
    """The assignees of Sentry's issues. Its payload is ``{"issue": id, "owners": [names]}``."""

    name: str
    issues: SentryIssues
    policy: Policy = POLICY
    per_finding: bool = True

    def compose(self, report: Report, key: str) -> str | None:  # noqa: ARG002 - an assignment has no place for it
        """The issue of the report's first finding and its owners; nothing where no owner is known."""
        owner = report.findings[0].regression.owner if report.findings else None
        if owner is None:
            return None
        return json.dumps({"issue": report.findings[0].regression.issue.id, "owners": list(owner.names)})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> None:  # noqa: ARG002 - who solved it keeps it
        """Never."""
        return

    def send(self, parcel: Parcel) -> Receipt:
        """Assign it, if nobody has it; the answer says who has it and why."""
        told = json.loads(parcel.payload)
        try:
            outcome = self.issues.assign(told["issue"], told["owners"])
        except SentryError as error:
            return failed(error)
        return Receipt(Outcome.TAKEN, answer=outcome, reference=f"issue {told['issue']}")

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never needed."""
        return CannotTell("assigning twice is assigning once")


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Assignments:
    """There is nothing to configure. Raises ``ConfigError`` where there is no Sentry to assign in."""
    read_options(Options, name, config)
    if tools.issues is None:
        raise ConfigError(f"channel {name} assigns in Sentry, which is not configured", hint="set SENTRY_AUTH_TOKEN")
    return Assignments(name, tools.issues)
