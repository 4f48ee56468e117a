"""Whether a request is one that an OpenAPI description allows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema

from tests.fakes.api import Asked


class Contract:
    """One OpenAPI 3 file."""

    def __init__(self, file: Path) -> None:
        self._document = json.loads(file.read_text())

    def check(self, asked: Asked, *, prefix: str = "") -> None:
        """Fails where the request's method, path, query names or JSON body are not described."""
        template, operation = self._operation(asked.method, asked.path.removeprefix(prefix))
        shared = self._document["paths"][template].get("parameters", [])
        parameters = [self._resolved(each) for each in (*shared, *operation.get("parameters", []))]
        known = {each["name"] for each in parameters if each["in"] == "query"}
        assert set(asked.query) <= known, f"{template} has no {set(asked.query) - known}"
        if asked.body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(asked.body, schema | {"components": self._document.get("components", {})})
            properties = self._resolved(schema).get("properties", {})
            assert set(asked.body) <= set(properties), f"{template} takes no {set(asked.body) - set(properties)}"

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for template, operations in self._document["paths"].items():
            if re.fullmatch(re.sub(r"\\{\w+\\}|\{\w+\}", "[^/]+", template), path) and method.lower() in operations:
                return template, operations[method.lower()]
        raise AssertionError(f"{method} {path} is not described")

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in value:
            return value
        found: Any = self._document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found
