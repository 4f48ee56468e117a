"""Ownership rules, CODEOWNERS, code mappings, teams and members: over the wire and in saved answers."""

from __future__ import annotations

import pytest

from deploywatch.errors import SentryAuthError, SentryEndpointMissing, SentryRejected
from deploywatch.owners.sentry_conversion import CodeMapping
from deploywatch.sentry.ownership import code_mappings, held_codeowners, held_rules, write_rules
from deploywatch.sentry.people import members, teams
from tests.contract.saved import saved_answer
from tests.sentry.support import DETAIL_404, reply, stage

OWNERSHIP = "/projects/acme/shop/ownership/"
RULES = {"$version": 1, "rules": [{"owners": [{"type": "team", "name": "shop"}, {"type": "user", "identifier": "Ann@x.org"}]}]}


def test_rules_and_who_of_their_owners_exists():
    s = stage(reply({"raw": "path:a #shop #gone", "fallthrough": False, "lastUpdated": None, "schema": RULES}))
    held = held_rules(s.client, "shop")
    assert (held.raw, held.fallthrough, held.owners) == ("path:a #shop #gone", False, {"#shop", "ann@x.org"})
    assert s.script.lines == [f"GET {OWNERSHIP}"]


def test_only_the_rules_are_written():
    s = stage(reply({"raw": "path:a #shop"}))
    assert write_rules(s.client, "shop", "path:a #shop\n").raw == "path:a #shop"
    assert (s.script.lines, s.script.asked[0].json) == ([f"PUT {OWNERSHIP}"], {"raw": "path:a #shop\n"})


@pytest.mark.parametrize("server", ["sentry-23.7.1", "sentry-9.1.2"])
def test_real_servers(server):
    never = held_rules(stage(saved_answer(server, "ownership_get")).client, "web")
    assert (never.raw, never.owners, never.updated_at) == ("", None, None)
    written = write_rules(stage(saved_answer(server, "ownership_put")).client, "web", "x")
    assert written.raw.strip() == "path:billing.py ana@example.org\npath:cart.py #backend"
    with pytest.raises(SentryRejected, match=r"raw: Invalid rule owners: nobody@example\.org"):
        write_rules(stage(saved_answer(server, "ownership_put_bad")).client, "web", "x")
    assert [team.slug for team in teams(stage(saved_answer(server, "teams")).client)] == ["backend"]
    (member,) = members(stage(saved_answer(server, "members")).client)
    assert (member.emails, member.externals) == (("ana@example.org",), ())


def test_servers_without():
    with pytest.raises(SentryAuthError):
        held_codeowners(stage(saved_answer("sentry-23.7.1", "codeowners_get")).client, "web")
    with pytest.raises(SentryEndpointMissing):
        held_codeowners(stage(saved_answer("sentry-9.1.2", "codeowners_get")).client, "web")
    with pytest.raises(SentryEndpointMissing):
        held_rules(stage(saved_answer("glitchtip", "owners")).client, "web")


def test_codeowners_and_mappings():
    s = stage(reply([{"id": 3, "raw": "* @a", "codeMappingId": "7"}]))
    (held,) = held_codeowners(s.client, "shop")
    assert (held.id, held.raw, held.mapping_id) == ("3", "* @a", "7")
    answers = [
        {"id": "7", "stackRoot": "app/", "sourceRoot": "src/", "projectSlug": "shop", "repoName": "acme/shop"},
        {"id": "8", "stackRoot": "", "sourceRoot": "", "projectSlug": "other"},
    ]
    s = stage(reply(answers))
    (mapping,) = code_mappings(s.client, "shop")
    assert (mapping.id, mapping.mapping, mapping.repository) == ("7", CodeMapping("app/", "src/"), "acme/shop")
    assert s.script.asked[0].values("project") == ["shop"]


def test_a_server_that_wants_project_numbers():
    s = stage(reply({"detail": "no"}, 400), reply({"id": "2", "slug": "shop"}), reply([]))
    assert code_mappings(s.client, "shop") == ()
    assert s.script.asked[2].values("project") == ["2"]


def test_teams_tell_what_they_see_or_do_not_tell():
    wires = [
        {"id": "1", "slug": "a", "projects": [{"slug": "shop"}], "externalTeams": [{"externalName": "@acme/a"}]},
        {"id": "2", "slug": "b"},
    ]
    found = teams(stage(reply(wires)).client)
    assert [(team.projects, team.externals) for team in found] == [(("shop",), ("@acme/a",)), (None, ())]


def test_members_with_all_their_names():
    wire = {
        "id": "9",
        "email": "Ann@x.org",
        "user": {"id": 5, "name": "Ann Lee", "email": "ann@x.org", "emails": [{"email": "ann@y.org"}, None]},
        "externalUsers": [{"provider": "github", "externalName": "@ann"}, {"provider": "slack"}],
    }
    s = stage(reply([wire, {"id": "10", "email": None, "user": None}]))
    (member,) = members(s.client)
    assert (member.emails, member.name, member.user_id) == (("ann@x.org", "ann@y.org"), "Ann Lee", "5")
    assert member.externals == (("github", "@ann"),)
    assert s.script.asked[0].values("expand") == ["externalUsers"]


def test_a_project_that_is_not_there():
    with pytest.raises(Exception, match="knows nothing"):
        held_rules(stage(reply(DETAIL_404, 404)).client, "gone")
