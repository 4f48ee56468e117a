"""Teams as the API shows them, with the projects that they may see."""

from __future__ import annotations

from typing import Any, Final

from deploywatch.sandbox.standin.answers import Answer
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.organization import project
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.people import AVATAR, external
from deploywatch.sandbox.standin.records import Team
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import iso

# What a project may have and has not here: each is a key of a project below a team.
_HAS_NOT: Final = (
    "Feedbacks Flags MinifiedStackTrace Monitors NewFeedbacks Profiles Replays InsightsHttp InsightsDb "
    "InsightsAssets InsightsAppStart InsightsScreenLoad InsightsVitals InsightsCaches InsightsQueues "
    "InsightsAgentMonitoring InsightsMCP Logs TraceMetrics"
).split()


def list_teams(call: Call) -> Answer:
    """``GET organizations/{org}/teams/``"""
    teams, link = page(call, call.state.teams)
    return Answer([_team(team, call.state) for team in teams], headers=link)


def _team(team: Team, state: State) -> dict[str, Any]:
    seen = [each for each in state.projects if team.projects is None or each.slug in team.projects]
    bare = {f"has{name}": False for name in _HAS_NOT}
    return {
        "id": str(team.id),
        "slug": team.slug,
        "name": team.slug,
        "dateCreated": iso(team.created),
        "isMember": True,
        "teamRole": "contributor",
        "flags": {"idp:provisioned": False},
        "access": ["event:read", "event:write", "project:read", "team:read"],
        "hasAccess": True,
        "isPending": False,
        "projects": [{**project(each, state), **bare} for each in seen],
        "externalTeams": [external(*each) for each in team.externals],
        "memberCount": len(state.users),
        "avatar": AVATAR,
    }
