r"""Patterns in the gitignore family, as GitHub's CODEOWNERS has them: the translation to a ``Glob``.

Where GitHub differs from git itself: a last name that is just ``*`` does not reach into directories (``docs/*``), negation and
character ranges do not exist, and ``\#`` is no escape. The rules are those of "About code owners" in GitHub's documentation and
of hmarr/codeowners, whose author compared them with what GitHub does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deploywatch.owners.globs import AnyOne, Below, Directories, Glob, Literal, Star, Step


class PatternError(ValueError):
    """A pattern that the dialect does not have; the message says why, for the person who wrote it."""


def compile_pattern(pattern: str) -> Glob:
    """The pattern of one line, escapes and all, as it stands in the file. Raises PatternError."""
    if pattern.startswith("!"):
        raise PatternError("negation with ! is not supported")
    if pattern.startswith("\\#"):
        raise PatternError("a pattern cannot start with #, and escaping it does not help")
    if "***" in pattern:
        raise PatternError("three asterisks in a row mean nothing")
    if not pattern.strip("/"):
        raise PatternError("a slash alone names no file")
    names = anchored(pattern)
    if "" in names:
        raise PatternError("two slashes in a row match no path")
    plain = tuple(filter(None, map(plain_name, names)))
    return Glob(joined(name_steps(names, characters)), segments=plain, extension="" if plain else _extension(names[-1]))


def anchored(pattern: str) -> list[str]:
    """The pattern's path segments, with the ``**`` in front that a lone name means, and that behind which a last slash means."""
    names = pattern.split("/")
    if names[0] == "":
        names = names[1:]
    elif len(names) == 1 or (len(names) == 2 and names[1] == ""):
        names = ["**", *names]
    if names[-1] == "":
        # **/ is any directory, so what it holds is at least one name further down.
        names = [*names[:-1], *(["*"] if names[-2:-1] == ["**"] else []), "**"]
    return names


def name_steps(names: Sequence[str], inside: Callable[[str], list[Step]]) -> list[Step]:
    """The steps of all path segments; ``inside`` gives those of one segment that is neither ``*`` nor ``**``."""
    steps: list[Step] = []
    for position, name in enumerate(names):
        last = position == len(names) - 1
        if name == "**":
            steps += [AnyOne(crosses=True), Star(crosses=True)] if last else [Directories()]
        elif name == "*":
            steps += [AnyOne(), Star(), *([] if last else [Literal("/")])]
        else:
            steps += [*inside(name), Below() if last else Literal("/")]
    return steps


def characters(name: str) -> list[Step]:
    """The steps of one path segment with ``*``, ``?`` and backslash escapes. Raises PatternError."""
    steps: list[Step] = []
    escaped = False
    for character in name:
        if escaped or character not in "\\*?[":
            steps.append(Literal(character))
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "[":
            raise PatternError("character ranges in [ ] are not supported")
        else:
            steps.append(Star() if character == "*" else AnyOne())
    if escaped:
        raise PatternError("a backslash at the end escapes nothing")
    return steps


def joined(steps: list[Step]) -> tuple[Step, ...]:
    """The same steps with neighbouring literals in one, and what repeats to no effect left out."""
    return tuple(_joined(steps))


def _joined(steps: list[Step]) -> list[Step]:
    joined: list[Step] = []
    for step in steps:
        previous = joined[-1] if joined else None
        if isinstance(step, Literal) and isinstance(previous, Literal):
            joined[-1] = Literal(previous.value + step.value)
        elif not (isinstance(step, Star | Directories) and step == previous):
            joined.append(step)
    return joined


def plain_name(name: str, special: str = "\\*?") -> str:
    """The name itself where it holds no ``special`` character, so that only a segment of just this name can match; else empty."""
    return "" if any(character in name for character in special) else name


def _extension(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    return dot + ending if dot and plain_name(ending) else ""
