"""The stand-in's answers have the status and the shape of the answers that real Sentry servers gave to the same requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error

ANSWERS = {path.stem: path for path in sorted((Path(__file__).parents[2] / "data/sandbox/answers").glob("*.json"))}
EVENT = "01ff17b85e3148cfbe842de20eb3e156"
COMMIT = {
    "id": "ec197b41c0a097e97942364ab22b18233c443b3d",
    "message": "Raise on unknown item",
    "author_name": "Ana",
    "author_email": "ana@example.org",
    "repository": "origin",
    "timestamp": "2026-11-03T10:00:00+02:00",
    "patch_set": [{"path": "cart.py", "type": "M"}],
}
# What had been asked before, when the answer was saved.
FIRST = {
    "release_create_again_208": ["release_create_commits"],
    "release_previous_with_commits": ["release_create_commits"],
    "release_put_refs_unknown_repo": ["release_create_commits"],
    "release_put_released": ["release_create_commits"],
    "releases_list_page1": ["release_create_commits"],
    "issue_comments_post": ["issue_note_post"],
    "issue_resolve_in_release": ["release_create_commits"],
    "issue_unresolve": ["release_create_commits", "issue_resolve_in_release"],
}
# What a stand-in does without: a user's settings, a team's projects, grouping experiments, notes on how fields were trimmed.
# And ``contexts``, which are the client's.
LEFT_OUT = {"options", "flags", "externalTeams", "orgRole", "display_title_with_tree_label", "_meta", "upstream", "contexts"}


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with StandIn(organization="acme", projects=("internal", "web")) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: StandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api/0/", headers={"Authorization": f"Bearer {server.token}"}) as client:
        yield client


@pytest.fixture
def world(server: StandIn, api: httpx.Client) -> httpx.Client:
    """What was in the real servers when they were asked."""
    server.reset()
    server.state.add_user("Ana", "ana@example.org")
    server.state.add_team("backend")
    server.receive(error(release="shop@1.0.0"), project="web")
    broken = error("TypeError", "unsupported operand", release="shop@1.0.1", environment="staging")
    server.receive({**broken, "event_id": EVENT}, project="web")
    api.post("organizations/acme/releases/", json={"version": "shop@1.2.0", "projects": ["web"], "commits": [COMMIT]})
    for environment in ("production", "staging"):
        api.post("organizations/acme/releases/shop@1.2.0/deploys/", json={"environment": environment})
    return api


@pytest.mark.parametrize("name", ANSWERS)
def test_same_status_and_shape(name: str, world: httpx.Client) -> None:
    for earlier in FIRST.get(name, []):
        _replay(world, earlier)
    saved, answer = _replay(world, name)
    assert answer.status_code == saved["status"]
    if saved["content_type"].startswith("text/html"):
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text == ""
        return
    assert list(_differences(saved["json"], answer.json(), name)) == []
    if saved["status"] >= 400:
        assert answer.json() == saved["json"] or name == "release_create_unknown_project"


@pytest.mark.parametrize("name", [name for name, path in ANSWERS.items() if json.loads(path.read_text())["link"]])
def test_link_header_has_the_same_form(name: str, world: httpx.Client) -> None:
    for earlier in FIRST.get(name, []):
        _replay(world, earlier)
    saved, answer = _replay(world, name)
    if name != "sessions":
        assert _form(answer.headers["link"]) == _form(saved["link"])


def _form(link: str) -> list[str]:
    """Which relations and attributes there are, in order: not the addresses, nor the cursors' numbers."""
    return [part.split("=")[0].strip() for entry in link.split(", <") for part in entry.partition(">")[2].split(";")]


def _replay(api: httpx.Client, name: str) -> tuple[dict[str, Any], httpx.Response]:
    saved = json.loads(ANSWERS[name].read_text())
    request = saved["request"]
    headers = {"badtoken_401": {"Authorization": "Bearer nonsense"}, "unauth_401": {"Authorization": ""}}.get(name, {})
    path = request["path"].removeprefix("/api/0/") + (f"?{request['query']}" if request["query"] else "")
    return saved, api.request(request["method"], path, json=request["json"], headers=headers)


def _differences(saved: Any, ours: Any, where: str) -> Iterator[str]:
    """Keys that the real answer has and ours has not, and values of another JSON type. Null fits everything."""
    if saved is None or ours is None:
        return
    if type(saved) is not type(ours):
        yield f"{where}: {type(saved).__name__} is {type(ours).__name__} here"
    elif isinstance(saved, dict):
        for key, value in saved.items():
            if key in LEFT_OUT or ("memberCount" in saved and key == "projects"):
                continue
            if key not in ours:
                yield f"{where}.{key} is missing"
            else:
                yield from _differences(value, ours[key], f"{where}.{key}")
    elif isinstance(saved, list) and saved and ours:
        yield from _differences(saved[0], ours[0], f"{where}[0]")
