"""Each system's variables as its documentation lists them, with the values of a real-looking run."""

import dataclasses

import pytest

from deploywatch.pipeline.detect import SYSTEMS, detect
from deploywatch.pipeline.facts import Pipeline

SHA, BEFORE = "8f3a" * 10, "17c0" * 10

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_SHA": SHA,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REF_NAME": "main",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ID": "7261",
    "GITHUB_RUN_NUMBER": "12",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_ACTOR": "priya",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_BEFORE_SHA": BEFORE,
    "CI_COMMIT_REF_NAME": "main",
    "CI_JOB_URL": "https://gitlab.example.com/acme/web/shop/-/jobs/99",
    "GITLAB_USER_LOGIN": "priya",
    "CI_ENVIRONMENT_NAME": "production",
    "CI_PROJECT_PATH": "acme/web/shop",
}
CIRCLECI = {
    "CIRCLECI": "true",
    "CIRCLE_SHA1": SHA,
    "CIRCLE_BRANCH": "main",
    "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/shop/99",
    "CIRCLE_USERNAME": "priya",
    "CIRCLE_PROJECT_USERNAME": "acme",
    "CIRCLE_PROJECT_REPONAME": "shop",
    "CIRCLE_PULL_REQUEST": "https://github.com/acme/shop/pull/41",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example.com/",
    "GIT_COMMIT": SHA,
    "GIT_PREVIOUS_SUCCESSFUL_COMMIT": BEFORE,
    "GIT_BRANCH": "origin/main",
    "BUILD_URL": "https://ci.example.com/job/shop/12/",
    "BUILD_USER_ID": "priya",
}
BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_COMMIT": SHA,
    "BUILDKITE_BRANCH": "main",
    "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/shop/builds/12",
    "BUILDKITE_BUILD_CREATOR": "Priya Nair",
    "BUILDKITE_PULL_REQUEST": "false",
}
AZURE = {
    "TF_BUILD": "True",
    "BUILD_SOURCEVERSION": SHA,
    "BUILD_SOURCEBRANCH": "refs/heads/main",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
    "SYSTEM_TEAMPROJECT": "The Shop",
    "BUILD_BUILDID": "12",
    "BUILD_REQUESTEDFOR": "Priya Nair",
    "ENVIRONMENT_NAME": "production",
    "BUILD_REPOSITORY_NAME": "acme/shop",
}
BITBUCKET = {
    "BITBUCKET_BUILD_NUMBER": "12",
    "BITBUCKET_COMMIT": SHA,
    "BITBUCKET_BRANCH": "main",
    "BITBUCKET_REPO_FULL_NAME": "acme/shop",
    "BITBUCKET_DEPLOYMENT_ENVIRONMENT": "production",
}
CODEBUILD = {
    "CODEBUILD_BUILD_ID": "shop:12",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": SHA,
    "CODEBUILD_WEBHOOK_PREV_COMMIT": BEFORE,
    "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main",
    "CODEBUILD_BUILD_URL": "https://console.aws.amazon.com/codebuild/home#/builds/shop:12/view/new",
    "CODEBUILD_INITIATOR": "priya",
}
TEAMCITY = {"TEAMCITY_VERSION": "2026.1", "BUILD_VCS_NUMBER": SHA, "BUILD_URL": "https://tc.example.com/build/12"}

RUNS = {
    "github": (
        GITHUB,
        {"before": BEFORE},
        Pipeline(
            system="github",
            title="GitHub Actions",
            commit=SHA,
            before=BEFORE,
            branch="main",
            run_url="https://github.com/acme/shop/actions/runs/7261",
            actor="priya",
            repository="acme/shop",
        ),
    ),
    "gitea": (
        {**GITHUB, "GITEA_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.com"},
        {"before": BEFORE},
        Pipeline(
            system="gitea",
            title="Gitea Actions",
            commit=SHA,
            before=BEFORE,
            branch="main",
            run_url="https://git.example.com/acme/shop/actions/runs/12",
            actor="priya",
            repository="acme/shop",
        ),
    ),
    "gitlab": (
        GITLAB,
        None,
        Pipeline(
            system="gitlab",
            title="GitLab CI",
            commit=SHA,
            before=BEFORE,
            branch="main",
            run_url=GITLAB["CI_JOB_URL"],
            actor="priya",
            environment="production",
            repository="acme/web/shop",
        ),
    ),
    "circleci": (
        CIRCLECI,
        None,
        Pipeline(
            system="circleci",
            title="CircleCI",
            commit=SHA,
            branch="main",
            run_url=CIRCLECI["CIRCLE_BUILD_URL"],
            actor="priya",
            repository="acme/shop",
            pull_request=41,
        ),
    ),
    "jenkins": (
        JENKINS,
        None,
        Pipeline(
            system="jenkins",
            title="Jenkins",
            commit=SHA,
            before=BEFORE,
            branch="main",
            run_url=JENKINS["BUILD_URL"],
            actor="priya",
        ),
    ),
    "buildkite": (
        BUILDKITE,
        None,
        Pipeline(
            system="buildkite",
            title="Buildkite",
            commit=SHA,
            branch="main",
            run_url=BUILDKITE["BUILDKITE_BUILD_URL"],
            actor="Priya Nair",
        ),
    ),
    "azure": (
        AZURE,
        None,
        Pipeline(
            system="azure",
            title="Azure Pipelines",
            commit=SHA,
            branch="main",
            run_url="https://dev.azure.com/acme/The%20Shop/_build/results?buildId=12",
            actor="Priya Nair",
            environment="production",
            repository="acme/shop",
        ),
    ),
    "bitbucket": (
        BITBUCKET,
        None,
        Pipeline(
            system="bitbucket",
            title="Bitbucket Pipelines",
            commit=SHA,
            branch="main",
            run_url="https://bitbucket.org/acme/shop/pipelines/results/12",
            environment="production",
            repository="acme/shop",
        ),
    ),
    "codebuild": (
        CODEBUILD,
        None,
        Pipeline(
            system="codebuild",
            title="AWS CodeBuild",
            commit=SHA,
            before=BEFORE,
            branch="main",
            run_url=CODEBUILD["CODEBUILD_BUILD_URL"],
            actor="priya",
        ),
    ),
    "teamcity": (
        TEAMCITY,
        None,
        Pipeline(system="teamcity", title="TeamCity", commit=SHA, run_url="https://tc.example.com/build/12"),
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_facts_of_a_run(name: str) -> None:
    environ, event, expected = RUNS[name]
    assert detect(environ, event) == expected


def test_every_system_of_the_registry_is_tried_above() -> None:
    tried = {variable for environ, _, _ in RUNS.values() for variable, _ in SYSTEMS if variable in environ}
    assert tried == {variable for variable, _ in SYSTEMS}


@pytest.mark.parametrize("environ", [{}, {"CI": "true"}, {"GITHUB_ACTIONS": "false"}, {"GITLAB_CI": " "}])
def test_no_pipeline_is_none(environ: dict[str, str]) -> None:
    assert detect(environ) is None


@pytest.mark.parametrize("name", RUNS)
def test_a_system_that_says_nothing_more_gives_no_facts(name: str) -> None:
    environ, _, _ = RUNS[name]
    markers = {variable: value for variable, value in environ.items() if variable in {v for v, _ in SYSTEMS} | {"GITEA_ACTIONS"}}
    found = detect(markers, None)
    assert found is not None
    facts = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    assert {key for key, value in facts.items() if value is not None} == {"system", "title"}


HOSTILE = "main\n::add-mask::x\x1b[31m"


@pytest.mark.parametrize("name", RUNS)
def test_what_has_not_its_kinds_form_is_no_fact(name: str) -> None:
    environ, _, _ = RUNS[name]
    kept = {v for v, _ in SYSTEMS} | {"GITEA_ACTIONS", "GITHUB_EVENT_NAME"}
    hostile = {variable: value if variable in kept else HOSTILE for variable, value in environ.items()}
    found = detect(hostile, {"before": HOSTILE, "deployment": [HOSTILE]})
    assert found is not None
    assert HOSTILE not in dataclasses.astuple(found)
    assert "\n" not in f"{found.branch}{found.actor}{found.run_url}{found.environment}"


def on(event_name: str, payload: object, **variables: str) -> Pipeline:
    found = detect({**GITHUB, "GITHUB_EVENT_NAME": event_name, **variables}, payload)
    assert found is not None
    return found


def test_a_deployment_says_where_it_goes() -> None:
    found = on("deployment", {"deployment": {"environment": "production", "sha": SHA}})
    assert (found.environment, found.before, found.unfinished) == ("production", None, None)


def test_a_deployment_status_that_is_a_success_is_about_something_that_serves() -> None:
    payload = {"deployment": {"environment": "old-name"}, "deployment_status": {"state": "success", "environment": "production"}}
    found = on("deployment_status", payload)
    assert (found.environment, found.unfinished) == ("production", None)


@pytest.mark.parametrize("state", ["pending", "in_progress", "failure", "inactive"])
def test_any_other_deployment_status_is_not(state: str) -> None:
    found = on("deployment_status", {"deployment_status": {"state": state, "environment": "production"}})
    assert state in str(found.unfinished)


def test_a_form_may_ask_for_the_environment() -> None:
    assert on("workflow_dispatch", {"inputs": {"environment": "staging"}}).environment == "staging"
    assert on("workflow_dispatch", {"inputs": None}).environment is None


def test_a_push_is_not_asked_for_an_environment() -> None:
    assert on("push", {"inputs": {"environment": "staging"}, "before": "0" * 40}) == on("push", {})


def test_a_second_attempt_has_a_page_of_its_own() -> None:
    assert str(on("push", {}, GITHUB_RUN_ATTEMPT="2").run_url).endswith("/7261/attempts/2")


def test_a_pull_request_has_its_own_branch_and_number() -> None:
    found = on("pull_request", {"pull_request": {"number": 41}}, GITHUB_REF_NAME="41/merge", GITHUB_HEAD_REF="receipts")
    assert (found.branch, found.pull_request) == ("receipts", 41)


@pytest.mark.parametrize("event", [None, [], "text", 7, {"deployment": "x"}, {"deployment": {"environment": 3}}])
def test_a_payload_of_any_shape_is_survived(event: object) -> None:
    assert on("deployment", event).environment is None


def test_review_environments_are_not_sentry_s() -> None:
    found = detect({**GITLAB, "CI_ENVIRONMENT_NAME": "review/tea"})
    assert found is not None
    assert found.environment is None


def test_buildkite_s_words_are_not_values() -> None:
    found = detect({**BUILDKITE, "BUILDKITE_COMMIT": "HEAD"})
    assert found is not None
    assert (found.commit, found.pull_request) == (None, None)


def test_a_password_in_an_address_is_no_fact() -> None:
    found = detect({**JENKINS, "BUILD_URL": "https://priya:secret@ci.example.com/job/1/"})
    assert found is not None
    assert found.run_url is None
