from __future__ import annotations

import ipaddress
import socket

import pytest

from deploywatch.deliver.guard import PublicOnly, is_public, resolve
from deploywatch.http import FailureKind, HttpClient, HttpFailure, Network
from tests.fakes.loopback import Loopback, http

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("127.1.2.3", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
        ("64:ff9b:1::7f00:1", False),
        ("::127.0.0.1", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
    ],
)
def test_is_public(address: str, public: bool):
    assert is_public(ipaddress.ip_address(address)) is public


def refused(url: str, guard: PublicOnly, **network) -> HttpFailure:
    client = HttpClient(environ={}, network=Network(guard=guard, **network))
    with client, pytest.raises(HttpFailure) as caught:
        client.request("POST", url, body=b"secret")
    assert caught.value.kind is FailureKind.FORBIDDEN
    assert not caught.value.sent
    return caught.value


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "0x7f000001", "2130706433", "127.1"])
def test_a_private_address_is_refused_before_anything_is_sent(host: str):
    with Loopback([http()]) as server:
        failure = refused(f"http://{host}:{server.port}/", PublicOnly())
    assert server.requests == []
    assert "allow_private" in str(failure)


def test_a_name_is_refused_if_one_of_its_addresses_is_private():
    guard = PublicOnly(resolve=lambda host, port: ["93.184.215.14", "10.0.0.7"])
    assert "10.0.0.7" in str(refused("http://hooks.example/", guard))


def test_the_connection_goes_to_the_address_that_was_checked():
    asked: list[str] = []

    def resolve_once(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.7"]

    guard = PublicOnly(allowed=LOOPBACK, resolve=resolve_once)
    with Loopback([http()]) as server, HttpClient(environ={}, network=Network(guard=guard)) as client:
        response = client.request("POST", f"http://hooks.example:{server.port}/x", body=b"hello")
    assert (response.status, asked) == (200, ["hooks.example"])
    assert b"host: hooks.example:" in server.requests[0].lower()


def test_an_address_that_was_not_checked_is_refused_at_the_other_end(monkeypatch: pytest.MonkeyPatch):
    """As if httpcore would not take the checked address and asked the name server again."""
    monkeypatch.setattr(PublicOnly, "choose", lambda self, host, port: host)
    with Loopback([http()]) as server:
        refused(f"http://localhost:{server.port}/", PublicOnly())
    assert b"POST" not in b"".join(server.requests)


def test_an_allowed_network_can_be_reached():
    with Loopback([http()]) as server, HttpClient(environ={}, network=Network(guard=PublicOnly(LOOPBACK))) as client:
        assert client.request("POST", server.url, body=b"hello").status == 200


def test_an_unknown_host_is_an_unknown_host(monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with HttpClient(environ={}, network=Network(guard=PublicOnly())) as client, pytest.raises(HttpFailure) as caught:
        client.request("POST", "http://nowhere.example/", body=b"hello")
    assert (caught.value.kind, caught.value.sent) == (FailureKind.DNS, False)


def test_behind_a_proxy_names_are_the_proxys_business_and_addresses_are_not():
    guard = PublicOnly(resolve=lambda host, port: pytest.fail("the proxy resolves"))
    with Loopback([http()]) as proxy:
        with HttpClient(environ={}, network=Network(guard=guard, proxy=proxy.url)) as client:
            assert client.request("POST", "http://hooks.example/x", body=b"hello").status == 200
        refused("http://169.254.169.254/latest/meta-data", guard, proxy=proxy.url)
    assert [request.split(b"\r\n")[0] for request in proxy.requests] == [b"POST http://hooks.example/x HTTP/1.1"]


def test_resolve_gives_the_systems_answer():
    assert "127.0.0.1" in resolve("localhost", 80)
