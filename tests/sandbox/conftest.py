"""A running stand-in, and plain ways to speak to it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from deploywatch.sandbox.standin.server import StandIn


@pytest.fixture(scope="session")
def _server() -> Iterator[StandIn]:
    with StandIn(organization="acme", projects=("shop",)) as server:
        yield server


@pytest.fixture
def sentry(_server: StandIn) -> StandIn:
    """A server with one project, ``shop``, and nothing in it."""
    _server.reset()
    return _server


@pytest.fixture(scope="session")
def _client(_server: StandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{_server.url}/api/0/", headers={"Authorization": f"Bearer {_server.token}"}) as client:
        yield client


@pytest.fixture
def api(sentry: StandIn, _client: httpx.Client) -> httpx.Client:
    """An HTTP client with the token, at ``/api/0/`` of the fresh server."""
    return _client
