"""What Sentry makes of an owner file: the lines that it drops, the files that it would give to others, and its limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from deploywatch.owners.check import folder_sizes, folders_of
from deploywatch.owners.codeowners import SIZE_LIMIT as CODEOWNERS_LIMIT
from deploywatch.owners.finding import Check, Level, OwnerFinding, in_order
from deploywatch.owners.rules import Decision, Matcher, where
from deploywatch.owners.sentry_conversion import DIRECT, CodeMapping, Conversion, convert
from deploywatch.owners.sentry_grammar import SIZE_LIMIT, read_rules
from deploywatch.owners.sentry_rules import CODEOWNERS_FILE, FILE, Generation, SentryOwnership
from deploywatch.owners.sentry_rules import parse as parse_rules


@dataclass(frozen=True, slots=True)
class SentryState:
    """What a Sentry project holds. ``codeowners`` is the text that was uploaded, ``None`` if there is none.

    ``owners`` maps each name of owner files that Sentry knows to its ``#team`` or e-mail address, ``names`` those that only we
    can translate. ``converts`` is whether the project takes CODEOWNERS at all. ``known`` are all owners that its rules may name,
    ``None`` where that is not known. ``limit`` is in characters.
    """

    rules: str = ""
    codeowners: str | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    mapping: CodeMapping = DIRECT
    limit: int = SIZE_LIMIT
    generation: Generation = Generation.TOP_FRAME
    converts: bool = True
    known: Collection[str] | None = None
    project: str = ""

    @property
    def file(self) -> str:
        """Its rules as findings name them."""
        return f"{FILE} of {self.project}" if self.project else FILE


def check_sentry(text: str, file: Matcher, paths: Sequence[str], state: SentryState) -> tuple[OwnerFinding, ...]:
    """Compare an owner file (its text, and parsed) with what Sentry holds, for all ``paths``; the worst finding first."""
    return in_order(
        (
            *_sizes(text, file.file, state),
            *_rule_problems(state),
            *_unknown(state),
            *_dropped(text, file.file, state),
            *_older_text(text, file.file, state),
            *_other_owners(file, paths, state),
        )
    )


def _sizes(text: str, file: str, state: SentryState) -> Iterator[OwnerFinding]:
    for name, size, limit in ((state.file, len(state.rules), state.limit), (file, len(text), CODEOWNERS_LIMIT)):
        if size > limit:
            hint = ": `owners compress` makes them smaller" if name == state.file else ""
            message = f"{size:,} characters are more than the {limit:,} that Sentry takes{hint}"
            yield OwnerFinding(Check.TOO_LARGE, Level.ERROR, message, name)


def _rule_problems(state: SentryState) -> Iterator[OwnerFinding]:
    for problem in parse_rules(state.rules)[1]:
        message = f"Sentry does not use this line: {problem.reason}"
        yield OwnerFinding(Check.INVALID_LINE, Level.ERROR, message, state.file, problem.line)


def _unknown(state: SentryState) -> Iterator[OwnerFinding]:
    """Owners of Sentry's own rules that are gone: Sentry passes over them without a word."""
    for rule in read_rules(state.rules)[0] if state.known is not None else ():
        for owner in rule.owners:
            if owner not in (state.known or ()):
                message = f"{owner} does not exist in Sentry, or has no access to the project"
                yield OwnerFinding(Check.UNKNOWN_OWNER, Level.ERROR, message, state.file, rule.line)


def _dropped(text: str, file: str, state: SentryState) -> Iterator[OwnerFinding]:
    conversion = convert(text, state.owners, state.mapping) if state.converts else Conversion()
    for problem in conversion.dropped:
        yield OwnerFinding(Check.DROPPED, Level.WARNING, problem.reason, file, problem.line)
    for problem in conversion.thinned:
        yield OwnerFinding(Check.DROPPED, Level.NOTE, problem.reason, file, problem.line)


def _older_text(text: str, file: str, state: SentryState) -> Iterator[OwnerFinding]:
    if state.codeowners is None:
        return
    ours, theirs = _lines(text), _lines(state.codeowners)
    for kind, start, end, *_ in SequenceMatcher(a=ours, b=theirs).get_opcodes():
        if kind != "equal":
            lines = f"lines {start + 1} to {end}" if end > start + 1 else f"line {start + 1}"
            what = (
                f"has {lines} otherwise"
                if kind == "replace"
                else f"lacks {lines}"
                if kind == "delete"
                else f"has more before {lines}"
            )
            message = f"{CODEOWNERS_FILE} {what} than this file: it was uploaded from another version"
            yield OwnerFinding(Check.DRIFT, Level.WARNING, message, file, start + 1)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def _other_owners(file: Matcher, paths: Sequence[str], state: SentryState) -> Iterator[OwnerFinding]:
    """Files whose owner by the owner file is not the one that Sentry gives them to, by folders."""
    sentry = _ownership(state)
    if not sentry.rules and not sentry.codeowners:
        return
    apart: defaultdict[tuple[Decision, Decision], list[str]] = defaultdict(list)
    for path in paths:
        here, there = file.decide(path), sentry.decide(_as_frames_say(path, state.mapping))
        wanted = {name for owner in here.owners if (name := state.names.get(owner) or state.owners.get(owner))}
        if wanted and wanted != set(there.owners):
            key = (Decision(here.owners, here.decided_by), Decision(there.owners, there.decided_by))
            apart[key].append(path)
    everywhere = folder_sizes(paths)
    for (here, there), files in apart.items():
        for place, within in folders_of(files, everywhere).items():
            yield _drift(file.file, (here, there), place, len(within))


def _drift(file: str, decisions: tuple[Decision, Decision], place: str, count: int) -> OwnerFinding:
    here, there = decisions
    many = f"{place} ({count} files)" if count > 1 else place
    theirs = f"{' '.join(there.owners)} by {where(there.decided_by)}" if there.owners and there.decided_by else "nobody"
    line = here.decided_by.line if here.decided_by else 0
    return OwnerFinding(
        Check.DRIFT,
        Level.WARNING,
        f"{many} belongs to {' '.join(here.owners)}, but Sentry gives it to {theirs}",
        file,
        line,
        place,
    )


def _ownership(state: SentryState) -> SentryOwnership:
    rules, _ = read_rules(state.rules)
    converted = convert(state.codeowners or "", state.owners, state.mapping).rules
    return SentryOwnership(rules, converted, generation=state.generation)


def _as_frames_say(path: str, mapping: CodeMapping) -> str:
    if path.startswith(mapping.source_root):
        return mapping.stack_root + path.removeprefix(mapping.source_root)
    return path
