"""The answers conform to Sentry's published OpenAPI description, where that covers them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error

pytestmark = pytest.mark.shared

ORG = "organizations/{organization_id_or_slug}/"
PROJECT = "projects/{organization_id_or_slug}/{project_id_or_slug}/"
VERSION = "shop@1.0.0"
COMMIT = {
    "id": "e" * 40,
    "message": "Add cart",
    "author_name": "Ana",
    "author_email": "ana@example.org",
    "repository": "acme/shop",
}

# method, address in the description, what stands for its parameters, query, body
REQUESTS = [
    ("get", ORG, {}, "", None),
    ("get", "organizations/", {}, "", None),
    ("get", ORG + "environments/", {}, "", None),
    ("get", ORG + "repos/", {}, "", None),
    ("get", ORG + "members/", {}, "", None),
    ("get", ORG + "members/", {}, "expand=externalUsers", None),
    ("get", ORG + "teams/", {}, "", None),
    ("get", ORG + "releases/", {}, "", None),
    ("post", ORG + "releases/", {}, "", {"version": "shop@2.0.0", "projects": ["shop"], "commits": [COMMIT]}),
    ("post", ORG + "releases/", {}, "", {"version": VERSION, "projects": ["shop"]}),
    ("get", ORG + "releases/{version}/", {"version": VERSION}, "", None),
    ("put", ORG + "releases/{version}/", {"version": VERSION}, "", {"dateReleased": "2026-05-04T10:00:00Z"}),
    ("get", ORG + "releases/{version}/commits/", {"version": VERSION}, "", None),
    ("get", ORG + "releases/{version}/deploys/", {"version": VERSION}, "", None),
    ("post", ORG + "releases/{version}/deploys/", {"version": VERSION}, "", {"environment": "production"}),
    ("get", ORG + "issues/", {}, "query=&environment=production&statsPeriod=1h&expand=owners", None),
    ("get", ORG + "issues/{issue_id}/", {"issue_id": "1"}, "", None),
    ("put", ORG + "issues/{issue_id}/", {"issue_id": "1"}, "", {"status": "resolved"}),
    ("get", ORG + "issues/{issue_id}/events/", {"issue_id": "1"}, "", None),
    ("get", ORG + "issues/{issue_id}/events/{event_id}/", {"issue_id": "1", "event_id": "latest"}, "", None),
    ("get", ORG + "issues/{issue_id}/tags/{key}/", {"issue_id": "1", "key": "release"}, "", None),
    ("get", ORG + "issues/{issue_id}/tags/{key}/values/", {"issue_id": "1", "key": "release"}, "", None),
    ("get", ORG + "shortids/{issue_id}/", {"issue_id": "SHOP-1"}, "", None),
    ("get", ORG + "eventids/{event_id}/", {"event_id": "f" * 32}, "", None),
    ("get", ORG + "events-timeseries/", {}, "dataset=errors&statsPeriod=1h&interval=60", None),
    ("get", ORG + "sessions/", {}, "field=sum(session)&statsPeriod=2h&interval=1h&groupBy=release", None),
    ("get", PROJECT + "environments/", {}, "", None),
    ("get", PROJECT + "releases/", {}, "", None),
    ("get", PROJECT + "releases/{version}/commits/", {"version": VERSION}, "", None),
    ("get", PROJECT + "events/{event_id}/", {"event_id": "f" * 32}, "", None),
    ("get", PROJECT + "ownership/", {}, "", None),
]
# Real Sentry 23.7.1 answers null here before the first write; the description says string.
NULL_BEFORE_THE_FIRST_WRITE = {"raw", "dateCreated", "lastUpdated", "schema"}
# Described as always there; the real server sends them only where ``expand`` asks for them, or keeps them for its own pages.
ONLY_EXPANDED = {"derivedData", "sessionCount", "inbox", "integrationIssues", "sentryAppIssues", "latestEventHasAttachments"}


@pytest.fixture(scope="module")
def described(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "sentry/openapi.json").read_text())["paths"]


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: f"{case[0]} {case[1]}")
def test_conforms(described: dict[str, Any], sentry: StandIn, api: httpx.Client, case: tuple[Any, ...]) -> None:
    method, address, values, query, body = case
    sentry.state.add_team("backend").externals.append(("github", "@acme/backend"))
    sentry.state.users[0].externals.append(("github", "@robin"))
    sentry.receive({**error(), "event_id": "f" * 32}, project="shop")
    api.put(f"organizations/acme/releases/{VERSION}/", json={"commits": [COMMIT]})
    path = address.format(organization_id_or_slug="acme", project_id_or_slug="shop", **values)
    answer = api.request(method, f"{path}?{query}", json=body)
    schema = _schema(described[f"/api/0/{address}"][method]["responses"], answer.status_code)
    found = [error for error in Draft202012Validator(schema).iter_errors(answer.json()) if not _is_excused(error)]
    assert answer.is_success
    assert [f"{list(error.absolute_path)}: {error.message[:200]}" for error in found] == []


def _schema(responses: dict[str, Any], status: int) -> Any:
    # 201 and 208 share their body, which is described once.
    described = responses.get(str(status), {})
    content = described if "content" in described else responses[min(responses)]
    return _json_schema(content["content"]["application/json"]["schema"])


def _is_excused(error: ValidationError) -> bool:
    if error.validator == "required":
        return any(repr(name) in error.message for name in ONLY_EXPANDED)
    return error.instance is None and any(step in NULL_BEFORE_THE_FIRST_WRITE or step == "owners" for step in error.absolute_path)


def _json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says ``nullable`` where JSON Schema says ``null``."""
    if isinstance(node, list):
        return [_json_schema(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _json_schema(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain
