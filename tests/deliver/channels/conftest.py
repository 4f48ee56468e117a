from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploywatch.deliver.options import Tools
from deploywatch.deliver.vault import Vault
from deploywatch.http import HttpClient, Network
from deploywatch.report.render import render
from tests.deliver.support import START


@pytest.fixture
def environ() -> dict[str, str]:
    """What ``env:NAME`` refers to; tests add to it."""
    return {}


@pytest.fixture
def tools(tmp_path: Path, environ: dict[str, str]) -> Iterator[Tools]:
    clients: list[HttpClient] = []

    def connect(guard) -> HttpClient:
        # Reading the bundle of certificates for each of hundreds of clients takes longer than all that they do.
        clients.append(HttpClient(environ={}, network=Network(verify_tls=False, guard=guard)))
        return clients[-1]

    yield Tools(connect, render, Vault(environ), lambda: START, tmp_path)
    for client in clients:
        client.close()
