from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.deliver.secrets import is_reference, read_secret
from deploywatch.errors import ConfigError

ENVIRON = {"HOOK": " sesame \n", "EMPTY": ""}


def read(reference: str) -> str:
    return read_secret(reference, ENVIRON, key="channels.team.url")


def test_a_secret_comes_from_a_variable_or_a_file(tmp_path: Path):
    (tmp_path / "hook").write_text("sesame\n")
    assert [read("env:HOOK"), read("env: HOOK"), read(f"file:{tmp_path}/hook")] == ["sesame"] * 3


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
def test_what_refers_to_nothing_is_one_error_that_names_the_key_and_no_secret(reference: str, message: str):
    with pytest.raises(ConfigError, match=message) as caught:
        read(reference)
    assert "channels.team.url" in caught.value.message
    assert "sesame" not in caught.value.diagnostics()


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe\x00"])
def test_a_file_without_a_secret_is_an_error(tmp_path: Path, content: bytes):
    (tmp_path / "hook").write_bytes(content)
    with pytest.raises(ConfigError, match="hook"):
        read(f"file:{tmp_path}/hook")


@pytest.mark.parametrize(("value", "expected"), [("env:X", True), ("file:/x", True), ("https://x", False), ("", False)])
def test_is_reference(value: str, expected: bool):
    assert is_reference(value) is expected
