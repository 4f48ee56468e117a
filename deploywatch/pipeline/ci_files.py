"""Which CI system a repository is built by, from the files that it holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CiFile:
    """A file, or a folder with a slash at its end, that gives a system away. ``page`` is where docs/ci.md tells of it."""

    path: str
    title: str
    page: str


CI_FILES: Final = (
    CiFile(".github/workflows/", "GitHub Actions", "github-actions"),
    CiFile(".gitlab-ci.yml", "GitLab CI", "gitlab-ci"),
    CiFile(".circleci/config.yml", "CircleCI", "circleci"),
    CiFile("Jenkinsfile", "Jenkins", "jenkins"),
    CiFile(".buildkite/", "Buildkite", "buildkite"),
    CiFile("azure-pipelines.yml", "Azure Pipelines", "azure-pipelines"),
    CiFile("bitbucket-pipelines.yml", "Bitbucket Pipelines", "any-other-system"),
)


def ci_of(paths: Collection[str]) -> CiFile | None:
    """The system whose file is among the repository's ``paths``; the first of ``CI_FILES`` where there are several."""
    return next((known for known in CI_FILES if _is_there(known.path, paths)), None)


def _is_there(path: str, paths: Collection[str]) -> bool:
    return any(each.startswith(path) for each in paths) if path.endswith("/") else path in paths
