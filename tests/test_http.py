from __future__ import annotations

import gc
import gzip
import socket
import ssl
import threading
from datetime import timedelta
from itertools import count

import httpx
import pytest

from deploywatch.errors import ConfigError
from deploywatch.http import FailureKind, HttpClient, HttpFailure, Network, origin_of
from tests.fakes.loopback import Loopback, drip, hang_up, http, silence

SECRET = "/services/T000/B000/very-secret"


@pytest.fixture
def client():
    with HttpClient(environ={}) as client:
        yield client


def test_gives_status_headers_and_body_of_any_answer(client: HttpClient):
    with Loopback([http("418 I'm a teapot", b'{"a": 1}', X_Sentry_Rate_Limit_Reset="17")]) as server:
        response = client.request("PUT", server.url + "/x/?q=1", headers={"Authorization": "Bearer t"}, body=b"exactly this")
    assert (response.status, response.json(), response.content_type) == (418, {"a": 1}, "application/json")
    assert response.headers["x-sentry-rate-limit-reset"] == "17"
    assert response.elapsed > timedelta(0)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /x/?q=1 HTTP/1.1\r\n")
    assert b"authorization: bearer t" in head.lower()
    assert b"user-agent: deploywatch/" in head.lower()
    assert body == b"exactly this"


@pytest.mark.parametrize("escaped", ["shop@1.0", "shop%401.0", "a%2Bb", "a%20b", "%E2%82%AC", "a%23b%3Fc"])
def test_leaves_an_escaped_path_alone(client: HttpClient, escaped: str):
    with Loopback([http()]) as server:
        client.request("GET", f"{server.url}/releases/{escaped}/")
    assert server.requests[0].split(b" ")[1].decode() == f"/releases/{escaped}/"


def test_follows_no_redirect(client: HttpClient):
    with Loopback([http("302 Found", b"", location="http://127.0.0.1:9/elsewhere")]) as server:
        response = client.request("GET", server.url, headers={"Authorization": "Bearer t"})
    assert (response.status, response.headers["location"], len(server.requests)) == (302, "http://127.0.0.1:9/elsewhere", 1)


def test_keeps_no_cookies(client: HttpClient):
    with Loopback([http(set_cookie="sentrysid=abc; Path=/")]) as server:
        client.request("GET", server.url)
        client.request("GET", server.url)
    assert b"cookie" not in server.requests[1].lower()


def test_a_client_that_nobody_closed_leaves_no_connection_behind():
    hung_up = threading.Event()

    def keep(connection: socket.socket) -> None:
        connection.sendall(http().replace(b"connection: close", b"connection: keep-alive"))
        connection.settimeout(5)
        if connection.recv(1) == b"":
            hung_up.set()

    with Loopback([keep]) as server:
        client = HttpClient(environ={})
        assert client.request("GET", server.url).status == 200
        assert not hung_up.is_set()
        del client
        gc.collect()
        assert hung_up.wait(5)


def test_decompresses(client: HttpClient):
    with Loopback([http(body=gzip.compress(b'{"big": true}'), content_encoding="gzip")]) as server:
        assert client.request("GET", server.url).json() == {"big": True}


@pytest.mark.parametrize(
    ("answer", "kind", "status"),
    [
        pytest.param(hang_up, FailureKind.RESET, None, id="reset"),
        pytest.param(b"", FailureKind.RESET, None, id="closed without a word"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", FailureKind.RESET, None, id="not HTTP"),
        pytest.param(http(body=b'{"a":', content_length="500"), FailureKind.TRUNCATED, 200, id="half a body"),
        pytest.param(http(body=b"\x1f\x8bnot gzip", content_encoding="gzip"), FailureKind.TRUNCATED, 200, id="broken gzip"),
        pytest.param(silence(5), FailureKind.TIMEOUT, None, id="silence"),
    ],
)
def test_names_each_failure_and_that_the_request_may_have_arrived(client: HttpClient, answer, kind, status):
    with Loopback([answer]) as server, pytest.raises(HttpFailure) as caught:
        client.request("POST", server.url + SECRET, body=b"{}", timeout=timedelta(seconds=0.3))
    assert (caught.value.kind, caught.value.status, caught.value.sent) == (kind, status, True)
    assert caught.value.host == server.url
    assert "secret" not in str(caught.value)
    assert caught.value.transient


def test_connection_refused_is_a_promise_that_nothing_was_sent(client: HttpClient):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(HttpFailure) as caught:
        client.request("POST", f"http://127.0.0.1:{port}{SECRET}", body=b"{}")
    assert (caught.value.kind, caught.value.sent, caught.value.transient) == (FailureKind.REFUSED, False, True)


def test_a_server_without_tls_behind_https_is_a_tls_failure(client: HttpClient):
    with Loopback([http()]) as server, pytest.raises(HttpFailure) as caught:
        client.request("GET", f"https://127.0.0.1:{server.port}/")
    assert (caught.value.kind, caught.value.sent, caught.value.transient) == (FailureKind.TLS, False, False)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), FailureKind.DNS),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), FailureKind.CONNECT),
        (ConnectionRefusedError(111, "refused"), FailureKind.REFUSED),
        (ssl.SSLCertVerificationError(1, "bad"), FailureKind.TLS),
        (ssl.SSLError(1, "handshake"), FailureKind.TLS),
        (OSError("no route"), FailureKind.CONNECT),
    ],
)
def test_finds_the_reason_below_a_failed_connection(error: OSError, kind: FailureKind):
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("failed") from error

    with HttpClient(transport=httpx.MockTransport(fail), environ={}) as client, pytest.raises(HttpFailure) as caught:
        client.request("GET", "https://sentry.example/" + SECRET)
    assert (caught.value.kind, caught.value.sent) == (kind, False)


@pytest.mark.parametrize(
    ("raised", "kind", "sent"),
    [
        (httpx.ConnectTimeout("x"), FailureKind.TIMEOUT, False),
        (httpx.PoolTimeout("x"), FailureKind.TIMEOUT, False),
        (httpx.ReadTimeout("x"), FailureKind.TIMEOUT, True),
        (httpx.WriteError("x"), FailureKind.RESET, True),
        (httpx.ProxyError("x"), FailureKind.PROXY, False),
    ],
)
def test_tells_failures_before_and_after_sending_apart(raised: Exception, kind: FailureKind, sent: bool):
    def fail(request: httpx.Request) -> httpx.Response:
        raise raised

    with HttpClient(transport=httpx.MockTransport(fail), environ={}) as client, pytest.raises(HttpFailure) as caught:
        client.request("GET", "https://sentry.example/")
    assert (caught.value.kind, caught.value.sent) == (kind, sent)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("ftp://127.0.0.1/", {}),
        ("no address at all", {}),
        ("http://127.0.0.1:notaport/", {}),
        ("http://127.0.0.1:9/", {"X-Secret": "line\r\nbreak: secret"}),
        ("http://127.0.0.1:9/", {"X-Secret": "secret \N{SNOWMAN}"}),
    ],
)
def test_a_malformed_request_is_not_sent(client: HttpClient, url: str, headers: dict[str, str]):
    with pytest.raises(HttpFailure) as caught:
        client.request("GET", url, headers=headers)
    assert not caught.value.sent
    assert "secret" not in str(caught.value)


def test_bounds_the_size_of_an_answer():
    client = HttpClient(max_body=4999, environ={})
    with Loopback([http(body=b"x" * 5000)]) as server, client, pytest.raises(HttpFailure) as caught:
        client.request("GET", server.url)
    assert (caught.value.kind, caught.value.transient) == (FailureKind.TOO_LARGE, False)


def test_bounds_the_whole_exchange_and_not_only_each_read():
    ticks = count(step=4.0)
    client = HttpClient(clock=lambda: next(ticks), environ={})
    with Loopback([drip(b"x", 8, 0.02)]) as server, client, pytest.raises(HttpFailure) as caught:
        client.request("GET", server.url, timeout=timedelta(seconds=10))
    assert (caught.value.kind, caught.value.status) == (FailureKind.TIMEOUT, 200)


def test_loopback_needs_no_proxy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with Loopback([http()]) as server, HttpClient(environ={}) as client:
        assert client.request("GET", server.url).status == 200


def test_a_proxy_of_the_configuration_is_used():
    with Loopback([http(body=b'"via proxy"')]) as proxy, HttpClient(network=Network(proxy=proxy.url), environ={}) as client:
        assert client.request("GET", "http://sentry.example/api/0/").json() == "via proxy"
    assert proxy.requests[0].startswith(b"GET http://sentry.example/api/0/ HTTP/1.1")


def test_an_unusable_proxy_is_a_configuration_error_without_its_password():
    with pytest.raises(ConfigError) as caught:
        HttpClient(network=Network(proxy="gopher://user:hunter2@proxy"), environ={})
    assert "hunter2" not in caught.value.diagnostics()


def test_a_certificate_bundle_of_the_environment_must_be_one(tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        HttpClient(environ={"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    with pytest.raises(ConfigError, match="CURL_CA_BUNDLE"):
        HttpClient(environ={"CURL_CA_BUNDLE": str(tmp_path / "missing.pem")})


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://hooks.slack.test/services/x?y#z", "https://hooks.slack.test"),
        ("http://user:pw@127.0.0.1:80/x", "http://127.0.0.1:80"),
        ("http://[::1]:9000/x", "http://[::1]:9000"),
        ("/only/a/path", "?"),
        ("http://h:99999999/", "?"),
        ("", "?"),
    ],
)
def test_the_origin_shows_nothing_secret(url: str, origin: str):
    assert origin_of(url) == origin
