"""The saved traffic of real servers and real clients (tests/data/sentry)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

DATA = Path(__file__).resolve().parent.parent / "data" / "sentry"
# Those of the transport that was; the body here is decoded and written anew.
_HOP_HEADERS = ("content-length", "connection", "date", "server")


def saved_answer(server: str, name: str) -> httpx.Response:
    """A saved answer as it came over the wire."""
    answer = _load(DATA / "samples" / server / f"{name}.json")["response"]
    headers = {key: value for key, value in answer["headers"].items() if key.lower() not in _HOP_HEADERS}
    text = answer.get("text")
    content = text if text is not None else json.dumps(answer["json"])
    return httpx.Response(answer["status"], headers=headers, content=content.encode())


def saved_json(server: str, name: str) -> Any:
    """Only the JSON of a saved answer."""
    return _load(DATA / "samples" / server / f"{name}.json")["response"]["json"]


def recorded_requests(name: str) -> list[dict[str, Any]]:
    """What an official client sent, in order: method, path, query, body."""
    return [exchange["request"] for exchange in _load(DATA / "recordings" / f"{name}.json")["exchanges"]]


def _load(path: Path) -> Any:
    return json.loads(path.read_text())
