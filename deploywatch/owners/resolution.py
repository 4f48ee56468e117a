"""Who owns a failure, in a stated order, each step shown.

1. what the code itself says (a tag on the event)   2. the failing service   3. the file of the raising own frame
4. the files of the other own frames, outwards      5. the event as a whole (Sentry's rules on URL, tags and all frames)
6. the files of the change                          7. the author of the change   8. the fallback: never nobody

A service comes before the raising frame, so that shared code does not take a failure from the service that broke.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from deploywatch.model import Commit, Contributor, Event, FailingService, MappedFrame, Owner, OwnerStep
from deploywatch.owners.annotations import Annotations
from deploywatch.owners.authorship import human_behind
from deploywatch.owners.people import People
from deploywatch.owners.rules import Decision, Matcher, Subject, where
from deploywatch.owners.services import ServiceMatch, Services

LAST_RESORT: Final = "whoever deployed this release"
"""Who gets a failure when no rule matches and no default owner is configured: there is always somebody who deployed."""

_MOST_CHANGED: Final = 20
"""Files of a change that are asked about, each a step: a large change says little about who owns its failure."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of a failure. ``frames`` are in the order of ``StackTrace.frames``; ``change`` is the suspect, if any.

    ``author`` is the human behind the change, where more is known of it than git tells.
    """

    event: Event | None = None
    project: str | None = None
    frames: tuple[MappedFrame, ...] = ()
    change: Commit | None = None
    author: Contributor | None = None


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
class _Question:
    step: str
    about: str
    subject: Subject
    sources: Sequence[Matcher]
    path: str | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of a question; with an owner it is the last one."""

    text: str
    owner: Owner | None = None


def resolve_failure(failure: Failure, sources: OwnerSources) -> Owner:
    """The owner of a failure, with the steps that led there. Never nobody."""
    steps: list[OwnerStep] = []
    service = _service(sources.services.matches(_whole(failure)))
    for question in _questions(failure, sources):
        for answer in _answers(question):
            steps.append(OwnerStep(question.step, answer.text))
            if answer.owner:
                return replace(answer.owner, steps=tuple(steps), service=service)
    last, owner = _author(failure, sources) or _fallback(failure, sources, steps)
    return replace(owner, path=_raising_file(failure), steps=(*steps, last), service=service)


def resolve_path(path: str, sources: OwnerSources) -> Decision:
    """Who owns a file, as far as the file alone tells: by its service, else by the owner files. Empty where nobody does.

    What the owner files say beside the service that decides is among the outranked.
    """
    decisions = [decision for source in (sources.services, *sources.files) if (decision := source.decide(path)).decided_by]
    first = next((decision for decision in decisions if decision.owners), next(iter(decisions), Decision()))
    beside = (rule for other in decisions if other is not first for rule in (other.decided_by, *other.outranked) if rule)
    return replace(first, outranked=(*first.outranked, *beside))


def _questions(failure: Failure, sources: OwnerSources) -> Iterator[_Question]:
    whole = _whole(failure)
    if failure.event:
        yield _Question("annotation", "the event's own tags", whole, (sources.annotations,))
    if sources.services.services:
        yield _Question("service", "the failing service", whole, (sources.services,))
    own = [frame for frame in failure.frames if frame.in_app and frame.file]
    for place, frame in enumerate(own):
        subject = replace(whole, path=frame.file, frame=frame.frame, event=None, files=())
        step = "other-frame" if place else "raising-frame"
        yield _Question(step, f"{frame.file} (frame {frame.index})", subject, sources.files, frame.file)
    if failure.event and sources.files:
        yield _Question("event", "the event as a whole", whole, sources.files)
    files = [change.path for change in failure.change.files] if failure.change else []
    for path in list(dict.fromkeys(files))[:_MOST_CHANGED]:
        yield _Question("changed-file", f"{path} (changed)", Subject(path=path), sources.files, path)


def _answers(question: _Question) -> Iterator[_Answer]:
    silent = True
    for source in question.sources:
        decision = source.decide(question.subject)
        rule = decision.decided_by
        if rule and decision.owners:
            text = _sentence(question, decision)
            yield _Answer(text, Owner(decision.owners, text, question.path, rule, decision.outranked))
            return
        if rule:
            silent = False
            yield _Answer(f"{question.about}: {where(rule)} leaves it without an owner")
    if silent:
        yield _Answer(_nothing(question))


def _nothing(question: _Question) -> str:
    if question.step == "annotation":
        return "no tag of the event names an owner"
    if question.step == "service":
        return "the failure belongs to none of the services"
    if not question.sources:
        return f"{question.about}: there is no owner file at this commit"
    return f"{question.about}: no line of {' or '.join(source.file for source in question.sources)} matches"


def _whole(failure: Failure) -> Subject:
    files = tuple(dict.fromkeys(frame.file for frame in failure.frames if frame.in_app and frame.file))
    platform = failure.event.platform if failure.event else None
    return Subject(event=failure.event, project=failure.project, files=files, platform=platform)


def _service(matches: Sequence[ServiceMatch]) -> FailingService | None:
    if not matches:
        return None
    service = matches[0].service
    return FailingService(service.name, matches[0].by, service.function, service.product)


def _raising_file(failure: Failure) -> str | None:
    return next((frame.file for frame in failure.frames if frame.in_app and frame.file), None)


def _sentence(question: _Question, decision: Decision) -> str:
    rule = where(decision.decided_by) if decision.decided_by else ""
    over = f", over {where(decision.outranked[0])}" if decision.outranked else ""
    more = f" and {len(decision.outranked) - 1} more" if len(decision.outranked) > 1 else ""
    return f"{question.about}: owned by {' '.join(decision.owners)} because of {rule}{over}{more}"


def _author(failure: Failure, sources: OwnerSources) -> tuple[OwnerStep, Owner] | None:
    human = failure.author or (human_behind(failure.change, sources.robots) if failure.change else None)
    if failure.change is None or human is None:
        return None
    name = failure.author.mention if failure.author and failure.author.mention else sources.people.name(human.person)
    text = f"no rule decides, so it goes to {name}, {human.known_by} of the suspected change {failure.change.short_sha}"
    return OwnerStep("author", text), Owner((name,), text)


def _fallback(failure: Failure, sources: OwnerSources, steps: Sequence[OwnerStep]) -> tuple[OwnerStep, Owner]:
    to = "the default owner" if sources.default else "whoever deployed: no default owner is configured"
    text = f"{_why_nobody(failure, steps)}, so it goes to {to}"
    return OwnerStep("fallback", text), Owner(tuple(sources.default) or (LAST_RESORT,), text)


def _why_nobody(failure: Failure, steps: Sequence[OwnerStep]) -> str:
    """What was closest to an answer: of the raising frame's file, if it is known."""
    raising = next((step.text for step in steps if step.name == "raising-frame"), None)
    if raising:
        return raising
    if failure.event and not failure.frames:
        return "no file of the repository is known for this failure"
    return steps[-1].text if steps else "nothing is known of where it failed"
