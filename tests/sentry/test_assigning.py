"""Who is assigned, who never is, and how Sentry wants to be told."""

from __future__ import annotations

import pytest

from deploywatch.errors import SentryAuthError, SentryRejected
from deploywatch.sentry.assigning import Assignment, assign, assigned
from tests.sentry.support import page, reply, stage

ISSUE = "/organizations/acme/issues/2/"
NOBODY = {"id": "2", "assignedTo": None, "activity": [{"type": "first_seen", "user": None}]}
ANA = {"type": "user", "id": "1", "name": "Ana", "email": "ana@example.org"}
TEAMS = [
    {"id": "5", "slug": "Backend", "externalTeams": [{"externalName": "@acme/payments", "provider": "github"}]},
    {"id": "6", "slug": "shop"},
]
MEMBERS = [
    {
        "id": "31",
        "email": "ana@example.org",
        "user": {"id": "1", "email": "Ana@Example.org", "emails": [{"email": "ana@home.example"}]},
        "externalUsers": [{"externalName": "@ana-b", "provider": "github"}],
    },
    {"id": "32", "email": "invited@example.org", "user": None},
]
NO_ACCESS = reply({"assignedTo": ["Cannot assign to a team without access to the project"]}, 400)


def done(answers, *owners: str):
    there = stage(*answers)
    return assign(there.client, "2", owners), [(asked.line, asked.json) for asked in there.script.asked if asked.method == "PUT"]


@pytest.mark.parametrize(
    ("issue", "to", "why"),
    [
        ({"assignedTo": ANA}, "ana@example.org", "assigned already"),
        ({"assignedTo": {"type": "team", "id": "5", "name": "backend"}}, "backend", "assigned already"),
        ({"assignedTo": {"id": 7}}, "somebody", "assigned already"),
        (
            {"activity": [{"type": "unassigned", "user": {"id": "1"}}, {"type": "assigned", "user": None}]},
            None,
            "took an assignment back",
        ),
    ],
    ids=["a person", "a team", "somebody nameless", "taken back"],
)
def test_a_humans_choice_stays(issue: dict, to: str | None, why: str):
    outcome, puts = done([reply(NOBODY | issue)], "ana@example.org")
    assert (outcome.to, outcome.made, puts) == (to, False, [])
    assert why in outcome.why


def test_what_sentry_itself_took_back_was_nobodys_choice():
    there = stage(reply(NOBODY | {"activity": [{"type": "unassigned", "user": None}]}))
    assert assigned(there.client, "2") is None


@pytest.mark.parametrize(
    ("owner", "lists", "actor"),
    [
        ("#backend", [TEAMS], "team:5"),
        ("@acme/payments", [TEAMS], "team:5"),
        ("ana@example.org", [MEMBERS], "user:1"),
        ("ANA@home.example", [MEMBERS], "user:1"),
        ("@ana-b", [TEAMS, MEMBERS], "user:1"),
        ("invited@example.org", [MEMBERS], "invited@example.org"),
    ],
)
def test_sentry_is_told_by_the_number_of_the_team_or_the_user(owner: str, lists: list, actor: str):
    outcome, puts = done([reply(NOBODY), *map(reply, lists), reply({})], owner)
    assert outcome == Assignment(owner, made=True, why="nobody was assigned")
    assert puts == [(f"PUT {ISSUE}", {"assignedTo": actor})]


def test_a_token_that_may_not_list_members_still_assigns_by_address():
    forbidden = reply({"detail": "You do not have permission to perform this action."}, 403)
    _, puts = done([reply(NOBODY), forbidden, reply({})], "ana@example.org")
    assert puts == [(f"PUT {ISSUE}", {"assignedTo": "ana@example.org"})]


def test_whoever_sentry_does_not_take_is_followed_by_the_next():
    outcome, puts = done([reply(NOBODY), reply(TEAMS), NO_ACCESS, reply({})], "#shop", "#backend")
    assert (outcome.to, [body["assignedTo"] for _, body in puts]) == ("#backend", ["team:6", "team:5"])


def test_that_sentry_takes_nobody_is_said_with_its_reason():
    with pytest.raises(SentryRejected, match="without access to the project") as caught:
        done([reply(NOBODY), reply(TEAMS), NO_ACCESS], "#shop")
    assert "[owners] names" in caught.value.hint


def test_owners_that_sentry_does_not_know_are_named():
    with pytest.raises(SentryRejected, match="no team or member #nobody or @stranger"):
        done([reply(NOBODY), reply(TEAMS), reply(MEMBERS)], "#nobody", "@stranger")


def test_a_token_without_the_scope_is_an_error_that_names_it():
    with pytest.raises(SentryAuthError) as caught:
        done([reply(NOBODY), reply(TEAMS), reply({"detail": "no"}, 403)], "#shop")
    assert "event:write" in caught.value.diagnostics()


def test_a_server_with_issues_at_the_older_address():
    there = stage(page(404), reply(NOBODY), reply(TEAMS), page(404), reply({}))
    assert assign(there.client, "2", ["#shop"]).made
    assert there.script.asked[-1].line == "PUT /issues/2/"
