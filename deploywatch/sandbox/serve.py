"""The process in which one version of the shop runs: ``python -m deploywatch.sandbox.serve``, in that version's folder.

Prints its port as one line once it answers, and ends when its standard input is closed: then nothing is left behind even where
the parent was killed.
"""

from __future__ import annotations

import socket
import sys
import threading
from importlib import import_module

import uvicorn


class _Announcing(uvicorn.Server):
    """Says where it is once it is there."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets:
            sys.stdout.write(f"{sockets[0].getsockname()[1]}\n")
            sys.stdout.flush()


def main() -> None:
    """Serve ``shop.app`` on a random port of loopback until standard input ends."""
    app = import_module("shop.app").create_app()
    server = _Announcing(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    # asyncio turns Nagle's algorithm off only where the protocol is named.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server.run([listening])


def _end_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
