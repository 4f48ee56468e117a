"""Releases, their commits and deploys: what the saved answers do not show."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error

RELEASES = "organizations/acme/releases/"


def commit(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{number:040x}",
        "message": f"Change {number}",
        "author_name": "Ana",
        "author_email": "ana@example.org",
        "repository": "acme/shop",
        "timestamp": f"2026-05-0{number}T10:00:00+02:00",
        "patch_set": [{"path": "cart.py", "type": "M"}],
        **changes,
    }


def create(api: httpx.Client, version: str = "shop@1.0.0", **body: Any) -> httpx.Response:
    return api.post(RELEASES, json={"version": version, "projects": ["shop"], **body})


def put(api: httpx.Client, **body: Any) -> httpx.Response:
    return api.put(f"{RELEASES}shop@1.0.0/", json=body)


def test_created_once_and_linked_to_another_project_once(sentry: StandIn, api: httpx.Client) -> None:
    sentry.state.add_project("web")
    statuses = [create(api, projects=projects).status_code for projects in (["shop"], ["shop"], ["shop", "web"], [2, "shop"])]
    assert statuses == [201, 208, 201, 208]


def test_post_changes_nothing_that_exists_but_status_and_commits(api: httpx.Client) -> None:
    create(api, ref="first", url="https://ci.example/1")
    again = create(api, ref="second", url="https://ci.example/2", dateReleased="2026-05-04T10:00:00Z", commits=[commit(1)]).json()
    assert (again["ref"], again["url"], again["dateReleased"], again["commitCount"]) == ("first", "https://ci.example/1", None, 1)


def test_put_changes_and_a_date_stays(api: httpx.Client) -> None:
    create(api)
    assert (
        put(api, dateReleased="2026-05-04T10:00:00.123456789Z", ref="abc").json()["dateReleased"] == "2026-05-04T10:00:00.123456Z"
    )
    assert put(api, dateReleased=None, ref="").json()["ref"] == "abc"
    assert put(api, dateReleased="soon").status_code == 400


@pytest.mark.parametrize("version", ["a/b", "a\\b", "a\nb", "", " ", ".", "..", "Latest", "x" * 201, 7])
def test_versions_that_are_refused(api: httpx.Client, version: object) -> None:
    assert "version" in create(api, version=version).json()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "info"),
    [
        ("app@1.2.3+45", {"package": "app", "major": 1, "minor": 2, "patch": 3, "pre": None, "buildCode": "45", "components": 3}),
        ("app@1.2", {"package": "app", "major": 1, "minor": 2, "patch": 0, "pre": None, "buildCode": None, "components": 2}),
        (
            "app@1.2.3-rc.1",
            {"package": "app", "major": 1, "minor": 2, "patch": 3, "pre": "rc.1", "buildCode": None, "components": 3},
        ),
        ("1.2.3", {"package": None}),
        ("pkg@abc", {"package": "pkg"}),
        ("f" * 40, {"package": None}),
    ],
)
def test_version_info(api: httpx.Client, version: str, info: dict[str, Any]) -> None:
    shown = create(api, version=version).json()["versionInfo"]
    parts = {key: value for key, value in shown["version"].items() if key != "raw"}
    assert {"package": shown["package"], **parts} == info
    assert (shown["buildHash"] is not None) is (version == "f" * 40)


def test_a_second_list_of_commits_replaces_the_first(sentry: StandIn, api: httpx.Client) -> None:
    create(api, commits=[commit(1), commit(2)])
    put(api, commits=[commit(3)])
    assert [entry["id"] for entry in api.get(f"{RELEASES}shop@1.0.0/commits/").json()] == [f"{3:040x}"]
    assert put(api, commits=[]).json()["commitCount"] == 1
    assert put(api, refs=[]).json()["commitCount"] == 0


def test_commits_are_newest_first_without_those_to_be_skipped(api: httpx.Client) -> None:
    create(api, commits=[commit(1), commit(3), commit(2, message="#skipsentry")])
    shown = api.get(f"{RELEASES}shop@1.0.0/").json()
    assert (shown["commitCount"], shown["lastCommit"]["id"]) == (2, f"{3:040x}")


def test_files_of_a_commit_only_grow(api: httpx.Client) -> None:
    create(api, commits=[commit(1)])
    put(api, commits=[commit(1, patch_set=[{"path": "cart.py", "type": "D"}, {"path": "a.py", "type": "A"}])])
    files = api.get(f"{RELEASES}shop@1.0.0/commitfiles/?repo_name=acme/shop").json()
    assert [(file["filename"], file["type"]) for file in files] == [("a.py", "A"), ("cart.py", "M")]
    assert api.get(f"{RELEASES}shop@1.0.0/commitfiles/?repo_name=none").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"id": "f" * 65}, "id"),
        ({"repository": "r" * 65}, "repository"),
        ({"author_email": "e" * 201}, "author_email"),
        ({"patch_set": [{"path": "a", "type": "R"}]}, "patch_set"),
        ({"id": None}, "id"),
    ],
)
def test_commits_that_are_refused(api: httpx.Client, wrong: dict[str, Any], where: str) -> None:
    answer = create(api, commits=[commit(1, **wrong)])
    assert answer.status_code == 400
    assert where in answer.json()["commits"][0]


def test_a_members_commit_has_the_member_as_author(sentry: StandIn, api: httpx.Client) -> None:
    sentry.state.add_user("Ana Example", "ANA@example.org")
    create(
        api,
        commits=[
            commit(1),
            commit(2, author_email="ben@example.org", author_name="Ben"),
            commit(3, author_email=None, author_name="Cy D"),
        ],
    )
    authors = [entry["author"] for entry in api.get(f"{RELEASES}shop@1.0.0/commits/").json()]
    assert authors[0] == {"name": "Cy D", "email": "cyd@localhost"}
    assert authors[1] == {"name": "Ben", "email": "ben@example.org"}
    assert (authors[2]["id"], authors[2]["name"]) == ("2", "Ana Example")


def test_a_commit_that_fixes_an_issue_resolves_it(sentry: StandIn, api: httpx.Client) -> None:
    sentry.receive(error(), project="shop")
    create(api, version="shop@2.0.0", commits=[commit(1, message="Guard the price\n\nFixes SHOP-1")])
    issue = api.get("issues/1/").json()
    assert (issue["status"], issue["statusDetails"]) == ("resolved", {"inRelease": "shop@2.0.0"})


def test_previous_with_commits_is_by_date_and_may_be_itself(api: httpx.Client) -> None:
    create(api)
    assert api.get(f"{RELEASES}shop@1.0.0/previous-with-commits/").json() == {}
    put(api, commits=[commit(1)])
    create(api, version="shop@2.0.0")
    assert api.get(f"{RELEASES}shop@2.0.0/previous-with-commits/").json()["version"] == "shop@1.0.0"
    assert api.get(f"{RELEASES}shop@1.0.0/previous-with-commits/").json()["version"] == "shop@1.0.0"


@pytest.mark.parametrize(
    ("query", "versions"),
    [
        ("", ["shop@2.0.0", "shop@1.0.0"]),
        ("query=shop@1", ["shop@1.0.0"]),
        ("query=release:shop@1.0.0", ["shop@1.0.0"]),
        ("query=finalized:true", ["shop@1.0.0"]),
        ("environment=production", ["shop@2.0.0"]),
        ("status=archived", ["shop@3.0.0"]),
        ("project=web", []),
        ("per_page=1", ["shop@2.0.0"]),
        ("per_page=1&cursor=0:1:0", ["shop@1.0.0"]),
    ],
)
def test_list(sentry: StandIn, api: httpx.Client, query: str, versions: list[str]) -> None:
    sentry.state.add_project("web")
    create(api, dateReleased="2026-05-04T10:00:00Z")
    create(api, version="shop@2.0.0")
    create(api, version="shop@3.0.0", status="archived")
    api.post(f"{RELEASES}shop@2.0.0/deploys/", json={"environment": "production"})
    assert [release["version"] for release in api.get(f"{RELEASES}?{query}").json()] == versions


def test_events_show_in_the_release(sentry: StandIn, api: httpx.Client) -> None:
    create(api)
    assert api.get(f"{RELEASES}shop@1.0.0/").json()["firstEvent"] is None
    sentry.receive(error(timestamp="2026-05-04T10:00:00Z"), project="shop")
    sentry.receive(error(timestamp="2026-05-04T11:00:00Z"), project="shop")
    shown = api.get(f"{RELEASES}shop@1.0.0/").json()
    assert (shown["firstEvent"], shown["lastEvent"], shown["newGroups"]) == ("2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", 1)


def test_a_release_is_made_by_its_first_event(sentry: StandIn, api: httpx.Client) -> None:
    sentry.receive(error(release="shop@9.0.0"), project="shop")
    assert api.get(f"{RELEASES}shop@9.0.0/").json()["projects"][0]["slug"] == "shop"


def test_each_deploy_post_is_one_more(api: httpx.Client) -> None:
    create(api)
    for name in ("first", "second"):
        api.post(f"{RELEASES}shop@1.0.0/deploys/", json={"environment": "production", "name": name})
    assert [deploy["name"] for deploy in api.get(f"{RELEASES}shop@1.0.0/deploys/").json()] == ["second", "first"]
    assert api.get(f"{RELEASES}shop@1.0.0/").json()["lastDeploy"]["name"] == "second"


@pytest.mark.parametrize(("projects", "status"), [(["shop"], 201), (["nope"], 400), ([], 400)])
def test_deploys_are_of_projects_of_the_release(api: httpx.Client, projects: list[str], status: int) -> None:
    create(api)
    assert api.post(f"{RELEASES}shop@1.0.0/deploys/", json={"environment": "p", "projects": projects}).status_code == status


def test_the_legacy_project_address_works_too(api: httpx.Client) -> None:
    assert api.post("projects/acme/shop/releases/", json={"version": "shop@1.0.0"}).status_code == 201
    assert api.put("projects/acme/shop/releases/shop@1.0.0/", json={"ref": "abc"}).json()["ref"] == "abc"
