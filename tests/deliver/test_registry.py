from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.deliver.channels.file import ReportFile
from deploywatch.deliver.channels.slack import SlackWebhook
from deploywatch.deliver.channels.webhook import Webhook
from deploywatch.deliver.options import Tools
from deploywatch.deliver.registry import TYPES, build
from deploywatch.deliver.vault import Vault
from deploywatch.errors import ConfigError
from tests.deliver.support import START

FILE = {"name": "artefact", "type": "file", "path": "x.html"}
SLACK = {"name": "team", "type": "slack", "url": "env:HOOK"}
HOOK = {"name": "hook", "type": "webhook", "url": "https://x.example/in"}


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    vault = Vault({"HOOK": "https://hooks.example/sesame"})
    return Tools(lambda guard: None, lambda report, form: form, vault, lambda: START, tmp_path)


def test_channels_are_made_by_their_types(tools: Tools):
    board = build([FILE, SLACK | {"fallback": "artefact"}, HOOK], tools)
    assert [type(channel) for channel in board.channels.values()] == [ReportFile, SlackWebhook, Webhook]
    assert [channel.name for channel in board.channels.values()] == ["artefact", "team", "hook"]
    assert board.fallbacks == {"team": board.channels["artefact"]}
    assert tools.vault.given == ("https://hooks.example/sesame",)


def test_channels_are_picked_by_name_each_once(tools: Tools):
    board = build([FILE, HOOK], tools)
    assert board.named(["hook", "artefact", "hook"]) == (board.channels["hook"], board.channels["artefact"])
    with pytest.raises(ConfigError, match="no channel 'hok'") as caught:
        board.named(["hok"])
    assert "did you mean hook?" in caught.value.hint


@pytest.mark.parametrize(
    ("configs", "message", "hint"),
    [
        ([FILE | {"type": "slak"}], r"channels\.artefact\.type", "did you mean slack?"),
        ([FILE | {"type": "pigeon"}], r"channels\.artefact\.type", ", ".join(TYPES)),
        ([{"name": "x"}], r"channels\.x\.type", "use one of"),
        ([{"type": "file", "path": "x"}], "a channel has no name", "name"),
        ([FILE, FILE], "two channels are called 'artefact'", "its own name"),
        ([FILE | {"fallback": "artefact"}], "its own fallback", "another"),
        ([FILE | {"fallback": "tem"}, SLACK], r"channels\.artefact\.fallback leads to 'tem'", "did you mean team?"),
        ([SLACK | {"url": "env:NOT_SET"}], r"channels\.team\.url .* NOT_SET", "set NOT_SET"),
        ([SLACK | {"colour": "red"}], r"channels\.team\.colour", "url, allow_private"),
        ([HOOK | {"allow_private": ["10.0.0.0/99"]}], r"channels\.hook\.allow_private", "url"),
    ],
)
def test_a_bad_configuration_is_one_error_that_says_what_to_do(tools: Tools, configs: list, message: str, hint: str):
    with pytest.raises(ConfigError, match=message) as caught:
        build(configs, tools)
    assert hint in caught.value.hint
