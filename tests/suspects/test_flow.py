"""Where a failing value came from: through assignments, parameters, loops and callbacks."""

from __future__ import annotations

import pytest

from deploywatch.suspects.flow import assigned, flow
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, Files


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("    rate = rates[country]", ("rate",)),
        ("    net, gross = split(price)", ("net", "gross")),
        ("const jsx = node.elements.filter(Boolean)", ("jsx",)),
        ("  let { total } = basket", ("total",)),
        ("for (const key of keys) {", ("key",)),
        ("for key, item in items.items():", ("key", "item")),
        ("with open(path) as file:", ("file",)),
        ("if (match := pattern.match(text)):", ("match",)),
        ("total += price", ("total",)),
        ("err := charge(card)", ("err",)),
        ("String name = user.name();", ("name",)),
        ("if rate == 1:", ()),
        ("return rate", ()),
        ("items.map(item => item.id)", ()),
        ("", ()),
    ],
)
def test_what_a_line_gives_a_value(line: str, names: tuple[str, ...]) -> None:
    assert assigned(line) == names


def walked(deployed: Deployed, files: Files, *stack: At, message: str = "") -> tuple[dict[str, float], dict[str, float]]:
    """Weights by "name:line" of the sites, and the members."""
    history = deployed(files)
    history.commit("anything", {"notes.py": "x = 1\n"})
    found = flow(history.scene(*stack, error="TypeError", message=message))
    return {f"{site.name}:{site.first}": round(site.weight, 2) for site in found.sites}, dict(found.members)


def test_an_assignment_on_the_way_hides_what_was_set_before_it_and_a_branch_does_not(deployed: Deployed) -> None:
    code = "def pay(card):\n    rate = 1\n    rate = 2\n    if card.old:\n        rate = 3\n    return charge(rate)\n"
    sites, _ = walked(deployed, {"shop.py": code}, At("shop.py", "return charge", "pay"))
    assert sites == {"rate:5": 1.0, "rate:3": 1.0}


def test_from_a_parameter_into_the_callers_statement(deployed: Deployed) -> None:
    files = {
        "inner.py": "def price(item):\n    return item.net\n",
        "outer.py": "def total(order):\n    first = order.lines\n    other = order.notes\n    return price(first)\n",
    }
    stack = (At("inner.py", "item.net", "price"), At("outer.py", "price(first)", "total"))
    sites, members = walked(deployed, files, *stack, message="'NoneType' object has no attribute 'net'")
    assert sites == {"first:2": 0.7}
    assert members == {"lines": pytest.approx(0.49)}


def test_what_is_no_parameter_came_from_nowhere_else(deployed: Deployed) -> None:
    files = {
        "inner.py": "def price():\n    return RATE.net\n",
        "outer.py": "def total(order):\n    a = order.b\n    return price(a)\n",
    }
    sites, _ = walked(deployed, files, At("inner.py", "RATE.net", "price"), At("outer.py", "price(a)", "total"))
    assert sites == {}


def test_a_callback_is_given_what_it_is_called_on(deployed: Deployed) -> None:
    code = (
        "function exit(note) {\n  let types\n  types = find(note)\n  types.forEach((prop) => {\n    check(prop.body)\n  })\n}\n"
    )
    message = "Cannot read properties of undefined (reading 'body')"
    stack = (At("rule.js", "prop.body", "exit"), At("rule.js", "types.forEach", "exit"))
    sites, _ = walked(deployed, {"rule.js": code}, *stack, message=message)
    assert sites["prop:4"] == 1.0
    assert sites["types:3"] == pytest.approx(0.49)


def test_a_comprehension_is_given_what_it_loops_over(deployed: Deployed) -> None:
    code = "def coords(data):\n    values = load(data)\n    return [v.coords for v in values]\n"
    sites, _ = walked(
        deployed, {"shop.py": code}, At("shop.py", "v.coords", "coords"), message="'int' object has no attribute 'coords'"
    )
    assert sites == {"values:2": 1.0}


def test_only_the_missing_value_is_followed_where_the_error_names_what_was_read_of_it(deployed: Deployed) -> None:
    code = "def pay(card, cart):\n    owner = cart.owner\n    limit = card.limit\n    return owner.name + limit\n"
    message = "'NoneType' object has no attribute 'name'"
    sites, members = walked(deployed, {"shop.py": code}, At("shop.py", "owner.name", "pay"), message=message)
    assert sites == {"owner:2": 1.0}
    assert members == {"owner": pytest.approx(0.7)}
