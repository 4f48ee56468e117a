"""``${{ }}`` as far as ``action.yml`` goes: contexts, texts, ``==``, ``!=``, ``!``, ``&&``, ``||``.

Source: "Evaluate expressions in workflows and actions" of GitHub's documentation. What is not known here is an error, so that the
action cannot use what its runner does not play.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

Contexts = Mapping[str, Any]

_EXPRESSION: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN: Final = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>==|!=|&&|\|\||!|\(|\))|(?P<name>[A-Za-z_][\w.-]*))")


def fill(template: str, contexts: Contexts) -> str:
    """A value of the file with its expressions replaced by what they come to."""
    return _EXPRESSION.sub(lambda found: _text(evaluate(found[1], contexts)), template)


def holds(condition: str | None, contexts: Contexts) -> bool:
    """An ``if:``, with or without the braces around it; a step without one runs."""
    if condition is None:
        return True
    inner = _EXPRESSION.fullmatch(condition.strip())
    return bool(evaluate(inner[1] if inner else condition, contexts))


def evaluate(expression: str, contexts: Contexts) -> Any:
    """The value of one expression. Raises ``ValueError`` for what is not in the subset."""
    parser = _Parser(_tokens(expression), contexts)
    value = parser.either()
    if parser.left:
        raise ValueError(f"cannot read {expression!r} from {parser.left[0]!r} on")
    return value


def _tokens(expression: str) -> list[str]:
    found, at, text = [], 0, expression.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"cannot read {expression!r} from {text[at:]!r} on")
        found.append(match[0].strip())
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[str], contexts: Contexts) -> None:
        self.left = tokens
        self._contexts = contexts

    def either(self) -> Any:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._takes("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:
        value = self._single()
        if self._takes("=="):
            return _text(value) == _text(self._single())
        if self._takes("!="):
            return _text(value) != _text(self._single())
        return value

    def _single(self) -> Any:
        if self._takes("!"):
            return not self._single()
        if self._takes("("):
            value = self.either()
            if not self._takes(")"):
                raise ValueError("a parenthesis is not closed")
            return value
        token = self.left.pop(0)
        return token[1:-1].replace("''", "'") if token.startswith("'") else self._looked_up(token)

    def _takes(self, sign: str) -> bool:
        if self.left[:1] != [sign]:
            return False
        self.left.pop(0)
        return True

    def _looked_up(self, name: str) -> Any:
        first, *keys = name.split(".")
        if first not in self._contexts:
            raise ValueError(f"there is no context {first!r}")
        value = self._contexts[first]
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
