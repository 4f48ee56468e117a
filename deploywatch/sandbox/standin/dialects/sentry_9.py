"""Sentry 9.1.2 of one's own (2019)."""

from __future__ import annotations

from typing import ClassVar, Final

from deploywatch.sandbox.standin.answers import Answer, Refusal
from deploywatch.sandbox.standin.dialects.base import without
from deploywatch.sandbox.standin.dialects.sentry_23 import Sentry23
from deploywatch.sandbox.standin.routes import Address

_RELEASE: Final = frozenset({"id", "status", "versionInfo", "userAgent", "currentProjectMeta"})
_ISSUE: Final = frozenset(
    "substatus priority priorityLockedAt issueType issueCategory isUnhandled lifetime filtered platform seerFixabilityScore "
    "seerAutofixLastTriggered seerExplorerAutofixLastTriggered matchingEventId matchingEventEnvironment".split()
)


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

    def shape(self, address: Address, answer: Answer) -> Answer:
        """See ``Dialect``."""
        if address.path.endswith(("/releases/", "/releases/{version}/")):
            return Answer(without(answer.body, _RELEASE), answer.status, answer.headers)
        if address.path.endswith(("/issues/", "/issues/{issue}/")):
            return Answer(without(answer.body, _ISSUE), answer.status, answer.headers)
        return answer

    def no_slugs(self) -> Refusal:
        """See ``Sentry23``."""
        return Refusal(500, {"detail": "Internal Error", "errorId": "0586b3b964214368ba8fa7937ab669a1"})
