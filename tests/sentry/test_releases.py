from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploywatch.errors import ConfigError, SentryNotFound, SentryRejected, SentryUnavailable
from deploywatch.model import ChangeType, CommitWindow, FileChange, Release
from deploywatch.sentry.commits import commit_payloads
from deploywatch.sentry.commits_write import set_commits
from deploywatch.sentry.releases import create_release, finalize, get_release, recent_releases
from tests.sentry.support import DETAIL_404, link, page, reply, stage
from tests.sentry.test_commits import commit, window

V = "shop-api@2.4.0"
WIRE = {"id": 17, "version": V, "status": "open", "dateReleased": None, "commitCount": 0, "projects": [{"id": 3, "slug": "shop"}]}
BUSY = {"detail": "Release commits are currently being processed"}
HISTORY = window(*(commit(n) for n in range(8)))


# --- create --------------------------------------------------------------------------------------------------------


def test_created_and_then_there_already():
    s = stage(reply(WIRE, 201), reply(WIRE, 208))
    assert create_release(s.client, V, ["shop", "42"])[1] is True
    release, created = create_release(s.client, f" {V} ", ["shop", "42"])
    assert (release.version, release.projects, created) == (V, ("shop",), False)
    assert s.script.lines == ["POST /organizations/acme/releases/"] * 2
    assert s.script.asked[0].json == s.script.asked[1].json == {"version": V, "projects": ["shop", 42]}


def test_what_a_post_does_not_change_is_put():
    known = WIRE | {"ref": "old", "url": None}
    put = WIRE | {"ref": "b" * 40, "url": "https://ci.example/1"}
    s = stage(reply(known, 208), reply(put))
    release, created = create_release(s.client, V, ["shop"], url="https://ci.example/1", ref="b" * 40)
    assert (release.ref, created) == ("b" * 40, False)
    assert s.script.lines[1] == f"PUT /organizations/acme/releases/{V}/"
    assert s.script.asked[1].json == {"url": "https://ci.example/1", "ref": "b" * 40}


def test_nothing_is_put_where_nothing_differs():
    same = WIRE | {"ref": "b" * 40}
    s = stage(reply(same, 208))
    create_release(s.client, V, ["shop"], ref="b" * 40)
    assert len(s.script.asked) == 1


def test_a_busy_release_is_waited_for():
    s = stage(reply(BUSY, 409), reply(WIRE, 208))
    assert create_release(s.client, V, ["shop"])[1] is False
    assert s.clock.slept == [1.0]


def test_glitchtips_500_for_a_release_that_exists():
    s = stage(page(500), reply({"version": V, "projects": [{"name": "web", "slug": "web"}]}))
    release, created = create_release(s.client, V, ["web"])
    assert (release.projects, created) == (("web",), False)
    assert s.script.lines[1] == f"GET /organizations/acme/releases/{V}/"


def test_a_500_for_a_release_that_does_not_exist_stays_a_500():
    s = stage(page(500), reply(DETAIL_404, 404))
    with pytest.raises(SentryUnavailable, match="500"):
        create_release(s.client, V, ["shop"])


def test_without_a_project_there_is_no_release():
    with pytest.raises(ConfigError, match="project"):
        create_release(stage().client, V, [])


def test_an_unknown_project_is_named():
    with pytest.raises(SentryRejected, match="Invalid project ids or slugs"):
        create_release(stage(reply({"projects": ["Invalid project ids or slugs"]}, 400)).client, V, ["nope"])


# --- commits -------------------------------------------------------------------------------------------------------


def sent(s, number: int) -> int:
    return len(s.script.asked[number].json["commits"])


def test_one_write_with_all_commits():
    s = stage(reply(WIRE | {"commitCount": 8, "lastCommit": {"id": "c" * 40}}))
    release = set_commits(s.client, V, commit_payloads(HISTORY, "acme/shop"))
    assert (release.commit_count, release.last_commit) == (8, "c" * 40)
    assert s.script.lines == [f"PUT /organizations/acme/releases/{V}/"]
    assert list(s.script.asked[0].json) == ["commits"]
    assert sent(s, 0) == 8


def test_409_twice_and_then_200():
    s = stage(reply(BUSY, 409), reply(BUSY, 409), reply(WIRE))
    set_commits(s.client, V, commit_payloads(HISTORY, "r"))
    assert [sent(s, n) for n in range(3)] == [8, 8, 8]
    assert s.clock.slept == [1.0, 1.5]


def test_too_much_is_halved_and_the_newest_half_is_kept():
    s = stage(page(413), page(413), reply(WIRE | {"commitCount": 2}))
    assert set_commits(s.client, V, commit_payloads(HISTORY, "r")).commit_count == 2
    assert [sent(s, n) for n in range(3)] == [8, 4, 2]
    assert [entry["id"] for entry in s.script.asked[2].json["commits"]] == [entry.sha for entry in HISTORY.commits[:2]]
    assert s.clock.slept == []


def test_what_the_gateway_does_not_wait_for_is_looked_after_and_halved():
    s = stage(page(504), reply(WIRE), reply(WIRE | {"commitCount": 4}))
    assert set_commits(s.client, V, commit_payloads(HISTORY, "r")).commit_count == 4
    assert [asked.method for asked in s.script.asked] == ["PUT", "GET", "PUT"]
    assert (sent(s, 0), sent(s, 2)) == (8, 4)


WHOLE = WIRE | {"commitCount": 8, "lastCommit": {"id": HISTORY.commits[0].sha}}


@pytest.mark.parametrize("busy", [0, 1, 3])
def test_a_write_that_ends_behind_the_gateway_is_not_cut_to_half(busy):
    s = stage(page(504), *[reply(WIRE), reply(BUSY, 409)] * busy, reply(WHOLE))
    assert set_commits(s.client, V, commit_payloads(HISTORY, "r")).commit_count == 8
    assert s.clock.slept == [5.0] * busy


def test_a_write_that_never_ends_behind_the_gateway_is_waited_for_and_replaced():
    s = stage(page(504), reply(WIRE), *[reply(BUSY, 409), reply(WIRE)] * 11, reply(BUSY, 409), reply(WIRE | {"commitCount": 4}))
    assert set_commits(s.client, V, commit_payloads(HISTORY, "r")).commit_count == 4


def test_one_commit_with_too_many_files_is_cut_to_fewer() -> None:
    files = [FileChange(ChangeType.MODIFIED, f"{n}.py") for n in range(8)]
    s = stage(page(413), page(413), reply(WIRE | {"commitCount": 1}))
    set_commits(s.client, V, commit_payloads(window(commit(1, files=files)), "r"))
    assert [len(asked.json["commits"][0]["patch_set"]) for asked in s.script.asked] == [8, 4, 2]


@pytest.mark.parametrize("skipped", [0, 2])
def test_commits_that_are_there_already_are_not_written_again(skipped: int) -> None:
    history = window(*(commit(n, message="m" if n >= skipped else "wip #skipsentry") for n in range(8)))
    there = Release(V, commit_count=8 - skipped, last_commit=f"{skipped:040x}")
    s = stage()
    assert set_commits(s.client, V, commit_payloads(history, "r"), there=there) is there
    other = replace(there, last_commit="f" * 40)
    s = stage(reply(WIRE | {"commitCount": 8}))
    assert set_commits(s.client, V, commit_payloads(history, "r"), there=other).commit_count == 8


def test_one_commit_that_is_too_much_is_an_error():
    with pytest.raises(SentryRejected) as caught:
        set_commits(stage(page(413)).client, V, commit_payloads(window(commit(1)), "r"))
    assert caught.value.status == 413


def test_commits_that_stay_busy_are_an_error_that_says_so():
    with pytest.raises(SentryRejected, match="currently being processed") as caught:
        set_commits(stage(*[reply(BUSY, 409)] * 6).client, V, commit_payloads(HISTORY, "r"))
    assert "another job" in caught.value.hint


def test_an_empty_window_writes_nothing():
    s = stage(reply(WIRE))
    set_commits(s.client, V, commit_payloads(CommitWindow("a", "a", ()), "r"))
    assert s.script.lines == [f"GET /organizations/acme/releases/{V}/"]


# --- finalize, read ------------------------------------------------------------------------------------------------


def test_finalize_is_a_date():
    at = datetime(2026, 11, 21, 13, 0, tzinfo=UTC) + timedelta(microseconds=5)
    s = stage(reply(WIRE | {"dateReleased": "2026-11-21T13:00:00.000005Z"}))
    assert finalize(s.client, V, at).released_at == at
    assert s.script.asked[0].json == {"dateReleased": "2026-11-21T13:00:00.000005Z"}


def test_an_odd_version_is_one_segment():
    s = stage(reply(WIRE))
    get_release(s.client, "a b@1.0+45#x?y")
    assert s.script.lines == ["GET /organizations/acme/releases/a%20b@1.0%2B45%23x%3Fy/"]


def test_an_unknown_release_is_not_found():
    with pytest.raises(SentryNotFound):
        get_release(stage(reply(DETAIL_404, 404)).client, V)


def test_nulls_everywhere_are_read():
    keys = (
        "ref",
        "url",
        "dateCreated",
        "firstEvent",
        "lastEvent",
        "newGroups",
        "commitCount",
        "lastCommit",
        "lastDeploy",
        "projects",
    )
    release = get_release(stage(reply({"version": V} | dict.fromkeys(keys))).client, V)
    assert (release.version, release.projects, release.new_groups, release.first_event, release.last_deploy) == (
        V,
        (),
        0,
        None,
        None,
    )


def test_recent_releases_page_and_filter():
    s = stage(
        reply([WIRE | {"id": n, "version": f"v{n}"} for n in range(100)], headers=link("100:1:0", more=True)),
        reply([WIRE | {"id": n, "version": f"v{n}"} for n in range(99, 150)], headers=link("100:2:0", more=False)),
    )
    found = recent_releases(s.client, environment="production", projects=["shop"], limit=120)
    assert [release.version for release in found] == [f"v{n}" for n in range(120)]
    assert s.script.asked[0].query == (("per_page", "100"), ("environment", "production"), ("project", "shop"))
