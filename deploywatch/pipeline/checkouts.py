"""How to get the whole history in the CI system that this runs in. Each sentence is what its own documentation says to write."""

from __future__ import annotations

from typing import Final

from deploywatch.pipeline.facts import Environ

_CHECKOUTS: Final[tuple[tuple[str, str], ...]] = (
    ("GITEA_ACTIONS", "Gitea Actions: give actions/checkout `with: fetch-depth: 0`"),
    ("FORGEJO_ACTIONS", "Forgejo Actions: give actions/checkout `with: fetch-depth: 0`"),
    ("GITHUB_ACTIONS", "GitHub Actions: give actions/checkout `with: fetch-depth: 0` (and leave persist-credentials on)"),
    ("GITLAB_CI", 'GitLab CI: set the variable `GIT_DEPTH: "0"` for the job'),
    ("CIRCLECI", "CircleCI: write the step as `checkout: {method: full}`"),
    ("BUILDKITE", "Buildkite: take --depth (and --filter) out of BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS"),
    ("TF_BUILD", "Azure Pipelines: write `- checkout: self` with `fetchDepth: 0` (and `persistCredentials: true`)"),
    ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines: set `clone: depth: full` for the step"),
    ("CODEBUILD_BUILD_ID", "AWS CodeBuild: set the source's gitCloneDepth to 0 (Git clone depth: Full)"),
    (
        "TEAMCITY_VERSION",
        "TeamCity: set the VCS root's clone to full history (turn off shallow clone), or check out on the agent",
    ),
    ("TRAVIS", "Travis CI: set `git: depth: false`"),
    ("DRONE", "Drone: set `clone: depth: 0`"),
    ("SEMAPHORE", "Semaphore: set SEMAPHORE_GIT_DEPTH to a depth that reaches the last deploy, before `checkout`"),
    ("APPVEYOR", "AppVeyor: take clone_depth out of appveyor.yml"),
    ("BITRISE_IO", "Bitrise: set the Git Clone step's clone_depth to -1"),
    ("CIRRUS_CI", "Cirrus CI: take CIRRUS_CLONE_DEPTH out of the task"),
    ("JENKINS_URL", "Jenkins: turn off `shallow` in the clone option of the checkout step (Advanced clone behaviours)"),
)
_ANYWHERE: Final = "fetch the history before: git fetch --unshallow --tags (GitHub Actions: actions/checkout with fetch-depth: 0)"


def whole_history(environ: Environ) -> str:
    """What to change for the job to have the whole history."""
    found = (advice for variable, advice in _CHECKOUTS if environ.get(variable, "").strip().lower() not in ("", "false", "0"))
    if environ.get("CI", "").strip().lower() == "woodpecker":
        return "Woodpecker: give the clone step the settings `partial: false` and `depth: 0`"
    return next(found, _ANYWHERE)
