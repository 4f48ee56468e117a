"""What a commit put into the failing statement itself, told by pieces of expressions instead of by lines.

Blame names the last commit that touched a line; a line that was re-indented, wrapped or extended keeps most of its expressions.
The pieces are pairs of neighbouring tokens joined by ``.``, ``[`` or ``(`` (``node.type``, ``row['tax``, ``filter(``): a
commit that only carried ``node.type`` along has not introduced it. Origins of tokens instead of lines are cregit's idea (German
et al., 2019), here bounded to the hunks that meet the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.base import Hit, frame_name
from deploywatch.suspects.signals.message import quoted_names
from deploywatch.suspects.syntax.words import KEYWORDS

_TOKEN: Final = re.compile(r"[A-Za-z_$][\w$]*|\?\.|[.(\[]|'[^'\\\n]{1,60}'|\"[^\"\\\n]{1,60}\"|[^\s\w]")
# Names that change nothing at run time.
_NEUTRAL: Final = frozenset(("cast(", "t.cast", "typing.cast"))
_BARE: Final = re.compile(r"(?<![\w$.])[A-Za-z_$][\w$]*")
_JOINS: Final = frozenset((".", "?.", "[", "("))
# What the error names is the piece that failed, whatever else stands in the statement.
_NAMED: Final = 5.0
_AT_COLUMN: Final = 10.0
_DEPTH: Final = 3
_LOOKUP: Final = re.compile(
    r"KeyError|IndexError|KeyNotFound|OutOfBounds|OutOfRange|index out of (?:range|bounds)"
    r"|not subscriptable|Undefined (?:array key|offset|index)"
)


def introduced(scene: Scene, commit: Commit, /) -> Hit | None:
    """The share of the failing statements' pieces that the commit wrote and that were not there before."""
    best: Hit | None = None
    for place in scene.places:
        if place.depth > _DEPTH or not (pieces := scene.once(_pieces_of).get((place.file, place.line))):
            continue
        new = _new(scene, commit, place) & pieces.keys()
        value = place.weight * sum(pieces[piece] for piece in sorted(new)) / sum(pieces.values())
        if value > (best.value if best else 0.0):
            first = max(sorted(new), key=lambda piece: pieces[piece])
            text = f"put `{_shown(first)}` into the statement of {frame_name(place)}"
            best = Hit(value, text, place.file, place.line, scene.hunk_at(place.file, commit, place.statement), place.index)
    return best


def failing_piece(scene: Scene, commit: Commit, /) -> Hit | None:
    """The commit wrote the very piece that failed: the one at the frame's column, else one that the error names."""
    for place in scene.places:
        if place.depth > 0:
            continue
        new = failing(scene, place) & _new(scene, commit, place)
        if new:
            text = f"wrote `{_shown(min(new))}`, which failed at {place.file}:{place.line}"
            return Hit(1.0, text, place.file, place.line, scene.hunk_at(place.file, commit, place.statement), place.index)
    return None


def failing(scene: Scene, place: Place) -> frozenset[str]:
    """The pieces of a frame's statement that are known to have failed; none where neither column nor message tells."""
    known = scene.once(_pieces_of).get((place.file, place.line), {})
    most = max(known.values(), default=0.0)
    return frozenset(piece for piece, weight in known.items() if weight == most and most >= _NAMED)


def knows_what_failed(scene: Scene) -> bool:
    """Whether a raising line's failing piece is known."""
    return any(failing(scene, place) for place in scene.places if place.depth == 0)


def is_bystander(scene: Scene, commit: Commit) -> bool:
    """Whether the piece that failed is known and the commit did not write it: it was near, and somebody else's work failed."""
    return scene.once(knows_what_failed) and commit.sha not in scene.once(_authors)


def _authors(scene: Scene) -> frozenset[str]:
    return frozenset(commit.sha for commit in scene.commits if failing_piece(scene, commit))


def _new(scene: Scene, commit: Commit, place: Place) -> frozenset[str]:
    """Pieces in what the commit added at the statement and not in what it took away there."""
    hunks = {id(hunk): hunk for hunk in scene.hunks_at(place.file, commit, place.statement)}
    kept = scene.changes[commit.sha].removed_texts
    added = {piece for hunk in hunks.values() for text in hunk.added if text.strip() not in kept for piece in _all(text)}
    return frozenset(added - {piece for hunk in hunks.values() for text in hunk.removed for piece in _all(text)})


def _pieces_of(scene: Scene) -> Mapping[tuple[str, int], dict[str, float]]:
    """The pieces of every frame's statement with their weights."""
    names = scene.once(quoted_names) | frozenset((raised.type or "").rpartition(".")[2] for raised in scene.trace.exceptions)
    return {(place.file, place.line): _weighed(scene, place, names) for place in scene.places}


def _weighed(scene: Scene, place: Place, names: frozenset[str]) -> dict[str, float]:
    at_column, text = _at_column(scene, place), scene.statement(place)
    found = {
        piece: _AT_COLUMN if piece == at_column else _NAMED if _last(piece) in names else scene.rarity(_last(piece))
        for piece in sorted(pieces(text))
    }
    # A key or an index was not there: then the statement's only `[...]` failed, whatever it was asked for.
    if max(found.values(), default=0.0) < _NAMED and scene.says(_LOOKUP, within=500):
        looked_up = [piece for piece in found if "[" in piece]
        found |= {piece: _NAMED for piece in looked_up if len(looked_up) == 1}
    joined = {_last(piece) for piece in found}
    return found | {name: _NAMED for name in _BARE.findall(text) if name in names and name not in joined}


def _all(text: str) -> frozenset[str]:
    return (pieces(text) | frozenset(_BARE.findall(text))) - _NEUTRAL


def _at_column(scene: Scene, place: Place) -> str | None:
    """The piece that a frame's column points at, where the reporter gives columns: V8 points at the property or the callee."""
    column = scene.frames[place.position].frame.column
    text = "".join(scene.lines(place.file, place.line, place.line))
    return next((piece for at, piece in _pairs(text) if column and at == column - 1), None)


def pieces(text: str) -> frozenset[str]:
    """The pairs of joined tokens of source text: ``a.b``, ``a[b``, ``a(``."""
    return frozenset(piece for _, piece in _pairs(text))


def _pairs(text: str) -> Iterator[tuple[int, str]]:
    """Each piece with the offset of its last name."""
    tokens = [(match.start(), match[0]) for match in _TOKEN.finditer(text)]
    for number, (_, join) in enumerate(tokens):
        if join not in _JOINS or number == 0:
            continue
        (start, before), (at, after) = tokens[number - 1], tokens[number + 1] if number + 1 < len(tokens) else (0, "")
        before, after = before.strip("'\""), after.strip("'\"")
        if join == "(":
            if _is_name(before):
                yield start, f"{before}("
        elif after[:1].isalpha() or after[:1] in ("_", "$"):
            yield at, f"{before if _is_name(before) else ''}{'.' if join == '?.' else join}{after}"


def _is_name(token: str) -> bool:
    return bool(token) and (token[0].isalpha() or token[0] in "_$") and (token not in KEYWORDS or token in ("self", "this"))


def _last(piece: str) -> str:
    return re.split(r"[.\[]", piece.rstrip("("))[-1]


def _shown(piece: str) -> str:
    before, lookup, _ = piece.partition("[")
    return f"{piece})" if piece.endswith("(") else f"{before}[…]" if lookup else piece
