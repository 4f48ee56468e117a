"""The door in front of the handlers: faults, tokens, scopes, limits, JSON; and the ASGI application that it makes."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from deploywatch.sandbox.standin import ingest
from deploywatch.sandbox.standin.answers import JSON, Answer, Refusal, bad_request, forbidden, not_found
from deploywatch.sandbox.standin.auth import Tokens
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.dialects import DIALECTS
from deploywatch.sandbox.standin.dialects.base import Dialect
from deploywatch.sandbox.standin.faults import Fault, Faults
from deploywatch.sandbox.standin.limits import Limits
from deploywatch.sandbox.standin.organization import ORGANIZATION_ID
from deploywatch.sandbox.standin.routes import Address
from deploywatch.sandbox.standin.state import State

REQUESTS_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came in, and how it was answered. ``query`` is undecoded; ``body`` is the JSON of API requests."""

    method: str
    path: str
    query: str
    body: object
    user_agent: str | None
    status: int


@dataclass(frozen=True, slots=True)
class World:
    """All that is behind the door."""

    state: State
    tokens: Tokens
    limits: Limits
    faults: Faults = field(default_factory=Faults)
    dialect: Dialect = DIALECTS["current"]
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))


class Door:
    """Lets requests in one at a time, so that the handlers and the state need no thought of threads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lock = threading.RLock()

    def app(self) -> Starlette:
        """The application. What an address that does not exist answers is the dialect's affair."""
        known = self.world.dialect.addresses()
        api = [Route(each.path, self._endpoint(self._api(each)), methods=[each.method]) for each in known]
        incoming = [
            Route("/api/{project}/envelope/", self._endpoint(self._ingest), methods=["POST"]),
            Route("/api/{project}/store/", self._endpoint(self._ingest), methods=["POST"]),
        ]
        nowhere = Route("/{rest:path}", self._endpoint(self._nowhere), methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
        return Starlette(routes=[*incoming, *api, nowhere])

    def _endpoint(self, answer: Callable[[Request, bytes], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            path = request.scope["path"]
            with self.lock:
                fault = self.world.faults.take(request.method, path)
            if fault and fault.delay:
                await asyncio.sleep(fault.delay)
            with self.lock:
                if fault and fault.replaces():
                    text, kind = fault.body()
                    response = Response(text, fault.status or 200, {"Content-Type": kind, **fault.headers})
                else:
                    response = _changed(answer(request, body), fault)
                self.world.seen.append(_seen(request, body, response.status_code))
            return _Cut(response) if fault and fault.cut else response

        return endpoint

    def _api(self, address: Address) -> Callable[[Request, bytes], Response]:
        def answer(request: Request, body: bytes) -> Response:
            headers: dict[str, str] = {}
            dialect = self.world.dialect
            try:
                call = self._call(request, body, address)
                headers, refusal = self.world.limits.spend(call.token.text, address.path) if dialect.limits else ({}, None)
                dialect.check(call, address)
                result = refusal or dialect.shape(address, address.handler(call))
            except Refusal as refused:
                result = dialect.refuse(refused.answer)
            return _response(result, headers)

        return answer

    def _call(self, request: Request, body: bytes, address: Address) -> Call:
        token = self.world.tokens.of_header(request.headers.get("authorization"))
        is_known = request.path_params.get("org", ORGANIZATION_ID) in (self.world.state.organization, ORGANIZATION_ID)
        if not is_known and address.path not in self.world.dialect.blind:
            raise not_found()
        if not token.may(address.scopes):
            raise forbidden()
        return Call(
            state=self.world.state,
            token=token,
            path=request.path_params,
            query=request.query_params,
            body=_json(body),
            base=str(request.base_url).rstrip("/"),
            url=str(request.url.replace(query="")).rstrip("?"),
            user_agent=request.headers.get("user-agent"),
        )

    def _nowhere(self, request: Request, body: bytes) -> Response:  # noqa: ARG002 - as every endpoint
        return _response(self.world.dialect.nowhere(request.method, request.scope["path"]), {})

    def _ingest(self, request: Request, body: bytes) -> Response:
        if not self.world.dialect.envelopes and request.scope["path"].endswith("/envelope/"):
            return self._nowhere(request, body)
        take = ingest.take_envelope if request.scope["path"].endswith("/envelope/") else ingest.take_store
        try:
            return _response(
                take(self.world.state, request.path_params["project"], body, request.headers, request.query_params), {}
            )
        except Refusal as refused:
            return _response(refused.answer, {})


def below(path: str, app: ASGIApp) -> ASGIApp:
    """The application as it is reached below a path; there is nothing else."""
    if not path:
        return app

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(f"{path}/"):
            await app({**scope, "root_path": path}, receive, send)
        else:
            await Response(b"", 404, media_type="text/html")(scope, receive, send)

    return site


def _changed(response: Response, fault: Fault | None) -> Response:
    if fault is None or fault.change is None or response.status_code >= 300:
        return response
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(fault.changed(bytes(response.body)), response.status_code, headers)


class _Cut(Response):
    """Announces the whole body, sends half of it and leaves."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the signature is ASGI's
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body[: len(self.body) // 2]), "more_body": False})


def _response(answer: Answer, headers: dict[str, str]) -> Response:
    if answer.html is not None:
        return Response(answer.html, answer.status, dict(answer.headers), "text/html")
    text = b"" if answer.status == 204 else json.dumps(answer.body, separators=(",", ":"), default=str).encode()
    return Response(text, answer.status, {**headers, **answer.headers}, JSON)


def _json(body: bytes) -> object:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_request(f"JSON parse error - {error}") from error


def _seen(request: Request, body: bytes, status: int) -> Seen:
    is_api = "/api/0/" in request.scope["path"]
    try:
        read = _json(body) if is_api else None
    except Refusal:
        read = body.decode(errors="replace")
    return Seen(request.method, request.scope["path"], request.url.query, read, request.headers.get("user-agent"), status)
