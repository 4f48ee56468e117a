"""GitLab's patterns: Ruby's ``File.fnmatch`` with FNM_PATHNAME and FNM_DOTMATCH, after GitLab's normalisation.

Unlike the gitignore family, a name without a slash behind it never reaches into a directory of that name, and ``**`` means
"any directories" only as a whole name before a slash; at the end of a pattern it is the same as ``*``.
"""

from __future__ import annotations

import re
from typing import Final

from deploywatch.owners.brackets import read_class
from deploywatch.owners.gitignore import PatternError, joined, plain_name
from deploywatch.owners.globs import AnyOne, Directories, Glob, Literal, Star, Step

_ESCAPED_SPACE: Final = re.compile(r"\\\s+")


def compile_fnmatch(pattern: str) -> Glob:
    """The pattern of one entry as it stands in the file, for paths *without* a leading slash. Raises PatternError."""
    names = _normalised(pattern).removeprefix("/").split("/")
    steps: list[Step] = []
    for position, name in enumerate(names):
        last = position == len(names) - 1
        if name == "**" and not last:
            steps.append(Directories())
        else:
            steps += [*_characters(name), *([] if last else [Literal("/")])]
    return Glob(joined(steps), segments=tuple(filter(None, (plain_name(name, "\\*?[") for name in names))))


def _normalised(pattern: str) -> str:
    pattern = pattern.removeprefix("\\") if pattern.startswith("\\#") else pattern
    pattern = _ESCAPED_SPACE.sub(" ", pattern)
    if not pattern.startswith("/"):
        pattern = f"/**/{pattern}"
    return f"{pattern}**/*" if pattern.endswith("/") else pattern


def _characters(name: str) -> list[Step]:
    steps: list[Step] = []
    position = 0
    while position < len(name):
        character = name[position]
        position += 1
        if character == "\\" and position < len(name):
            steps.append(Literal(name[position]))
            position += 1
        elif character == "[":
            read = read_class(name, position - 1)
            if read is None:
                raise PatternError("a [ without its ] matches nothing")
            steps.append(read[0])
            position = read[1]
        else:
            steps.append(Star() if character == "*" else AnyOne() if character == "?" else Literal(character))
    return steps
