"""GlitchTip (December 2025), which speaks a part of Sentry's API, and answers the rest with web pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from deploywatch.sandbox.standin import comments, events, issues, organization, releases
from deploywatch.sandbox.standin.answers import Answer, Refusal
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.dialects.base import Dialect, Handler, only, snake_case
from deploywatch.sandbox.standin.routes import ORG, RELEASE_ROOTS, ROOT, Address
from deploywatch.sandbox.standin.search import parse
from deploywatch.sandbox.standin.times import iso

FRONT_END: Final = "<!doctype html><html><body><app-root></app-root></body></html>"
NOT_FOUND: Final = "<!DOCTYPE html><html><head><title>GlitchTip</title></head><body><h1>Page not found</h1></body></html>"
BROKEN: Final = (
    "<!doctype html><html><head><title>Server Error (500)</title></head><body><h1>Server Error (500)</h1></body></html>"
)
NO_CSRF: Final = "<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body>CSRF verification failed.</body></html>"

_RELEASE: Final = "ref dateReleased version dateCreated shortVersion projects url data deployCount".split()
_ISSUE: Final = (
    "id count type level status project shortId numComments stats shareId logger permalink statusDetails subscriptionDetails "
    "userCount matchingEventId firstSeen lastSeen title metadata culprit userReportCount"
).split()
_SORTS: Final = {"last_seen", "first_seen", "count", "priority"}


class GlitchTip(Dialect):
    """No commits, no deploys, no owners, no counts; a web page where there is nothing; silence about what it does not know."""

    name: ClassVar[str] = "glitchtip"
    version: ClassVar[str] = "5.2.0"
    limits: ClassVar[bool] = False
    lacks: ClassVar[tuple[str, ...]] = (
        "* */commits/",
        "* */commitfiles/",
        "* */deploys/",
        "* */previous-with-commits/",
        "* */meta/",
        "* */repos/",
        "* */ownership/",
        "* */sessions/",
        "* */events-stats/",
        "* */events-timeseries/",
        "* */shortids/*",
        "* */eventids/*",
        "* */tags/{key}/*",
        "* /api/0/organizations/{org}/issues/{issue}/*",
        "* */notes/",
    )
    blind: ClassVar[tuple[str, ...]] = (f"{ORG}releases/",)

    def additions(self) -> tuple[Address, ...]:
        """See ``Dialect``. Its front end asks for its version elsewhere."""
        return (Address("GET", "/api/settings/", self._settings, frozenset()),)

    def handlers(self) -> Mapping[str, Handler]:
        """See ``Dialect``."""
        lists = {f"GET {root}": _list_releases for root in RELEASE_ROOTS}
        creates = {f"POST {root}": _create_release for root in RELEASE_ROOTS}
        updates = {f"PUT {root}{{version}}/": _update_release for root in RELEASE_ROOTS}
        own = {
            f"GET {ROOT}": _root,
            f"GET {ORG}issues/": _list_issues,
            f"GET {ROOT}issues/{{issue}}/events/": _list_events,
            f"PUT {ROOT}issues/{{issue}}/": _update_issue,
            f"POST {ROOT}issues/{{issue}}/comments/": _create_comment,
        }
        return {**lists, **creates, **updates, **own}

    def nowhere(self, method: str, path: str) -> Answer:
        """See ``Dialect``: the single-page application, a form's protection, or a page that says 404."""
        if method != "GET":
            return Answer(status=403, html=NO_CSRF)
        if path.rstrip("/").rpartition("/")[0].endswith("/issues") and "/organizations/" in path:
            return Answer(status=405, html="Method not allowed")
        inside = any(f"/{part}/" in path for part in ("releases", "issues", "projects"))
        return Answer(html=FRONT_END) if inside else Answer(status=404, html=NOT_FOUND)

    def shape(self, address: Address, answer: Answer) -> Answer:
        """See ``Dialect``."""
        headers = {**answer.headers}
        if link := headers.get("Link"):
            # A set of one text, as Python shows it.
            headers["Link"] = repr({link})
        return replace(answer, body=_shaped(address, answer.body), headers=headers)

    def refuse(self, answer: Answer) -> Answer:
        """See ``Dialect``."""
        if answer.status == 401:
            return Answer({"detail": "Unauthorized"}, 401)
        if answer.status == 404:
            return Answer({"detail": "Not Found"}, 404)
        return Answer({"detail": [answer.body]}, 422) if answer.status == 400 else answer

    def _settings(self, call: Call) -> Answer:  # noqa: ARG002 - as every handler
        return Answer({"version": self.version, "glitchtipInstanceName": None, "enableUserRegistration": False})


def _shaped(address: Address, body: Any) -> Any:
    if address.path.endswith(("/releases/", "/releases/{version}/")):
        return only(body, _RELEASE)
    if address.path.endswith(("/issues/", "/issues/{issue}/")):
        shown = [_issue(each) for each in body] if isinstance(body, list) else _issue(body)
        return snake_case(shown) if address.method == "PUT" else shown
    return body


def _issue(body: dict[str, Any]) -> dict[str, Any]:
    return {"matchingEventId": None, **only(body, _ISSUE), "userCount": 0, "culprit": "", "stats": {"24h": []}}


def _root(call: Call) -> Answer:
    """Who am I: with the caller's token in clear."""
    answer = organization.root(call)
    body: dict[str, Any] = dict(answer.body) if isinstance(answer.body, dict) else {}
    return Answer({**body, "auth": {**body["auth"], "id": 1, "label": "ci", "token": call.token.text}})


def _list_issues(call: Call) -> Answer:
    """What it does not know is a tag that nothing has; a ``!`` and ``latest`` mean nothing to it."""
    sort = call.query.get("sort", "last_seen").lstrip("-")
    if sort not in _SORTS:
        problem = {"type": "literal_error", "loc": ["query", "sort"], "msg": "Input should be 'last_seen', 'first_seen', 'count'"}
        raise Refusal(422, {"detail": [problem]})
    terms = parse(call.query.get("query", ""))
    unknown = any(term.key in ("firstRelease", "regressed_in_release") or term.negated for term in terms)
    strangers = [name for name in call.query.getlist("environment") if name not in call.state.environments]
    if unknown or strangers or any("latest" in term.values for term in terms):
        return Answer([])
    query = call.query.multi_items()
    kept = [(key, value) for key, value in query if key != "sort"]
    if "query" not in call.query:
        kept.append(("query", ""))
    return issues.list_issues(replace(call, query=type(call.query)(kept)))


def _list_events(call: Call) -> Answer:
    """Whole events have the keys of what is stored."""
    answer = events.list_issue_events(call)
    return replace(answer, body=snake_case(answer.body)) if call.query.get("full") else answer


def _create_comment(call: Call) -> Answer:
    """The text lies one level deeper than in Sentry."""
    data = call.json().get("data")
    if not isinstance(data, dict) or not data.get("text"):
        raise Refusal(422, {"detail": [{"type": "missing", "loc": ["body", "payload", "data"], "msg": "Field required"}]})
    return comments.create_comment(replace(call, body={"text": data["text"]}))


def _update_issue(call: Call) -> Answer:
    if "status" not in call.json():
        return Answer(status=500, html=BROKEN)
    return issues.update_issue(replace(call, body={"status": call.json()["status"]}))


def _list_releases(call: Call) -> Answer:
    """Every filter is ignored, and an organization that does not exist has none."""
    if call.path.get("org") not in (call.state.organization, organization.ORGANIZATION_ID):
        return Answer([])
    return releases.list_releases(replace(call, query=type(call.query)([])))


def _create_release(call: Call) -> Answer:
    """A second time is an error of the server's, and the release is released from the beginning."""
    body = call.json()
    if str(body.get("version")) in call.state.releases:
        return Answer(status=500, html=BROKEN)
    names = [str(name) for name in body.get("projects") or []]
    if not any(call.state.find_project(name) for name in names):
        raise Refusal(422, {"detail": [{"projects": "Require at least one valid project"}]})
    kept: dict[str, Any] = {key: body[key] for key in ("version", "projects", "ref") if key in body}
    return releases.create_release(replace(call, body={**kept, "dateReleased": iso(call.state.now())}))


def _update_release(call: Call) -> Answer:
    """Commits, references and addresses are dropped without a word."""
    body = call.json()
    kept: dict[str, Any] = {key: body[key] for key in ("ref", "dateReleased") if key in body}
    return releases.update_release(replace(call, body=kept))
