"""Character classes of shell globs: ``[abc]``, ``[a-z]``, ``[!a]`` or ``[^a]``."""

from __future__ import annotations

from deploywatch.owners.globs import OneOf


def read_class(pattern: str, start: int, *, crosses: bool = False) -> tuple[OneOf, int] | None:
    """The class that opens at ``pattern[start] == "["``, and the position behind it; ``None`` where it never closes.

    A backslash takes the next character as it is. Ranges are inclusive; one that runs backwards holds nothing.
    """
    position = start + 1
    negated = pattern[position : position + 1] in {"!", "^"}
    position += negated
    members: list[str] = []
    plain: list[bool] = []
    while position < len(pattern) and (pattern[position] != "]" or not members):
        escaped = pattern[position] == "\\" and position + 1 < len(pattern)
        position += escaped
        members.append(pattern[position])
        plain.append(escaped)
        position += 1
    if position >= len(pattern):
        return None
    return OneOf(_ranges(members, plain), negated, crosses), position + 1


def _ranges(members: list[str], plain: list[bool]) -> tuple[tuple[str, str], ...]:
    ranges: list[tuple[str, str]] = []
    position = 0
    while position < len(members):
        dash = position + 2 < len(members) and members[position + 1] == "-" and not plain[position + 1]
        ranges.append((members[position], members[position + 2 if dash else position]))
        position += 3 if dash else 1
    return tuple(ranges)
