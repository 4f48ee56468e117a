"""How much an issue hurts."""

from __future__ import annotations

from typing import Final

from deploywatch.model import Issue, Severity
from deploywatch.watch.plan import SeveritySettings

_MILD_LEVELS: Final = frozenset({"debug", "info", "sample", "warning"})


def severity(settings: SeveritySettings, issue: Issue | None, *, per_minute: float, users: int, share: float | None) -> Severity:
    """From events per minute, users and (where requests are counted) the share of requests that fail.

    What is handled, or not even an error, is one step milder; ``issue`` is ``None`` for the service as a whole.
    """
    step = _size(settings, per_minute=per_minute, users=users, share=share or 0.0)
    if issue is not None and issue.level == "fatal":
        step = max(step, 2)
    if issue is not None and (issue.is_unhandled is False or issue.level in _MILD_LEVELS):
        step -= 1
    return list(Severity)[max(0, step)]


def _size(settings: SeveritySettings, *, per_minute: float, users: int, share: float) -> int:
    if per_minute >= settings.critical_per_minute or users >= settings.critical_users or share >= settings.critical_share:
        return 3
    if per_minute >= settings.high_per_minute or users >= settings.high_users or share >= settings.high_share:
        return 2
    return 1
