from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.errors import ConfigError
from deploywatch.sentry.connection import Connection, Flags, load_connection
from tests.sentry.test_tokens import org_token

BASE = {"SENTRY_AUTH_TOKEN": "t0ken", "SENTRY_ORG": "acme"}


@pytest.fixture
def load(tmp_path: Path):
    (tmp_path / "home").mkdir()

    def call(environ: dict[str, str], *, ini: str = "", **flags) -> Connection:
        if ini:
            (tmp_path / ".sentryclirc").write_text(ini)
        return load_connection(Flags(**flags), environ=environ, start=tmp_path, home=tmp_path / "home")

    return call


def test_environment_alone_is_enough(load):
    found = load(BASE | {"SENTRY_PROJECT": "shop", "SENTRY_URL": "https://Sentry.Example:9000/"})
    assert (found.url, found.token.reveal(), found.org, found.projects) == (
        "https://sentry.example:9000",
        "t0ken",
        "acme",
        ("shop",),
    )
    assert (found.token_source, found.warnings, found.org_token) == ("SENTRY_AUTH_TOKEN", (), False)


def test_flags_beat_environment_beats_files_key_by_key(load):
    ini = "[auth]\ntoken=file\n[defaults]\nurl=https://file.example\norg=file\nproject=file\n"
    found = load({"SENTRY_ORG": "env", "SENTRY_PROJECT": "env"}, ini=ini, projects=("flag",))
    assert (found.url, found.token.reveal(), found.org, found.projects) == ("https://file.example", "file", "env", ("flag",))
    assert found.token_source.endswith(".sentryclirc")


def test_without_an_address_it_is_sentry_io(load):
    assert load(BASE).url == "https://sentry.io"


@pytest.mark.parametrize(
    ("text", "slugs"),
    [("a", ("a",)), ("a b", ("a", "b")), ("a, b,a", ("a", "b")), ("  ", ()), ("12 my_app.x", ("12", "my_app.x"))],
)
def test_several_projects(load, text, slugs):
    assert load(BASE | {"SENTRY_PROJECT": text}).projects == slugs


def test_nothing_shows_the_token_or_the_custom_header(load):
    found = load(
        BASE | {"CUSTOM_HEADER": "CF-Access: hunter2"},
        ini="[http]\nproxy_url=http://p\nproxy_username=u\nproxy_password=pass/word\n",
    )
    assert found.headers == (("CF-Access", "hunter2"),)
    assert found.proxy == "http://u:pass%2Fword@p"
    for secret in ("t0ken", "hunter2", "pass"):
        assert secret not in repr(found)
    assert "t0ken" not in repr(Flags(token="t0ken"))


def test_settings_of_the_http_section(load):
    found = load(BASE, ini="[http]\nverify_ssl=false\nmax_retries=2\nproxy_url=http://proxy.example:8080\n")
    assert (found.verify_tls, found.max_retries, found.proxy) == (False, 2, "http://proxy.example:8080")
    assert load(BASE | {"SENTRY_HTTP_MAX_RETRIES": "0"}).max_retries == 0


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, ["SENTRY_AUTH_TOKEN is not set", "[auth] token", ".sentryclirc"]),
        ({"SENTRY_AUTH_TOKEN": ""}, ["SENTRY_AUTH_TOKEN is set but empty"]),
        ({"SENTRY_AUTH_TOKEN": "t"}, ["SENTRY_ORG is not set", "[defaults] org"]),
        ({"SENTRY_AUTH_TOKEN": "t", "SENTRY_ORG": "  "}, ["SENTRY_ORG is set but empty"]),
        (BASE | {"SENTRY_ORG": "a/b"}, ["'a/b'", "organisation"]),
        (BASE | {"SENTRY_ORG": ".."}, ["'..'"]),
        (BASE | {"SENTRY_PROJECT": "ok not?ok"}, ["'not?ok'", "project"]),
        (BASE | {"SENTRY_AUTH_TOKEN": "two words"}, ["SENTRY_AUTH_TOKEN"]),
        (BASE | {"CUSTOM_HEADER": "no colon"}, ["CUSTOM_HEADER"]),
        (BASE | {"CUSTOM_HEADER": "A: b\r\nC: d"}, ["CUSTOM_HEADER"]),
        (BASE | {"SENTRY_HTTP_MAX_RETRIES": "many"}, ["SENTRY_HTTP_MAX_RETRIES"]),
    ],
)
def test_what_is_missing_or_wrong_is_named(load, environ, names):
    with pytest.raises(ConfigError) as caught:
        load(environ)
    assert all(name in caught.value.message for name in names)
    assert caught.value.exit_code == 2


def test_a_missing_token_names_the_files_that_were_read(load, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load({}, ini="[defaults]\norg=acme\n")
    assert str(tmp_path / ".sentryclirc") in caught.value.message


@pytest.mark.parametrize(
    "address",
    [
        "sentry.example",
        "ftp://sentry.example",
        "https://",
        "https://h/organizations/acme/issues/",
        "https://sentry.io/acme",
        "https://acme.sentry.io/settings/",
        "https://h/a//b",
        "https://h/../x",
        "https://u:p@h",
        "https://h?x",
        "https://h:99999",
        "https://[::1",
    ],
)
def test_an_address_must_be_the_root_of_a_web_address(load, address):
    with pytest.raises(ConfigError, match="SENTRY_URL"):
        load(BASE | {"SENTRY_URL": address})


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://Example.com/sentry/", "https://example.com/sentry"),
        ("https://example.com/tools/Sentry", "https://example.com/tools/Sentry"),
        ("https://example.com/sentry/api/0/", "https://example.com/sentry"),
        ("https://sentry.io/api/0/", "https://sentry.io"),
        ("https://de.sentry.io/api", "https://de.sentry.io"),
    ],
)
def test_a_server_may_live_below_a_path_and_the_address_of_the_api_will_do(load, address, url):
    assert load(BASE | {"SENTRY_URL": address}).url == url


def test_an_unencrypted_address_is_warned_of_unless_it_is_loopback(load):
    assert "not encrypted" in load(BASE | {"SENTRY_URL": "http://sentry.example"}).warnings[0]
    assert load(BASE | {"SENTRY_URL": "http://127.0.0.1:9000"}).warnings == ()


def test_an_organisation_token_brings_its_region_and_organisation(load):
    found = load({"SENTRY_AUTH_TOKEN": org_token(url="https://sentry.io", region_url="https://de.sentry.io", org="acme")})
    assert (found.url, found.org, found.org_token) == ("https://de.sentry.io", "acme", True)
    assert [warning for warning in found.warnings if "cannot read issues" in warning]


def test_a_written_address_beats_the_one_inside_an_organisation_token(load):
    token = org_token(url="https://sentry.io", org="acme")
    found = load({"SENTRY_AUTH_TOKEN": token, "SENTRY_URL": "https://de.sentry.io", "SENTRY_ORG": "other"})
    assert (found.url, found.org) == ("https://de.sentry.io", "other")
    assert any("https://sentry.io" in warning and "SENTRY_URL" in warning for warning in found.warnings)
    assert any("'acme'" in warning and "'other'" in warning for warning in found.warnings)


def test_the_same_address_written_twice_is_no_reason_to_warn(load):
    token = org_token(url="https://sentry.io/", org="acme")
    found = load({"SENTRY_AUTH_TOKEN": token, "SENTRY_URL": "https://sentry.io", "SENTRY_ORG": "acme"})
    assert len(found.warnings) == 1
