"""Which requests go through a proxy."""

from __future__ import annotations

import pytest

from deploywatch.proxies import Proxies, read_proxies

P, Q = "http://p:8080", "http://q:8080"


@pytest.mark.parametrize(
    ("environ", "scheme", "proxy"),
    [
        ({}, "https", None),
        ({"HTTPS_PROXY": P}, "https", P),
        ({"HTTPS_PROXY": P}, "http", None),
        ({"https_proxy": P, "HTTPS_PROXY": Q}, "https", P),
        ({"https_proxy": " ", "HTTPS_PROXY": Q}, "https", Q),
        ({"ALL_PROXY": P}, "https", P),
        ({"all_proxy": P, "HTTP_PROXY": Q}, "http", Q),
        ({"HTTP_PROXY": "p:8080"}, "http", P),
        # A header of a CGI server's client must not become a proxy.
        ({"HTTP_PROXY": P, "REQUEST_METHOD": "GET"}, "http", None),
        ({"http_proxy": P, "REQUEST_METHOD": "GET"}, "http", P),
    ],
)
def test_the_environment_names_the_proxy(environ, scheme, proxy):
    assert read_proxies(environ).of(scheme, "sentry.example") == proxy


def test_a_configured_proxy_replaces_them_and_no_proxy_still_holds():
    proxies = read_proxies({"HTTPS_PROXY": Q, "NO_PROXY": "internal"}, configured=P)
    assert proxies.of("https", "sentry.example") == P
    assert proxies.of("http", "sentry.example") == P
    assert proxies.of("https", "sentry.internal") is None


@pytest.mark.parametrize(
    ("entry", "host", "is_direct"),
    [
        ("*", "sentry.example", True),
        ("sentry.example", "sentry.example", True),
        ("Sentry.Example", "SENTRY.example.", True),
        ("example", "sentry.example", True),
        (".example", "sentry.example", True),
        ("*.example", "sentry.example", True),
        ("ample", "sentry.example", False),
        ("sentry.example:9000", "sentry.example", False),
        ("sentry.example:443", "sentry.example", True),
        ("a, b  c,sentry.example", "sentry.example", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "sentry.example", False),
        ("1.2.3", "10.1.2.3", False),
        ("fd00::/8", "[fd00::1]", True),
        ("[fd00::1]:443", "[fd00::1]", True),
        ("[fd00::1]:80", "[fd00::1]", False),
        (".", "sentry.example", False),
        ("", "sentry.example", False),
        ("not/a/network", "10.1.2.3", False),
    ],
)
def test_no_proxy_is_read_as_curl_reads_it(entry, host, is_direct):
    assert (read_proxies({"HTTPS_PROXY": P, "NO_PROXY": entry}).of("https", host) is None) is is_direct


@pytest.mark.parametrize("host", ["localhost", "x.localhost", "127.0.0.1", "127.8.0.1", "[::1]", "LOCALHOST."])
def test_loopback_needs_no_proxy(host):
    assert read_proxies({"ALL_PROXY": P}).of("http", host) is None


def test_nothing_shows_a_proxys_password():
    assert "hunter2" not in repr(Proxies({"http": "http://u:hunter2@p"}))
