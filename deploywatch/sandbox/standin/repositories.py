"""The repositories that Sentry knows."""

from __future__ import annotations

from typing import Any

from deploywatch.sandbox.standin.answers import Answer
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Repository
from deploywatch.sandbox.standin.times import iso


def list_repositories(call: Call) -> Answer:
    """``GET organizations/{org}/repos/``"""
    found, link = page(call, list(call.state.repositories.values()))
    return Answer([repository_json(repository) for repository in found], headers=link)


def repository_json(repository: Repository) -> dict[str, Any]:
    """A repository; the provider ``unknown`` marks one that a commit push invented."""
    name = "Unknown Provider" if repository.provider == "unknown" else repository.provider.rpartition(":")[2].title()
    return {
        "id": str(repository.id),
        "name": repository.name,
        "url": repository.url,
        "provider": {"id": repository.provider, "name": name},
        "status": "active",
        "dateCreated": iso(repository.created),
        "integrationId": None,
        "externalSlug": None,
        "externalId": None,
    }
