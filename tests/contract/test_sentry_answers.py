"""Our reading of what real servers really answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploywatch.errors import (
    SentryAuthError,
    SentryEndpointMissing,
    SentryError,
    SentryNotFound,
    SentryRejected,
    SentryUnavailable,
    SentryUnknownEnvironment,
)
from deploywatch.sentry.comments import comment
from deploywatch.sentry.deploys import NewDeploy, create_deploy, deploys
from deploywatch.sentry.events import latest_event, occurrences
from deploywatch.sentry.issues import IssueQuery, first_seen_in, issue, search
from deploywatch.sentry.releases import create_release, get_release, recent_releases
from tests.contract.saved import DATA, saved_answer, saved_json
from tests.sentry.support import reply, stage

LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
QUERY = IssueQuery("shop@1.0.1", None, (), LONG_AGO, until=datetime(2026, 11, 22, tzinfo=UTC))
NEW, OLD, OTHER = "sentry-23.7.1", "sentry-9.1.2", "glitchtip"


def on(server: str, *names: str, **connection):
    return stage(*(saved_answer(server, name) for name in names), **{"projects": (), "attempts": 1} | connection)


# --- releases and deploys --------------------------------------------------------------------------------------------


def test_a_release_of_2023():
    release = get_release(on(NEW, "release_get").client, "shop@1.2.0")
    assert (release.version, release.projects, release.commit_count, release.first_event) == ("shop@1.2.0", ("web",), 0, None)
    assert release.released_at == datetime(2026, 11, 21, 0, 11, 47, 160513, tzinfo=UTC)
    assert (release.last_deploy.environment, release.last_deploy.name) == ("staging", "build-42")


def test_a_release_of_2019_which_has_no_id():
    release = get_release(on(OLD, "release_get").client, "shop@1.2.0")
    assert (release.version, release.projects) == ("shop@1.2.0", ("web",))


def test_a_release_of_glitchtip_which_has_little_else():
    release = get_release(on(OTHER, "release_get").client, "shop@1.1.0")
    assert (release.version, release.ref, release.projects, release.last_commit, release.new_groups) == (
        "shop@1.1.0",
        "main",
        ("web",),
        None,
        0,
    )


@pytest.mark.parametrize(("name", "created"), [("release_create_commits", True), ("release_create_again_208", False)])
def test_created_and_there_already(name, created):
    release, is_new = create_release(on(NEW, name).client, "shop@1.3.0", ["web"])
    assert (release.last_commit, release.ref) == ("ec197b41c0a097e97942364ab22b18233c443b3d",) * 2
    assert is_new is created


def test_a_release_that_is_there_already_on_glitchtip():
    release, is_new = create_release(on(OTHER, "release_create_again", "release_get").client, "shop@1.1.0", ["web"])
    assert (release.version, is_new) == ("shop@1.1.0", False)


@pytest.mark.parametrize("server_list", [(NEW, "releases_list_page1", 2), (OLD, "releases_env", 1), (OTHER, "releases_list", 1)])
def test_lists_of_releases(server_list):
    server, name, least = server_list
    found = recent_releases(on(server, name).client, limit=100 if server != NEW else 2)
    assert len(found) >= least
    assert all(release.version.startswith("shop@") and release.created_at for release in found)


def test_deploys_newest_first_and_a_recorded_one_is_recognised():
    found = deploys(on(NEW, "release_deploys_list").client, "shop@1.2.0")
    assert [deploy.id for deploy in found] == ["6", "5", "4", "3", "2", "1"]
    assert found[0].finished_at - found[0].started_at == timedelta(seconds=90)
    again = NewDeploy("staging", name="build-42", url="https://ci.example.org/42")
    assert create_deploy(on(NEW, "release_deploys_list").client, "shop@1.2.0", again).id == "6"


def test_deploys_of_2019():
    assert len(deploys(on(OLD, "release_deploys_list").client, "shop@1.2.0")) > 0


def test_a_server_without_deploys_says_so_and_nothing_is_claimed():
    with pytest.raises(SentryEndpointMissing):
        deploys(on(OTHER, "release_deploys_get").client, "shop@1.1.0")
    s = stage(reply([]), saved_answer(OTHER, "release_deploys_post"))
    with pytest.raises(SentryEndpointMissing) as caught:
        create_deploy(s.client, "shop@1.1.0", NewDeploy("production"))
    assert not caught.value.sent


# --- issues --------------------------------------------------------------------------------------------------------


def test_new_issues_of_2019():
    [found] = first_seen_in(on(OLD, "org_issues_q_first_release").client, QUERY)
    assert (found.id, found.project, found.culprit, found.error_type) == ("2", "web", "invoice", "TypeError")
    assert (found.assigned_to, found.is_unhandled, found.substatus) == ("ana@example.org", None, None)
    assert found.count > 0
    assert found.first_seen


def test_glitchtips_silent_false_nothing_new_is_not_believed():
    s = on(OTHER, "issues_q_first_release", "issues_q_release_quoted")
    found = first_seen_in(s.client, QUERY)
    assert {one.short_id for one in found} >= {"WEB-1"}
    assert all(one.first_release is None and one.first_seen for one in found)


def test_glitchtips_pages_are_walked_through_its_odd_link_header():
    s = on(OTHER, "issues_q_limit", "issues_list")
    assert [found.id for found in search(s.client, QUERY, "is:unresolved")] == ["1", "2"]
    assert s.script.asked[1].values("cursor") == ["cD0yMDI2LTExLTIwKzIzJTNBMjMlM0EwMC40MDI3NzAlMkIwMCUzQTAw"]


def test_an_unknown_environment():
    asked = IssueQuery("shop@1.0.1", "nope", (), LONG_AGO)
    with pytest.raises(SentryUnknownEnvironment):
        first_seen_in(on(OLD, "org_issues_q_env_bad", "org_issues_q_none").client, asked)


def test_an_issue_of_2023_by_number_and_by_short_id():
    for name, answers in (("2", ["org_issue_get"]), ("WEB-2", ["shortid", "org_issue_get"])):
        found = issue(on(NEW, *answers).client, name)
        assert (found.id, found.short_id, found.first_release, found.last_release) == ("2", "WEB-2", "shop@1.0.1", "shop@1.0.1")
        assert (found.count, found.is_unhandled, found.substatus, found.last_seen) == (2, False, "ongoing", None)


@pytest.mark.parametrize(("server", "first_release"), [(OLD, "shop@1.0.1"), (OTHER, None)])
def test_an_issue_where_only_the_old_address_works(server, first_release):
    found = issue(on(server, "org_issue_get", "issue_get").client, "2")
    assert (found.id, found.short_id, found.first_release, found.project) == ("2", "WEB-2", first_release, "web")


def test_a_short_id_of_2019():
    assert issue(on(OLD, "shortid", "org_issue_get", "issue_get").client, "WEB-2").id == "2"


# --- events --------------------------------------------------------------------------------------------------------


def test_the_latest_event_of_2019():
    event = latest_event(on(OLD, "issue_latest").client, "2")
    assert (event.release, event.environment, event.issue_id) == ("shop@1.0.1", "production", "2")
    assert event.stacktrace.frames[0].path == "billing.py"
    assert event.stacktrace.frames[0].line


def test_the_latest_event_of_glitchtip():
    event = latest_event(on(OTHER, "org_issue_latest", "issue_latest").client, "2")
    assert event.stacktrace.frames[0].path == "billing.py"


def test_an_issue_whose_events_are_gone():
    assert latest_event(on(NEW, "issue_latest").client, "2") is None
    assert occurrences(on(NEW, "issue_events").client, "2", since=LONG_AGO).events == ()


@pytest.mark.parametrize("server", [OLD, OTHER])
def test_counting_events(server):
    found = occurrences(on(server, "issue_events").client, "2", since=LONG_AGO)
    assert found.complete
    assert len(found.events) >= 3
    assert all(one.at > LONG_AGO and one.release and one.release.startswith("shop@") for one in found.events)
    assert any(one.client for one in found.events)


# --- comments --------------------------------------------------------------------------------------------------------


def test_comments_posted_and_repeated():
    text = "deploywatch: first seen in shop@1.0.1"
    posted = comment(stage(reply([]), saved_answer(NEW, "issue_note_post")).client, "2", text)
    assert (posted.id, posted.text, posted.author) == ("15", text, "Ana")
    for server in (NEW, OLD):
        repeated = stage(reply([]), saved_answer(server, "issue_comments_post"), reply([]))
        assert comment(repeated.client, "2", text).text == text


def test_a_comment_on_glitchtip():
    missing = saved_answer(OTHER, "org_issue_latest")
    s = stage(missing, reply([]), saved_answer(OTHER, "release_deploys_post"), saved_answer(OTHER, "issue_comment"))
    assert comment(s.client, "2", "from deploywatch").id == "1"


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "name", "error", "says"),
    [
        (NEW, "badtoken_401", SentryAuthError, "Invalid token"),
        (NEW, "unauth_401", SentryAuthError, "Authentication credentials were not provided"),
        (OTHER, "unauth", SentryAuthError, "Unauthorized"),
        (OLD, "org_issues_no_project", SentryAuthError, "You do not have permission"),
        (NEW, "release_404", SentryNotFound, "does not exist"),
        (NEW, "org_404", SentryNotFound, "does not exist"),
        (OTHER, "release_404", SentryNotFound, "Not Found"),
        (OLD, "org_issue_get", SentryEndpointMissing, "404"),
        (OTHER, "org_issue_get", SentryEndpointMissing, "405"),
        (OTHER, "org_issue_latest", SentryEndpointMissing, "200"),
        (OTHER, "release_deploys_post", SentryEndpointMissing, "403"),
        (NEW, "release_create_unknown_project", SentryRejected, "projects: Invalid project slugs"),
        (OTHER, "release_create_unknown_project", SentryRejected, "projects: Require at least one valid project"),
        (NEW, "release_create_invalid", SentryRejected, "version"),
        (NEW, "release_create_latest", SentryRejected, "not allowed"),
        (NEW, "release_deploy_post_badenv", SentryRejected, "environment: Invalid value for environment"),
        (NEW, "release_deploy_post_noenv", SentryRejected, "environment"),
        (NEW, "release_deploy_post_404", SentryNotFound, "does not exist"),
        (NEW, "issue_comments_post", SentryRejected, "You have already posted that comment."),
        (NEW, "org_issues", SentryUnavailable, "Internal Error"),
        (OLD, "org_events", SentryUnavailable, "Internal Error"),
        (OTHER, "release_create_again", SentryUnavailable, "Server Error (500)"),
    ],
)
def test_every_refusal_that_was_seen(server, name, error, says):
    with pytest.raises(SentryError) as caught:
        on(server, name).client.get("/x/")
    assert type(caught.value) is error
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("server", "name"), [(path.parent.name, path.stem) for path in sorted(DATA.glob("samples/*/*.json"))], ids=lambda part: part
)
def test_every_saved_answer_is_read_as_it_is_or_refused_with_advice(server, name):
    answer = saved_answer(server, name)
    s = stage(answer, attempts=1)
    if answer.is_success and "json" in answer.headers["content-type"]:
        assert s.client.get("/x/") == saved_json(server, name)
    else:
        with pytest.raises(SentryError) as caught:
            s.client.get("/x/")
        assert caught.value.hint
