"""What a handler gives back, and the refusals it raises, in the shapes of real Sentry's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body to be written as JSON (``None`` with 204 is no body) and headers; or a web page in place of the body."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    html: str | None = None


class Refusal(Exception):
    """An answer that ends the handling of a request where it is raised."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"{status}: {body}")
        self.answer = Answer(body, status)


def bad_request(detail: str) -> Refusal:
    """400 with a ``detail``."""
    return Refusal(400, {"detail": detail})


def invalid(field_name: str, text: str) -> Refusal:
    """400 with the text under the field's name, as Sentry's serializers do."""
    return Refusal(400, {field_name: [text]})


def unauthorized(detail: str) -> Refusal:
    """401."""
    return Refusal(401, {"detail": detail})


def forbidden() -> Refusal:
    """403, the one text that Sentry has for it."""
    return Refusal(403, {"detail": "You do not have permission to perform this action."})


def not_found(detail: str = "The requested resource does not exist") -> Refusal:
    """404. Sentry does not tell absent from hidden."""
    return Refusal(404, {"detail": detail})
