"""Who owns a failure, over a real repository and a Sentry with rules and members."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploywatch import respond
from deploywatch.history.repository import Repository
from deploywatch.model import Issue, RankingVerdict, Rate, Regression, RegressionKind, Severity
from deploywatch.requests import CodeRequest, InvestigateRequest, PlaceRequest
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.steps.owner_finder import OwnerFinder
from tests.fakes.api import Answer, FakeApi
from tests.gitrepo import GitRepo
from tests.steps import conftest
from tests.steps.conftest import NEW, Stage

SHOP = Path(conftest.__file__).read_text("utf-8")  # what the stage's application runs
OWNERS = "* @acme/all\n/conftest.py @acme/prices\n"
BOT = "renovate[bot] <1+renovate[bot]@users.noreply.github.com>"


@pytest.fixture
def repo(tmp_path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    mailmap = "Ben Ruiz <ben@acme.test> <ben@old.test>\n"
    made.commit(
        "start", {"conftest.py": SHOP.replace("PRICES[item]", "PRICES.get(item, 0)"), "CODEOWNERS": OWNERS, ".mailmap": mailmap}
    )
    made.commit("Be strict\n\nCo-authored-by: Benny <ben@old.test>", {"conftest.py": SHOP}, author=BOT)
    return made


def found(stage: Stage, repo: GitRepo, **sections: Any):
    stage.fails("spoon", times=3)
    code = CodeRequest(repo=repo.folder, base="HEAD~1")
    request = InvestigateRequest(issue="SHOP-1", code=code, place=PlaceRequest(release=NEW))
    return respond.investigate(stage.settings(**sections), request).findings[0].regression


def test_the_owner_file_at_head_decides_and_the_steps_say_so(stage, repo):
    owner = found(stage, repo).owner
    assert owner.names == ("@acme/prices",)
    assert (owner.decided_by.place, [rule.line for rule in owner.outranked]) == ("CODEOWNERS:2", [1])
    assert [step.name for step in owner.steps] == ["annotation", "raising-frame"]


def test_the_failing_service_comes_first(stage, repo):
    services = [{"name": "shop", "owners": ["@acme/shop"], "projects": ["shop"], "product": "Tea", "function": "sells"}]
    owner = found(stage, repo, services=services).owner
    assert (owner.names, owner.service.name, owner.service.product) == (("@acme/shop",), "shop", "Tea")


def test_a_tag_that_the_application_sets_comes_before_all(stage, repo):
    owner = found(stage, repo, owners={"tags": ["environment"]}).owner
    assert (owner.names, owner.steps[-1].name) == (("production",), "annotation")


def test_sentry_s_rules_come_before_the_owner_file(stage, repo):
    stage.sentry.state.add_team("pricing")
    stage.sentry.state.projects[0].ownership.raw = "path:*conftest.py #pricing"
    owner = found(stage, repo).owner
    assert (owner.names, owner.decided_by.place) == (("#pricing",), "Sentry ownership rules:1")
    assert found(stage, repo, owners={"sentry_rules": False}).owner.names == ("@acme/prices",)


def test_rules_of_teams_that_are_gone_do_not_count(stage, repo):
    stage.sentry.state.projects[0].ownership.raw = "path:*conftest.py #gone"
    assert found(stage, repo).owner.names == ("@acme/prices",)


def test_the_human_behind_the_robot_is_named_as_owner_files_name_people(stage, repo):
    people = [{"emails": ["ben@acme.test"], "github": "benruiz"}]
    regression = found(stage, repo, people=people)
    (human, *_) = regression.ranking.first.people
    assert (human.person.email, human.known_by, human.mention) == ("ben@old.test", "co-author", "@benruiz")


@pytest.mark.parametrize(("verdict", "owner"), [("suspect", "@benruiz"), ("unsure", "@acme/on-call"), ("none", "@acme/on-call")])
def test_where_no_rule_decides_the_author_of_a_change_that_stands_out_is_asked(stage, repo, verdict, owner):
    people = [{"emails": ["ben@acme.test"], "github": "benruiz"}]
    regression = found(stage, repo)
    ranking = replace(regression.ranking, verdict=RankingVerdict(verdict))
    nowhere = {"file": "NOWHERE", "default": ["@acme/on-call"]}
    finder = OwnerFinder(stage.settings(people=people, owners=nowhere), Repository.open(repo.folder), repo.head)
    assert finder.investigated(regression, ranking).owner.names == (owner,)


def test_members_of_sentry_are_known_people(stage, repo):
    user = stage.sentry.state.add_user("Ben Ruiz", "ben@acme.test")
    user.externals.append(("github", "@ben-at-work"))
    assert found(stage, repo).ranking.first.people[0].mention == "@ben-at-work"


def test_the_dialect_of_the_configuration(stage, repo):
    repo.commit("sections", {"CODEOWNERS": "* @all\n[Prices] @prices\nconftest.py\n"})
    repo.git("commit", "-q", "--amend", "--no-edit")
    stage.fails("spoon")
    regression = found(stage, repo, owners={"dialect": "gitlab"})
    assert regression.owner.names == ("@all", "@prices")


@pytest.mark.parametrize("path", ["*/ownership/", "*/members/"])
def test_what_sentry_does_not_tell_is_done_without_and_said(stage, repo, path):
    stage.sentry.faults.add(Fault("GET", path, status=503, times=None))
    assert found(stage, repo).owner.names == ("@acme/prices",)
    assert any("owners are found without" in said for said in stage.said)


def test_a_token_that_may_not_look_at_people_is_no_reason_to_warn(stage, repo):
    stage.fails("spoon")
    setup = stage.setup_with(SENTRY_AUTH_TOKEN=stage.sentry.add_token("event:read", "org:read"))
    finder = OwnerFinder(setup, Repository.open(repo.folder), repo.head, client=setup.connect())
    assert finder.sources("shop").default == ()
    assert stage.said == []


def test_without_a_repository_it_is_still_somebody(stage):
    setup = stage.settings(
        owners={"default": ["@acme/on-call"]}, services=[{"name": "s", "owners": ["@s"], "projects": ["shop"]}]
    )
    issue = Issue("1", "SHOP-1", "t", None, "shop")
    regression = Regression(RegressionKind.NEW, Severity.LOW, issue, Rate(0.0, 1.0), "w")
    finder = OwnerFinder(setup, client=setup.connect())
    assert finder.investigated(regression, None).owner.names == ("@s",)
    elsewhere = replace(regression, issue=replace(issue, project="other"))
    assert finder.investigated(elsewhere, None).owner.names == ("@acme/on-call",)


def test_the_code_host_tells_whom_git_s_robots_stand_for(stage, tmp_path):
    repo = GitRepo(tmp_path / "queue")
    repo.commit("start", {"conftest.py": SHOP.replace("PRICES[item]", "PRICES.get(item, 0)")})
    repo.git("-c", "user.name=GitHub", "-c", "user.email=noreply@github.com", "commit", "--allow-empty", "-qm", "x")
    repo.write({"conftest.py": SHOP})
    robot = ["-c", "user.name=GitHub", "-c", "user.email=noreply@github.com"]
    repo.git(*robot, "commit", "-qam", "Be strict (#7)", "--author", BOT)
    repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    pulls = [{"merged_at": "2026-01-01", "user": {"login": "benruiz", "type": "User"}}]
    path = f"/repos/acme/shop/commits/{repo.head}"
    routes = {("GET", path): lambda _: Answer(200, {}), ("GET", f"{path}/pulls"): lambda _: Answer(200, pulls)}
    with FakeApi(routes) as api:
        setup = stage.setup_with(GITHUB_TOKEN="t", GITHUB_API_URL=api.url)
        people = [{"name": "Ben Ruiz", "emails": ["ben@acme.test"], "github": "benruiz"}]
        setup = replace(setup, settings=stage.settings(people=people).settings)
        stage.fails("spoon", times=3)
        request = InvestigateRequest(
            issue="SHOP-1", code=CodeRequest(repo=repo.folder, base="HEAD~1"), place=PlaceRequest(release=NEW)
        )
        regression = respond.investigate(setup, request).findings[0].regression
        (human,) = regression.ranking.first.people
        assert (human.person.name, human.known_by, human.mention) == ("Ben Ruiz", "pull request", "@benruiz")
        assert [asked.path for asked in api.requests] == [path, f"{path}/pulls"]
