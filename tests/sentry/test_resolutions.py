"""What Sentry resolves when it is told of commits."""

from __future__ import annotations

import pytest

from deploywatch.sentry.resolutions import MOST_LOOKED_UP, Resolutions, claimed_fixes, resolved_by
from tests.sentry.support import DETAIL_404, reply, stage


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("Fixes SHOP-4F", ("SHOP-4F",)),
        ("fix: shop-4f and more", ("SHOP-4F",)),
        ("Close SHOP-1, SHOP-2\n\nResolved: PAY-3", ("SHOP-1", "SHOP-2")),  # the list goes on to the colon
        ("Closes: SHOP-1.\nResolves PAY-3", ("SHOP-1", "PAY-3")),
        ("closed my-shop-9", ("MY-SHOP-9",)),
        ("Fixes #12", ()),
        ("prefixes SHOP-1", ()),
        ("see SHOP-1", ()),
        ("Fixes SHOP-1 #skipsentry", ()),
        ("see https://acme.sentry.io/issues/901/ again", ("https://acme.sentry.io/issues/901",)),
        ("https://sentry.test/organizations/acme/issues/SHOP-7", ("https://sentry.test/organizations/acme/issues/SHOP-7",)),
        ("Fixes SHOP-1, fixes SHOP-1", ("SHOP-1",)),
        ("", ()),
    ],
)
def test_what_a_message_claims(message: str, named: tuple[str, ...]) -> None:
    assert claimed_fixes(message) == named


def issue(number: int, status: str = "unresolved") -> dict[str, object]:
    return {"id": str(number), "shortId": f"SHOP-{number}", "status": status, "project": {"slug": "shop"}}


def test_only_open_issues_of_this_sentry_are_resolved() -> None:
    s = stage(
        reply({"groupId": "1", "shortId": "SHOP-1"}),
        reply(issue(1)),
        reply({"groupId": "2", "shortId": "SHOP-2"}),
        reply(issue(2, "resolved")),
        reply(DETAIL_404, 404),
        reply({"groupId": "4", "shortId": "SHOP-4"}),
        reply(issue(4, "ignored")),
    )
    found = resolved_by(s.client, ["Fixes SHOP-1", "Fixes SHOP-2, JIRA-3", "Closes SHOP-4, SHOP-1"])
    assert found == Resolutions(("SHOP-1", "SHOP-4"), ())


def test_a_token_that_may_not_look_them_up_makes_them_unsure() -> None:
    assert resolved_by(stage(reply({"detail": "no"}, 403)).client, ["Fixes SHOP-1"]) == Resolutions((), ("SHOP-1",))


def test_not_too_many_are_looked_up() -> None:
    answers = [reply(DETAIL_404, 404)] * MOST_LOOKED_UP
    found = resolved_by(stage(*answers).client, [f"Fixes SHOP-{number}" for number in range(MOST_LOOKED_UP + 2)])
    assert found.unsure == tuple(f"SHOP-{number}" for number in range(MOST_LOOKED_UP, MOST_LOOKED_UP + 2))
