"""The JSON Schema of ``deploywatch.doctor/1``, from the codes and levels that there are."""

from __future__ import annotations

import json
from typing import Any

from deploywatch.doctor.finding import LEVEL_OF, Code, Level
from deploywatch.doctor.output import SCHEMA
from deploywatch.steps.doctor.registry import CHECKS


def schema() -> str:
    """The schema as it is shipped."""
    count = {"type": "integer", "minimum": 0}
    finding = {
        "check": {"enum": [name for name, _ in CHECKS], "description": "What was looked at, in the order of looking"},
        "code": {"enum": [str(code) for code in Code], "description": "What was found; docs/troubleshooting.md has each"},
        "level": {"enum": [str(level) for level in Level], "description": "Always the same for one code"},
        "text": {"type": "string", "description": "One sentence"},
        "fix": {"type": ["string", "null"], "description": "What to do"},
    }
    whole: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "What deploywatch doctor found",
        **_object(
            {
                "schema": {"const": SCHEMA},
                "verdict": {"enum": [str(Level.OK), str(Level.WARNING), str(Level.UNKNOWN), str(Level.ERROR)]},
                "counts": _object({str(level): count for level in Level}),
                "findings": {"type": "array", "items": _object(finding) | {"allOf": [_always(level) for level in Level]}},
            }
        ),
    }
    return json.dumps(whole, indent=2) + "\n"


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}


def _always(level: Level) -> dict[str, Any]:
    codes = [str(code) for code in Code if LEVEL_OF[code] is level]
    return {"if": {"properties": {"code": {"enum": codes}}}, "then": {"properties": {"level": {"const": str(level)}}}}
