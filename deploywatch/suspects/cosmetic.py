"""Which changes are only layout, comments or docstrings: told by parsing both versions, not by the commit's subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.model import FileDiff, Hunk
from deploywatch.suspects.change import says_something
from deploywatch.suspects.syntax import languages
from deploywatch.suspects.syntax.parts import changed_parts

_NOISE: Final = re.compile(r"""[rRbBfFuU]{0,2}(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|#.*""")
_NAME: Final = re.compile(r"(?<!\w)[A-Za-z_]\w*")
# `else: if` and `elif` are the same tree.
_SAME_TREE: Final = frozenset({"if", "elif", "else"})
_CODE: Final = re.compile(
    r"\s*(?:def \w+\(|class \w+[(:]|return [\w.]+[(\[]|(?:if|elif|while) .*[=(.<>_].*:$|(?:else|try|finally):$|import \w+"
    r"|@\w|self\.|from [\w.]+ import|raise \w+\(|[\w.\[\]'\", ]+ [-+*/|&^%@]?= |[\w.]+\(|\w+=\w)"
)
# The definitions that so many hunks meet are together longer than the file: a reformatting, which the whole file tells sooner.
_MANY: Final = 30


@dataclass(frozen=True, slots=True)
class Version:
    """A file before and after a commit; ``None`` where it did not exist."""

    before: str | None
    after: str | None


Versions = Callable[[Sequence[FileDiff]], Mapping[tuple[str, str], Version]]
"""Gives the versions around diffs, by commit and path; what cannot be had is left out."""


def no_versions(_: Sequence[FileDiff]) -> Mapping[tuple[str, str], Version]:
    """Where no version can be had."""
    return {}


def is_cosmetic(diff: FileDiff, version: Version) -> bool:
    """By the meaning of both versions; by the diff's lines where a version is missing or cannot be parsed."""
    if version.before is None or version.after is None:
        return only_comments(diff)
    ways = (_same_files, _same_parts) if len(diff.hunks) > _MANY else (_same_parts, _same_files)
    told = (way(diff, version.before, version.after) for way in ways)
    same = next((each for each in told if each is not None), None)
    return only_comments(diff) if same is None else same


def _same_files(diff: FileDiff, before: str, after: str) -> bool | None:
    return languages.same_meaning(diff.change.path, before, after)


def _same_parts(diff: FileDiff, before: str, after: str) -> bool | None:
    """The same by the changed definitions alone: one that differs decides. ``None`` where one cannot be told by itself."""
    if languages.ending(diff.change.path) not in languages.type_of:
        return None
    told: bool | None = True if diff.hunks else None
    for part in changed_parts(before, after, diff.hunks):
        same = languages.same_meaning(diff.change.path, *part) if part else None
        if same is False:
            return False
        told = told if same else None
    return told


def only_comments(diff: FileDiff) -> bool:
    """Whether every changed line is blank or a comment."""
    return bool(diff.hunks) and not any(says_something(hunk, diff.change.path) for hunk in diff.hunks)


def is_surely_code(diff: FileDiff) -> bool:
    """Whether the diff's lines alone show that it changed what the program does, so that nothing need be parsed (Python only).

    Comments and strings are taken out of the changed lines; what is left must have the form of code, for it may stand in a
    docstring, and name other things than before. A sample of code in a docstring is mistaken for code.
    """
    if languages.ending(diff.change.path) not in languages.type_of:
        return False
    shaped = [hunk for hunk in diff.hunks if _has_form_of_code(hunk)]
    return _names(line for hunk in shaped for line in hunk.removed) != _names(line for hunk in shaped for line in hunk.added)


def _has_form_of_code(hunk: Hunk) -> bool:
    lines = (*hunk.removed, *hunk.added)
    return any(_CODE.match(line) for line in lines) and not any(mark in line for line in lines for mark in ("'''", '"""'))


def _names(lines: Iterable[str]) -> list[str]:
    return [name for line in lines for name in _NAME.findall(_NOISE.sub(" ", line)) if name not in _SAME_TREE]
