"""The health of an owner file: lines that are invalid, match nothing or never decide; unknown owners; files of nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from deploywatch.owners.dialects import OwnerRules
from deploywatch.owners.finding import Check, Level, OwnerFinding, in_order
from deploywatch.owners.rules import Matcher, Problem, Rule

_NEVER_MIND = 1e-9
UNKNOWN_OWNER: Final = "Unknown owner"
"""How code hosts begin the reason of a line whose owner does not exist, or may not see the repository."""


@dataclass(slots=True)
class _Coverage:
    """What asking about every file showed. The counters are by line: how often it matched, and decided."""

    matched: Counter[int] = field(default_factory=Counter)
    decided: Counter[int] = field(default_factory=Counter)
    outranked_by: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    unowned: dict[str, int] = field(default_factory=dict)


def check(
    rules: OwnerRules,
    paths: Sequence[str],
    *,
    errors: Mapping[str, int] | None = None,
    known_owners: Collection[str] | None = None,
    beside: Sequence[Matcher] = (),
) -> tuple[OwnerFinding, ...]:
    """Check an owner file against all ``paths`` of the repository, the worst finding first.

    ``errors`` are the recent errors by file, ``known_owners`` everybody who exists, as owner files name them; ``None`` means that
    it is not known, and what needs it is not checked. ``beside`` may own what the owner file leaves to nobody.
    """
    coverage = _cover(rules, paths)
    coverage.unowned = {path: line for path, line in coverage.unowned.items() if not any(o.decide(path).owners for o in beside)}
    return in_order(
        (
            *_invalid(rules),
            *_unknown(rules, known_owners),
            *_useless(rules, coverage),
            *_unowned(rules, paths, coverage, errors),
        )
    )


def by_host(rules: OwnerRules, problems: Sequence[Problem]) -> tuple[OwnerFinding, ...]:
    """What the code host itself finds wrong in the owner file, without the lines that are known to be not in force anyway."""
    known = {problem.line for problem in rules.problems}
    return tuple(
        OwnerFinding(
            Check.UNKNOWN_OWNER if unknown else Check.INVALID_LINE, Level.ERROR, problem.reason, rules.file, problem.line
        )
        for problem in problems
        if (unknown := problem.reason.startswith(UNKNOWN_OWNER)) or problem.line not in known
    )


def _cover(rules: OwnerRules, paths: Sequence[str]) -> _Coverage:
    coverage = _Coverage()
    for path in paths:
        decision = rules.decide(path)
        deciding = [rule for rule in (decision.decided_by, *decision.also) if rule]
        coverage.decided.update(rule.line for rule in deciding)
        coverage.matched.update(rule.line for rule in (*deciding, *decision.outranked))
        if decision.decided_by:
            for rule in decision.outranked:
                coverage.outranked_by[rule.line][decision.decided_by.line] += 1
        if not decision.owners:
            coverage.unowned[path] = decision.decided_by.line if decision.decided_by else 0
    return coverage


def _invalid(rules: OwnerRules) -> Iterator[OwnerFinding]:
    for problem in rules.problems:
        message = f"this line is not in force: {problem.reason}" if problem.line else problem.reason
        yield OwnerFinding(Check.INVALID_LINE, Level.ERROR, message, rules.file, problem.line)


def _unknown(rules: OwnerRules, known: Collection[str] | None) -> Iterator[OwnerFinding]:
    if known is None:
        return
    folded = {name.casefold(): name for name in known}
    for rule in rules.rules:
        for owner in rule.owners:
            if owner.casefold() not in folded:
                like = get_close_matches(owner.casefold(), folded, n=1, cutoff=0.8)
                hint = f"; is {folded[like[0]]} meant?" if like else ""
                message = f"{owner} does not exist, or may not see this repository{hint}"
                yield OwnerFinding(Check.UNKNOWN_OWNER, Level.ERROR, message, rules.file, rule.line)


def _useless(rules: OwnerRules, coverage: _Coverage) -> Iterator[OwnerFinding]:
    for rule in rules.rules:
        if not coverage.matched[rule.line]:
            message = f"{rule.pattern} matches no file"
            yield OwnerFinding(Check.MATCHES_NOTHING, Level.WARNING, message, rules.file, rule.line)
        elif not coverage.decided[rule.line]:
            yield _shadowed(rules, rule, coverage)


def _shadowed(rules: OwnerRules, rule: Rule, coverage: _Coverage) -> OwnerFinding:
    by = coverage.outranked_by[rule.line].most_common()
    patterns = {other.line: other.pattern for other in rules.rules}
    others = ", ".join(f"line {line} ({patterns.get(line, '?')})" for line, _ in by[:3])
    more = f" and {len(by) - 3} more lines" if len(by) > 3 else ""
    message = f"{rule.pattern} never decides: every file that it matches goes to {others}{more}"
    return OwnerFinding(Check.SHADOWED, Level.WARNING, message, rules.file, rule.line)


def _unowned(
    rules: OwnerRules, paths: Sequence[str], coverage: _Coverage, errors: Mapping[str, int] | None
) -> Iterator[OwnerFinding]:
    total = sum(errors.values()) if errors else 0
    for place, files in folders_of(coverage.unowned, folder_sizes(paths)).items():
        lines = {coverage.unowned[file] for file in files}
        count = sum(errors.get(file, 0) for file in files) if errors else 0
        share = count / total if errors is not None and total else None
        line = lines.pop() if len(lines) == 1 else 0
        many = f"{place} ({len(files)} files)" if place.endswith("/") else place
        why = f"line {line} leaves it to nobody" if line else "no line gives it to anybody"
        weight = f", with {share:.1%} of the recent errors" if share is not None and share > _NEVER_MIND else ""
        level = Level.ERROR if weight else Level.NOTE if line else Level.WARNING
        yield OwnerFinding(Check.UNOWNED, level, f"{many} is owned by nobody: {why}{weight}", rules.file, line, place, share)


def folder_sizes(paths: Sequence[str]) -> Counter[str]:
    """How many of all files each folder (with a ``/`` behind) holds, at any depth."""
    return Counter(folder for path in paths for folder in _folders(path))


def folders_of(chosen: Collection[str], everywhere: Counter[str]) -> dict[str, list[str]]:
    """Chosen files by the highest folder all of whose files are chosen; a lone file stands for itself.

    ``everywhere`` are the ``folder_sizes`` of all files.
    """
    taken = Counter(folder for path in chosen for folder in _folders(path))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(chosen):
        whole = (folder for folder in _folders(path) if taken[folder] == everywhere[folder] > 1)
        found[next(whole, path)].append(path)
    return dict(found)


def _folders(path: str) -> Iterator[str]:
    """The folders that hold a path, the highest first, without the root."""
    cut = path.find("/")
    while cut >= 0:
        yield path[: cut + 1]
        cut = path.find("/", cut + 1)
