"""Every address of the web API that the stand-in answers: method, path, handler, and the scopes of which one is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploywatch.sandbox.standin import (
    codeowners,
    comments,
    commits,
    deploys,
    events,
    issues,
    organization,
    ownership,
    people,
    releases,
    repositories,
    series,
    sessions,
    tags,
    teams,
)
from deploywatch.sandbox.standin.answers import Answer
from deploywatch.sandbox.standin.auth import (
    ANYBODY,
    READ_EVENTS,
    READ_ORGANIZATION,
    READ_PEOPLE,
    READ_PROJECT,
    READ_RELEASES,
    READ_REPOSITORIES,
    WRITE_EVENTS,
    WRITE_PROJECT,
    WRITE_RELEASES,
)
from deploywatch.sandbox.standin.call import Call

ROOT = "/api/0/"
ORG = "/api/0/organizations/{org}/"
PROJECT = "/api/0/projects/{org}/{project}/"
# Issues are reached with and without the organization in the address.
ISSUE_ROOTS = (ORG + "issues/{issue}/", ROOT + "issues/{issue}/", ROOT + "groups/{issue}/")
# sentry-cli 2 makes and closes releases at the project's address, 3 at the organization's.
RELEASE_ROOTS = (ORG + "releases/", PROJECT + "releases/")


@dataclass(frozen=True, slots=True)
class Address:
    """One method on one path."""

    method: str
    path: str
    handler: Callable[[Call], Answer]
    scopes: frozenset[str]


def addresses() -> tuple[Address, ...]:
    """All of them; where two could match, the first is meant."""
    return (
        Address("GET", ROOT, organization.root, ANYBODY),
        Address("GET", ROOT + "organizations/", organization.list_organizations, READ_ORGANIZATION),
        Address("GET", ORG, organization.get_organization, READ_ORGANIZATION),
        Address("GET", ORG + "projects/", organization.list_projects, READ_ORGANIZATION),
        Address("GET", ORG + "environments/", organization.list_environments, READ_ORGANIZATION),
        Address("GET", ORG + "members/", people.list_members, READ_PEOPLE),
        Address("GET", ORG + "teams/", teams.list_teams, READ_PEOPLE),
        Address("GET", ORG + "code-mappings/", codeowners.list_code_mappings, READ_REPOSITORIES),
        Address("GET", ORG + "repos/", repositories.list_repositories, READ_REPOSITORIES),
        Address("GET", ORG + "issues/", issues.list_issues, READ_EVENTS),
        Address("PUT", ORG + "issues/", issues.update_issues, WRITE_EVENTS),
        Address("GET", ORG + "shortids/{short_id}/", issues.get_short_id, READ_EVENTS),
        Address("GET", ORG + "eventids/{event}/", events.find_event, READ_EVENTS),
        Address("GET", ORG + "events-stats/", series.events_stats, READ_ORGANIZATION),
        Address("GET", ORG + "events-timeseries/", series.events_timeseries, READ_ORGANIZATION),
        Address("GET", ORG + "sessions/", sessions.list_sessions, READ_ORGANIZATION),
        Address("GET", PROJECT, organization.get_project, READ_PROJECT),
        Address("GET", PROJECT + "keys/", organization.list_keys, READ_PROJECT),
        Address("GET", PROJECT + "environments/", organization.list_project_environments, READ_PROJECT),
        Address("GET", PROJECT + "issues/", issues.list_issues, READ_EVENTS),
        Address("PUT", PROJECT + "issues/", issues.update_issues, WRITE_EVENTS),
        Address("GET", PROJECT + "events/", events.list_project_events, READ_PROJECT | READ_EVENTS),
        Address("GET", PROJECT + "events/{event}/", events.get_project_event, READ_PROJECT | READ_EVENTS),
        Address("GET", PROJECT + "events/{event}/json/", events.get_raw_event, READ_PROJECT | READ_EVENTS),
        Address("GET", PROJECT + "ownership/", ownership.get_ownership, READ_PROJECT),
        Address("PUT", PROJECT + "ownership/", ownership.update_ownership, READ_PROJECT),
        Address("GET", PROJECT + "codeowners/", codeowners.list_codeowners, READ_PROJECT),
        Address("POST", PROJECT + "codeowners/", codeowners.create_codeowners, WRITE_PROJECT),
        *(address for root in ISSUE_ROOTS for address in _of_issue(root)),
        *(address for root in RELEASE_ROOTS for address in _of_releases(root)),
    )


def _of_issue(root: str) -> tuple[Address, ...]:
    return (
        Address("GET", root, issues.get_issue, READ_EVENTS),
        Address("PUT", root, issues.update_issue, WRITE_EVENTS),
        Address("GET", root + "events/", events.list_issue_events, READ_EVENTS),
        Address("GET", root + "events/{event}/", events.get_issue_event, READ_EVENTS),
        Address("GET", root + "tags/", tags.list_tags, READ_EVENTS),
        Address("GET", root + "tags/{key}/", tags.get_tag, READ_EVENTS),
        Address("GET", root + "tags/{key}/values/", tags.list_values, READ_EVENTS),
        *(
            Address(method, root + name, handler, scopes)
            for name in ("comments/", "notes/")
            for method, handler, scopes in (
                ("GET", comments.list_comments, READ_EVENTS),
                ("POST", comments.create_comment, WRITE_EVENTS),
            )
        ),
    )


def _of_releases(root: str) -> tuple[Address, ...]:
    one = root + "{version}/"
    return (
        Address("GET", root, releases.list_releases, READ_RELEASES),
        Address("POST", root, releases.create_release, WRITE_RELEASES),
        Address("GET", one, releases.get_release, READ_RELEASES),
        Address("PUT", one, releases.update_release, WRITE_RELEASES),
        Address("DELETE", one, releases.delete_release, WRITE_RELEASES),
        Address("GET", one + "commits/", commits.list_commits, READ_RELEASES),
        Address("GET", one + "commitfiles/", commits.list_files, READ_RELEASES),
        Address("GET", one + "previous-with-commits/", releases.previous_with_commits, READ_RELEASES),
        Address("GET", one + "meta/", releases.release_meta, READ_RELEASES),
        Address("GET", one + "deploys/", deploys.list_deploys, READ_RELEASES),
        Address("POST", one + "deploys/", deploys.create_deploy, WRITE_RELEASES),
    )
