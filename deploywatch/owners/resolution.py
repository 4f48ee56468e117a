"""Who owns a failure, in a stated order, each step shown.

1. what the code itself says (a tag on the event)   2. the failing service   3. the file of the raising own frame
4. the files of the other own frames, outwards      5. the event as a whole (Sentry's rules on URL, tags and all frames)
6. the files of the change                          7. the author of the change   8. the fallback: never nobody

A service comes before the raising frame, so that shared code does not take a failure from the service that broke.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from deploywatch.model import Commit, Event, MappedFrame, Owner
from deploywatch.owners.annotations import Annotations
from deploywatch.owners.authorship import human_behind
from deploywatch.owners.people import People
from deploywatch.owners.resolve import LAST_RESORT, where
from deploywatch.owners.rules import Decision, Matcher, Subject
from deploywatch.owners.services import Service, Services


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of a failure. ``frames`` are in the order of ``StackTrace.frames``; ``change`` is the suspect, if any."""

    event: Event | None = None
    project: str | None = None
    frames: tuple[MappedFrame, ...] = ()
    change: Commit | None = None


@dataclass(frozen=True, slots=True)
class OwnerSources:
    """Everything that may say who owns something. ``files`` are asked in their order: Sentry's rules before CODEOWNERS."""

    files: Sequence[Matcher] = ()
    services: Services = field(default_factory=lambda: Services(()))
    annotations: Annotations = field(default_factory=Annotations)
    people: People = field(default_factory=lambda: People(()))
    robots: Sequence[str] = ()
    default: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the order: what was asked about whom, and what came of it, as a sentence. The last step decided."""

    name: str
    about: str
    text: str
    decision: Decision = Decision()  # noqa: RUF009 (frozen)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The owner, the steps that led there, and the failing service, if one is known."""

    owner: Owner
    steps: tuple[Step, ...]
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    step: str
    about: str
    subject: Subject
    sources: Sequence[Matcher]
    path: str | None = None


def resolve_failure(failure: Failure, sources: OwnerSources) -> Resolution:
    """The owner of a failure. Never nobody."""
    steps: list[Step] = []
    whole = _whole(failure)
    services = sources.services.matches(whole)
    service = services[0].service if services else None
    for question in _questions(failure, sources):
        for source in question.sources:
            decision = source.decide(question.subject)
            if decision.owners and decision.decided_by:
                steps.append(Step(question.step, question.about, _sentence(question, decision), decision))
                owner = Owner(decision.owners, steps[-1].text, question.path, decision.decided_by, decision.outranked)
                return Resolution(owner, tuple(steps), service)
            steps += _undecided(question, decision)
        if not steps or steps[-1].about != question.about:
            steps.append(Step(question.step, question.about, f"no rule matches {question.about}"))
    last = _author(failure, sources) or _fallback(sources, steps)
    return Resolution(Owner(last.decision.owners, last.text, _raising_file(failure)), (*steps, last), service)


def _questions(failure: Failure, sources: OwnerSources) -> Iterator[_Question]:
    whole = _whole(failure)
    if failure.event:
        yield _Question("annotation", "the event's own tags", whole, (sources.annotations,))
    if sources.services.services:
        yield _Question("service", "the failing service", whole, (sources.services,))
    own = [frame for frame in failure.frames if frame.in_app and frame.file]
    for place, frame in enumerate(own):
        subject = replace(whole, path=frame.file, frame=frame.frame, event=None, files=())
        step = "other frame" if place else "raising frame"
        yield _Question(step, f"{frame.file} (frame {frame.index})", subject, sources.files, frame.file)
    if failure.event and sources.files:
        yield _Question("event", "the event as a whole", whole, sources.files)
    files = [change.path for change in failure.change.files] if failure.change else []
    for path in dict.fromkeys(files):
        yield _Question("changed file", f"{path} (changed)", Subject(path=path), sources.files, path)


def _whole(failure: Failure) -> Subject:
    files = tuple(dict.fromkeys(frame.file for frame in failure.frames if frame.in_app and frame.file))
    platform = failure.event.platform if failure.event else None
    return Subject(event=failure.event, project=failure.project, files=files, platform=platform)


def _raising_file(failure: Failure) -> str | None:
    return next((frame.file for frame in failure.frames if frame.in_app and frame.file), None)


def _sentence(question: _Question, decision: Decision) -> str:
    rule = where(decision.decided_by) if decision.decided_by else ""
    over = f", over {where(decision.outranked[0])}" if decision.outranked else ""
    more = f" and {len(decision.outranked) - 1} more" if len(decision.outranked) > 1 else ""
    return f"{question.about}: owned by {' '.join(decision.owners)} because of {rule}{over}{more}"


def _undecided(question: _Question, decision: Decision) -> list[Step]:
    if decision.decided_by is None:
        return []
    text = f"{question.about}: {where(decision.decided_by)} leaves it without an owner"
    return [Step(question.step, question.about, text, decision)]


def _author(failure: Failure, sources: OwnerSources) -> Step | None:
    human = human_behind(failure.change, sources.robots) if failure.change else None
    if failure.change is None or human is None:
        return None
    name = sources.people.name(human.person)
    text = f"no rule decides, so it goes to {name}, {human.known_by} of the suspected change {failure.change.short_sha}"
    return Step("author", "the author of the change", text, Decision(owners=(name,)))


def _fallback(sources: OwnerSources, steps: Sequence[Step]) -> Step:
    reason = steps[-1].text if steps else "nothing is known of where it failed"
    to = "the default owner" if sources.default else "whoever deployed: no default owner is configured"
    return Step(
        "fallback", "everything", f"{reason}, so it goes to {to}", Decision(owners=tuple(sources.default) or (LAST_RESORT,))
    )
