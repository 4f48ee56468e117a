"""The five ways in which a deploy starts a workflow: the event's name, its payload, and the inputs that people then give.

The payloads are cut from the examples of "Webhook events and payloads" in GitHub's documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

REPOSITORY: Final = {"full_name": "acme/shop", "default_branch": "main"}
SENDER: Final = {"login": "priya"}


@dataclass(frozen=True, slots=True)
class Trigger:
    """``payload`` takes the old and the new commit. A called workflow (workflow_call) sees the event of its caller."""

    name: str
    event: str
    payload: Callable[[str, str], Mapping[str, Any]]
    inputs: Mapping[str, str] = field(default_factory=dict)


def _push(before: str, after: str) -> Mapping[str, Any]:
    return {"ref": "refs/heads/main", "before": before, "after": after, "repository": REPOSITORY, "sender": SENDER}


def _deployment(_: str, after: str) -> Mapping[str, Any]:
    deployment = {"id": 145, "sha": after, "ref": "main", "task": "deploy", "environment": "production"}
    return {"action": "created", "deployment": deployment, "repository": REPOSITORY, "sender": SENDER}


def _status(state: str) -> Callable[[str, str], Mapping[str, Any]]:
    def payload(before: str, after: str) -> Mapping[str, Any]:
        status = {"id": 7, "state": state, "environment": "production"}
        return {**_deployment(before, after), "deployment_status": status}

    return payload


def _dispatch(_: str, __: str) -> Mapping[str, Any]:
    return {"inputs": {"environment": "production"}, "ref": "refs/heads/main", "repository": REPOSITORY, "sender": SENDER}


TRIGGERS: Final = (
    Trigger("push", "push", _push, {"environment": "production"}),
    Trigger("deployment", "deployment", _deployment),
    Trigger("deployment_status", "deployment_status", _status("success")),
    Trigger("workflow_dispatch", "workflow_dispatch", _dispatch),
    Trigger("workflow_call", "push", _push, {"environment": "production"}),
)

UNFINISHED: Final = Trigger("deployment_status: pending", "deployment_status", _status("pending"))
