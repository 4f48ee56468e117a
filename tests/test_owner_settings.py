"""Owners, services, people and routing in deploywatch.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.config import service_lines
from deploywatch.errors import ConfigError
from deploywatch.model import Severity
from deploywatch.owners.sentry_rules import Generation
from deploywatch.settings import Settings
from tests.test_config import load

CHANNELS = "".join(f'[[channels]]\nname = "{name}"\ntype = "file"\npath = "x"\n' for name in ("team", "all", "pager"))
WHOLE = (
    """
[owners]
dialect = "gitlab"
tags = ["owner", "team"]
robots = ["Deploy Robot"]
generation = "last-line"
limit = 250000
names = { "@acme/storefront" = "#shop" }

# the services
[[services]]
name = "cart"
owners = ["@acme/cart"]
paths = ["/apps/cart/"]
tags = { service = "cart*" }
channels = ["team"]
function = "what people put into the basket"
product = "Shop"

[[services]] # shared
name = 'platform'
owners = ["@acme/platform"]
projects = ["platform"]
shared = true

[[people]]
name = "Ann Lee"
emails = ["ann@acme.test"]
github = "annlee"
slack = "U012AB3CD"

[routing]
general = ["all"]
pager = ["pager"]
pager_from = "high"

[[routing.owners]]
owner = "@acme/cart"
channels = ["team"]

[[routing.overrides]]
environment = "{staging,qa}"
never_page = true
"""
    + CHANNELS
)


def test_reads_everything(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE)
    assert (settings.owners.dialect, settings.owners.generation, settings.owners.limit) == (
        "gitlab",
        Generation.LAST_LINE,
        250_000,
    )
    assert settings.owners.names == {"@acme/storefront": "#shop"}
    cart, platform = settings.services
    assert (cart.tags, cart.product, cart.shared, platform.shared) == ({"service": "cart*"}, "Shop", False, True)
    assert settings.people[0].slack == "U012AB3CD"
    assert (settings.routing.general_from, settings.routing.pager_from) == (Severity.HIGH, Severity.HIGH)
    assert settings.routing.owners[0].channels == ("team",)
    assert settings.routing.is_set


def test_each_service_knows_its_line(tmp_path: Path) -> None:
    lines = WHOLE.split("\n")
    cart, platform = load(tmp_path, WHOLE).services
    assert lines[cart.line - 1] == "[[services]]"
    assert lines[platform.line - 1] == "[[services]] # shared"
    assert cart.line < platform.line


def test_a_service_in_one_line_has_no_line_of_its_own(tmp_path: Path) -> None:
    (service,) = load(tmp_path, 'services = [{ name = "a", owners = ["@a"], paths = ["/a/"] }]').services
    assert service.line == 0
    assert service_lines('[[services]]\n[services.tags]\nname = "not the name"\n') == {}


def test_nothing_said_routes_nothing() -> None:
    assert not Settings().routing.is_set


REFUSED = [
    ('[[services]]\nname = "s"\nowners = ["@a"]\n', "projects, paths or tags"),
    ('[[services]]\nname = "s"\nowners = []\npaths = ["/a/"]\n', "services[0].owners"),
    ('[[services]]\nname = "s"\nowners = ["@a"]\npaths = ["!x"]\n', "negation"),
    ('[[services]]\nname = "s"\nowners = ["@a"]\ntags = { service = "[a" }\n', "not a glob"),
    ('[[services]]\nname = "s"\nowners = ["@a"]\nprojects = ["p"]\nchannels = ["no"]\n', "the service s leads to 'no'"),
    ('[[services]]\nname = "s"\nowners = ["@a"]\nprojects = ["p"]\n' * 2, "two services of the name 's'"),
    ('[routing]\nfallback = ["no"]\n', "routing.fallback names 'no'"),
    ('[[routing.owners]]\nowner = "@a"\npager = ["no"]\n', "the routing of @a leads to 'no'"),
    ("[[routing.overrides]]\nnever_page = true\n", "which service or environment"),
    ('[[routing.overrides]]\nservice = "a"\nalso = ["no"]\n', "a routing override leads to 'no'"),
    ('[owners]\ndialect = "gerrit"\n', "github, gitlab, bitbucket"),
    ('[[routing.overrides]]\nservice = "a["\n', "not a glob"),
    ('[[people]]\nmail = "x"\n', "did you mean people[0].emails?"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_what_makes_no_sense_is_told_at_once(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert says in caught.value.message
