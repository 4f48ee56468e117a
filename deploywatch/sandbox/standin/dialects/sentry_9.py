"""Sentry 9.1.2 of one's own (2019)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from deploywatch.sandbox.standin import events
from deploywatch.sandbox.standin.answers import Answer, Refusal
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.dialects.base import Handler, without
from deploywatch.sandbox.standin.dialects.sentry_23 import Sentry23
from deploywatch.sandbox.standin.routes import ORG, ROOT, Address

_RELEASE: Final = frozenset({"id", "status", "versionInfo", "userAgent", "currentProjectMeta"})
_ISSUE: Final = frozenset(
    "substatus priority priorityLockedAt issueType issueCategory isUnhandled lifetime filtered platform seerFixabilityScore "
    "seerAutofixLastTriggered seerExplorerAutofixLastTriggered matchingEventId matchingEventEnvironment".split()
)


def _event(call: Call) -> Answer:
    """The newest and the oldest event of an issue; any other is found below its project only."""
    return events.get_issue_event(call) if call.path["event"] in ("latest", "oldest") else Answer(status=404, html="")


class Sentry9(Sentry23):
    """Nothing of an issue below the organisation, no sessions, no series, no envelopes; 500 for a project's slug."""

    name: ClassVar[str] = "sentry-9.1.2"
    version: ClassVar[str] = "9.1.2"
    envelopes: ClassVar[bool] = False
    lacks: ClassVar[tuple[str, ...]] = (
        "* */events-timeseries/",
        "* */events-stats/",
        "* */sessions/",
        "* */previous-with-commits/",
        "* */meta/",
        "* */client-config/",
        "* /api/0/organizations/{org}/issues/{issue}/*",
    )

    def handlers(self) -> Mapping[str, Handler]:
        """See ``Dialect``."""
        return {f"GET {root}issues/{{issue}}/events/{{event}}/": _event for root in (ROOT, ORG)}

    def shape(self, address: Address, answer: Answer) -> Answer:
        """See ``Dialect``. Events have a number beside their name."""
        if address.path.endswith("/issues/{issue}/events/") and isinstance(answer.body, list):
            return replace(answer, body=[{**event, "id": str(int(event["eventID"][:8], 16))} for event in answer.body])
        if address.path.endswith(("/releases/", "/releases/{version}/")):
            return replace(answer, body=without(answer.body, _RELEASE))
        if address.path.endswith(("/issues/", "/issues/{issue}/")):
            return replace(answer, body=without(answer.body, _ISSUE))
        return answer

    def no_slugs(self) -> Refusal:
        """See ``Sentry23``."""
        return Refusal(500, {"detail": "Internal Error", "errorId": "0586b3b964214368ba8fa7937ab669a1"})
