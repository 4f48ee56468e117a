"""The roads on which a Sentry of one's own is reached: below a path, behind a private authority, through a proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deploywatch.bootstrap import production
from deploywatch.errors import SentryRejected, SentryUnavailable
from deploywatch.sandbox.standin.server import Site, StandIn
from deploywatch.sentry.releases import create_release, get_release
from deploywatch.settings import Settings
from tests.fakes.authority import Authority, make_authority
from tests.fakes.proxy import Proxy

HOST = "sentry.corp.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"), "127.0.0.1", HOST)


@pytest.fixture(scope="module")
def secure(authority: Authority) -> Iterator[StandIn]:
    with StandIn(site=Site("/tools/sentry", authority.certificate, authority.key)) as sentry:
        yield sentry


@pytest.fixture(scope="module")
def plain() -> Iterator[StandIn]:
    with StandIn() as sentry:
        yield sentry


def ask(sentry: StandIn, tmp_path: Path, ini: str = "", **environ: str) -> str:
    """Create a release and read it again, as a pipeline would; what it is called."""
    if ini:
        (tmp_path / ".sentryclirc").write_text(ini)
    given: Mapping[str, str] = {**sentry.environ("shop"), "HOME": str(tmp_path), "SENTRY_HTTP_MAX_RETRIES": "0", **environ}
    client = production(Settings(), environ=given).connect()
    create_release(client, "shop@1", client.connection.projects)
    return get_release(client, "shop@1").version


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_below_a_path_with_a_private_authority(secure: StandIn, authority: Authority, tmp_path: Path) -> None:
    assert secure.url.startswith("https://127.0.0.1:")
    assert secure.url.endswith("/tools/sentry")
    assert ask(secure, tmp_path, SSL_CERT_FILE=str(authority.trust)) == "shop@1"


def test_what_the_operating_system_trusts_is_trusted(
    secure: StandIn, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # OpenSSL's own variable moves the place where the system's certificates are; the set-up's environment does not have it.
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trust))
    assert ask(secure, tmp_path) == "shop@1"


def test_an_authority_that_nobody_trusts_is_named_with_the_remedy(secure: StandIn, tmp_path: Path) -> None:
    with pytest.raises(SentryUnavailable, match="certificate not trusted") as caught:
        ask(secure, tmp_path)
    assert "SSL_CERT_FILE" in caught.value.hint


def test_verification_can_be_turned_off_as_in_sentry_cli(secure: StandIn, tmp_path: Path) -> None:
    assert ask(secure, tmp_path, "[http]\nverify_ssl = false\n") == "shop@1"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_through_a_proxy_with_tls_to_the_end(secure: StandIn, authority: Authority, tmp_path: Path, variable: str) -> None:
    with Proxy(secure.port) as proxy:
        url = f"https://{HOST}/tools/sentry"
        assert ask(secure, tmp_path, SENTRY_URL=url, SSL_CERT_FILE=str(authority.trust), **{variable: proxy.url}) == "shop@1"
    assert set(proxy.hosts) == {f"{HOST}:443"}


def test_through_a_proxy_without_tls(plain: StandIn, tmp_path: Path) -> None:
    with Proxy(plain.port) as proxy:
        assert ask(plain, tmp_path, SENTRY_URL=f"http://{HOST}:9000", HTTP_PROXY=proxy.url) == "shop@1"
    assert set(proxy.hosts) == {f"{HOST}:9000"}


def test_the_proxy_of_the_ini_file_with_its_login(plain: StandIn, tmp_path: Path) -> None:
    with Proxy(plain.port, login="ana:p@ss word") as proxy:
        ini = f"[http]\nproxy_url = 127.0.0.1:{proxy.port}\nproxy_username = ana\nproxy_password = p@ss word\n"
        assert ask(plain, tmp_path, ini, SENTRY_URL=f"http://{HOST}") == "shop@1"


def test_a_proxy_that_wants_a_login_says_so_and_no_password_is_shown(
    secure: StandIn, plain: StandIn, authority: Authority, tmp_path: Path
) -> None:
    with Proxy(secure.port, login="ana:right") as proxy, pytest.raises(SentryUnavailable, match="wants a login") as caught:
        wrong = proxy.url.replace("//", "//ana:hunter2@")
        ask(secure, tmp_path, SENTRY_URL=f"https://{HOST}", SSL_CERT_FILE=str(authority.trust), HTTPS_PROXY=wrong)
    assert "user:password@" in caught.value.hint
    assert "hunter2" not in caught.value.diagnostics()
    with Proxy(plain.port, login="ana:right") as proxy, pytest.raises(SentryRejected, match="407") as refused:
        ask(plain, tmp_path, SENTRY_URL=f"http://{HOST}", HTTP_PROXY=proxy.url)
    assert "HTTP_PROXY" in refused.value.hint


def test_a_proxy_that_is_not_there(plain: StandIn, tmp_path: Path) -> None:
    with pytest.raises(SentryUnavailable):
        ask(plain, tmp_path, SENTRY_URL=f"http://{HOST}", HTTP_PROXY="http://127.0.0.1:9")


@pytest.mark.parametrize("no_proxy", ["", "127.0.0.0/8"])
def test_loopback_and_no_proxy_go_directly(plain: StandIn, tmp_path: Path, no_proxy: str) -> None:
    with Proxy(plain.port) as proxy:
        assert ask(plain, tmp_path, f"[http]\nproxy_url = {proxy.url}\n", HTTP_PROXY=proxy.url, NO_PROXY=no_proxy) == "shop@1"
    assert proxy.hosts == []


def test_an_organisation_token_and_an_address_that_was_written(plain: StandIn, secure: StandIn, tmp_path: Path) -> None:
    """The token was made for another region: the address that somebody wrote wins, where sentry-cli asks the wrong server."""
    token = plain.add_organization_token()
    environ = {"SENTRY_AUTH_TOKEN": token, "SENTRY_URL": "", "SENTRY_ORG": ""}
    assert ask(plain, tmp_path, **environ) == "shop@1"
    with pytest.raises(SentryUnavailable):
        ask(plain, tmp_path, **environ | {"SENTRY_URL": "http://127.0.0.1:9"})
