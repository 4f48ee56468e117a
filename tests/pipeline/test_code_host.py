"""What --tell makes of the system's own variables."""

from __future__ import annotations

import pytest

from deploywatch.errors import UsageError
from deploywatch.pipeline.code_host import channels_for, host_of, permission_for
from deploywatch.pipeline.detect import detect
from deploywatch.requests import Tell
from tests.pipeline.test_detect import CIRCLECI, GITHUB, GITLAB


def told(environ: dict[str, str], *wanted: Tell) -> list[dict[str, object]]:
    return list(channels_for(host_of(detect(environ), environ), wanted))


def test_github_by_its_own_address() -> None:
    made = told({**GITHUB, "GITHUB_API_URL": "https://git.example/api/v3", "GITHUB_SERVER_URL": "https://git.example"}, *Tell)
    common = {"repository": "acme/shop", "url": "https://git.example/api/v3", "token": "env:GITHUB_TOKEN", "allow_private": True}
    assert [channel["type"] for channel in made] == ["github-comment", "github-check", "github-deployment"]
    assert all(channel["name"] == channel["type"] and common.items() <= channel.items() for channel in made)
    assert [channel.get("pages") for channel in made] == [None, None, "https://git.example"]


def test_gitlab_takes_comments_only() -> None:
    assert told({**GITLAB, "CI_SERVER_URL": "https://gitlab.example"}, Tell.COMMENT, Tell.COMMENT) == [
        {
            "name": "gitlab-comment",
            "type": "gitlab-comment",
            "token": "env:GITLAB_TOKEN",
            "allow_private": True,
            "project": "acme/web/shop",
            "url": "https://gitlab.example",
        }
    ]
    with pytest.raises(UsageError, match="GitLab cannot be told of a check"):
        told(GITLAB, Tell.CHECK)


@pytest.mark.parametrize("environ", [{}, CIRCLECI, {"GITHUB_ACTIONS": "true"}])
def test_elsewhere_it_is_an_error(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="--tell works in GitHub Actions and GitLab CI") as caught:
        told(environ, Tell.COMMENT)
    assert "deploywatch.toml" in caught.value.hint


def test_every_kind_says_what_to_allow() -> None:
    assert "checks: write" in str(permission_for("github-check"))
    assert "pull-requests: write" in str(permission_for("github-comment"))
    assert permission_for("slack") is None
