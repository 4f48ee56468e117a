"""``release``, ``watch``, ``investigate`` and ``run``: the request that they make, and what becomes of the answer."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from deploywatch.errors import NotAnAncestor, SentryAuthError, SentryUnavailable, UsageError
from deploywatch.model import Delivery, DeliveryState, FixOutcome, FixVerdict, RegressionKind, ReleaseOutcome, Severity, Verdict
from deploywatch.requests import (
    CodeRequest,
    DeliveryRequest,
    InvestigateRequest,
    PlaceRequest,
    ReleaseRequest,
    RunOutcome,
    RunRequest,
    VerifyOutcome,
    VerifyRequest,
    WatchOutcome,
    WatchRequest,
)
from deploywatch.settings import Settings
from deploywatch.steps.gating import gated
from tests.cli.conftest import Run, schema
from tests.report import samples

RELEASED = ReleaseOutcome(release="shop@2", base="a" * 40, base_found_by="given", head="b" * 40, commits=2, created=True)
DELIVERED = Delivery(1, "k", "team", "{}", DeliveryState.DELIVERED, datetime(2026, 1, 1, tzinfo=UTC), reference="thread 7")


class Spy:
    """A use case that remembers how it was called and answers, or raises, what it was made with."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.requests: list[Any] = []
        self.given: dict[str, Any] = {}
        self.setup: Any = None

    def __call__(self, setup: Any, request: Any, **given: Any) -> Any:
        self.setup, self.given = setup, given
        self.requests.append(request)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def watched(verdict: Verdict = Verdict.REGRESSION, **of_regressions: Any) -> WatchOutcome:
    result = samples.watch_result(verdict=verdict)
    regressions = tuple(replace(regression, **of_regressions) for regression in result.regressions)
    result = replace(result, regressions=regressions if verdict is Verdict.REGRESSION else ())
    return gated(Settings().watch, WatchRequest(), result, samples.report(verdict=verdict))


class Watching(Spy):
    """The gate answers by the settings and the request, as in the use case."""

    def __call__(self, setup: Any, request: Any, **given: Any) -> Any:
        outcome = super().__call__(setup, request, **given)
        return gated(setup.settings.watch, request, outcome.result, outcome.report)


def ran(verdict: Verdict) -> RunOutcome:
    outcome = watched(verdict)
    return RunOutcome(RELEASED, outcome.result, outcome.report, outcome.gate, (DELIVERED,), (Path("report/shop.html"),))


class TestRelease:
    def test_answers_in_every_format(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.release = Spy(RELEASED)
        answer = json.loads(run("release", "--format", "json").stdout)
        jsonschema.validate(answer, schema("release"))
        assert answer["release"] == "shop@2"
        assert "shop@2" in run("release").stdout
        assert "shop@2" in run("release", "--format", "markdown").stdout

    def test_sentry_down_is_a_failure_here(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.release = Spy(SentryUnavailable("Sentry is down", hint="wait"))
        assert run("release").exit_code == 1


class TestWatch:
    @pytest.mark.parametrize(("verdict", "exit_code"), [(Verdict.HEALTHY, 0), (Verdict.REGRESSION, 3), (Verdict.INCONCLUSIVE, 4)])
    def test_the_verdict_is_the_exit_code(self, run: Run, use_cases: SimpleNamespace, verdict: Verdict, exit_code: int) -> None:
        use_cases.watch = Spy(watched(verdict))
        result = run("watch", "--format", "json")
        assert result.exit_code == exit_code
        answer = json.loads(result.stdout)
        jsonschema.validate(answer, schema("watch"))
        assert answer["verdict"] == verdict

    @pytest.mark.parametrize(
        ("fail_on", "kind", "severity", "exit_code"),
        [
            ("never", RegressionKind.NEW, Severity.CRITICAL, 0),
            ("new", RegressionKind.SPIKING, Severity.CRITICAL, 0),
            ("new", RegressionKind.NEW, Severity.LOW, 3),
            ("critical", RegressionKind.NEW, Severity.HIGH, 0),
            ("critical", RegressionKind.NEW, Severity.CRITICAL, 3),
            ("any", RegressionKind.SPIKING, Severity.LOW, 3),
        ],
    )
    def test_what_fails_the_pipeline(
        self, run: Run, use_cases: SimpleNamespace, fail_on: str, kind: RegressionKind, severity: Severity, exit_code: int
    ) -> None:
        use_cases.watch = Watching(watched(kind=kind, severity=severity))
        assert run("watch", "--fail-on", fail_on).exit_code == exit_code
        assert run("watch", env={"DEPLOYWATCH_FAIL_ON": fail_on}).exit_code == exit_code
        Path("deploywatch.toml").write_text(f'[watch]\nfail_on = "{fail_on}"')
        assert run("watch").exit_code == exit_code

    def test_never_does_not_make_blindness_healthy(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.watch = Watching(watched(Verdict.INCONCLUSIVE))
        assert run("watch", "--fail-on", "never").exit_code == 4

    @pytest.mark.parametrize("verdict", [Verdict.REGRESSION, Verdict.INCONCLUSIVE])
    def test_a_gate_on_trial_stops_nothing_and_says_what_it_would_have_done(
        self, run: Run, use_cases: SimpleNamespace, verdict: Verdict
    ) -> None:
        use_cases.watch = Watching(watched(verdict))
        told = run("watch", "--dry-run-gate")
        true_code = {Verdict.REGRESSION: 3, Verdict.INCONCLUSIVE: 4}[verdict]
        assert told.exit_code == 0
        assert f"instead of ending with {true_code}" in " ".join(told.stdout.split())
        assert f"instead of ending with {true_code}" in told.stderr
        answer = json.loads(run("watch", "--dry-run-gate", "--format", "json").stdout)
        jsonschema.validate(answer, schema("watch"))
        assert (answer["verdict"], answer["gate"]["exit_code"], answer["gate"]["true_code"]) == (verdict, 0, true_code)
        Path("deploywatch.toml").write_text("[watch]\ndry_run_gate = true")
        assert run("watch").exit_code == 0
        assert run("watch", "--no-dry-run-gate").exit_code == true_code

    @pytest.mark.parametrize("command", ["watch", "run"])
    @pytest.mark.parametrize(
        ("error", "exit_code", "would_be"),
        [
            (SentryUnavailable("Sentry is down", hint="wait"), 0, 4),
            (SentryAuthError("the token is wrong", hint="get another"), 0, 1),
            (UsageError("no release", hint="name one"), 2, None),
        ],
    )
    def test_a_gate_on_trial_does_not_stop_for_what_failed_either(
        self, run: Run, use_cases: SimpleNamespace, command: str, error: Exception, exit_code: int, would_be: int | None
    ) -> None:
        setattr(use_cases, command, Spy(error))
        told = run(command, "--dry-run-gate")
        assert told.exit_code == exit_code
        assert str(error.args[0]) in told.stderr
        assert (f"instead of ending with {would_be}" in told.stderr) is (would_be is not None)

    @pytest.mark.parametrize("command", ["watch", "run"])
    @pytest.mark.parametrize(
        ("error", "exit_code"),
        [
            (SentryUnavailable("Sentry is down", hint="wait"), 4),
            (SentryAuthError("the token is wrong", hint="get another"), 1),
            (NotAnAncestor("v1 is not an ancestor of v2", hint="look"), 1),
        ],
    )
    def test_not_seeing_is_inconclusive_and_a_refusal_is_a_failure(
        self, run: Run, use_cases: SimpleNamespace, command: str, error: Exception, exit_code: int
    ) -> None:
        setattr(use_cases, command, Spy(error))
        result = run(command, "--format", "json")
        assert result.exit_code == exit_code
        assert json.loads(result.stdout)["exit_code"] == exit_code

    def test_the_request(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.watch = spy = Spy(watched())
        run(
            "watch", "--release", "shop@2", "--environment", "production", "--for", "5m", "--query", "level:fatal", "--base", "v1"
        )
        assert spy.requests == [
            WatchRequest(
                code=CodeRequest(base="v1"),
                place=PlaceRequest(release="shop@2", environment="production"),
                duration=timedelta(minutes=5),
                query="level:fatal",
            )
        ]

    @pytest.mark.parametrize("command", ["watch", "run"])
    def test_a_cancelled_pipeline_gets_its_report(self, run: Run, use_cases: SimpleNamespace, command: str) -> None:
        answer = watched(Verdict.INCONCLUSIVE) if command == "watch" else ran(Verdict.INCONCLUSIVE)
        told: list[bool] = []

        def use_case(setup: Any, _request: Any, *, progress: Any, stopped: Any) -> Any:
            assert callable(progress)
            told.append(stopped())
            os.kill(os.getpid(), signal.SIGTERM)
            setup.sleep(60)
            told.append(stopped())
            return answer

        setattr(use_cases, command, use_case)
        result = run(command)
        assert told == [False, True]
        assert result.exit_code == 4
        assert answer.report.release in result.stdout


class TestInvestigate:
    def test_an_issue(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.investigate = spy = Spy(samples.report())
        result = run("investigate", "SHOP-1", "--base", "v1")
        assert result.exit_code == 0
        assert spy.requests == [InvestigateRequest(issue="SHOP-1", code=CodeRequest(base="v1"))]
        assert "shop" in result.stdout

    def test_a_release_and_delivery(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.investigate = spy = Spy(samples.report())
        run("investigate", "--release", "shop@2", "--deliver", "--channel", "team", "--dry-run")
        delivery = DeliveryRequest(deliver=True, channels=("team",), dry_run=True)
        assert spy.requests == [InvestigateRequest(place=PlaceRequest(release="shop@2"), delivery=delivery)]

    @pytest.mark.parametrize("fmt", ["json", "html", "markdown", "text"])
    def test_formats_and_a_file(self, run: Run, use_cases: SimpleNamespace, fmt: str) -> None:
        use_cases.investigate = Spy(samples.report())
        result = run("investigate", "SHOP-1", "--format", fmt, "-o", "answer")
        assert (result.exit_code, result.stdout) == (0, "")
        text = Path("answer").read_text()
        starts = {"json": "{", "html": "<!doctype html>", "markdown": "#", "text": ""}
        assert text.lower().startswith(starts[fmt])
        if fmt == "json":
            jsonschema.validate(json.loads(text), schema("report"))

    def test_templates_of_the_configuration_are_used(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.investigate = Spy(samples.report())
        Path("deploywatch.toml").write_text('[report]\ntemplates = "ours"')
        Path("ours").mkdir()
        Path("ours/report.md.j2").write_text("our own words about {{ report.release }}")
        assert run("investigate", "SHOP-1", "--format", "markdown").stdout.startswith("our own words about")


class TestRun:
    def test_the_parts_get_what_is_theirs(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.run = spy = Spy(ran(Verdict.HEALTHY))
        result = run(
            *("run", "--base", "v1", "--release", "shop@2", "--environment", "production", "--path", "apps/shop"),
            *("--for", "5m", "--channel", "team", "--report-dir", "out", "--dry-run"),
        )
        assert result.exit_code == 0, result.output
        both = {"code": CodeRequest(base="v1"), "place": PlaceRequest(release="shop@2", environment="production")}
        assert spy.requests == [
            RunRequest(
                release=ReleaseRequest(**both, paths=("apps/shop",), dry_run=True),
                watch=WatchRequest(**both, duration=timedelta(minutes=5)),
                delivery=DeliveryRequest(channels=("team",), folder=Path("out"), dry_run=True),
            )
        ]

    def test_nothing_is_delivered_where_nobody_wants_it(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.run = spy = Spy(ran(Verdict.HEALTHY))
        run("run", "--no-deliver")
        assert spy.requests[0].delivery == DeliveryRequest(deliver=False)

    def test_the_report_is_the_answer_and_the_rest_is_told_beside_it(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.run = Spy(ran(Verdict.REGRESSION))
        result = run("run", "--format", "json")
        assert result.exit_code == 3
        jsonschema.validate(json.loads(result.stdout), schema("report"))
        assert "report: report/shop.html" in result.stderr
        assert "team: delivered (thread 7)" in result.stderr


class TestVerify:
    FIX = FixOutcome(
        samples.issue(), "production", FixVerdict.FIXED, "no events in 20m", "a" * 40, "message", ("shop@3",), "shop@3"
    )

    @pytest.mark.parametrize(("verdict", "exit_code"), [(FixVerdict.FIXED, 0), (FixVerdict.BACK, 3), (FixVerdict.UNSURE, 4)])
    def test_the_verdict_is_the_exit_code(
        self, run: Run, use_cases: SimpleNamespace, verdict: FixVerdict, exit_code: int
    ) -> None:
        use_cases.verify = Spy(VerifyOutcome(replace(self.FIX, verdict=verdict), deliveries=(DELIVERED,)))
        told = run("verify", "SHOP-1", "--format", "json")
        assert told.exit_code == exit_code
        answer = json.loads(told.stdout)
        jsonschema.validate(answer, schema("verify"))
        assert (answer["verdict"], answer["fix"]) == (verdict, "a" * 40)
        assert "team: delivered (thread 7)" in told.stderr
        for fmt in ("text", "markdown"):
            assert "(SHOP-1)" in run("verify", "SHOP-1", "--format", fmt).stdout

    def test_the_request(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.verify = spy = Spy(VerifyOutcome(self.FIX))
        run(*("verify", "SHOP-1", "--fix", "abc", "--environment", "production", "--for", "2h", "--head", "main", "--no-deliver"))
        assert spy.requests == [
            VerifyRequest(
                issue="SHOP-1",
                fix="abc",
                code=CodeRequest(head="main"),
                place=PlaceRequest(environment="production"),
                delivery=DeliveryRequest(deliver=False),
                duration=timedelta(hours=2),
            )
        ]

    def test_not_seeing_is_inconclusive(self, run: Run, use_cases: SimpleNamespace) -> None:
        use_cases.verify = Spy(SentryUnavailable("Sentry is down", hint="wait"))
        assert run("verify", "SHOP-1").exit_code == 4
