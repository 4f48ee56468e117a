"""What a release is made of: services of a monorepo, several repositories, Sentry's own names, issues that get resolved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploywatch import respond
from deploywatch.errors import UsageError
from deploywatch.model import Release, ReleaseOutcome
from deploywatch.requests import CodeRequest, PlaceRequest, ReleaseRequest
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.sentry.releases import get_release
from tests.gitrepo import GitRepo
from tests.steps.conftest import Stage

VERSION = "shop@2.0.0"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    made.commit("start", {"services/cart/a.py": "1\n", "services/pay/a.py": "1\n"})
    made.git("tag", "v1.0.0")
    made.commit("cart", {"services/cart/a.py": "2\n"})
    made.commit("pay", {"services/pay/a.py": "2\n"})
    made.commit("both", {"services/cart/b.py": "2\n", "services/pay/b.py": "2\n"})
    made.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    return made


@pytest.fixture
def library(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "library")
    for number in range(1, 4):
        made.commit(f"library {number}", {"lib.py": f"{number}\n"})
    made.git("remote", "add", "origin", "https://github.com/acme/library")
    return made


def request(repo: GitRepo, version: str = VERSION, **more: Any) -> ReleaseRequest:
    place = PlaceRequest(release=version, environment="production", projects=("shop",))
    code = CodeRequest(repo=repo.folder, base=more.pop("base", None), head=more.pop("head", "HEAD"))
    return ReleaseRequest(code=code, place=place, **more)


def sent(stage: Stage, version: str = VERSION) -> list[tuple[str, str, list[str]]]:
    """Subject, repository and files of the commits that Sentry has."""
    return [
        (commit.message.partition("\n")[0], commit.repository.name, sorted(commit.files))
        for commit in stage.sentry.state.release(version).commits
    ]


def test_only_what_touches_the_paths_is_the_releases(stage: Stage, repo: GitRepo) -> None:
    found = respond.release(stage.setup, request(repo, base="v1.0.0", paths=("services/cart",)))
    assert found.commits == 2
    assert sent(stage) == [
        ("both", "acme/shop", ["services/cart/b.py", "services/pay/b.py"]),
        ("cart", "acme/shop", ["services/cart/a.py"]),
    ]
    # The next deploy begins at what was deployed, not at the last commit that touched the paths.
    repo.commit("cart again", {"services/cart/a.py": "3\n"})
    stage.clock.sleep(60)
    assert respond.release(stage.setup, request(repo, "shop@3", paths=("services/cart",))).commits == 1


@pytest.mark.parametrize(
    ("repository", "subjects"),
    [
        ({"project_paths": {"shop": ["services/pay"]}, "paths": ["services/cart"]}, ["both", "pay"]),
        ({"project_paths": {"other": ["services/pay"]}, "paths": ["services/cart"]}, ["both", "cart"]),
        ({"project_paths": {"other": ["services/pay"]}}, ["both", "pay", "cart"]),
    ],
)
def test_each_project_of_a_monorepo_may_have_its_paths(
    stage: Stage, repo: GitRepo, repository: dict[str, Any], subjects: list[str]
) -> None:
    respond.release(stage.settings(repository=repository), request(repo, base="v1.0.0"))
    assert [subject for subject, _, _ in sent(stage)] == subjects


def test_paths_that_nothing_touches_are_said(stage: Stage, repo: GitRepo) -> None:
    found = respond.release(stage.setup, request(repo, base="v1.0.0", paths=("docs",)))
    assert (found.commits, get_release(stage.client, VERSION).commit_count) == (0, 0)
    assert any("none of the 3 commits" in said and "docs" in said for said in found.warnings)


def test_a_release_of_several_repositories_is_one_write(stage: Stage, repo: GitRepo, library: GitRepo) -> None:
    asked = request(repo, base="v1.0.0", also=((library.folder, "HEAD~2"),))
    found = respond.release(stage.setup, asked)
    assert found.commits == 5
    (other,) = found.also
    assert (other.name, other.base_found_by, other.head, other.commits) == ("acme/library", "given", library.head, 2)
    assert {(subject, name) for subject, name, _ in sent(stage)} == {
        ("both", "acme/shop"),
        ("pay", "acme/shop"),
        ("cart", "acme/shop"),
        ("library 2", "acme/library"),
        ("library 3", "acme/library"),
    }
    assert len([seen for seen in stage.sentry.seen if isinstance(seen.body, dict) and "commits" in seen.body]) == 1


@pytest.mark.parametrize("forgetful", [False, True])
def test_each_repository_has_a_window_of_its_own(stage: Stage, repo: GitRepo, library: GitRepo, forgetful: bool) -> None:
    ready = stage.settings(repositories=[{"path": str(library.folder)}])
    first = respond.release(ready, request(repo, "shop@1", base="v1.0.0", also=((library.folder, "HEAD~1"),)))
    assert first.also[0].commits == 1
    repo.commit("more", {"services/cart/a.py": "4\n"})
    middle = library.head
    library.commit("library 4", {"lib.py": "4\n"})
    if forgetful:
        stage.sentry.reset()
    stage.clock.sleep(60)
    second = respond.release(ready, request(repo))
    (other,) = second.also
    assert (second.commits, other.commits, other.base) == (2, 1, middle)
    assert other.base_found_by == ("own-state" if forgetful else "last-deploy")


def test_a_repository_whose_base_is_not_known_is_named(stage: Stage, repo: GitRepo, library: GitRepo) -> None:
    with pytest.raises(UsageError, match="library") as caught:
        respond.release(stage.setup, request(repo, base="v1.0.0", also=((library.folder, None),)))
    assert "--also" in caught.value.hint


def test_the_repository_is_called_as_sentry_calls_it(stage: Stage, repo: GitRepo) -> None:
    known = stage.sentry.state.add_repository("Acme/Shop")
    known.provider, known.url = "integrations:github", "https://github.com/Acme/Shop"
    found = respond.release(stage.setup, request(repo, base="v1.0.0"))
    assert found.repository == "Acme/Shop"
    assert {name for _, name, _ in sent(stage)} == {"Acme/Shop"}


def issue(stage: Stage) -> Any:
    stage.fails("coffee", "shop@1.0.0")
    (found,) = stage.sentry.state.issues.values()
    return found


def test_issues_that_get_resolved_are_told_before_and_only_once(stage: Stage, repo: GitRepo) -> None:
    known = issue(stage)
    repo.commit(f"Fixes {known.short_id}\n\nand closes JIRA-77", {"x": "1"})
    planned = respond.release(stage.setup, replace(request(repo, base="v1.0.0"), dry_run=True))
    assert planned.resolves == (known.short_id,)
    assert known.status == "unresolved"
    first = respond.release(stage.setup, request(repo, base="v1.0.0"))
    assert first.resolves == (known.short_id,)
    assert any(known.short_id in said and "resolves" in said for said in first.warnings)
    assert known.status == "resolved"
    # It comes back, and the job is run again: the issue must not be closed by that.
    stage.sentry.state.issues[known.id].status = "unresolved"
    again = respond.release(stage.setup, request(repo, base="v1.0.0"))
    assert (again.resolves, known.status, again.commits) == ((), "unresolved", 4)


def test_a_token_of_ci_cannot_look_issues_up_and_says_so(stage: Stage, repo: GitRepo) -> None:
    repo.commit("Fixes SHOP-1", {"x": "1"})
    token = stage.sentry.add_organization_token()
    found = respond.release(stage.setup_with(SENTRY_AUTH_TOKEN=token), request(repo, base="v1.0.0"))
    assert found.resolves == ()
    assert any("SHOP-1" in said and "event:read" in said for said in found.warnings)
    assert found.deploy


def test_a_rollback_resolves_nothing(stage: Stage, repo: GitRepo) -> None:
    known = issue(stage)
    repo.commit(f"Fixes {known.short_id}", {"x": "1"})
    found = respond.release(stage.setup, request(repo, base="HEAD", head="v1.0.0"))
    assert (found.rollback, found.resolves, known.status) == (True, (), "unresolved")


def test_thousands_of_commits_are_halved_until_sentry_takes_them(stage: Stage, repo: GitRepo) -> None:
    lines = []
    for number in range(3_000):
        lines.append(f"commit refs/heads/many\ncommitter Ana <ana@acme.test> {1_760_000_000 + number} +0000\ndata 1\nx\n")
        lines.append("from refs/heads/main^0\n" if number == 0 else "")
        lines.append(f"M 100644 inline f{number % 50}\ndata 5\n{number:05}\n")
    repo.git("fast-import", "--quiet", stdin="".join(lines).encode())
    stage.sentry.faults.add(Fault("PUT", "*/releases/*", times=1, status=413, text="too large"))
    stage.sentry.faults.add(Fault("PUT", "*/releases/*", times=1, status=504, html=True))
    found = respond.release(stage.setup, request(repo, base="main", head="many"))
    stored: Release = get_release(stage.client, VERSION)
    assert (found.commits, stored.commit_count, stored.last_commit) == (3_000, 750, found.head)
    assert any("keeps 750 of the 3000" in said for said in found.warnings)
    stage.clock.sleep(60)
    whole: ReleaseOutcome = respond.release(stage.setup, request(repo, base="main", head="many"))
    assert get_release(stage.client, VERSION).commit_count == 3_000
    assert not any("keeps" in said for said in whole.warnings)
