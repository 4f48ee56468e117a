from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.errors import ConfigError
from deploywatch.sentry.tokens import OrgToken, Secret, clean_token, read_org_token


def org_token(**claims: object) -> str:
    return "sntrys_" + base64.b64encode(json.dumps(claims).encode()).decode().rstrip("=") + "_" + "s" * 43


def test_a_secret_is_shown_by_nothing_but_reveal():
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {secret!s}"
    assert secret.reveal() == "hunter2"
    assert secret.redact("token=hunter2!") == "token=[token]!"
    assert secret == Secret("hunter2") != Secret("other")


def test_a_token_is_stripped():
    assert clean_token(" abc\n", "SENTRY_AUTH_TOKEN").reveal() == "abc"


@pytest.mark.parametrize("value", ["Bearer abc", "abc\ndef", "tok\N{LATIN SMALL LETTER E WITH ACUTE}n", "a\x00b"])
def test_what_cannot_be_a_token_is_refused_without_being_shown(value: str):
    with pytest.raises(ConfigError) as caught:
        clean_token(value, "/home/me/.sentryclirc")
    assert "/home/me/.sentryclirc" in caught.value.message
    assert value not in caught.value.diagnostics()


def test_an_organisation_token_tells_where_it_belongs():
    token = org_token(iat=1, url="https://sentry.io", region_url="https://de.sentry.io", org="acme")
    assert read_org_token(Secret(token)) == OrgToken("https://sentry.io", "https://de.sentry.io", "acme")


@pytest.mark.parametrize("token", ["sntryu_" + "a" * 64, "b" * 64, "_sntrys_x"])
def test_other_tokens_are_not_organisation_tokens(token: str):
    assert read_org_token(Secret(token)) is None


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
def test_a_damaged_organisation_token_says_nothing_and_harms_nothing(rest: str):
    found = read_org_token(Secret("sntrys_" + rest))
    assert found is not None
    assert all(value is None or isinstance(value, str) for value in (found.url, found.region_url, found.org))
