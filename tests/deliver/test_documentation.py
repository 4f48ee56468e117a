from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from deploywatch.deliver.channel import Policy
from deploywatch.deliver.commenting import Commenter
from deploywatch.deliver.registry import TYPES
from deploywatch.deliver.ticketing import Ticketer

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "deliveries.md").read_text()
ROW = re.compile(r"^\| `([\w-]+)` \| ([^|]+) \|", re.MULTILINE)


def test_the_promise_of_every_kind_of_channel_is_documented_as_it_is():
    rows = dict(ROW.findall(PAGE))
    assert set(rows) == set(TYPES)
    for name, make in TYPES.items():
        policy = policy_of(make)
        can_look = "find" in vars(channel_of(make)) and "Never" not in (channel_of(make).find.__doc__ or "")
        documented = rows[name].strip()
        if documented.startswith("not sent again"):
            assert not policy.repeatable
        elif documented == "sent again":
            assert policy.repeatable
        else:
            assert can_look, f"{name} is said to be looked for"


def channel_of(make) -> type:
    """The class that a factory says it makes."""
    return {"Commenter": Commenter, "Ticketer": Ticketer}.get(make.__annotations__["return"]) or getattr(
        import_module(make.__module__), make.__annotations__["return"]
    )


def policy_of(make) -> Policy:
    return channel_of(make).__dataclass_fields__["policy"].default
