"""Sentry's two matchers, as its server has them in relay: one for ``codeowners:``, one for all other types of rules.

The latter is a glob that covers the whole text. ``*`` and ``?`` cross slashes, ``**/`` is any directories, ``[ab]`` and ``{a,b}``
work, and nothing can be escaped. The former is the gitignore family without classes and escapes: both are plain characters.
Both were checked against sentry_relay 0.9.31, whose answers are saved beside the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deploywatch.owners.brackets import read_class
from deploywatch.owners.gitignore import PatternError, anchored, joined, name_steps, plain_name
from deploywatch.owners.globs import AnyOne, Below, Either, Glob, Literal, Star, Step, Text, run

_DEEPEST: Final = 32


def compile_glob(pattern: str) -> Glob:
    """A glob; where case is not to matter the caller folds pattern and text. Raises PatternError where Sentry matches nothing."""
    reader = _GlobReader(pattern)
    steps = reader.steps(depth=0)
    return Glob((_STAR,) if steps == [_PREFIX] else joined(steps))


def compile_codeowners(pattern: str) -> Glob:
    """The pattern of a ``codeowners:`` rule; texts are matched without their leading slashes."""
    if pattern.startswith("\\"):
        return Glob((_STAR, Literal("\\"), Below()))
    if not pattern.strip("/"):
        return Glob(())
    names = anchored(_one_slash_at_the_end(pattern))
    return Glob(joined(name_steps(names, _characters)), segments=tuple(filter(None, (plain_name(name, "*?") for name in names))))


def _one_slash_at_the_end(pattern: str) -> str:
    return f"/{pattern.strip('/')}/" if pattern.endswith("//") else pattern


def _characters(name: str) -> list[Step]:
    return [Star() if c == "*" else AnyOne() if c == "?" else Literal(c) for c in name]


@dataclass(frozen=True, slots=True)
class _Recursive:
    """``**`` as a whole name, with the slash before it and the one behind it where there is one."""

    steps: tuple[Step, ...]

    def advance(self, text: Text, at: int) -> int:
        return run(self.steps, text, at)


_STAR: Final = Star(crosses=True)
_DEEP: Final = Either(((), (_STAR, Literal("/"))))
_PREFIX: Final = _Recursive((Either(((), (Literal("/"),), (_STAR, Literal("/")))),))
_MIDDLE: Final = _Recursive((Literal("/"), _DEEP))
_SUFFIX: Final = _Recursive((Literal("/"), _STAR))


class _GlobReader:
    """A position in the pattern, moved by the methods that read from it. Follows the parser of Rust's globset."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def steps(self, *, depth: int) -> list[Step]:
        """Read up to the pattern's end or, inside braces, up to the ``,`` or ``}`` that ends a branch."""
        steps: list[Step] = []
        while self._at < len(self._pattern):
            character = self._pattern[self._at]
            if character == "}" or (character == "," and depth):
                if not depth:
                    raise PatternError("a } without its { matches nothing")
                break
            self._next(character, steps, depth)
        return steps

    def _next(self, character: str, steps: list[Step], depth: int) -> None:
        if character == "*":
            self._stars(steps, depth)
        elif character == "[":
            steps.append(self._class())
        else:
            self._at += 1
            if character == "{":
                steps += self._braces(depth + 1)
            else:
                steps.append(AnyOne(crosses=True) if character == "?" else Literal(character))

    def _stars(self, steps: list[Step], depth: int) -> None:
        start = self._at
        while self._pattern.startswith("*", self._at):
            self._at += 1
        begins = not steps or self._pattern[start - 1] == "/"
        behind = self._pattern[self._at : self._at + 1]
        ends = behind == "" or (depth > 0 and behind in ",}" and bool(steps))
        if self._at - start != 2 or not begins or not (ends or behind == "/"):
            steps.append(_STAR)
            return
        self._at += behind == "/"
        before = steps.pop() if steps else _PREFIX
        steps.append(before if before in {_PREFIX, _SUFFIX} else _SUFFIX if ends else _MIDDLE)

    def _class(self) -> Step:
        read = read_class(self._pattern, self._at, crosses=True)
        if read is None:
            raise PatternError("a [ without its ] matches nothing")
        if any(low > high for low, high in read[0].ranges):
            raise PatternError("a range that runs backwards matches nothing")
        self._at = read[1]
        return read[0]

    def _braces(self, depth: int) -> list[Step]:
        if depth > _DEEPEST:
            raise PatternError("braces are nested too deep")
        branches: list[tuple[Step, ...]] = []
        while True:
            branches.append(joined(self.steps(depth=depth)))
            if self._at >= len(self._pattern):
                raise PatternError("a { without its } matches nothing")
            self._at += 1
            if self._pattern[self._at - 1] == "}":
                break
        # Sentry's glob engine leaves empty branches out: a{b,} is ab, and not a.
        filled = tuple(filter(None, branches))
        return [Either(filled)] if filled else []
