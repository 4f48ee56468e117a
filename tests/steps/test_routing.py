"""From deploywatch.toml to channels: 200 made-up failures through a realistic configuration, and the ways to write it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from deploywatch.model import FailingService, Finding, Issue, Owner, Rate, Regression, RegressionKind, Report, Severity, Verdict
from deploywatch.settings import Settings
from deploywatch.steps.owner_sources import people_of
from deploywatch.steps.routing import destinations
from tests.steps.conftest import DEPLOYED

CHANNELS = [
    "cart",
    "search",
    "billing",
    "billing-mail",
    "ledger",
    "audit",
    "lab",
    "incidents",
    "pager-cart",
    "pager",
    "catch-all",
]
CONFIGURATION: dict[str, Any] = {
    "channels": [{"name": name, "type": "webhook", "url": "https://hooks.acme.test"} for name in CHANNELS],
    "owners": {"names": {"@acme/storefront-search": "#search"}},
    "people": [{"name": "Ann Lee", "emails": ["ann@acme.test"], "github": "annlee"}],
    "services": [
        {"name": "ledger", "owners": ["@acme/ledger"], "projects": ["ledger"], "channels": ["ledger"]},
        {"name": "experiments", "owners": ["@acme/lab"], "paths": ["/lab/"]},
    ],
    "routing": {
        "general": ["incidents"],
        "pager": ["pager"],
        "fallback": ["catch-all"],
        "owners": [
            {"owner": "@acme/cart", "channels": ["cart"], "pager": ["pager-cart"]},
            {"owner": "@acme/storefront-search", "channels": ["search"]},
            {"owner": "@annlee", "channels": ["billing", "billing-mail"]},
        ],
        "overrides": [
            {"environment": "{staging,qa}", "never_page": True, "never_general": True},
            {"service": "checkout", "environment": "production", "general_from": "medium", "pager_from": "high"},
            {"service": "ledger", "also": ["audit"]},
            {"service": "experiments*", "channels": ["lab"], "never_page": True},
        ],
    },
}
# Each owner under one of the names by which files, rules and commits call it, and its own channels.
OWNERS = {
    "@ACME/cart": {"cart"},
    "#cart": {"cart"},
    "#search": {"search"},
    "ann@acme.test": {"billing", "billing-mail"},
    "@stranger": set(),
}
SERVICES = [None, "checkout", "ledger", "experiments", "web"]
FAILURES = list(itertools.product(OWNERS, Severity, ["production", "qa"], SERVICES))


def report(owner: str, severity: Severity, environment: str = "production", service: str | None = None) -> Report:
    failing = FailingService(service, f"project {service}") if service else None
    issue = Issue("1", "SHOP-1", "KeyError: 'x'", None, "shop")
    owned = Owner((owner,), "why", service=failing)
    regression = Regression(RegressionKind.NEW, severity, issue, Rate(0.0, 1.0), "why", owner=owned)
    return Report("r", environment, Verdict.REGRESSION, "why", DEPLOYED, findings=(Finding(regression),))


def told(settings: Settings, *reports: Report) -> list[str]:
    whole = Report("r", reports[0].environment, Verdict.REGRESSION, "w", DEPLOYED, findings=tuple(r.findings[0] for r in reports))
    return [destination.channel for destination in destinations(settings, whole, people_of(settings))]


def expected(owner: str, severity: str, environment: str, service: str | None) -> set[str]:
    """The configuration above, said once more in plain words."""
    own = {"lab"} if service == "experiments" else OWNERS[owner]
    if service == "ledger":
        own = (own or {"ledger"}) | {"audit"}
    if environment == "qa":
        return own or {"catch-all"}
    strict = service == "checkout"
    if severity in {"high", "critical"} or (strict and severity == "medium"):
        own = own | {"incidents"}
    if service != "experiments" and (severity == "critical" or (strict and severity == "high")):
        own = own | {"pager-cart" if "cart" in owner.lower() else "pager"}
    return own or {"catch-all"}


def test_there_are_200_of_them() -> None:
    assert len(FAILURES) == 200


SETTINGS = Settings.model_validate(CONFIGURATION)


@pytest.mark.parametrize(("owner", "severity", "environment", "service"), FAILURES)
def test_each_failure_reaches_whom_it_should(owner: str, severity: Severity, environment: str, service: str | None) -> None:
    assert set(told(SETTINGS, report(owner, severity, environment, service))) == expected(owner, severity, environment, service)


def test_every_destination_says_why() -> None:
    found = destinations(SETTINGS, report("@acme/cart", Severity.CRITICAL), people_of(SETTINGS))
    assert [(one.channel, one.why) for one in found] == [
        ("cart", "it is @acme/cart's channel"),
        ("incidents", "everybody hears of critical failures"),
        ("pager-cart", "it is @acme/cart's pager, for critical failures"),
    ]


def test_each_finding_of_a_report_is_routed_and_each_channel_told_once() -> None:
    both = told(SETTINGS, report("@acme/cart", Severity.LOW), report("#search", Severity.HIGH), report("#cart", Severity.LOW))
    assert both == ["cart", "search", "incidents"]


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({"channels": CONFIGURATION["channels"][:3], **changes})


def test_nothing_said_is_all_channels() -> None:
    assert told(settings(), report("@x", Severity.LOW)) == ["cart", "search", "billing"]


def test_routes_of_before_work_as_before() -> None:
    routes = [
        {"channels": ["cart"], "owner": "@acme/c*"},
        {"channels": ["search"], "severity": "high"},
        {"channels": ["billing"], "environment": "production"},
    ]
    routed = settings(routes=routes)
    assert told(routed, report("@acme/cart", Severity.CRITICAL)) == ["cart", "search", "billing"]
    assert told(routed, report("@acme/x", Severity.LOW)) == ["billing"]
    assert told(routed, report("@acme/x", Severity.LOW, "qa")) == []


def test_routes_beside_routing_add_to_it_and_nobody_is_no_answer() -> None:
    both = settings(routes=[{"channels": ["search"], "severity": "high"}], routing={"fallback": ["cart"]})
    assert told(both, report("@x", Severity.HIGH)) == ["cart", "search"]
    assert told(both, report("@x", Severity.LOW)) == ["cart"]


def test_without_a_fallback_it_is_all_channels() -> None:
    only_owners = settings(routing={"owners": [{"owner": "@a", "channels": ["cart"]}]})
    assert told(only_owners, report("@a", Severity.CRITICAL)) == ["cart"]
    assert told(only_owners, report("@b", Severity.LOW)) == ["cart", "search", "billing"]


def test_a_service_s_channels_alone_are_routing() -> None:
    served = settings(services=[{"name": "s", "owners": ["@a"], "projects": ["p"], "channels": ["search"]}])
    assert told(served, report("@a", Severity.LOW, service="s")) == ["search"]
