from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.deliver.vault import Vault
from deploywatch.errors import ConfigError

KEY = "channels.team.url"
SLACK = "https://hooks.slack" + ".com/services/T0123/B0123/sesame"


@pytest.fixture
def vault() -> Vault:
    return Vault({"HOOK": " sesame \n", "EMPTY": "", "SLACK": SLACK, "WORD": "sesame"})


def test_a_secret_comes_from_a_variable_or_a_file_and_is_remembered(vault: Vault, tmp_path: Path):
    (tmp_path / "hook").write_text("barley\n")
    assert [vault.secret(place, KEY) for place in ("env:HOOK", "env: HOOK", f"file:{tmp_path}/hook")] == [
        "sesame",
        "sesame",
        "barley",
    ]
    assert vault.given == ("sesame", "barley")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("env:NOT_SET", "the variable NOT_SET, which is not set"),
        ("env:EMPTY", "EMPTY"),
        ("env:", "not a reference"),
        ("sesame-open", "not a reference"),
        ("https://hooks.example/sesame-open", "not a reference"),
        ("file:/nowhere/hook", "/nowhere/hook: No such file"),
        ("file:/proc/self", "Is a directory"),
        ("file:", "not a reference"),
    ],
)
def test_what_refers_to_nothing_is_one_error_that_names_the_key_and_no_secret(vault: Vault, reference: str, message: str):
    with pytest.raises(ConfigError, match=message) as caught:
        vault.secret(reference, KEY)
    assert KEY in caught.value.message
    assert "sesame" not in caught.value.diagnostics()


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe\x00"])
def test_a_file_without_a_secret_is_an_error(vault: Vault, tmp_path: Path, content: bytes):
    (tmp_path / "hook").write_bytes(content)
    with pytest.raises(ConfigError, match="hook"):
        vault.secret(f"file:{tmp_path}/hook", KEY)


def test_a_value_is_read_or_taken_as_it_stands(vault: Vault):
    assert [vault.value(text, KEY) for text in ("env:WORD", "application/json")] == ["sesame", "application/json"]


@pytest.mark.parametrize(
    "text", [SLACK, "https://me:sesame@ci.example/", "https://ci.example/?token=sesame", "Bearer " + "sesame1234" * 3]
)
def test_a_secret_that_stands_in_the_configuration_itself_is_an_error(vault: Vault, text: str):
    with pytest.raises(ConfigError, match="holds a secret") as caught:
        vault.value(text, KEY)
    assert "sesame" not in caught.value.diagnostics()


@pytest.mark.parametrize("text", ["env:SLACK", "https://ci.example/hook", "http://127.0.0.1:8080", "http://[::1]/x"])
def test_an_address(vault: Vault, text: str):
    assert vault.address(text, KEY).startswith("http")


@pytest.mark.parametrize(
    "text", ["env:WORD", "ci.example/hook", "ftp://ci.example", "http://", "https://a b/", "http://x:99999/", "http://[::1/"]
)
def test_what_is_no_address_is_an_error_without_it(vault: Vault, text: str):
    with pytest.raises(ConfigError, match=KEY) as caught:
        vault.address(text, KEY)
    assert "sesame" not in caught.value.diagnostics()
