"""A real PostgreSQL server for one test session, if the machine has one: in a folder of its own, on loopback, without a password."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_DEBIAN = "/usr/lib/postgresql"
_FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60")


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of its database ``postgres``. Skips the test where there is no server or no driver, and says which."""
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed (extra: postgres)")
    folder = Path(tempfile.mkdtemp(prefix="deploywatch-postgres-"))
    user = _unprivileged_user(folder)
    try:
        _run(_tool("initdb"), "-D", folder / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", user=user)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        settings = [f"-c{setting}" for setting in (*_FAST, f"unix_socket_directories={folder}", "listen_addresses=127.0.0.1")]
        command = [_tool("postgres"), "-D", str(folder / "data"), "-p", str(port), *settings]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, user=user, stdout=log, stderr=log, cwd=folder)
        try:
            _wait_until_ready(server, port, folder / "log")
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(2)  # "fast": drop the clients
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tool(name: str) -> str:
    versions = sorted(Path(_DEBIAN).glob("*/bin"), reverse=True) if Path(_DEBIAN).is_dir() else []
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, versions)]))
    return found or pytest.skip(f"there is no {name} on this machine (Debian: apt-get install postgresql)")


def _unprivileged_user(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"


def _run(*command: object, user: str | None) -> None:
    subprocess.run([str(part) for part in command], user=user, check=True, capture_output=True, cwd="/")


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    for _ in range(300):
        if server.poll() is not None:
            pytest.skip(f"PostgreSQL does not start here: {log.read_text()[-300:]}")
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.skip("PostgreSQL does not answer within 15 s")
