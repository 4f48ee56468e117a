from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from deploywatch.deliver.channel import CannotTell, Channel, Outcome, Parcel
from deploywatch.deliver.channels.sentry_assign import make
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError, SentryRejected, SentryUnavailable
from tests.deliver.support import resolution, told
from tests.report.samples import finding, healthy_report, regression, report

KEY = "k" * 40
ONE = replace(report(), findings=(finding(),))


@dataclass
class Issues:
    """Remembers who was to be assigned; ``trouble`` is raised instead."""

    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    trouble: Exception | None = None

    def assign(self, issue_id: str, owners: Sequence[str]) -> str:
        if self.trouble:
            raise self.trouble
        self.asked.append((issue_id, tuple(owners)))
        return f"assigned to {owners[0]}"


@pytest.fixture
def issues() -> Issues:
    return Issues()


@pytest.fixture
def channel(tools: Tools, issues: Issues) -> Channel:
    return make("assign", {}, replace(tools, issues=issues))


def test_the_issue_is_given_to_its_owners_and_the_answer_is_kept(channel: Channel, issues: Issues):
    payload = channel.compose(ONE, KEY)
    receipt = channel.send(Parcel(payload, KEY))
    owner, number = ONE.findings[0].regression.owner, ONE.findings[0].regression.issue.id
    assert issues.asked == [(number, owner.names)]
    assert (receipt.outcome, receipt.answer, receipt.reference) == (
        Outcome.TAKEN,
        f"assigned to {owner.names[0]}",
        f"issue {number}",
    )
    assert json.loads(payload) == {"issue": number, "owners": list(owner.names)}


def test_an_issue_without_an_owner_is_nobodys(channel: Channel):
    assert channel.compose(replace(ONE, findings=(finding(regression=regression(owner=None)),)), KEY) is None
    assert channel.compose(healthy_report(), KEY) is None
    assert channel.resolve(resolution(), told("{}"), KEY) is None


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (SentryUnavailable("no answer", hint="wait", sent=True), Outcome.UNSURE),
        (SentryUnavailable("no answer", hint="wait", sent=False), Outcome.LATER),
        (SentryRejected("it takes none", hint="give access", status=400), Outcome.REFUSED),
    ],
)
def test_what_sentrys_errors_say(channel: Channel, issues: Issues, trouble: Exception, outcome: Outcome):
    issues.trouble = trouble
    receipt = channel.send(Parcel(channel.compose(ONE, KEY), KEY))
    assert receipt.outcome is outcome
    assert channel.policy.repeatable
    assert isinstance(channel.find(Parcel("{}", KEY)), CannotTell)


def test_without_sentry_there_is_nobody_to_assign(tools: Tools):
    with pytest.raises(ConfigError, match="not configured"):
        make("assign", {}, tools)
