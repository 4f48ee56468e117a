"""The real sentry-cli works against the stand-in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error

BINARY = shutil.which("sentry-cli", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

pytestmark = pytest.mark.skipif(BINARY is None, reason="sentry-cli is not installed (pip install sentry-cli)")

Cli = Callable[..., str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits of Ana."""
    for number in (1, 2):
        (tmp_path / "cart.py").write_text(f"version = {number}\n")
        if number == 1:
            _git(tmp_path, "init", "--quiet", "--initial-branch=main")
        _git(tmp_path, "add", ".")
        _git(tmp_path, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "--quiet", "-m", f"Change {number}")
    return tmp_path


@pytest.fixture
def cli(sentry: StandIn, repository: Path) -> Cli:
    """Runs sentry-cli in the repository; answers what it prints, or fails with it."""
    environ = {**os.environ, **sentry.environ("shop"), "SENTRY_DISABLE_UPDATE_CHECK": "1", "HOME": str(repository)}

    def run(*arguments: str, expected: int = 0) -> str:
        done = subprocess.run([str(BINARY), *arguments], cwd=repository, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == expected, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_the_whole_release_flow(cli: Cli, sentry: StandIn, repository: Path) -> None:
    assert "Created release shop@1.2.0" in cli("releases", "new", "shop@1.2.0")
    assert "Success" in cli("releases", "set-commits", "shop@1.2.0", "--local")
    cli("releases", "finalize", "shop@1.2.0")
    cli("deploys", "new", "--release", "shop@1.2.0", "-e", "production", "-n", "build-42", "-t", "90")
    release = sentry.state.releases["shop@1.2.0"]
    assert [commit.sha for commit in release.commits] == _git(repository, "rev-list", "HEAD").split()
    assert [commit.files for commit in release.commits] == [{"cart.py": "M"}, {"cart.py": "A"}]
    assert {commit.repository.name for commit in release.commits} <= {"origin", "organization-1"}
    assert release.released is not None
    deploy = release.deploys[0]
    assert (deploy.environment, deploy.name) == ("production", "build-42")
    assert deploy.started is not None
    assert (deploy.finished - deploy.started).total_seconds() == pytest.approx(90)


def test_a_second_release_takes_only_what_is_new(cli: Cli, sentry: StandIn, repository: Path) -> None:
    cli("releases", "set-commits", "shop@1.0.0", "--local")
    (repository / "tax.py").write_text("rate = 0.25\n")
    _git(repository, "add", ".")
    _git(repository, "-c", "user.name=Ben", "-c", "user.email=ben@example.org", "commit", "--quiet", "-m", "Tax")
    cli("releases", "set-commits", "shop@1.1.0", "--local")
    assert [commit.message.strip() for commit in sentry.state.releases["shop@1.1.0"].commits] == ["Tax"]


def test_lists_and_info(cli: Cli, sentry: StandIn) -> None:
    sentry.receive(error(release="shop@1.2.0"), project="shop")
    cli("releases", "new", "shop@1.2.0", "--finalize")
    assert "shop@1.2.0" in cli("releases", "list")
    assert "shop@1.2.0" in cli("releases", "info", "shop@1.2.0", "--show-commits", "--show-projects")
    assert "SHOP-1" in cli("issues", "list", "--query", "release:shop@1.2.0 is:unresolved")
    assert "KeyError" in cli("events", "list")
    assert "shop" in cli("projects", "list")
    assert "acme" in cli("organizations", "list")
    assert "robin@shop.example" in cli("info")


def test_send_event(cli: Cli, sentry: StandIn) -> None:
    assert "Event dispatched" in cli(
        "send-event", "-m", "Hello", "-r", "shop@1.2.0", "-E", "production", "-t", "region:eu", "--no-environ"
    )
    event = next(iter(sentry.state.events.values()))
    assert (event.data["title"], event.release, event.environment) == ("Hello", "shop@1.2.0", "production")
    assert ("region", "eu") in event.tags


def test_send_event_from_a_file_carries_a_stack_trace(cli: Cli, sentry: StandIn, repository: Path) -> None:
    (repository / "event.json").write_text(json.dumps(error()))
    cli("send-event", "event.json")
    assert next(iter(sentry.state.issues.values())).title == "KeyError: 'spoon'"


def test_set_commits_of_a_known_repository_sends_refs(cli: Cli, sentry: StandIn, repository: Path) -> None:
    _git(repository, "remote", "add", "origin", "https://github.com/acme/shop.git")
    sentry.state.add_repository("acme/shop", url="https://github.com/acme/shop", provider="integrations:github")
    assert "acme/shop" in cli("releases", "set-commits", "shop@1.2.0", "--auto")
    head = _git(repository, "rev-parse", "HEAD").strip()
    assert sentry.seen[-1].body == {"refs": [{"repository": "acme/shop", "commit": head, "previousCommit": None}]}
    assert "Unknown repo" in cli("releases", "set-commits", "shop@1.2.0", "--commit", f"acme/none@{head}", expected=1)


def test_archive_restore_delete(cli: Cli, sentry: StandIn) -> None:
    cli("releases", "new", "shop@1.2.0")
    cli("releases", "archive", "shop@1.2.0")
    assert sentry.state.releases["shop@1.2.0"].status == "archived"
    cli("releases", "restore", "shop@1.2.0")
    assert sentry.state.releases["shop@1.2.0"].status == "open"
    cli("releases", "delete", "shop@1.2.0")
    assert sentry.state.releases == {}


def test_resolve_an_issue(cli: Cli, sentry: StandIn) -> None:
    sentry.receive(error(), project="shop")
    cli("issues", "resolve", "-i", "1")
    assert sentry.state.issues[1].status == "resolved"


@pytest.mark.parametrize("arguments", [["releases", "info", "nope"], ["deploys", "new", "-r", "nope", "-e", "production"]])
def test_unknown_release_fails(cli: Cli, arguments: list[str]) -> None:
    cli(*arguments, expected=1)


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout
