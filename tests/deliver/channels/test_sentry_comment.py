from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel
from deploywatch.deliver.channels.sentry_comment import make
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError, SentryAuthError, SentryNotFound, SentryRejected, SentryUnavailable
from tests.report.samples import finding, healthy_report, report

KEY = "k" * 40


@dataclass(frozen=True)
class Posted:
    id: str
    text: str


@dataclass
class Issues:
    """The comments of one issue; ``trouble`` is raised before or, if ``late``, after a comment is added."""

    there: list[Posted] = field(default_factory=list)
    trouble: Exception | None = None
    late: bool = False

    def comment(self, issue_id: str, text: str) -> Posted:
        if self.trouble and not self.late:
            raise self.trouble
        self.there.append(Posted(str(len(self.there) + 1), text))
        if self.trouble:
            raise self.trouble
        return self.there[-1]

    def comments(self, issue_id: str) -> tuple[Posted, ...]:
        if self.trouble:
            raise self.trouble
        return tuple(reversed(self.there))


@pytest.fixture
def issues() -> Issues:
    return Issues()


@pytest.fixture
def channel(tools: Tools, issues: Issues):
    return make("sentry", {}, replace(tools, issues=issues))


def unavailable(*, sent: bool, status: int | None = None) -> SentryUnavailable:
    return SentryUnavailable("Sentry does not answer", hint="wait", sent=sent, status=status)


def test_the_comment_is_posted_with_its_marker_and_found_again(channel, issues: Issues):
    payload = channel.compose(replace(report(), findings=(finding(),)), KEY)
    receipt = channel.send(Parcel(payload, KEY))
    told = json.loads(payload)
    assert told["target"] == finding().regression.issue.id
    assert [posted.text for posted in issues.there] == [told["text"]]
    assert KEY in told["text"].splitlines()[-1]
    issues.there.append(Posted("9", "somebody's own words"))
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, channel.find(Parcel(payload, KEY)))
    assert channel.find(Parcel(payload, "another")) is None


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (unavailable(sent=True), Outcome.UNSURE),
        (unavailable(sent=True, status=504), Outcome.UNSURE),
        (unavailable(sent=True, status=429), Outcome.LATER),
        (unavailable(sent=False), Outcome.LATER),
        (SentryAuthError("no scope", hint="use a user token", status=403), Outcome.REFUSED),
        (SentryNotFound("no such issue", hint="check it", status=404), Outcome.REFUSED),
        (SentryRejected("too long", hint="shorten it", status=400), Outcome.REFUSED),
    ],
)
def test_what_sentrys_errors_say(channel, issues: Issues, trouble: Exception, outcome: Outcome):
    issues.trouble = trouble
    receipt = channel.send(Parcel('{"target": "1", "text": "x"}', KEY))
    assert receipt.outcome is outcome
    assert trouble.message in receipt.error
    assert (trouble.hint in receipt.error) is (outcome is Outcome.REFUSED)


@pytest.mark.parametrize(("trouble", "for_now"), [(unavailable(sent=True), True), (SentryAuthError("no scope", hint="x"), False)])
def test_a_look_that_fails_cannot_tell(channel, issues: Issues, trouble: Exception, for_now: bool):
    issues.trouble = trouble
    assert channel.find(Parcel('{"target": "1", "text": "x"}', KEY)) == CannotTell(trouble.message, for_now=for_now)


def test_a_report_without_an_issue_cannot_be_commented_on(channel):
    assert channel.per_finding
    assert channel.compose(healthy_report(), KEY) is None


@pytest.mark.parametrize("config", [{"url": "x"}, {"colour": "red"}])
def test_there_is_nothing_to_configure(tools: Tools, issues: Issues, config: dict):
    with pytest.raises(ConfigError, match=r"channels\.sentry\."):
        make("sentry", config, replace(tools, issues=issues))


def test_without_sentry_there_is_nothing_to_comment_on(tools: Tools):
    with pytest.raises(ConfigError) as caught:
        make("sentry", {}, tools)
    assert "SENTRY_AUTH_TOKEN" in caught.value.hint
