from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from deploywatch.deliver.channel import Policy
from deploywatch.deliver.commenting import Commenter
from deploywatch.deliver.options import Tools
from deploywatch.deliver.registry import TYPES, build
from deploywatch.deliver.ticketing import Ticketer
from deploywatch.deliver.vault import Vault
from deploywatch.settings import Settings
from tests.deliver.support import START

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "deliveries.md").read_text()
CHANNELS = dict(re.findall(r"^### `([\w-]+)`\n(.*?)(?=^##|\Z)", (DOCS / "channels.md").read_text(), re.MULTILINE | re.DOTALL))
EVERY_DEPLOY = re.findall(
    r"`[\w-]+`", next(line for line in (DOCS / "channels.md").read_text().splitlines() if "hear of every" in line)
)
WAKES = re.findall(
    r"`[\w-]+`", next(line for line in (DOCS / "channels.md").read_text().splitlines() if "nobody is woken" in line)
)
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


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    secret = "x" * 20
    environ = dict.fromkeys(re.findall(r"env:(\w+)", (DOCS / "channels.md").read_text()), secret)
    addresses = {name: f"https://{name.lower().replace('_', '-')}.example" for name in environ if name.endswith("_URL")}
    vault = Vault(environ | addresses | {"APPRISE_URL": "json://example.org"})
    return Tools(lambda guard: None, lambda report, form: form, vault, lambda: START, tmp_path, issues=object())


def test_every_kind_of_channel_has_a_section_and_no_other_has():
    assert set(CHANNELS) == set(TYPES)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise's own imports
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_the_example_of_a_channel_is_one_that_works(kind: str, tools: Tools):
    if kind == "apprise":
        pytest.importorskip("apprise", reason="apprise is not installed (extra: notify)")
    (example,) = re.findall(r"^```toml\n(.*?)^```", CHANNELS[kind], re.MULTILINE | re.DOTALL)
    (channel,) = Settings.model_validate(tomllib.loads(example)).channels
    assert channel.type == kind
    (made,) = build([channel.plain()], tools).channels.values()
    assert made.name == channel.name


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_section_says_what_is_needed_what_is_sent_and_how_it_ends(kind: str):
    assert re.findall(r"^- (\w+): \S", CHANNELS[kind], re.MULTILINE) == ["Needs", "Sends", "Over"]


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_whether_it_ends_and_hears_of_every_deploy_is_as_it_is_said(kind: str):
    ends = channel_of(TYPES[kind]).resolve.__annotations__["return"] != "None"
    assert ends is not bool(re.search(r"^- Over: nothing", CHANNELS[kind], re.MULTILINE))
    assert policy_of(TYPES[kind]).every_deploy is (f"`{kind}`" in EVERY_DEPLOY)
    assert policy_of(TYPES[kind]).wakes is (f"`{kind}`" in WAKES)


def channel_of(make) -> type:
    """The class that a factory says it makes."""
    return {"Commenter": Commenter, "Ticketer": Ticketer}.get(make.__annotations__["return"]) or getattr(
        import_module(make.__module__), make.__annotations__["return"]
    )


def policy_of(make) -> Policy:
    return channel_of(make).__dataclass_fields__["policy"].default
