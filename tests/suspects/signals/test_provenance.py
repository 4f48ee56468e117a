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
    assert hit(scene, "provenance", other) is None


def test_whoever_sets_it_otherwise_counts_less(deployed: Deployed) -> None:
    history = deployed(FILES)
    removed = history.edit("Gone", "props.js", ("    origin: {},\n", ""))
    gone = value(history.scene(*STACK, error="TypeError", message=UNDEFINED), "provenance", removed)
    added = history.edit("Back", "props.js", ("    name: name,\n", "    name: name,\n    origin: find(name),\n"))
    scene = history.scene(*STACK, error="TypeError", message=UNDEFINED, base=removed)
    assert 0 < value(scene, "provenance", added) < gone


def test_errors_that_are_not_of_a_missing_value_have_none(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("No fake origins", "props.js", ("    origin: {},\n", ""))
    assert hit(history.scene(*STACK, error="RangeError", message="too large"), "provenance", culprit) is None


def test_a_line_that_was_only_moved_still_sets_it(deployed: Deployed) -> None:
    history = deployed(FILES)
    moved = history.edit("Order", "props.js", ("    name: name,\n    origin: {},\n", "    origin: {},\n    name: name,\n"))
    assert hit(history.scene(*STACK, error="TypeError", message=UNDEFINED), "provenance", moved) is None
