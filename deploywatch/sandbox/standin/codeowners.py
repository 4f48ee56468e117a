"""CODEOWNERS files of a project, which only some plans have, and the code mappings that they belong to."""

from __future__ import annotations

from typing import Any

from deploywatch.sandbox.standin.answers import Answer, forbidden, invalid
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import CodeMapping, Codeowners, Project
from deploywatch.sandbox.standin.times import iso

MAX_LENGTH = 3_000_000


def list_codeowners(call: Call) -> Answer:
    """``GET projects/{org}/{project}/codeowners/``: 403 on a plan without."""
    return Answer([_json(each) for each in _held(call)])


def create_codeowners(call: Call) -> Answer:
    """``POST projects/{org}/{project}/codeowners/``: one for each code mapping."""
    body, held = call.json(), _held(call)
    raw, number = str(body.get("raw") or ""), str(body.get("codeMappingId") or "")
    mapping = next((each for each in call.project().mappings if str(each.id) == number), None)
    if len(raw) > MAX_LENGTH:
        raise invalid("raw", f"Raw needs to be <= {MAX_LENGTH} characters in length")
    if mapping is None:
        raise invalid("codeMappingId", "This code mapping does not exist.")
    if any(each.mapping is mapping for each in held):
        raise invalid("codeMappingId", "This code mapping is already in use.")
    held.append(Codeowners(call.state.next_id("codeowners"), raw, mapping, call.state.now()))
    return Answer(_json(held[-1]), 201)


def list_code_mappings(call: Call) -> Answer:
    """``GET organizations/{org}/code-mappings/``"""
    found = [_mapping_json(mapping, project) for project in call.projects() for mapping in project.mappings]
    mappings, link = page(call, found)
    return Answer(mappings, headers=link)


def _held(call: Call) -> list[Codeowners]:
    held = call.project().codeowners
    if held is None:
        raise forbidden()
    return held


def _json(each: Codeowners) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "raw": each.raw,
        "dateCreated": iso(each.created),
        "dateUpdated": iso(each.created),
        "codeMappingId": str(each.mapping.id),
        "provider": "github",
    }


def _mapping_json(each: CodeMapping, project: Project) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "projectId": str(project.id),
        "projectSlug": project.slug,
        "repoId": "1",
        "repoName": each.repository,
        "integrationId": None,
        "provider": None,
        "stackRoot": each.stack_root,
        "sourceRoot": each.source_root,
        "defaultBranch": "main",
        "automaticallyGenerated": False,
    }
