"""Ownership rules are kept, and their owners checked."""

from __future__ import annotations

import httpx
import pytest

from deploywatch.sandbox.standin.records import CodeMapping
from deploywatch.sandbox.standin.server import StandIn

PATH = "projects/acme/shop/ownership/"


@pytest.fixture(autouse=True)
def _people(sentry: StandIn) -> None:
    sentry.state.add_team("backend")
    sentry.state.add_user("Ana", "ana@example.org")


def test_rules_are_read(api: httpx.Client) -> None:
    raw = '# who\npath:src/*  #backend ana@example.org\n"with space" #backend\ntags.region:eu ANA@example.org\nfoo:bar #backend\n'
    answer = api.put(PATH, json={"raw": raw, "fallthrough": False}).json()
    rules = answer["schema"]["rules"]
    assert [(rule["matcher"]["type"], rule["matcher"]["pattern"]) for rule in rules] == [
        ("path", "src/*"),
        ("path", "with space"),
        ("tags.region", "eu"),
        ("path", "foo:bar"),
    ]
    assert rules[0]["owners"] == [
        {"type": "team", "id": "1", "name": "backend"},
        {"type": "user", "id": "2", "name": "ana@example.org"},
    ]
    assert api.get(PATH).json() == answer
    assert answer["raw"] == raw.strip()


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ("path:a #nobody", "Invalid rule owners: #nobody"),
        ("path:a", "Parse error"),
        ("path:a\t#backend", "Parse error"),
        ("codeowners:a #backend", "Codeowner type paths"),
        ("x" * 100_001, "Raw needs to be <= 100000 characters"),
    ],
)
def test_rules_that_are_refused(api: httpx.Client, raw: str, complaint: str) -> None:
    answer = api.put(PATH, json={"raw": raw})
    assert answer.status_code == 400
    assert complaint in answer.json()["raw"][0]
    assert api.get(PATH).json()["raw"] is None


def test_other_settings(api: httpx.Client) -> None:
    changed = api.put(PATH, json={"autoAssignment": "Turn off Auto-Assignment", "codeownersAutoSync": False}).json()
    assert (changed["autoAssignment"], changed["codeownersAutoSync"], changed["fallthrough"]) == (
        "Turn off Auto-Assignment",
        False,
        True,
    )
    assert api.put(PATH, json={"autoAssignment": "nope"}).status_code == 400


def test_a_token_that_may_only_read_may_write_the_rules_and_nothing_else(sentry: StandIn, api: httpx.Client) -> None:
    header = {"Authorization": f"Bearer {sentry.add_token('project:read')}"}
    assert api.put(PATH, json={"raw": "path:a #backend"}, headers=header).status_code == 200
    assert api.put(PATH, json={"raw": "path:a #backend", "fallthrough": True}, headers=header).status_code == 403


def test_codeowners_are_kept_for_a_code_mapping_where_the_plan_has_them(sentry: StandIn, api: httpx.Client) -> None:
    path = "projects/acme/shop/codeowners/"
    assert api.get(path).status_code == 403
    project = sentry.state.projects[0]
    project.codeowners = []
    project.mappings.append(CodeMapping(7, "acme/shop", "app/", "src/"))
    made = api.post(path, json={"raw": "* @acme/all\n", "codeMappingId": "7"})
    assert (made.status_code, made.json()["raw"], api.get(path).json()) == (201, "* @acme/all\n", [made.json()])
    assert api.post(path, json={"raw": "", "codeMappingId": "7"}).status_code == 400
    assert api.post(path, json={"raw": "", "codeMappingId": "8"}).status_code == 400
    (mapping,) = api.get("organizations/acme/code-mappings/", params={"project": "shop"}).json()
    assert (mapping["projectSlug"], mapping["stackRoot"], mapping["sourceRoot"]) == ("shop", "app/", "src/")


def test_members_and_teams_tell_their_names_on_code_hosts(sentry: StandIn, api: httpx.Client) -> None:
    sentry.state.teams[0].externals.append(("github", "@acme/backend"))
    sentry.state.teams[0].projects = ["other"]
    sentry.state.users[-1].externals.append(("github", "@ana"))
    (team,) = api.get("organizations/acme/teams/").json()
    assert ([each["externalName"] for each in team["externalTeams"]], team["projects"]) == (["@acme/backend"], [])
    plain, told = (api.get("organizations/acme/members/", params=query).json()[-1] for query in ({}, {"expand": "externalUsers"}))
    assert "externalUsers" not in plain
    assert [each["externalName"] for each in told["externalUsers"]] == ["@ana"]
