"""The doctor looks at real things: a server on loopback, a git repository, channels that are there and that are not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploywatch import respond
from deploywatch.bootstrap import production
from deploywatch.doctor.finding import Code, DoctorFinding, Level
from deploywatch.errors import ConfigError
from deploywatch.requests import CodeRequest, DoctorRequest, PlaceRequest
from deploywatch.sandbox.standin.dialects import DIALECTS
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.sandbox.standin.server import StandIn
from deploywatch.settings import Settings
from deploywatch.steps.doctor import code as code_checks
from deploywatch.steps.doctor.registry import CHECKS
from tests.fakes.loopback import Loopback, http
from tests.gitrepo import GitRepo


@dataclass
class Ward:
    """A Sentry with a release, a repository, and a way to call the doctor."""

    sentry: StandIn
    repo: GitRepo
    folder: Path

    def look(self, settings: dict[str, Any] | None = None, *, dialect: str = "", **environ: str | None) -> list[DoctorFinding]:
        given = {**self.sentry.environ("shop"), "HOME": str(self.folder), "SENTRY_RELEASE": "shop@2.0.0"}
        given |= {name: value for name, value in environ.items() if value is not None}
        setup = production(Settings.model_validate(settings or {}), environ={k: v for k, v in given.items() if environ.get(k, v)})
        place = PlaceRequest(release=setup.environ.get("SENTRY_RELEASE"), environment="production")
        request = DoctorRequest(code=CodeRequest(repo=self.repo.folder), place=place)
        return list(respond.doctor(replace(setup, folder=self.repo.folder), request))

    def happens(self, path: str = "shop/cart.py", *, release: str | None = "shop@1.0.0", environment: str = "production") -> None:
        frame = {"filename": path, "abs_path": f"/srv/app/{path}", "lineno": 1, "function": "price", "in_app": True}
        raised = {"type": "KeyError", "value": "'tea'", "stacktrace": {"frames": [frame]}}
        event = {"environment": environment, "exception": {"values": [raised]}, "timestamp": datetime.now(UTC).isoformat()}
        self.sentry.receive(event | ({"release": release} if release else {}), project="shop")


def by_code(found: list[DoctorFinding]) -> dict[Code, DoctorFinding]:
    return {finding.code: finding for finding in found}


@pytest.fixture(scope="module")
def _sentry() -> Iterator[StandIn]:
    with StandIn() as sentry:
        yield sentry


@pytest.fixture
def ward(_sentry: StandIn, tmp_path: Path) -> Ward:
    _sentry.reset()
    repo = GitRepo(tmp_path / "shop")
    repo.commit("start", {"shop/cart.py": "price = 1\n", ".github/CODEOWNERS": "* @acme/shop\n"})
    repo.git("tag", "shop@1.0.0")
    repo.commit("prices", {"shop/cart.py": "price = 2\n"})
    return Ward(_sentry, repo, tmp_path)


def test_nothing_is_wrong_with_a_healthy_set_up(ward: Ward) -> None:
    ward.happens()
    found = ward.look()
    assert {finding.level for finding in found} <= {Level.OK, Level.NOTE}, found
    assert [finding.check for finding in found] == sorted(
        (finding.check for finding in found), key=[name for name, _ in CHECKS].index
    )
    assert {finding.check for finding in found} == {name for name, _ in CHECKS}
    assert not [seen for seen in ward.sentry.seen if seen.method not in ("GET", "HEAD")]
    assert len(ward.sentry.seen) < 25
    assert not (ward.folder / ".local").exists()


def test_a_token_lacks_a_scope(ward: Ward) -> None:
    ward.happens()
    found = ward.look(SENTRY_AUTH_TOKEN=ward.sentry.add_token("project:releases", "org:read", "project:read"))
    missing = [finding for finding in found if finding.code is Code.SCOPE_MISSING]
    assert [finding.fix for finding in missing] == ["give the token of SENTRY_AUTH_TOKEN the scope event:read"]
    assert Code.REPOSITORY_WHOLE in by_code(found)


def test_an_organisation_token_sees_no_issues(ward: Ward) -> None:
    ward.happens()
    found = by_code(ward.look(SENTRY_AUTH_TOKEN=ward.sentry.add_organization_token()))
    assert "taken as an organisation's" in found[Code.TOKEN_ACCEPTED].text
    assert found[Code.SCOPE_MISSING].fix == "use the token of a user or of an internal integration"
    assert "cannot read issues" in found[Code.SENTRY_DOUBTFUL].text


def test_a_wrong_token_hides_only_what_needs_it(ward: Ward) -> None:
    found = ward.look(SENTRY_AUTH_TOKEN="sntryu_" + "0" * 64)
    codes = by_code(found)
    assert "SENTRY_AUTH_TOKEN" in codes[Code.TOKEN_REFUSED].fix
    assert {one.check for one in found if one.code is Code.NOT_LOOKED} == {"projects", "environment", "clock", "mapping"}
    assert {Code.SENTRY_REACHED, Code.REPOSITORY_WHOLE, Code.OWNERS_WHOLE, Code.STATE_USABLE} <= codes.keys()


def test_no_token_at_all(ward: Ward) -> None:
    found = by_code(ward.look(SENTRY_AUTH_TOKEN=""))
    assert "SENTRY_AUTH_TOKEN" in found[Code.SENTRY_UNCONFIGURED].text
    assert found[Code.WINDOW_FOUND].text.startswith("the next deploy's window begins at")


def test_a_sentry_that_does_not_answer_is_asked_once(ward: Ward) -> None:
    found = ward.look(SENTRY_URL="http://127.0.0.1:9")
    codes = by_code(found)
    assert "SENTRY_URL" in codes[Code.SENTRY_UNREACHABLE].fix
    assert codes[Code.SENTRY_UNREACHABLE].level is Level.UNKNOWN
    assert Code.WINDOW_FOUND in codes


def test_something_else_at_the_address(ward: Ward) -> None:
    ward.sentry.faults.add(Fault("*", "*", html=True, status=200, times=None))
    assert Code.SENTRY_NO_API in by_code(ward.look())


def test_projects_and_environments_that_are_spelled_differently(ward: Ward) -> None:
    ward.happens(environment="prod")
    found = by_code(ward.look(SENTRY_PROJECT="shopp"))
    assert found[Code.PROJECT_UNKNOWN].fix == "write shop"
    found = by_code(ward.look())
    assert found[Code.ENVIRONMENT_UNKNOWN].fix == "write prod"
    assert Code.PROJECT_UNNAMED in by_code(ward.look(SENTRY_PROJECT=""))


def test_a_name_under_which_nothing_reports(ward: Ward) -> None:
    ward.happens(release="e64a778")
    found = by_code(ward.look())
    assert "shop@2.0.0" in found[Code.NAMING_DIFFERS].text
    assert "report under e64a778" in found[Code.NAMING_DIFFERS].text
    assert Code.NAMING_WRONG in by_code(ward.look(SENTRY_RELEASE="feature/x"))


def test_events_without_a_release(ward: Ward) -> None:
    ward.happens(release=None)
    assert "SENTRY_RELEASE" in by_code(ward.look())[Code.NAMING_MISSING].fix


def test_a_wrong_clock(ward: Ward) -> None:
    late = (datetime.now(UTC) + timedelta(minutes=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    body = {"version": "0", "auth": {"scopes": ["event:read"]}, "user": {"id": "1"}}
    with Loopback([http(body=__import__("json").dumps(body).encode(), date=late)]) as server:
        found = by_code(ward.look(SENTRY_URL=server.url))
    assert "behind Sentry's" in found[Code.CLOCK_WRONG].text


def test_a_shallow_clone(ward: Ward, tmp_path: Path) -> None:
    ward.repo.git("clone", "-q", "--depth=1", f"file://{ward.repo.folder}", str(tmp_path / "cut"))
    found = by_code(replace(ward, repo=GitRepo(tmp_path / "cut")).look(GITHUB_ACTIONS="true"))
    assert "fetch-depth: 0" in found[Code.REPOSITORY_CUT].fix
    assert Code.WINDOW_MISSING in found


def test_no_repository(ward: Ward, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ward.repo.folder = tmp_path / "empty"
    found = ward.look()
    assert Code.REPOSITORY_MISSING in by_code(found)
    assert {one.check for one in found if one.code is Code.NOT_LOOKED} == {"window", "mapping", "owners"}


def test_frames_that_lead_nowhere_and_the_root_that_helps(ward: Ward) -> None:
    ward.happens("elsewhere/basket.py")
    lost = by_code(ward.look())[Code.MAPPING_PARTIAL]
    assert "--code-root /srv/app/elsewhere=FOLDER" in lost.fix
    ward.repo.commit("move", {"apps/shop/basket.py": "1\n"})
    root = {"repository": {"code_roots": [{"from": "/srv/app/elsewhere", "to": "apps/shop"}]}}
    assert Code.MAPPING_WHOLE in by_code(ward.look(root))


def test_owners_are_counted_at_the_deployed_commit(ward: Ward) -> None:
    ward.repo.commit("owners", {".github/CODEOWNERS": "/shop/ @acme/shop\n", "docs/x.md": "x\n"})
    found = by_code(ward.look())
    assert "names owners for 1 of 3 files" in found[Code.OWNERS_PARTIAL].text
    ward.repo.commit("none", {".github/CODEOWNERS": None})
    assert Code.OWNERS_MISSING in by_code(ward.look())


def test_channels_are_tried_and_told_nothing(ward: Ward, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        gone = unused.getsockname()[1]
    with Loopback([http("404 Not Found")]) as there:
        channels = [
            {"name": "team", "type": "slack", "url": "env:HOOK", "allow_private": True},
            {"name": "gone", "type": "webhook", "url": f"http://127.0.0.1:{gone}/x", "allow_private": True},
            {"name": "private", "type": "webhook", "url": f"{there.url}/x"},
            {"name": "unset", "type": "slack", "url": "env:NO_SUCH_VARIABLE"},
            {"name": "mail", "type": "email", "host": "127.0.0.1", "port": gone, "sender": "a@b.c", "to": ["a@b.c"]},
            {"name": "page", "type": "file", "path": str(tmp_path / "new" / "report.html")},
            {"name": "note", "type": "sentry"},
        ]
        found = [
            one for one in ward.look({"channels": channels}, HOOK=f"{there.url}/services/T0/B0/s3cr3t") if one.check == "channels"
        ]
    told = {finding.text.split()[0]: finding for finding in found}
    assert {name: one.code for name, one in told.items()} == {
        "team": Code.CHANNEL_REACHED,
        "gone": Code.CHANNEL_UNREACHABLE,
        "private": Code.CHANNEL_UNREACHABLE,
        "unset": Code.CHANNEL_WRONG,
        "mail": Code.CHANNEL_UNREACHABLE,
        "page": Code.CHANNEL_REACHED,
        "note": Code.CHANNEL_UNTOLD,
    }
    assert "allow_private" in told["private"].text
    assert [request.split(b" ")[:2] for request in there.requests] == [[b"HEAD", b"/"]]
    assert not (tmp_path / "new").exists()
    assert "s3cr3t" not in str(found)


def test_a_state_that_cannot_be_kept(ward: Ward, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Code.STATE_UNUSABLE in by_code(ward.look({"state": {"folder": str(tmp_path / "file" / "state")}}))


def test_one_failing_check_hides_no_other(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret-ish detail")

    def troubled(*_: object) -> None:
        raise ConfigError("nothing works", hint="mend it")

    monkeypatch.setattr(code_checks, "depth_of", broken)
    monkeypatch.setattr(code_checks, "owner_file", troubled)
    found = ward.look()
    failed = {one.check: one for one in found if one.code is Code.LOOK_FAILED}
    assert failed.keys() == {"repository", "owners"}
    assert "RuntimeError" in failed["repository"].text
    assert "secret-ish" not in str(found)
    assert failed["owners"].fix == "mend it"
    assert {one.check for one in found} == {name for name, _ in CHECKS}


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_kind_of_server_is_told_from_the_others(ward: Ward, dialect: str) -> None:
    with StandIn(dialect=dialect) as sentry:
        other = replace(ward, sentry=sentry)
        other.happens()
        found = by_code(other.look())
    assert not [one for one in found.values() if one.level in (Level.ERROR, Level.UNKNOWN, Level.WARNING)], found
    says = {"glitchtip": "GlitchTip 5.2.0", "sentry-9.1.2": "does not tell"}.get(dialect, f"Sentry {DIALECTS[dialect].version}")
    assert says in found[Code.SENTRY_REACHED].text
    lacks = found[Code.SENTRY_LACKS].text if Code.SENTRY_LACKS in found else ""
    assert ("deploys" in lacks, "counts over time" in lacks) == (dialect == "glitchtip", dialect in ("glitchtip", "sentry-9.1.2"))


def test_nothing_that_is_found_shows_a_secret(ward: Ward) -> None:
    """A server that echoes the token, a project that is called like it, a proxy with a password."""
    token = ward.sentry.token
    ward.sentry.faults.add(Fault("GET", "*/projects/*", status=400, json={"detail": f"no {token}"}, times=None))
    found = ward.look(HTTPS_PROXY="http://u:hunter2-hunter2@127.0.0.1:9", DB_PASSWORD="correct horse battery")
    assert token not in str(found)
    assert "hunter2" not in str(found)
