"""Which lines of a function a commit really wrote: told by the function's statements before and after, not by changed lines.

A line that was re-indented, wrapped anew, annotated with types or carried along has been changed and says what it said before.
Statements are compared as ``syntax`` reads them, without layout, comments, docstrings and what is erased before the program runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deploywatch.model import Hunk
from deploywatch.suspects.cosmetic import Version
from deploywatch.suspects.syntax import languages
from deploywatch.suspects.syntax.outline import Statement


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The changed lines of a function that say what they said before: numbers in the commit's version, and the one before it."""

    added: frozenset[int]
    removed: frozenset[int]

    def keeps(self, side: str, line: int) -> bool:
        """Whether a line of one side (``added``, ``removed``) belongs to a statement that was there before and is still."""
        return line in (self.added if side == "added" else self.removed)


def rewritings(path: str, names: Sequence[str], version: Version, hunks: Sequence[Hunk]) -> dict[str, Rewriting | None]:
    """What became of functions (by their qualified names) between two versions of a file, which differ in ``hunks``.

    ``None`` for a function in which nothing was changed, where either version has no such function or cannot be read, and where
    the same statements only stand in another order: then each changed line has to speak for itself.
    """
    before, after = (languages.functions(path, text) if text is not None else None for text in (version.before, version.after))
    if before is None or after is None:
        return dict.fromkeys(names)
    old = [(hunk.old_start, hunk.old_start + hunk.old_lines - 1) for hunk in hunks]
    new = [(hunk.new_start, hunk.new_start + hunk.new_lines - 1) for hunk in hunks]
    changed = {name for name in names if _meet(before.span(name), old) or _meet(after.span(name), new)}
    return {name: _rewriting(before.body(name), after.body(name)) if name in changed else None for name in names}


def _meet(span: tuple[int, int] | None, ranges: Sequence[tuple[int, int]]) -> bool:
    return span is not None and any(first <= span[1] and last >= span[0] for first, last in ranges)


def _rewriting(before: Sequence[Statement] | None, after: Sequence[Statement] | None) -> Rewriting | None:
    if before is None or after is None:
        return None
    told = [[(s.depth, s.said) for s in body] for body in (before, after)]
    if told[0] != told[1] and sorted(told[0]) == sorted(told[1]):
        return None
    return Rewriting(_kept(after, before), _kept(before, after))


def _kept(those: Sequence[Statement], others: Sequence[Statement]) -> frozenset[int]:
    """The lines of ``those`` that belong to none of the statements that are more often among them than among ``others``."""
    more = Counter(s.said for s in those) - Counter(s.said for s in others)
    lines = {
        is_new: {n for s in those if (s.said in more) is is_new for n in range(s.first, s.last + 1)} for is_new in (True, False)
    }
    return frozenset(lines[False] - lines[True])
