from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.errors import SentryAuthError, UsageError
from deploywatch.model import DeliveryState, FixVerdict, Verdict
from deploywatch.requests import CodeRequest, DeliveryRequest, PlaceRequest, VerifyRequest
from deploywatch.sandbox.sink import Sink
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.sentry.deploys import NewDeploy, create_deploy
from deploywatch.sentry.releases import create_release
from tests.gitrepo import GitRepo
from tests.steps.conftest import DEPLOYED, NEW, OLD, Stage

FIXED, HOTFIX = "shop@3.0.0", "shop@2.0.1"
# The file whose frames the events have.
SHOP = (Path(__file__).parent / "conftest.py").read_text()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as receiving:
        yield receiving


@pytest.fixture
def repo(tmp_path, stage: Stage) -> GitRepo:
    """OLD, then NEW which breaks at the moment of the deploy and goes on for half an hour; FIXED is made from main's head."""
    made = GitRepo(tmp_path / "repo")
    made.commit("start", {"tests/steps/conftest.py": SHOP.replace("PRICES[item]", "PRICES.get(item, 0)")})
    made.git("branch", "old")
    made.commit("Be strict about prices", {"tests/steps/conftest.py": SHOP})
    made.git("branch", "strict")
    released(stage, OLD, made, "old")
    released(stage, NEW, made, "strict")
    for minute in range(15):
        stage.fails("spoon", seconds=120 * minute + 5)
    stage.clock.sleep(1800)
    return made


def released(stage: Stage, version: str, repo: GitRepo, rev: str, *, deployed: bool = True) -> None:
    create_release(stage.client, version, ("shop",), ref=repo.git("rev-parse", rev))
    if deployed:
        create_deploy(stage.client, version, NewDeploy("production"))


def goes_on(stage: Stage, release: str, *, every: int = 60, count: int = 60) -> None:
    """The issue happens in the release, or another one does, as a sign of life."""
    for number in range(count):
        stage.clock.plans.append(
            (stage.clock.now() + timedelta(seconds=every * number + 7), lambda: stage.fails("spoon", release))
        )


def lives(stage: Stage, release: str) -> None:
    stage.fails("fork", release)


def verify(stage: Stage, repo: GitRepo, *, setup=None, **request):
    given = {
        "issue": "SHOP-1",
        "code": CodeRequest(repo=repo.folder),
        "place": PlaceRequest(environment="production", projects=("shop",)),
        "duration": timedelta(hours=1),
        "every": timedelta(minutes=1),
    }
    return respond.verify(setup or stage.setup, VerifyRequest(**(given | request)))


def issue(stage: Stage):
    return stage.sentry.state.issues[1]


def fixed(stage: Stage, repo: GitRepo, message: str = "Be kind\n\nFixes SHOP-1") -> str:
    sha = repo.commit(message, {"tests/steps/conftest.py": SHOP.replace("PRICES[item]", "PRICES.get(item, 1)")})
    released(stage, FIXED, repo, "main")
    lives(stage, FIXED)
    return sha


# --- it works ----------------------------------------------------------------------------------------------------------


def test_a_fix_that_works_resolves_the_issue_in_its_release(stage, repo):
    sha = fixed(stage, repo)
    outcome = verify(stage, repo).fix
    assert (outcome.verdict, outcome.fix, outcome.found_by) == (FixVerdict.FIXED, sha, "message")
    assert (outcome.containing, outcome.release, outcome.hits) == ((FIXED,), FIXED, 0)
    assert outcome.resolved
    assert (issue(stage).status, issue(stage).resolution) == ("resolved", {"inRelease": FIXED})
    assert stage.clock.now() < DEPLOYED + timedelta(hours=1)


def test_the_revert_of_what_was_suspected_is_found_by_itself(stage, repo, sink):
    told_of(stage, repo, sink)
    repo.git("revert", "--no-edit", "main")
    released(stage, FIXED, repo, "main")
    lives(stage, FIXED)
    outcome = verify(stage, repo, setup=ready(stage, sink)).fix
    assert (outcome.verdict, outcome.found_by, outcome.fix) == (FixVerdict.FIXED, "revert", repo.head)


def test_releases_are_judged_by_their_commits_and_not_by_their_dates(stage, repo):
    fixed(stage, repo)
    repo.git("checkout", "-q", "strict")
    repo.commit("a later release of the older branch", {"README.md": "x\n"})
    released(stage, HOTFIX, repo, "strict")
    goes_on(stage, HOTFIX, every=900)
    outcome = verify(stage, repo, code=CodeRequest(repo=repo.folder, head="main"), duration=timedelta(hours=3)).fix
    assert outcome.containing == (FIXED,)
    assert outcome.verdict is FixVerdict.FIXED
    assert outcome.elsewhere > 0
    assert issue(stage).status == "resolved"


def test_old_releases_that_go_on_as_ever_prove_nothing(stage, repo):
    fixed(stage, repo)
    goes_on(stage, NEW, count=120)
    outcome = verify(stage, repo).fix
    assert (outcome.verdict, outcome.hits) == (FixVerdict.UNSURE, 0)
    assert outcome.elsewhere > 50
    assert not outcome.resolved
    assert issue(stage).status == "unresolved"


def test_a_cherry_pick_in_a_hotfix_contains_it_and_a_release_without_it_does_not(stage, repo):
    sha = repo.commit("Be kind\n\nFixes SHOP-1", {"tests/steps/conftest.py": SHOP.replace("PRICES[item]", "PRICES.get(item, 1)")})
    repo.git("checkout", "-q", "strict")
    repo.git("cherry-pick", "-x", sha)
    released(stage, HOTFIX, repo, "strict")
    lives(stage, HOTFIX)
    outcome = verify(stage, repo, fix=sha).fix
    assert (outcome.verdict, outcome.containing, outcome.found_by) == (FixVerdict.FIXED, (HOTFIX,), "given")


# --- it does not -------------------------------------------------------------------------------------------------------


def test_what_still_happens_in_the_release_with_the_fix_is_back(stage, repo):
    fixed(stage, repo)
    goes_on(stage, FIXED)
    found = verify(stage, repo)
    assert (found.fix.verdict, found.fix.hits, found.fix.release) == (FixVerdict.BACK, 2, FIXED)
    assert issue(stage).status == "unresolved"
    assert found.report.verdict is Verdict.REGRESSION
    assert "was to be fixed by" in found.report.why
    assert found.report.findings[0].regression.ranking is not None


def test_an_issue_that_was_closed_too_early_is_opened_again(stage, repo):
    fixed(stage, repo)
    stage.fails("spoon", FIXED, times=3)
    issue(stage).status = "resolved"
    outcome = verify(stage, repo).fix
    assert (outcome.verdict, outcome.reopened) == (FixVerdict.BACK, True)
    assert issue(stage).status == "unresolved"


# --- it cannot be known ------------------------------------------------------------------------------------------------


def test_a_fix_that_no_release_has_yet(stage, repo):
    repo.commit("Be kind\n\nFixes SHOP-1", {"tests/steps/conftest.py": "x = 1\n"})
    outcome = verify(stage, repo).fix
    assert (outcome.verdict, outcome.containing) == (FixVerdict.UNSURE, ())
    assert "serves production yet" in outcome.why


def test_a_release_that_was_made_and_not_deployed_does_not_count(stage, repo):
    repo.commit("Be kind\n\nFixes SHOP-1", {"tests/steps/conftest.py": "x = 1\n"})
    released(stage, FIXED, repo, "main", deployed=False)
    assert verify(stage, repo).fix.containing == ()


def test_a_release_of_an_unknown_commit_is_not_taken_to_have_it(stage, repo):
    fixed(stage, repo)
    create_release(stage.client, "shop@9", ("shop",))
    create_deploy(stage.client, "shop@9", NewDeploy("production"))
    goes_on(stage, "shop@9", count=5)
    outcome = verify(stage, repo).fix
    assert outcome.containing == (FIXED,)
    assert any("nobody knows the commit of shop@9" in warning for warning in outcome.warnings)


def test_a_fix_that_nobody_names(stage, repo):
    with pytest.raises(UsageError) as caught:
        verify(stage, repo)
    assert "--fix REV" in caught.value.hint


def test_silence_of_a_release_that_never_spoke_is_not_believed(stage, repo):
    repo.commit("Be kind\n\nFixes SHOP-1", {"tests/steps/conftest.py": "x = 1\n"})
    released(stage, FIXED, repo, "main")
    outcome = verify(stage, repo).fix
    assert outcome.verdict is FixVerdict.UNSURE
    assert "is it serving?" in outcome.why


def test_an_issue_that_somebody_archived_is_left_alone(stage, repo):
    fixed(stage, repo)
    issue(stage).status = "ignored"
    outcome = verify(stage, repo).fix
    assert (outcome.verdict, outcome.resolved) == (FixVerdict.FIXED, False)
    assert any("archived" in warning for warning in outcome.warnings)


def test_a_token_that_may_not_resolve_says_so_and_the_verdict_stands(stage, repo):
    fixed(stage, repo)
    stage.sentry.faults.add(Fault("PUT", "*/issues/*", status=403, json={"detail": "no"}, times=None))
    outcome = verify(stage, repo).fix
    assert (outcome.verdict, outcome.resolved) == (FixVerdict.FIXED, False)
    assert any("could not be changed" in warning for warning in outcome.warnings)


def test_sentry_down_in_the_middle_is_waited_out(stage, repo):
    fixed(stage, repo)
    stage.clock.after(1830, lambda: stage.sentry.faults.add(Fault("GET", "*", status=503, times=None)))
    stage.clock.after(2400, stage.sentry.faults.clear)
    assert verify(stage, repo).fix.verdict is FixVerdict.FIXED


def test_a_wrong_token(stage, repo):
    fixed(stage, repo)
    with pytest.raises(SentryAuthError):
        verify(stage, repo, setup=stage.setup_with(SENTRY_AUTH_TOKEN="sntryu_" + "0" * 64))


# --- who is told -------------------------------------------------------------------------------------------------------


def ready(stage: Stage, sink: Sink):
    hook = {"name": "hook", "type": "webhook", "url": sink.url("/hook"), "allow_private": True}
    return stage.settings(channels=[hook, {"name": "comments", "type": "sentry"}])


def told_of(stage: Stage, repo: GitRepo, sink: Sink) -> None:
    """People were told of the issue, with the commit that is suspected."""
    request = respond.InvestigateRequest(
        issue="SHOP-1",
        code=CodeRequest(repo=repo.folder, base="old", head="strict"),
        place=PlaceRequest(release=NEW, environment="production", projects=("shop",)),
        delivery=DeliveryRequest(deliver=True),
    )
    report = respond.investigate(ready(stage, sink), request)
    assert report.findings[0].regression.ranking.first.commit.subject == "Be strict about prices"


def test_who_was_told_of_the_issue_is_told_that_it_is_over_once(stage, repo, sink):
    told_of(stage, repo, sink)
    fixed(stage, repo)
    setup = ready(stage, sink)
    first = verify(stage, repo, setup=setup)
    again = verify(stage, repo, setup=setup)
    assert [delivery.state for delivery in first.deliveries] == [DeliveryState.DELIVERED] * 2
    assert again.fix.verdict is FixVerdict.FIXED
    assert [one.body["type"] for one in sink.received("/hook")] == ["deploywatch.regression", "deploywatch.resolved"]
    notes = [entry for entry in issue(stage).activity if entry.type == "note"]
    assert len(notes) == 2
    assert "Fixed: KeyError" in notes[-1].data["text"]


def test_nobody_hears_of_what_they_were_not_told_of(stage, repo, sink):
    fixed(stage, repo)
    assert verify(stage, repo, setup=ready(stage, sink)).deliveries == ()
    assert sink.received("/hook") == []


def test_that_it_is_back_is_told_once_too(stage, repo, sink):
    fixed(stage, repo)
    goes_on(stage, FIXED)
    setup = ready(stage, sink)
    for _ in range(2):
        verify(stage, repo, setup=setup)
    (hook,) = sink.received("/hook")
    assert hook.body["type"] == "deploywatch.regression"


def test_a_dry_run_changes_nothing(stage, repo, sink):
    told_of(stage, repo, sink)
    fixed(stage, repo)
    before = len(stage.sentry.seen)
    outcome = verify(stage, repo, setup=ready(stage, sink), delivery=DeliveryRequest(dry_run=True))
    assert (outcome.fix.verdict, outcome.fix.resolved, outcome.deliveries) == (FixVerdict.FIXED, False, ())
    assert {seen.method for seen in stage.sentry.seen[before:]} == {"GET"}
    assert any("would be told that it is fixed" in said for said in stage.said)
    assert replace(outcome.fix, resolved=True) != outcome.fix
