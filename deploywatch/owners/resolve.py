"""The owner of some files: the first file that an owner file gives to somebody, else the configured default. Never nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from deploywatch.model import Owner, RuleRef
from deploywatch.owners.rules import Decision, Matcher

LAST_RESORT: Final = "whoever deployed this release"
"""Who gets a failure when no rule matches and no default owner is configured: there is always somebody who deployed."""


def resolve(paths: Sequence[str], files: Sequence[Matcher], default: Sequence[str]) -> Owner:
    """The owner of the first of ``paths`` (best first) that has one, asking ``files`` in their order.

    ``default`` is who gets what nobody owns; ``why`` says which line decided, or why it came to the default.
    """
    reasons: list[str] = []
    for path in paths:
        for file in files:
            decision = file.decide(path)
            if decision.owners and decision.decided_by:
                return _owned(path, decision, decision.decided_by)
            reasons += _reason(path, decision)
    return Owner(
        names=tuple(default) or (LAST_RESORT,),
        why=_fallback(paths, files, reasons, named=bool(default)),
        path=next(iter(paths), None),
    )


def where(rule: RuleRef) -> str:
    """A rule as people look it up: ``file:line (pattern)``, without the line where rules have none."""
    return f"{rule.file}:{rule.line} ({rule.pattern})" if rule.line else f"{rule.file} ({rule.pattern})"


def _owned(path: str, decision: Decision, rule: RuleRef) -> Owner:
    over = f", over {where(decision.outranked[0])}" if decision.outranked else ""
    more = f" and {len(decision.outranked) - 1} more" if len(decision.outranked) > 1 else ""
    return Owner(decision.owners, f"{path} is owned by {where(rule)}{over}{more}", path, rule, decision.outranked)


def _reason(path: str, decision: Decision) -> list[str]:
    return [f"{where(decision.decided_by)} leaves {path} without an owner"] if decision.decided_by else []


def _fallback(paths: Sequence[str], files: Sequence[Matcher], reasons: Sequence[str], *, named: bool) -> str:
    if not paths:
        cause = "no file of the repository is known for this failure"
    elif not files:
        cause = "the repository has no owner file at this commit"
    elif reasons:
        cause = reasons[0]
    else:
        cause = f"no line of {' or '.join(file.file for file in files)} matches {paths[0]}"
    return f"{cause}, so it goes to " + ("the default owner" if named else "whoever deployed: no default owner is configured")
