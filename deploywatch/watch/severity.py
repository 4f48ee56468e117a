"""How much an issue hurts."""

from __future__ import annotations

from typing import Final

from deploywatch.model import EndpointShare, Issue, Severity
from deploywatch.watch.endpoints import certain_share, hardly_fails
from deploywatch.watch.plan import SeveritySettings

_MILD_LEVELS: Final = frozenset({"debug", "info", "sample", "warning"})


def severity(
    settings: SeveritySettings,
    issue: Issue | None,
    *,
    per_minute: float,
    users: int,
    share: float | None,
    endpoint: EndpointShare | None = None,
) -> Severity:
    """From events per minute, users and the share of requests that fail: of the endpoint, and of the service.

    Shares are ``None`` where requests are not counted. What is handled, or not even an error, is one step milder; ``issue`` is
    ``None`` for the service as a whole.
    """
    worst = max(share or 0.0, certain_share(endpoint) if endpoint else 0.0)
    step = max(
        _step(users, high=settings.high_users, critical=settings.critical_users),
        _step(worst, high=settings.high_share, critical=settings.critical_share),
        min(
            _step(per_minute, high=settings.high_per_minute, critical=settings.critical_per_minute),
            2 if hardly_fails(settings, endpoint) else 3,
        ),
    )
    if issue is not None and issue.level == "fatal":
        step = max(step, 2)
    if issue is not None and (issue.is_unhandled is False or issue.level in _MILD_LEVELS):
        step -= 1
    return list(Severity)[max(0, step)]


def _step(value: float, *, high: float, critical: float) -> int:
    return 3 if value >= critical else 2 if value >= high else 1
