"""The code host is told without any configuration, as far as the token goes; and what it refuses is a problem with a way out."""

from __future__ import annotations

import itertools
from dataclasses import replace

from deploywatch.bootstrap import Setup
from deploywatch.model import DeliveryState, Report
from deploywatch.pipeline.detect import detect
from deploywatch.requests import DeliveryRequest, Tell
from deploywatch.steps.code_host import problem_of
from deploywatch.steps.delivering import deliver_report
from tests.fakes.trackers import GitHub
from tests.pipeline.test_detect import GITHUB
from tests.report import samples
from tests.steps.conftest import Stage

SHA = "9c1e44ab03d7f2b6a85c0d9e7f61b2a3c4d5e6f7"


def one_finding() -> Report:
    return replace(samples.report(), findings=samples.report().findings[:1])


def setup(stage: Stage, github: GitHub, *, token: str = "ghs_12345678", **sections: object) -> Setup:
    environ = {**stage.setup.environ, **GITHUB, "GITHUB_API_URL": github.url, "GITHUB_TOKEN": token}
    return replace(stage.settings(**sections), environ=environ, pipeline=detect(environ))


def tell(setup: Setup, report: Report, *wanted: Tell) -> dict[str, DeliveryState]:
    sent = deliver_report(setup, None, report, DeliveryRequest(tell=wanted))
    return {delivery.channel: delivery.state for delivery in sent}


def test_a_regression_is_told_on_the_pull_request_and_the_deployment(stage: Stage) -> None:
    with GitHub() as github:
        report = one_finding()
        github.deployments.append({"id": 1, "sha": report.head, "environment": report.environment})
        found = tell(setup(stage, github), report, Tell.COMMENT, Tell.DEPLOYMENT)
        assert found == dict.fromkeys(("github-comment", "github-deployment"), DeliveryState.DELIVERED)
        (comment,) = itertools.chain.from_iterable(github.said.values())
        assert "Read the currency from the cart" in comment["body"]
        assert [status["state"] for status in github.statuses] == ["failure"]


def test_a_healthy_deploy_is_told_where_that_disturbs_nobody(stage: Stage) -> None:
    with GitHub() as github:
        report = replace(samples.healthy_report(), head=SHA)
        github.deployments.append({"id": 1, "sha": SHA, "environment": report.environment})
        assert list(tell(setup(stage, github), report, Tell.COMMENT, Tell.DEPLOYMENT)) == ["github-deployment"]
        assert [status["state"] for status in github.statuses] == ["success"]


def test_a_channel_of_the_configuration_is_taken_instead(stage: Stage) -> None:
    with GitHub() as github:
        ours = {"name": "pr", "type": "github-comment", "repository": "acme/shop", "token": "env:GITHUB_TOKEN"}
        there = setup(stage, github, channels=[{**ours, "url": github.url, "allow_private": True}])
        assert list(tell(there, samples.report(), Tell.COMMENT)) == ["pr"]


def test_what_is_refused_says_which_permission_is_missing(stage: Stage) -> None:
    with GitHub() as github:
        github.mishaps.append(403)
        (refused,) = deliver_report(setup(stage, github), None, one_finding(), DeliveryRequest(tell=(Tell.COMMENT,)))
        problem = problem_of(refused)
        assert "github-comment was not told (dead): HTTP 403" in str(problem)
        assert "permissions: pull-requests: write" in str(problem)


def test_without_a_token_it_says_so_and_goes_on(stage: Stage) -> None:
    with GitHub() as github:
        assert tell(setup(stage, github, token=""), one_finding(), Tell.COMMENT) == {}
        assert stage.said == ["warning: GitHub is told nothing: GITHUB_TOKEN is not set"]
        assert not github.requests


def test_what_arrived_is_no_problem(stage: Stage) -> None:
    with GitHub() as github:
        (sent,) = deliver_report(setup(stage, github), None, one_finding(), DeliveryRequest(tell=(Tell.COMMENT,)))
        assert problem_of(sent) is None
