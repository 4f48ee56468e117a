"""The fields of a YouTrack project as its API wants them: each kind has its own shape, and only the project tells which it is.

Kinds and shapes: "Issue Custom Fields" and "FieldType" of the YouTrack REST API reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from deploywatch.deliver.rest import text_of

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"enum": "Enum", "ownedField": "Owned", "version": "Version", "build": "Build", "user": "User", "group": "Group"}
)
_SIMPLE: Final = ("string", "integer", "float")
_DEFAULT: Final = "enum[1]"


def kinds_of(fields: Iterable[Any]) -> dict[str, str]:
    """The kind of each field (``enum[1]``, ``string``) by its name, from the project's custom fields."""
    return {text_of(item, "field", "name"): text_of(item, "field", "fieldType", "id") for item in fields}


def as_issue_field(name: str, value: str, kind: str | None) -> dict[str, Any]:
    """A field of a new issue; a kind that is not known is taken to be the usual one, a choice of one value."""
    word, _, many = (kind or _DEFAULT).partition("[")
    if word in _SIMPLE:
        return {"name": name, "$type": "SimpleIssueCustomField", "value": _number(value, word)}
    if word == "text":
        return {"name": name, "$type": "TextIssueCustomField", "value": {"text": value}}
    if word == "state":
        return {"name": name, "$type": "StateIssueCustomField", "value": {"name": value}}
    choice = {"login" if word == "user" else "name": value}
    several = many.startswith("*")
    shape = f"{'Multi' if several else 'Single'}{_KINDS.get(word, 'Enum')}IssueCustomField"
    return {"name": name, "$type": shape, "value": [choice] if several else choice}


def filled_value(field: Mapping[str, Any]) -> str:
    """The value of an issue's field as text, to tell people of."""
    value = field["value"]
    first = value[0] if isinstance(value, list) else value
    return str(next(iter(first.values())) if isinstance(first, Mapping) else first)


def _number(value: str, word: str) -> str | int | float:
    try:
        if word == "integer":
            return int(value)
        return float(value) if word == "float" else value
    except ValueError:
        return value
