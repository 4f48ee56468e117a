"""``deploywatch doctor``: exit codes, formats, and a configuration that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.requests import CodeRequest, DoctorRequest, PlaceRequest
from deploywatch.sandbox.standin.server import StandIn
from tests.cli.conftest import Run, schema
from tests.cli.test_commands import Spy
from tests.gitrepo import GitRepo


@pytest.mark.parametrize(
    ("codes", "exit_code"),
    [
        ((Code.SENTRY_REACHED,), 0),
        ((Code.NAMING_DIFFERS, Code.NOT_LOOKED), 0),
        ((Code.SENTRY_UNREACHABLE,), 4),
        ((Code.SENTRY_UNREACHABLE, Code.SCOPE_MISSING), 1),
        ((Code.SCOPE_MISSING, Code.CONFIGURATION_WRONG), 2),
        ((Code.SENTRY_UNCONFIGURED,), 2),
    ],
)
def test_the_worst_is_the_exit_code(run: Run, use_cases: SimpleNamespace, codes: tuple[Code, ...], exit_code: int) -> None:
    use_cases.doctor = Spy(tuple(DoctorFinding("sentry", code, "a sentence") for code in codes))
    result = run("doctor", "--format", "json")
    assert result.exit_code == exit_code
    jsonschema.validate(json.loads(result.stdout), schema("doctor"))


def test_what_is_asked(run: Run, use_cases: SimpleNamespace) -> None:
    use_cases.doctor = Spy(())
    run("doctor", "--environment", "prod", "--project", "shop", "--repo", "x", "--code-root", "/srv=apps", "--release", "shop@1")
    assert use_cases.doctor.requests == [
        DoctorRequest(
            code=CodeRequest(repo=Path("x"), code_roots=(("/srv", "apps"),)),
            place=PlaceRequest(release="shop@1", environment="prod", projects=("shop",)),
        )
    ]


def test_people_read_lines_and_tables(run: Run, use_cases: SimpleNamespace) -> None:
    use_cases.doctor = Spy((DoctorFinding("token", Code.SCOPE_MISSING, "may not read", "give it event:read"),))
    assert run("doctor").stdout.startswith("error    token  may not read -> give it event:read  [scope-missing]\n")
    assert "| error | token | may not read |" in run("doctor", "--format", "markdown").stdout


def test_a_configuration_that_cannot_be_read_is_a_finding_among_others(run: Run, tmp_path: Path) -> None:
    Path("deploywatch.toml").write_text('[watch]\nfro = "1m"\n')
    result = run("doctor", "--format", "json")
    assert result.exit_code == 2
    found = {one["code"]: one for one in json.loads(result.stdout)["findings"]}
    assert "watch.fro is not a key" in found["configuration-wrong"]["text"]
    assert {"sentry-unconfigured", "repository-missing", "channels-none", "state-usable"} <= found.keys()


@pytest.mark.parametrize(("dialect", "kind"), [("current", "Sentry 26.11.0"), ("glitchtip", "GlitchTip 5.2.0")])
def test_all_of_it_against_a_server(run: Run, tmp_path: Path, dialect: str, kind: str) -> None:
    repo = GitRepo(tmp_path / "shop")
    repo.commit("start", {"shop.py": "1\n", "CODEOWNERS": "* @acme/shop\n"})
    repo.git("tag", "shop@1.0.0")
    repo.commit("prices", {"shop.py": "2\n"})
    with StandIn(dialect=dialect) as sentry:
        frame = {"filename": "shop.py", "abs_path": "/srv/app/shop.py", "lineno": 1, "function": "price", "in_app": True}
        raised = {"type": "KeyError", "value": "'tea'", "stacktrace": {"frames": [frame]}}
        sentry.receive({"release": "shop@1.0.0", "environment": "production", "exception": {"values": [raised]}}, project="shop")
        args = ("doctor", "--repo", repo.folder, "--environment", "production", "--release", "shop@1.1.0")
        told = run(*args, "--format", "json", env=sentry.environ("shop"))
        people = run(*args, env=sentry.environ("shop"))
    assert (told.exit_code, people.exit_code) == (0, 0), told.output
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, schema("doctor"))
    assert answer["verdict"] == "ok"
    assert kind in people.stdout
    assert sentry.token not in people.output + told.output
    assert len(people.stdout.splitlines()) == len(answer["findings"]) + 2
