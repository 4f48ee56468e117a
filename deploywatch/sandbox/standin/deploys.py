"""The deploys of a release."""

from __future__ import annotations

import re
from typing import Any

from deploywatch.sandbox.standin.answers import Answer, Refusal, invalid
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Deploy, Project, Release
from deploywatch.sandbox.standin.times import iso, moment


def list_deploys(call: Call) -> Answer:
    """``GET .../releases/{version}/deploys/``: newest finished first."""
    release = call.state.release(call.path["version"])
    found, link = page(call, sorted(release.deploys, key=lambda deploy: (deploy.finished, deploy.id), reverse=True))
    return Answer([deploy_json(deploy) for deploy in found], headers=link)


def create_deploy(call: Call) -> Answer:
    """``POST .../releases/{version}/deploys/``: 201, each time one more. The environment exists from then on."""
    release, body = call.state.release(call.path["version"]), call.json()
    environment = _environment(body)
    projects = _projects(release, body.get("projects"))
    deploy = Deploy(
        id=call.state.next_id("deploy"),
        environment=environment,
        started=moment(body.get("dateStarted")),
        finished=moment(body.get("dateFinished")) or call.state.now(),
        name=body.get("name"),
        url=body.get("url"),
    )
    release.deploys.append(deploy)
    release.environments.add(environment)
    for project in projects:
        call.state.see_environment(environment, project)
    return Answer(deploy_json(deploy), 201)


def deploy_json(deploy: Deploy) -> dict[str, Any]:
    """A deploy."""
    return {
        "id": str(deploy.id),
        "environment": deploy.environment,
        "dateStarted": iso(deploy.started),
        "dateFinished": iso(deploy.finished),
        "name": deploy.name,
        "url": deploy.url,
    }


def _environment(body: dict[str, Any]) -> str:
    name = body.get("environment")
    if not name:
        raise invalid("environment", "This field is required.")
    if not isinstance(name, str) or len(name) > 64 or re.search(r"[\r\n\t\f/]", name) or name == "None":
        raise invalid("environment", "Invalid value for environment")
    return name


def _projects(release: Release, names: object) -> list[Project]:
    if names is None:
        return release.projects
    slugs = [str(name) for name in names] if isinstance(names, list) else []
    chosen = [project for project in release.projects if {project.slug, str(project.id)} & set(slugs)]
    if not slugs or len(chosen) != len(slugs):
        raise Refusal(400, {"detail": {"error": f"Invalid projects ({', '.join(slugs)}) for release {release.version}"}})
    return chosen
