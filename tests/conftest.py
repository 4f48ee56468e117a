"""What every test runs under: no network but loopback, nobody's environment, no deadlines."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
_FOREIGN = ("DEPLOYWATCH_", "SENTRY_", "GIT_")

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--online", action="store_true", help="also run the tests that speak to other hosts")


def pytest_configure(config: pytest.Config) -> None:
    """Scrub before any session fixture makes a repository: a developer's git and Sentry set-up must not decide a test."""
    for name in [name for name in os.environ if name.startswith(_FOREIGN) and name != "DEPLOYWATCH_SHARED"]:
        del os.environ[name]
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--online"):
        return
    for item in items:
        if "online" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="speaks to other hosts; run with --online"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A hook and not a fixture: session fixtures are made under it too."""
    with pytest.MonkeyPatch.context() as patch:
        if "online" not in item.keywords:
            for name in ("connect", "connect_ex", "sendto"):
                patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        return (yield)


def _guarded(original):
    def call(self: socket.socket, *args):
        address = args[-1]
        host = address[0] if isinstance(address, tuple) and self.family in (socket.AF_INET, socket.AF_INET6) else None
        if host is not None and not (str(host).startswith("127.") or host in ("localhost", "::1", "0.0.0.0", "::", "")):
            raise PermissionError(f"a test may not speak to {host}: mark it online, or use a server on loopback")
        return original(self, *args)

    return call


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data that is not part of the repository; the test is skipped where there is none."""
    folder = Path(os.environ.get("DEPLOYWATCH_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("no reference data: set DEPLOYWATCH_SHARED to its folder")
    return folder
