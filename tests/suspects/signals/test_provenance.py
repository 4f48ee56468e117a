"""Where the value comes from that was wrong at the failing statement."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

UNDEFINED = "Cannot read properties of undefined (reading 'type')"
FILES = {
    "rules.js": "function isType(node) {\n  return node.type === 'Type'\n}\n\nfunction check(prop) {\n  if (!isType(prop.origin)) report(prop)\n}\n",
    "props.js": "function declare(name) {\n  return {\n    name: name,\n    origin: {},\n  }\n}\n",
}
STACK = (At("rules.js", "node.type", "isType"), At("rules.js", "isType(prop", "check"))


def test_whoever_no_longer_sets_what_was_passed_in(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("No fake origins", "props.js", ("    origin: {},\n", ""))
    other = history.edit("Names", "props.js", ("    name: name,\n", "    name: String(name),\n"))
    scene = history.scene(*STACK, error="TypeError", message=UNDEFINED)
    assert value(scene, "provenance", culprit) > 0
    assert said(scene, "provenance", culprit).startswith("no longer sets `origin` in props.js")
    assert said(scene, "provenance", culprit).endswith("where the failing value comes from")
    assert hit(scene, "provenance", other) is None


def test_whoever_sets_it_otherwise_counts_less(deployed: Deployed) -> None:
    history = deployed(FILES)
    removed = history.edit("Gone", "props.js", ("    origin: {},\n", ""))
    gone = value(history.scene(*STACK, error="TypeError", message=UNDEFINED), "provenance", removed)
    added = history.edit("Back", "props.js", ("    name: name,\n", "    name: name,\n    origin: find(name),\n"))
    scene = history.scene(*STACK, error="TypeError", message=UNDEFINED, base=removed)
    assert 0 < value(scene, "provenance", added) < gone


def test_a_variable_of_that_name_is_no_member(deployed: Deployed) -> None:
    history = deployed(FILES | {"other.js": "function other(a) {\n  let origin = a\n  return origin\n}\n"})
    other = history.edit("Renamed", "other.js", ("  let origin = a\n  return origin\n", "  return a\n"))
    assert hit(history.scene(*STACK, error="TypeError", message=UNDEFINED), "provenance", other) is None


def test_what_is_installed_or_configured_sets_no_member(deployed: Deployed) -> None:
    history = deployed(FILES | {"package.json": '{\n  "origin": "^1.0"\n}\n', "app.yml": "origin: here\n"})
    other = history.commit("Away", {"package.json": "{}\n", "app.yml": "\n"})
    assert hit(history.scene(*STACK, error="TypeError", message=UNDEFINED), "provenance", other) is None


def test_keyword_arguments_attributes_and_keys_are_members(deployed: Deployed) -> None:
    code = "def read(cart):\n    return cart.owner + 1\n"
    writers = {"a.py": "cart = Cart(owner=1)\n", "b.py": "cart.owner = 1\n", "c.py": 'cart["owner"] = 1\n'}
    history = deployed({"shop.py": code, **writers})
    gone = {path: history.commit(f"no {path}", {path: text.replace("owner", "other")}) for path, text in writers.items()}
    scene = history.scene(At("shop.py", "cart.owner", "read"), error="TypeError", message="unsupported operand")
    for path in writers:
        assert said(scene, "provenance", gone[path]).startswith(f"no longer sets `owner` in {path}")
        assert said(scene, "provenance", gone[path]).endswith("which a statement of the stack reads")


def test_a_line_that_was_only_moved_still_sets_it(deployed: Deployed) -> None:
    history = deployed(FILES)
    moved = history.edit("Order", "props.js", ("    name: name,\n    origin: {},\n", "    origin: {},\n    name: name,\n"))
    assert hit(history.scene(*STACK, error="TypeError", message=UNDEFINED), "provenance", moved) is None
