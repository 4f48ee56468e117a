"""The pull request of a branch, opened once; a token goes to no host but its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from deploywatch.deliver.guard import PublicOnly
from deploywatch.deliver.options import EVERYWHERE
from deploywatch.deliver.pull_requests import Draft, Means, PullRequests, pull_requests_of
from deploywatch.errors import DeliveryError
from deploywatch.http import HttpClient, Network
from tests.fakes.api import Answer, Asked, FakeApi

DRAFT = Draft("deploywatch/revert-4be1a90c4b", 'Revert "Read the currency"', "Because.")


class CodeHost(FakeApi):
    """Pull requests of GitHub's and merge requests of GitLab's acme/shop, in one."""

    def __init__(self) -> None:
        self.opened: list[dict] = []
        super().__init__(
            {
                ("GET", "/repos/acme/shop"): lambda _: Answer(200, {"default_branch": "trunk"}),
                ("GET", "/projects/acme%2Fshop"): lambda _: Answer(200, {"default_branch": "trunk"}),
                ("GET", "/repos/acme/shop/pulls"): self._list,
                ("POST", "/repos/acme/shop/pulls"): self._open,
                ("GET", "/projects/acme%2Fshop/merge_requests"): self._list,
                ("POST", "/projects/acme%2Fshop/merge_requests"): self._open,
            }
        )

    def _list(self, asked: Asked) -> Answer:
        branch = asked.query.get("source_branch") or asked.query["head"].partition(":")[2]
        return Answer(200, [each for each in self.opened if each["branch"] == branch])

    def _open(self, asked: Asked) -> Answer:
        address = f"https://host.example/acme/shop/pull/{len(self.opened) + 1}"
        branch = asked.body.get("source_branch") or asked.body["head"]
        self.opened.append(asked.body | {"branch": branch, "html_url": address, "web_url": address})
        return Answer(201, self.opened[-1])


@pytest.fixture
def server() -> Iterator[CodeHost]:
    with CodeHost() as server:
        yield server


def environ_of(kind: str, server: FakeApi) -> dict[str, str]:
    if kind == "github":
        return {"GITHUB_SERVER_URL": "https://git.acme.example", "GITHUB_API_URL": server.url, "GITHUB_TOKEN": "sesame"}
    return {"CI_SERVER_HOST": "git.acme.example", "CI_API_V4_URL": server.url, "GITLAB_TOKEN": "sesame"}


def means(environ: dict[str, str], http: Callable[[], HttpClient] | None = None) -> Means:
    real = lambda: HttpClient(network=Network(guard=PublicOnly(EVERYWHERE)))  # noqa: E731
    return Means(environ, http or real, lambda: datetime(2026, 11, 20, tzinfo=UTC))


@pytest.fixture(params=["github", "gitlab"])
def requests(request: pytest.FixtureRequest, server: CodeHost) -> PullRequests:
    found = pull_requests_of("git@git.acme.example:acme/shop.git", means(environ_of(request.param, server)))
    assert found
    return found


def test_it_is_opened_against_the_default_branch_and_once(requests: PullRequests, server: CodeHost) -> None:
    address = requests.ensure(DRAFT)
    assert address == "https://host.example/acme/shop/pull/1"
    assert requests.ensure(DRAFT) == address
    (opened,) = server.opened
    assert opened["title"] == DRAFT.title
    assert opened.get("base", opened.get("target_branch")) == "trunk"
    assert opened.get("body", opened.get("description")) == "Because."
    assert {asked.headers["authorization"] for asked in server.requests} == {"Bearer sesame"}


def test_an_answer_that_was_lost_is_looked_for(requests: PullRequests, server: CodeHost) -> None:
    server.mishaps.append("drop")
    assert requests.ensure(DRAFT) == "https://host.example/acme/shop/pull/1"
    assert len(server.opened) == 1


def test_a_refusal_says_why(requests: PullRequests, server: CodeHost) -> None:
    server.mishaps.append(403)
    with pytest.raises(DeliveryError, match=r"did not open it: .*403.*not now") as caught:
        requests.ensure(DRAFT)
    assert "by hand" in caught.value.hint


def test_what_cannot_be_read_is_not_written(requests: PullRequests, server: CodeHost) -> None:
    server.routes.clear()
    with pytest.raises(DeliveryError, match="does not show its pull requests"):
        requests.ensure(DRAFT)
    assert server.writes() == []


@pytest.mark.parametrize(
    ("remote", "environ"),
    [
        ("https://git.evil.example/acme/shop", {"GITHUB_TOKEN": "t", "GITLAB_TOKEN": "t"}),
        ("https://github.com.evil.example/acme/shop", {"GITHUB_TOKEN": "t"}),
        ("https://github.com/acme/shop", {"GITLAB_TOKEN": "t"}),
        ("https://github.com/acme/shop", {}),
        ("/srv/git/shop.git", {"GITHUB_TOKEN": "t", "GITHUB_API_URL": "https://api.github.com", "CI_API_V4_URL": "x"}),
        (None, {"GITHUB_TOKEN": "t"}),
    ],
)
def test_a_token_goes_to_no_host_but_its_own(remote: str | None, environ: dict[str, str]) -> None:
    def never() -> HttpClient:
        raise AssertionError("it was about to speak")

    assert pull_requests_of(remote, means(environ, never)) is None


@pytest.mark.parametrize(
    ("remote", "environ", "base"),
    [
        ("git@github.com:acme/shop.git", {"GH_TOKEN": "t"}, "https://api.github.com"),
        ("https://gitlab.com/group/sub/shop", {"GITLAB_TOKEN": "t"}, "https://gitlab.com/api/v4"),
    ],
)
def test_the_public_hosts_are_known(remote: str, environ: dict[str, str], base: str) -> None:
    found = pull_requests_of(remote, means(environ))
    assert found
    assert found.api.base == base
