"""The heart: one failure, one window -> the ranked suspects and how sure we are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from deploywatch.model import Commit, Evidence, Ranking, RankingVerdict, Suspect
from deploywatch.suspects.kinds import is_inert
from deploywatch.suspects.model import DECISIVE, Model, none_reasons
from deploywatch.suspects.registry import FAMILIES, SIGNALS, TEXTUAL
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.signals.expression import knows_what_failed

SURE: Final = 0.5
_TELLING: Final = 0.05
_WEAK: Final = 0.25
_PLACES: Final = {name: place for place, name in enumerate(SIGNALS)}
_UNREAD: Final = "that touched no file of the stack, in a window too wide to be read whole"


def rank(scene: Scene, model: Model, *, limit: int = 10, warnings: Sequence[str] = ()) -> Ranking:
    """Rank the window's commits by the probability that they caused the failure; the first ``limit`` of them are returned.

    Commits with no evidence at all share what probability is left; of equals the newer comes first.
    """
    candidates, ruled_out = candidates_of(scene)
    asked = [name for name in SIGNALS if model.signals.get(name) or name in DECISIVE]
    hits = [evidence_of(scene, commit, asked) for commit in candidates]
    scores = [model.score(found) for found in hits]
    reasons = none_reasons(hits, knows_what_failed=scene.once(knows_what_failed))
    probabilities, none = model.probabilities(scores, model.none_score(reasons))
    order = sorted(range(len(candidates)), key=lambda i: (-scores[i], i))
    suspects = tuple(
        Suspect(place, candidates[i], probabilities[i], _evidence(hits[i], model)) for place, i in enumerate(order[:limit], 1)
    )
    window = scene.material.window
    return Ranking(
        base=window.base,
        head=window.head,
        commits=len(window),
        verdict=_verdict(suspects, none),
        suspects=suspects,
        none_probability=none,
        frames=scene.frames,
        warnings=(*warnings, *_warnings(scene)),
        ruled_out=tuple(ruled_out),
    )


def evidence_of(scene: Scene, commit: Commit, names: Iterable[str] = SIGNALS) -> dict[str, Hit]:
    """What each of these signals finds on one commit."""
    found = ((name, SIGNALS[name](scene, commit)) for name in names)
    return {name: hit for name, hit in found if hit is not None}


def candidates_of(scene: Scene) -> tuple[list[Commit], list[str]]:
    """The commits that can have done it, and a sentence for each kind of those that cannot, or were not looked into."""
    sorted_out: dict[str, list[Commit]] = defaultdict(list)
    for commit in scene.commits:
        sorted_out[_why_not(scene, commit)].append(commit)
    candidates = sorted_out.pop("", [])
    counts = {why: len(out) for why, out in sorted_out.items()}
    if unlisted := scene.material.window.unlisted:
        counts[_UNREAD] = unlisted
    return candidates, [f"Not considered: {_commits(count)} {why}." for why, count in counts.items()]


def _why_not(scene: Scene, commit: Commit) -> str:
    """Why a commit is no candidate; empty where it is one."""
    if commit.sha in scene.taken_back:
        return "that were taken back, or took back, inside the window"
    if scene.diffs_of.get(commit.sha):
        is_idle = commit.files and all(is_inert(c.path) and c.path not in scene.files for c in commit.files)
        return "that changed tests or documentation only" if is_idle else ""
    if commit.is_merge:
        return "that only merged others of the window"
    if not commit.files:
        return "without any change"
    return "that changed tests or documentation only" if all(is_inert(c.path) for c in commit.files) else ""


def _commits(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"


def _evidence(hits: Mapping[str, Hit], model: Model) -> tuple[Evidence, ...]:
    """One sentence a family of signals, told by its heaviest; what weighs little last, words last of all."""
    families: dict[str, list[tuple[float, str, Hit]]] = defaultdict(list)
    for name, hit in hits.items():
        families[FAMILIES.get(name, name)].append((model.signals.get(name, 0.0) * hit.value, name, hit))
    told = [_told(members) for members in families.values()]
    kept = (evidence for evidence in told if abs(evidence.contribution) >= _TELLING)
    return tuple(sorted(kept, key=_persuasion))


def _persuasion(evidence: Evidence) -> tuple[bool, bool, int]:
    is_textual = FAMILIES.get(evidence.signal, evidence.signal) in TEXTUAL
    return is_textual, abs(evidence.contribution) < _WEAK, _PLACES[evidence.signal]


def _told(members: list[tuple[float, str, Hit]]) -> Evidence:
    _, name, hit = max(members, key=lambda member: (abs(member[0]), member[1]))
    hunk = hit.hunk or next((other.hunk for _, _, other in members if other.hunk and other.file == hit.file), None)
    return Evidence(
        signal=name,
        contribution=sum(weight for weight, _, _ in members),
        text=f"{hit.text[0].upper()}{hit.text[1:]}.",
        file=hit.file,
        line=hit.line,
        hunk=hunk.header if hunk else None,
        frame=hit.frame,
        removed=hunk.removed if hunk else (),
        added=hunk.added if hunk else (),
    )


def _verdict(suspects: Sequence[Suspect], none: float) -> RankingVerdict:
    first = suspects[0].probability if suspects else 0.0
    if first >= SURE:
        return RankingVerdict.SUSPECT
    return RankingVerdict.NONE if none >= SURE or not suspects else RankingVerdict.UNSURE


def _warnings(scene: Scene) -> list[str]:
    if not scene.frames:
        return ["the event has no stack frames: only its message was compared with the changes"]
    if not scene.places:
        return ["no frame of the stack could be mapped to a file of the repository at the deployed commit"]
    return []
