"""The proposed version is the one that the real sentry-cli proposes in the same place, and that events will bear."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.errors import ConfigError, UsageError
from deploywatch.requests import CodeRequest, PlaceRequest, ReleaseRequest
from deploywatch.steps.versions import HEAD, propose
from tests.gitrepo import GitRepo
from tests.steps.conftest import Stage

BINARY = shutil.which("sentry-cli", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
SHA = "0123456789abcdef0123456789abcdef01234567"
BUILD_SYSTEMS = [
    "SENTRY_RELEASE",
    "SOURCE_VERSION",
    "HEROKU_BUILD_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "CODEBUILD_RESOLVED_SOURCE_VERSION",
    "CIRCLE_SHA1",
    "CF_PAGES_COMMIT_SHA",
    "GAE_DEPLOYMENT_ID",
]
GRADLE = {"build.gradle": "", "app/build.gradle": "applicationId \"com.x\"\n versionName '1.2'\n"}
CORDOVA = {
    "config.xml": '<?xml version="1.0"?>\n<widget id="io.x" version="1.0.1" xmlns="http://www.w3.org/ns/widgets"><name>x</name></widget>',
    "platforms/android/.keep": "",
}
CASES = [
    pytest.param({}, {}, "", id="nothing"),
    *(pytest.param({name: f"{name}-1" for name in BUILD_SYSTEMS[first:]}, {}, "", id=BUILD_SYSTEMS[first]) for first in range(8)),
    pytest.param({"SOURCE_VERSION": "", "CIRCLE_SHA1": "abc"}, {}, "", id="an empty variable"),
    pytest.param({"K_REVISION": "k"}, {}, "", id="what only the SDK reads"),
    pytest.param({"GAE_DEPLOYMENT_ID": "g"}, GRADLE, "", id="gradle"),
    pytest.param({}, GRADLE | {"sub/x": ""}, "sub", id="gradle from below"),
    pytest.param({"SOURCE_VERSION": "s"}, GRADLE, "", id="gradle after build systems"),
    pytest.param({}, {"app/build.gradle": GRADLE["app/build.gradle"]}, "", id="no gradle project"),
    pytest.param({"SOURCE_VERSION": "s"}, CORDOVA, "platforms/android", id="cordova"),
    pytest.param({"SENTRY_RELEASE": "r"}, CORDOVA, "platforms/android", id="cordova after SENTRY_RELEASE"),
    pytest.param({}, CORDOVA, "", id="cordova elsewhere"),
    pytest.param(
        {"GITHUB_EVENT_PATH": "event.json"},
        {"event.json": json.dumps({"pull_request": {"head": {"sha": SHA}}})},
        "",
        id="pull request",
    ),
    pytest.param({"GITHUB_EVENT_PATH": "event.json"}, {"event.json": json.dumps({"head_commit": {"id": SHA}})}, "", id="push"),
    pytest.param({"GITHUB_EVENT_PATH": "missing.json"}, {}, "", id="no event"),
]


@pytest.mark.skipif(BINARY is None, reason="sentry-cli is not installed (pip install sentry-cli)")
@pytest.mark.parametrize(("environ", "files", "folder"), CASES)
def test_the_real_sentry_cli_proposes_the_same(
    tmp_path: Path, environ: dict[str, str], files: dict[str, str], folder: str
) -> None:
    repo = GitRepo(tmp_path / "shop")
    repo.commit("start", {"shop.py": "1\n", **files})
    if "GITHUB_EVENT_PATH" in environ:
        environ = {"GITHUB_EVENT_PATH": str(repo.folder / environ["GITHUB_EVENT_PATH"])}
    here = repo.folder / folder
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SENTRY_DISABLE_UPDATE_CHECK": "1"}
    done = subprocess.run(
        [BINARY, "releases", "propose-version"], cwd=here, env=clean | environ, capture_output=True, text=True, check=True
    )
    assert propose(environ, repo.head, folder=here).version == done.stdout.strip()


def test_without_any_sign_there_is_no_version(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no release is named"):
        propose({}, "", folder=tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"pull_request": null}', '{"pull_request": {"head": {"sha": "../x"}}}', "[" * 90_000]
)
def test_an_odd_event_of_github_is_no_version(tmp_path: Path, text: str) -> None:
    (tmp_path / "event.json").write_text(text)
    found = propose({"GITHUB_EVENT_PATH": str(tmp_path / "event.json")}, SHA, folder=tmp_path)
    assert (found.version, found.source) == (SHA, HEAD)


def test_where_an_sdk_would_say_otherwise_both_names_are_told(tmp_path: Path) -> None:
    found = propose({"SOURCE_VERSION": "shop@3"}, SHA, folder=tmp_path)
    (warning,) = found.warnings(SHA)
    assert all(text in warning for text in ("shop@3", "SOURCE_VERSION", SHA, "SENTRY_RELEASE"))
    for sure in (propose({"SENTRY_RELEASE": "shop@3"}, SHA, folder=tmp_path), propose({}, SHA, folder=tmp_path, given="shop@3")):
        assert sure.warnings(SHA) == ()


def test_the_release_step_says_so_and_refuses_what_sentry_would(stage: Stage, tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "shop")
    base = repo.commit("start", {"shop.py": "1\n"})
    repo.commit("prices", {"shop.py": "2\n"})
    code = CodeRequest(repo=repo.folder, base=base)
    request = ReleaseRequest(code=code, place=PlaceRequest(environment="production", projects=("shop",)), dry_run=True)
    told = respond.release(stage.setup_with(CIRCLE_SHA1="1.4.0"), request)
    assert told.release == "1.4.0"
    assert any("an SDK that runs in a git checkout" in warning for warning in told.warnings)
    assert any("call it PACKAGE@1.4.0" in warning for warning in told.warnings)
    with pytest.raises(UsageError, match=r"'a/b' \(from CIRCLE_SHA1\) holds '/'"):
        respond.release(stage.setup_with(CIRCLE_SHA1="a/b"), request)
