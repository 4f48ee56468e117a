"""Web addresses on the code host."""

from __future__ import annotations

import pytest
from hypothesis import given

from deploywatch.report.links import code_host
from tests.report.hostile import ANY_TEXT

SHA = "a" * 40


@pytest.mark.parametrize(
    ("remote", "commit", "pull_request"),
    [
        ("https://github.com/acme/shop", "https://github.com/acme/shop/commit/{}", "https://github.com/acme/shop/pull/7"),
        ("https://github.com/acme/shop.git/", "https://github.com/acme/shop/commit/{}", "https://github.com/acme/shop/pull/7"),
        ("git@github.com:acme/shop.git", "https://github.com/acme/shop/commit/{}", "https://github.com/acme/shop/pull/7"),
        (
            "ssh://git@github.com:2222/acme/shop.git",
            "https://github.com/acme/shop/commit/{}",
            "https://github.com/acme/shop/pull/7",
        ),
        (
            "https://user:token@github.com/acme/shop.git",
            "https://github.com/acme/shop/commit/{}",
            "https://github.com/acme/shop/pull/7",
        ),
        ("https://GitHub.com/Acme/Shop", "https://github.com/Acme/Shop/commit/{}", "https://github.com/Acme/Shop/pull/7"),
        ("git@gitlab.com:g/s/p.git", "https://gitlab.com/g/s/p/-/commit/{}", "https://gitlab.com/g/s/p/-/merge_requests/7"),
        (
            "https://gitlab.acme.example:8443/g/p",
            "https://gitlab.acme.example:8443/g/p/-/commit/{}",
            "https://gitlab.acme.example:8443/g/p/-/merge_requests/7",
        ),
        (
            "git@bitbucket.org:acme/shop.git",
            "https://bitbucket.org/acme/shop/commits/{}",
            "https://bitbucket.org/acme/shop/pull-requests/7",
        ),
        ("https://codeberg.org/acme/shop", "https://codeberg.org/acme/shop/commit/{}", "https://codeberg.org/acme/shop/pulls/7"),
    ],
)
def test_known_hosts(remote: str, commit: str, pull_request: str) -> None:
    host = code_host(remote)
    assert host is not None
    assert host.commit(SHA) == commit.format(SHA)
    assert host.pull_request(7) == pull_request


def test_comparing_where_the_host_can() -> None:
    github, gitlab, bitbucket = (code_host(f"https://{name}/a/b") for name in ("github.com", "gitlab.com", "bitbucket.org"))
    assert github
    assert github.compare("b", "h") == "https://github.com/a/b/compare/b...h"
    assert gitlab
    assert gitlab.compare("b", "h") == "https://gitlab.com/a/b/-/compare/b...h"
    assert bitbucket
    assert bitbucket.compare("b", "h") is None


@pytest.mark.parametrize(
    "remote",
    [
        None,
        "",
        "/srv/git/shop.git",
        "../shop",
        "file:///srv/github/shop.git",
        "C:\\git\\shop",
        "https://git.acme.example/shop",
        "https://github.com/",
        "https://[::1",
        "https://github.com:x/a/b",
        "javascript://github.com/a/b",
    ],
)
def test_no_link_is_better_than_a_wrong_one(remote: str | None) -> None:
    assert code_host(remote) is None


@given(ANY_TEXT)
def test_no_remote_breaks_it_or_leaks_a_password(text: str) -> None:
    for remote in (text, f"https://user:secret@{text}", f"https://user:secret@github.com/{text}", f"git@github.com:{text}"):
        host = code_host(remote)
        assert host is None or (host.root.startswith("https://") and "secret@" not in host.root)
