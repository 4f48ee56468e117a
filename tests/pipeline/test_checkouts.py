"""Whoever reads that the clone is too shallow learns what to write in the CI system that it runs in."""

from __future__ import annotations

import pytest

from deploywatch.pipeline.checkouts import whole_history
from deploywatch.pipeline.detect import SYSTEMS


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"GITHUB_ACTIONS": "true"}, "fetch-depth: 0"),
        ({"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true"}, "Gitea"),
        ({"GITLAB_CI": "true"}, 'GIT_DEPTH: "0"'),
        ({"CIRCLECI": "true"}, "method: full"),
        ({"BUILDKITE": "true"}, "BUILDKITE_GIT_CLONE_FLAGS"),
        ({"TF_BUILD": "True"}, "fetchDepth: 0"),
        ({"BITBUCKET_BUILD_NUMBER": "7"}, "depth: full"),
        ({"CODEBUILD_BUILD_ID": "x:1"}, "gitCloneDepth"),
        ({"TEAMCITY_VERSION": "2026"}, "full history"),
        ({"TRAVIS": "true"}, "depth: false"),
        ({"JENKINS_URL": "https://ci.example.test/"}, "shallow"),
        ({"CI": "woodpecker"}, "Woodpecker"),
        ({"CI": "true", "GITHUB_ACTIONS": "false"}, "git fetch --unshallow"),
        ({}, "git fetch --unshallow"),
    ],
)
def test_the_advice_is_for_the_system_that_it_runs_in(environ: dict[str, str], words: str) -> None:
    assert words in whole_history(environ)


def test_every_system_that_is_known_has_its_advice() -> None:
    assert all(whole_history({variable: "1"}) != whole_history({}) for variable, _ in SYSTEMS)
