"""Services: what a failure belongs to, by its tags, its project, its files."""

from __future__ import annotations

import pytest

from deploywatch.errors import ConfigError
from deploywatch.model import Event, StackTrace
from deploywatch.owners.annotations import Annotations
from deploywatch.owners.rules import Subject
from deploywatch.owners.services import Service, Services

CART = Service("cart", ("@cart",), projects=("shop",), paths=("/apps/cart/",), tags=(("service", "cart*"),), line=10)
SEARCH = Service("search", ("@search",), projects=("shop", "find"), paths=("/apps/search/",), line=20)
SHARED = Service("platform", ("@platform",), paths=("/libs/",), shared=True, line=30)
SERVICES = Services([CART, SEARCH, SHARED])


def event(**tags: str) -> Event:
    return Event(id="1", stacktrace=StackTrace(()), tags=tuple(tags.items()))


CASES = [
    ("a path", "apps/cart/x.py", "cart", "path /apps/cart/"),
    ("a path of shared code", "libs/x.py", "platform", "path /libs/"),
    ("a tag", Subject(event=event(service="cart-eu"), project="find"), "cart", "tag service=cart-eu"),
    ("a tag beats files", Subject(event=event(service="cart"), files=("apps/search/a.py",)), "cart", "tag service=cart"),
    ("a project", Subject(event=event(), project="find"), "search", "project find"),
    ("a project of two services: the last", Subject(project="shop"), "search", "project shop"),
    (
        "a project of two services, told by the files",
        Subject(project="shop", files=("libs/a.py", "apps/cart/b.py")),
        "cart",
        "project shop",
    ),
    ("files: shared code does not take it", Subject(files=("libs/a.py", "apps/search/b.py")), "search", "path /apps/search/"),
    ("files: nearest to the failure first", Subject(files=("apps/cart/a.py", "apps/search/b.py")), "cart", "path /apps/cart/"),
    ("files: only shared code", Subject(files=("libs/a.py", "x.py")), "platform", "path /libs/"),
]


@pytest.mark.parametrize(("subject", "name", "by"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_service_that_failed(subject, name, by):
    match = SERVICES.matches(subject)[0]
    assert (match.service.name, match.by) == (name, by)
    decision = SERVICES.decide(subject)
    assert decision.owners == match.service.owners
    assert decision.decided_by is not None
    assert (decision.decided_by.file, decision.decided_by.line) == ("deploywatch.toml", match.service.line)


def test_what_was_outranked_is_named():
    decision = SERVICES.decide(Subject(files=("libs/a.py", "apps/search/b.py")))
    assert [rule.pattern for rule in decision.outranked] == ["service platform: path /libs/"]


def test_nothing_known_is_no_service():
    assert SERVICES.decide("docs/x.md").decided_by is None
    assert SERVICES.decide(Subject(event=event(other="x"), project="unknown")).decided_by is None


@pytest.mark.parametrize("service", [Service("s", (), paths=("!x",)), Service("s", (), tags=(("t", "[a"),))])
def test_a_bad_pattern_is_a_configuration_error(service):
    with pytest.raises(ConfigError, match="service s"):
        Services([service])


ANNOTATIONS = [
    ({"owner": "@org/cart"}, ("@org/cart",)),
    ({"owner": "#cart, ann@example.org"}, ("#cart", "ann@example.org")),
    ({"owner": "<!channel> run"}, ()),
    ({"owner": "x" * 300}, ()),
    ({"team": "cart"}, ("cart",)),
    ({"team": "cart", "owner": "@ann"}, ("@ann",)),
    ({}, ()),
]


@pytest.mark.parametrize(("tags", "owners"), ANNOTATIONS)
def test_owners_that_the_code_names(tags, owners):
    decision = Annotations(("owner", "team")).decide(Subject(event=event(**tags)))
    assert decision.owners == owners
    assert (decision.decided_by is not None) is bool(owners)


def test_a_path_has_no_annotation():
    assert Annotations().decide("a/b.py").decided_by is None
