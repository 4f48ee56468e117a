"""Where failures are told: 200 made-up ones through a realistic configuration, each checked against the rules stated in words."""

from __future__ import annotations

import itertools

import pytest

from deploywatch.errors import ConfigError
from deploywatch.model import Owner, Severity
from deploywatch.owners.routing import Override, OwnerChannels, Routing, route

TEAMS = ["@acme/cart", "@acme/search", "@acme/billing", "@acme/platform"]
ROUTING = Routing(
    owners={
        "@acme/cart": OwnerChannels(("slack-cart",), ("pager-cart",)),
        "@ACME/search": OwnerChannels(("slack-search",)),
        "@acme/billing": OwnerChannels(("slack-billing", "mail-billing"), ("pager-billing",)),
        "@acme/platform": OwnerChannels(("slack-platform",), ("pager-platform",)),
    },
    services={"ledger": ("slack-ledger",)},
    general=("slack-incidents",),
    pager=("pager-main",),
    fallback=("slack-catch-all",),
    overrides=(
        Override(environment="{staging,qa}", never_page=True, never_general=True),
        Override(environment="production", service="checkout", general_from=Severity.MEDIUM, pager_from=Severity.HIGH),
        Override(service="ledger", also=("mail-audit",)),
        Override(service="experiments-*", channels=("slack-lab",), never_page=True),
    ),
)

FAILURES = [
    *itertools.product(
        [*TEAMS, "@stranger"], Severity, ["production", "staging"], [None, "checkout", "ledger", "experiments-1", "web"]
    ),
]


def expected(owner: str, severity: Severity, environment: str, service: str | None) -> set[str]:
    """The configuration above, said once more in plain words."""
    lab, quiet = service == "experiments-1", environment == "staging"
    team = {"@acme/cart": {"slack-cart"}, "@acme/search": {"slack-search"}, "@acme/platform": {"slack-platform"}}
    told = {"slack-lab"} if lab else team.get(owner, {"slack-billing", "mail-billing"} if owner == "@acme/billing" else set())
    if service == "ledger":
        told = (told or {"slack-ledger"}) | {"mail-audit"}
    busy = service == "checkout" and environment == "production"
    if not quiet and severity in ({"medium", "high", "critical"} if busy else {"high", "critical"}):
        told = told | {"slack-incidents"}
    if not quiet and not lab and severity in ({"high", "critical"} if busy else {"critical"}):
        has_own = owner in {"@acme/cart", "@acme/billing", "@acme/platform"}
        told = told | {f"pager-{owner.removeprefix('@acme/')}" if has_own else "pager-main"}
    return told or {"slack-catch-all"}


def test_there_are_200_of_them():
    assert len(FAILURES) == 200


@pytest.mark.parametrize(("owner", "severity", "environment", "service"), FAILURES)
def test_each_failure_reaches_whom_it_should(owner, severity, environment, service):
    told = route(Owner((owner,), "w"), severity, ROUTING, service=service, environment=environment)
    assert {destination.channel for destination in told} == expected(owner, severity, environment, service)
    assert all(destination.why for destination in told)


def test_the_owner_s_channel_stands_first_and_no_channel_twice():
    routing = Routing(owners={"@a": OwnerChannels(("x", "general"), ("x",))}, general=("general",), pager=("p",))
    told = route(Owner(("@a", "@a"), "w"), Severity.CRITICAL, routing)
    assert [destination.channel for destination in told] == ["x", "general"]


def test_several_owners_are_all_told():
    told = route(Owner(("@acme/cart", "@acme/search"), "w"), Severity.LOW, ROUTING)
    assert [destination.channel for destination in told] == ["slack-cart", "slack-search"]


def test_nobody_is_no_destination():
    with pytest.raises(ConfigError, match="no channel"):
        Routing(owners={"@a": OwnerChannels(("x",))})
    told = route(Owner(("@unknown",), "w"), Severity.LOW, Routing(general=("general",)))
    assert [destination.channel for destination in told] == ["general"]


def test_an_override_that_cannot_be_read_is_told_at_once():
    with pytest.raises(ConfigError, match="checkout"):
        Routing(general=("g",), overrides=(Override(service="checkout[", channels=("x",)),))
