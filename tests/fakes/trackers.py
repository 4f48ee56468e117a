"""Small stand-ins for the web APIs of trackers: what they answer is shaped after each one's documentation. One project each."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import unquote

from tests.fakes.api import Answer, Asked, FakeApi


class GitHub(FakeApi):
    """Issues, pull requests' and commits' comments, deployments and their statuses of acme/shop."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.said: dict[str, list[dict[str, Any]]] = {}
        self.deployments: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        repo = "/repos/acme/shop"
        super().__init__(
            {
                ("GET", f"{repo}/issues"): self._list,
                ("POST", f"{repo}/issues"): self._open,
                ("PATCH", f"{repo}/issues/(\\d+)"): self._patch,
                ("GET", f"{repo}/((?:issues|commits)/\\w+)/comments"): self._comments,
                ("POST", f"{repo}/((?:issues|commits)/\\w+)/comments"): self._comment,
                ("PATCH", f"{repo}/(?:issues/)?comments/(\\d+)"): self._edit,
                ("GET", f"{repo}/commits/\\w+/pulls"): lambda asked: Answer(200, self.pulls),
                ("GET", f"{repo}/commits/(\\w+)/check-runs"): self._list_checks,
                ("POST", f"{repo}/check-runs"): self._check,
                ("GET", f"{repo}/deployments"): self._deployments,
                ("GET", f"{repo}/deployments/(\\d+)/statuses"): lambda asked: Answer(200, self.statuses[::-1]),
                ("POST", f"{repo}/deployments/(\\d+)/statuses"): self._status,
            }
        )

    def close_all(self) -> None:
        for issue in self.issues.values():
            issue["state"] = "closed"

    def _list(self, asked: Asked) -> Answer:
        label = asked.query["labels"]
        found = [issue for issue in reversed(self.issues.values()) if label in [each["name"] for each in issue["labels"]]]
        return Answer(200, [issue for issue in found if asked.query["state"] == "all" or issue["state"] == asked.query["state"]])

    def _open(self, asked: Asked) -> Answer:
        number = str(next(self._numbers))
        labels = [{"name": name} for name in asked.body["labels"]]
        page = f"https://github.com/acme/shop/issues/{number}"
        self.issues[number] = asked.body | {"number": int(number), "state": "open", "labels": labels, "html_url": page}
        return Answer(201, self.issues[number])

    def _patch(self, asked: Asked) -> Answer:
        self.issues[asked.found[0]] |= asked.body
        return Answer(200, self.issues[asked.found[0]])

    def _comments(self, asked: Asked) -> Answer:
        start = (int(asked.query["page"]) - 1) * int(asked.query["per_page"])
        return Answer(200, self.said.get(asked.found[0], [])[start : start + int(asked.query["per_page"])])

    def _comment(self, asked: Asked) -> Answer:
        kind = "issuecomment-" if asked.found[0].startswith("issues/") else "commitcomment-"
        number = next(self._numbers)
        made = {"id": number, "body": asked.body["body"], "html_url": f"https://github.com/acme/shop/x#{kind}{number}"}
        self.said.setdefault(asked.found[0], []).append(made)
        return Answer(201, made)

    def _edit(self, asked: Asked) -> Answer:
        for comment in itertools.chain.from_iterable(self.said.values()):
            if str(comment["id"]) == asked.found[0]:
                comment["body"] = asked.body["body"]
                return Answer(200, comment)
        return Answer(404, {"message": "Not Found"})

    def _deployments(self, asked: Asked) -> Answer:
        wanted = (asked.query["sha"], asked.query["environment"])
        return Answer(200, [each for each in reversed(self.deployments) if (each["sha"], each["environment"]) == wanted])

    def _check(self, asked: Asked) -> Answer:
        number = next(self._numbers)
        self.checks.append(asked.body | {"id": number, "html_url": f"https://github.com/acme/shop/runs/{number}"})
        return Answer(201, self.checks[-1])

    def _list_checks(self, asked: Asked) -> Answer:
        wanted = (asked.found[0], asked.query["check_name"])
        found = [each for each in self.checks if (each["head_sha"], each["name"]) == wanted]
        return Answer(200, {"total_count": len(found), "check_runs": found[::-1]})

    def _status(self, asked: Asked) -> Answer:
        self.statuses.append(asked.body | {"url": f"{self.url}/statuses/{len(self.statuses) + 1}"})
        return Answer(201, self.statuses[-1])


class GitLab(FakeApi):
    """Issues and notes, merge requests' notes and commits' comments of acme/shop."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, list[dict[str, Any]]] = {}
        self.pulls: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        notes = r"/api/v4/projects/acme%2Fshop/((?:issues|merge_requests)/\d+)/notes"
        comments = r"/api/v4/projects/acme%2Fshop/(repository/commits/\w+)/comments"
        issues = "/api/v4/projects/acme%2Fshop/issues"
        super().__init__(
            {
                ("GET", issues): self._list,
                ("POST", issues): self._open,
                ("PUT", f"{issues}/(\\d+)"): self._change,
                ("GET", notes): lambda asked: Answer(200, self.notes.get(asked.found[0], [])[::-1]),
                ("POST", notes): lambda asked: self._note(asked, "body", with_id=True),
                ("PUT", f"{notes}/(\\d+)"): self._edit,
                ("GET", r"/api/v4/projects/acme%2Fshop/repository/commits/\w+/merge_requests"): lambda asked: Answer(
                    200, self.pulls
                ),
                ("GET", comments): lambda asked: Answer(200, self.notes.get(asked.found[0], [])),
                ("POST", comments): lambda asked: self._note(asked, "note", with_id=False),
            }
        )

    def close_all(self) -> None:
        for issue in self.issues.values():
            issue["state"] = "closed"

    def _list(self, asked: Asked) -> Answer:
        found = [issue for issue in reversed(self.issues.values()) if asked.query["labels"] in issue["labels"]]
        return Answer(200, found[: int(asked.query["per_page"])])

    def _open(self, asked: Asked) -> Answer:
        number = str(next(self._numbers))
        own = {"iid": int(number), "state": "opened", "web_url": f"{self.url}/acme/shop/-/issues/{number}"}
        self.issues[number] = asked.body | own | {"labels": asked.body["labels"].split(",")}
        return Answer(201, self.issues[number])

    def _change(self, asked: Asked) -> Answer:
        state = {"reopen": "opened", "close": "closed"}[asked.body["state_event"]]
        self.issues[asked.found[0]]["state"] = state
        return Answer(200, self.issues[asked.found[0]])

    def _note(self, asked: Asked, key: str, *, with_id: bool) -> Answer:
        made = {key: asked.body[key]} | ({"id": next(self._numbers)} if with_id else {})
        self.notes.setdefault(asked.found[0], []).append(made)
        return Answer(201, made)

    def _edit(self, asked: Asked) -> Answer:
        (note,) = [note for note in self.notes[asked.found[0]] if str(note["id"]) == asked.found[1]]
        note["body"] = asked.body["body"]
        return Answer(200, note)


class Jira(FakeApi):
    """Issues, comments and transitions of the project SHOP, as Jira Cloud has them."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.said: dict[str, list[dict[str, str]]] = {}
        issue = r"/rest/api/2/issue/(SHOP-\d+)"
        super().__init__(
            {
                ("GET", "/rest/api/2/search/jql"): self._search,
                ("POST", "/rest/api/2/issue"): self._open,
                ("GET", f"{issue}/transitions"): self._transitions,
                ("POST", f"{issue}/transitions"): self._transition,
                ("GET", f"{issue}/comment"): lambda asked: Answer(200, {"comments": self.said.get(asked.found[0], [])[::-1]}),
                ("POST", f"{issue}/comment"): self._comment,
            }
        )

    def close_all(self) -> None:
        for issue in self.issues.values():
            issue["fields"]["status"] = _status("done")

    def _search(self, asked: Asked) -> Answer:
        found = [
            issue
            for issue in reversed(self.issues.values())
            for label in issue["fields"]["labels"]
            if f'labels = "{label}"' in asked.query["jql"]
        ]
        return Answer(200, {"issues": found[:1]} if 'project = "SHOP"' in asked.query["jql"] else {"issues": []})

    def _open(self, asked: Asked) -> Answer:
        if asked.body["fields"]["issuetype"]["name"] != "Bug":
            return Answer(400, {"errorMessages": [], "errors": {"issuetype": "Specify a valid issue type"}})
        key = f"SHOP-{len(self.issues) + 1}"
        self.issues[key] = {"key": key, "fields": asked.body["fields"] | {"status": _status("new")}}
        return Answer(201, {"id": "10000", "key": key})

    def _transitions(self, asked: Asked) -> Answer:
        ways = [("11", "done"), ("21", "indeterminate")]
        return Answer(200, {"transitions": [{"id": number, "to": _status(category)} for number, category in ways]})

    def _transition(self, asked: Asked) -> Answer:
        category = {"11": "done", "21": "indeterminate"}[asked.body["transition"]["id"]]
        self.issues[asked.found[0]]["fields"]["status"] = _status(category)
        return Answer(204)

    def _comment(self, asked: Asked) -> Answer:
        self.said.setdefault(asked.found[0], []).append(asked.body)
        return Answer(201, asked.body)


def _status(category: str) -> dict[str, Any]:
    return {"name": category, "statusCategory": {"key": category}}


class Linear(FakeApi):
    """Issues and comments of one team; it knows the queries that we send by what they ask for."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.said: dict[str, str] = {}
        self.trouble: list[dict[str, Any]] = []
        super().__init__({("POST", "/graphql"): self._ask})

    def close_all(self) -> None:
        for issue in self.issues.values():
            issue["state"] = {"type": "completed"}

    def _ask(self, asked: Asked) -> Answer:
        query, given = asked.body["query"], asked.body["variables"]
        if self.trouble:
            return Answer(400, {"errors": [self.trouble.pop(0)]})
        for sign, act in {
            "issueCreate": self._create,
            "issueUpdate": self._update,
            "commentCreate": self._comment,
            "comments(": self._comments,
            "states": self._states,
            "issues(": self._search,
        }.items():
            if sign in query:
                return act(given)
        return Answer(400, {"errors": [{"message": "unknown query"}]})

    def _create(self, given: dict[str, Any]) -> Answer:
        own = given["input"]
        if own["id"] in self.issues:
            return Answer(200, {"errors": [{"message": "Entity already exists", "extensions": {"code": "INPUT_ERROR"}}]})
        page = f"https://linear.app/acme/issue/SHOP-{len(self.issues) + 1}"
        self.issues[own["id"]] = own | {"url": page, "state": {"type": "backlog"}}
        return Answer(200, {"data": {"issueCreate": {"success": True, "issue": {"id": own["id"], "url": page}}}})

    def _update(self, given: dict[str, Any]) -> Answer:
        self.issues[given["id"]]["state"] = {"type": given["input"]["stateId"].removeprefix("state-")}
        return Answer(200, {"data": {"issueUpdate": {"success": True}}})

    def _comment(self, given: dict[str, Any]) -> Answer:
        self.said[given["input"]["id"]] = given["input"]["body"]
        return Answer(200, {"data": {"commentCreate": {"success": True, "comment": {"id": given["input"]["id"]}}}})

    def _comments(self, given: dict[str, Any]) -> Answer:
        nodes = [{"body": body} for body in self.said.values()]
        return Answer(200, {"data": {"issue": {"comments": {"nodes": nodes}}}})

    def _states(self, given: dict[str, Any]) -> Answer:
        kinds = ["completed", "started", "unstarted"]
        nodes = [{"id": f"state-{kind}", "type": kind, "position": place} for place, kind in enumerate(kinds)]
        return Answer(200, {"data": {"issue": {"team": {"states": {"nodes": nodes}}}}})

    def _search(self, given: dict[str, Any]) -> Answer:
        found = [self.issues[given["id"]]] if given["id"] in self.issues else []
        return Answer(200, {"data": {"issues": {"nodes": found}}})


class YouTrack(FakeApi):
    """Issues, tags, comments and commands of the project SHOP."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, str] = {}
        self.said: dict[str, list[dict[str, str]]] = {}
        self.fields = [_field("Team", "enum[1]"), _field("Function", "string"), _field("Product", "ownedField[*]")]
        self.values = {"acme/payments", "Payments", "Shop"}
        """What the fields that are a choice know."""
        projects = [{"id": "0-7", "shortName": "SHOPPING"}, {"id": "0-1", "shortName": "SHOP"}]
        super().__init__(
            {
                ("GET", "/api/admin/projects"): lambda asked: Answer(200, projects),
                ("GET", "/api/admin/projects/0-1/customFields"): lambda asked: Answer(200, self.fields),
                ("GET", "/api/tags"): lambda asked: Answer(
                    200, [{"id": number, "name": name} for name, number in self.tags.items()]
                ),
                ("POST", "/api/tags"): self._tag,
                ("GET", "/api/issues"): self._search,
                ("POST", "/api/issues"): self._open,
                ("POST", "/api/commands"): self._command,
                ("GET", r"/api/issues/(SHOP-\d+)/comments"): lambda asked: Answer(200, self.said.get(asked.found[0], [])),
                ("POST", r"/api/issues/(SHOP-\d+)/comments"): self._comment,
            }
        )

    def close_all(self) -> None:
        for issue in self.issues.values():
            issue["resolved"] = 1763647500123

    def _tag(self, asked: Asked) -> Answer:
        self.tags[asked.body["name"]] = f"6-{len(self.tags) + 1}"
        return Answer(200, {"id": self.tags[asked.body["name"]]})

    def _search(self, asked: Asked) -> Answer:
        query = unquote(asked.query["query"])
        wanted = [number for name, number in self.tags.items() if f"tag: {{{name}}}" in query]
        if not wanted or "project: {SHOP}" not in query:
            return Answer(400, {"error": "invalid_query"})
        return Answer(200, [issue for issue in reversed(self.issues.values()) if issue["tags"][0]["id"] == wanted[0]])

    def _open(self, asked: Asked) -> Answer:
        if asked.body["project"] != {"id": "0-1"}:
            return Answer(400, {"error": "bad_request"})
        kinds = {each["field"]["name"]: each["field"]["fieldType"]["id"] for each in self.fields}
        for field in asked.body["customFields"]:
            if not self._takes(field, kinds[field["name"]]):
                return Answer(400, {"error": "bad_request", "error_description": f"no such value of {field['name']}"})
        number = f"SHOP-{len(self.issues) + 1}"
        self.issues[number] = asked.body | {"id": f"2-{len(self.issues) + 1}", "idReadable": number, "resolved": None}
        return Answer(200, {"idReadable": number})

    def _takes(self, field: dict[str, Any], kind: str) -> bool:
        """The shape must be that of the field's kind, and a choice one that there is."""
        if kind == "string":
            return field["$type"] == "SimpleIssueCustomField" and isinstance(field["value"], str)
        if kind == "ownedField[*]":
            return field["$type"] == "MultiOwnedIssueCustomField" and {each["name"] for each in field["value"]} <= self.values
        return field["$type"] == "SingleEnumIssueCustomField" and field["value"]["name"] in self.values

    def _command(self, asked: Asked) -> Answer:
        if asked.body["query"] not in ("State Open", "State Fixed"):
            return Answer(400, {"error": "unknown command"})
        for named in asked.body["issues"]:
            self.issues[named["idReadable"]]["resolved"] = None if asked.body["query"] == "State Open" else 1763647500123
        return Answer(200, {})

    def _comment(self, asked: Asked) -> Answer:
        self.said.setdefault(asked.found[0], []).append(asked.body)
        return Answer(200, {"id": "4-1"})


def _field(name: str, kind: str) -> dict[str, Any]:
    return {"field": {"name": name, "fieldType": {"id": kind}}}
