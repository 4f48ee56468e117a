from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from deploywatch.cli.invocation import Invocation
from deploywatch.model import ReleaseOutcome
from deploywatch.requests import CodeRequest, PlaceRequest, ReleaseRequest
from tests.cli.conftest import Run, schema

OUTCOME = ReleaseOutcome(release="shop@2", base="a" * 40, base_found_by="given", head="b" * 40, commits=2, created=True)


@pytest.fixture
def asked(use_cases: SimpleNamespace) -> list[ReleaseRequest]:
    """What ``deploywatch release`` asked for."""
    requests: list[ReleaseRequest] = []

    def release(_setup: Any, request: ReleaseRequest) -> ReleaseOutcome:
        requests.append(request)
        return OUTCOME

    use_cases.release = release
    return requests


def test_nothing_said_is_nothing_asked(run: Run, asked: list[ReleaseRequest]) -> None:
    result = run("release")
    assert result.exit_code == 0, result.output
    assert asked == [ReleaseRequest()]


def test_every_option_arrives(run: Run, asked: list[ReleaseRequest]) -> None:
    run(
        *("release", "--repo", "/srv/repo", "--base", "v1", "--head", "v2", "--code-root", "/srv/app=apps/shop"),
        *("--release", "shop@2", "--environment", "production", "--project", "shop", "--project", "api,web"),
        *(
            "--path",
            "apps/shop",
            "--also",
            "../lib",
            "--also",
            "../a=b=v2",
            "--deploy-name",
            "night",
            "--deploy-url",
            "https://ci.example/1",
            "--no-finalize",
            "--dry-run",
        ),
    )
    assert asked == [
        ReleaseRequest(
            code=CodeRequest(repo=Path("/srv/repo"), base="v1", head="v2", code_roots=(("/srv/app", "apps/shop"),)),
            place=PlaceRequest(release="shop@2", environment="production", projects=("shop", "api", "web")),
            paths=("apps/shop",),
            also=((Path("../lib"), None), (Path("../a=b"), "v2")),
            name="night",
            url="https://ci.example/1",
            finalize=False,
            dry_run=True,
        )
    ]


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({"SENTRY_RELEASE": "shop@2"}, PlaceRequest(release="shop@2")),
        ({"SENTRY_ENVIRONMENT": "production"}, PlaceRequest(environment="production")),
        ({"SENTRY_PROJECT": "shop api"}, PlaceRequest(projects=("shop", "api"))),
        ({"SENTRY_PROJECT": "shop,api"}, PlaceRequest(projects=("shop", "api"))),
        ({"DEPLOYWATCH_RELEASE": "ours", "SENTRY_RELEASE": "theirs"}, PlaceRequest(release="ours")),
        ({"SENTRY_RELEASE": ""}, PlaceRequest()),
    ],
)
def test_variables_stand_in_for_options(run: Run, asked: list[ReleaseRequest], env: dict[str, str], place: PlaceRequest) -> None:
    assert run("release", env=env).exit_code == 0
    assert asked == [ReleaseRequest(place=place)]


def test_options_beat_variables(run: Run, asked: list[ReleaseRequest]) -> None:
    run("release", "--release", "said", env={"DEPLOYWATCH_RELEASE": "set"})
    assert asked[0].place.release == "said"


def test_flags_and_lists_have_variables_too(run: Run, asked: list[ReleaseRequest]) -> None:
    run("release", env={"DEPLOYWATCH_DRY_RUN": "true", "DEPLOYWATCH_FINALIZE": "0", "DEPLOYWATCH_CODE_ROOT": "/a=b /c=d"})
    assert asked == [ReleaseRequest(code=CodeRequest(code_roots=(("/a", "b"), ("/c", "d"))), finalize=False, dry_run=True)]


@pytest.mark.parametrize(
    ("given", "pair"),
    [("/srv/app=apps/shop", ("/srv/app", "apps/shop")), ("/srv/app=", ("/srv/app", "")), ("a=b=c", ("a=b", "c"))],
)
def test_code_roots(run: Run, asked: list[ReleaseRequest], given: str, pair: tuple[str, str]) -> None:
    run("release", "--code-root", given)
    assert asked == [replace(ReleaseRequest(), code=CodeRequest(code_roots=(pair,)))]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("release", "--also", "../lib="), "is not of the form DIR=REV"),
        (("release", "--also", "=v1"), "is not of the form DIR=REV"),
        (("release", "--code-root", "/srv/app"), "is not of the form FROM=TO"),
        (("release", "--code-root", "=apps"), "is not of the form FROM=TO"),
        (("release", "--format", "html"), "'html' is not one of 'text', 'json', 'markdown'"),
        (("watch", "--for", "soon"), "'soon' is not a duration: write it like 90s, 15m, 2h or 1h30m"),
        (("watch", "--fail-on", "always"), "'always' is not one of 'any', 'new', 'critical', 'never'"),
        (("suspects", "--limit", "0"), "is not in the range x>=1"),
        (("deliveries", "show", "first"), "'first' is not a valid integer"),
        (("owners", "who"), "Missing argument"),
    ],
)
def test_usage_errors_say_what_is_allowed(run: Run, args: tuple[str, ...], said: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert "--help" in result.stderr


def test_programs_get_an_object_for_a_wrong_value_too(run: Run) -> None:
    result = run("watch", "--for", "soon", "--format", "json")
    answer = json.loads(result.stdout)
    jsonschema.validate(answer, schema("error"))
    assert (result.exit_code, answer["exit_code"], answer["error"]["code"]) == (2, 2, "UsageError")
    assert "'soon' is not a duration" in answer["error"]["message"]


def test_a_duration_arrives_as_one(run: Run, use_cases: SimpleNamespace) -> None:
    seen = []

    def watch(_setup: Any, request: Any, **_: Any) -> None:
        seen.append((request.duration, request.every))
        raise KeyboardInterrupt

    use_cases.watch = watch
    run("watch", "--for", "1h30m", "--every", "20s")
    assert seen == [(timedelta(minutes=90), timedelta(seconds=20))]


def test_the_configuration_reaches_the_use_case(run: Run, use_cases: SimpleNamespace, tmp_path: Path) -> None:
    orgs: list[str | None] = []

    def release(setup: Any, _request: ReleaseRequest) -> ReleaseOutcome:
        orgs.append(setup.settings.sentry.org)
        return OUTCOME

    use_cases.release = release
    (tmp_path / "deploywatch.toml").write_text('[sentry]\norg = "near"')
    (tmp_path / "other.toml").write_text('[sentry]\norg = "named"')
    run("release")
    run("release", "--config", "other.toml")
    run("release", env={"DEPLOYWATCH_CONFIG": "other.toml"})
    assert orgs == ["near", "named", "named"]


def test_a_wrong_configuration_is_usage(run: Run, asked: list[ReleaseRequest], tmp_path: Path) -> None:
    (tmp_path / "deploywatch.toml").write_text('[sentry]\nogr = "acme"')
    result = run("release")
    assert result.exit_code == 2
    assert "sentry.ogr is not a key: did you mean sentry.org?" in result.stderr
    assert not asked


@pytest.mark.parametrize(
    ("invocation", "plain"),
    [
        (Invocation(environ={}), False),
        (Invocation(environ={"NO_COLOR": "1"}), True),
        (Invocation(environ={"NO_COLOR": ""}), False),
        (Invocation(environ={"CI": "true"}), True),
        (Invocation(environ={"TERM": "dumb"}), True),
        (Invocation(environ={}, no_color=True), True),
    ],
)
def test_when_colours_are_unwanted(invocation: Invocation, plain: bool) -> None:
    assert invocation.plain is plain


def test_nothing_is_coloured_off_a_terminal() -> None:
    assert not Invocation(environ={}).look().color
    assert not Invocation(environ={}, output=Path("x")).look().color
