"""Who owns what somebody asks about by name: a path, a Sentry issue, an event."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from deploywatch.errors import InputError, UsageError
from deploywatch.history.repository import Repository
from deploywatch.model import CommitWindow, Event
from deploywatch.owners.check import folder_sizes, folders_of
from deploywatch.owners.resolution import resolve_path
from deploywatch.owners.rules import Decision
from deploywatch.requests import CodeRequest, WhoAnswer, WhoRequest
from deploywatch.steps.code import find_code
from deploywatch.steps.owner_finder import OwnerFinder

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client
    from deploywatch.steps.investigator import Investigator

STDIN: Final = "-"
# In capitals, as Sentry shows it: file names with a dash are written otherwise.
_ISSUE: Final = re.compile(r"\d+|[A-Z0-9_]+(?:-[A-Z0-9_]+)*-[0-9A-HJKMNP-TV-Z]+")
_EVENT_FILES: Final = frozenset({".json", ".jsonl", ".ndjson", ".txt", ".log"})


class Asking:
    """Answers about one commit of one repository. Sentry is asked for issues only; all else stays on this machine.

    ``stdin`` is what ``-`` stands for.
    """

    def __init__(self, setup: Setup, request: WhoRequest, stdin: TextIO) -> None:
        self._setup = setup
        self._request = request
        self._stdin = stdin
        self._repository = Repository.open(request.owners.repo, environ=setup.environ)
        self._commit = self._repository.resolve(request.owners.rev)

    def answers(self) -> Iterator[WhoAnswer]:
        """An answer for each target, for a file of several events one for each. Raises what the target's kind may raise."""
        for target in self._request.targets:
            if self._is_event(target):
                yield from self._of_events(target)
            elif "://" in target or (_ISSUE.fullmatch(target) and target not in self._paths):
                yield self._of_issue(target)
            else:
                yield from self._of_path(target)

    def _of_path(self, target: str) -> Iterator[WhoAnswer]:
        """The answer for a file; for a folder one for each part of it that is decided in the same way."""
        name = target.removeprefix("./").strip("/")
        folder = f"{name}/" if name not in {"", "."} else ""
        inside = [path for path in self._paths if path.startswith(folder)]
        decided: dict[Decision, list[str]] = {}
        for path in sorted(inside) or [target]:
            decided.setdefault(resolve_path(path, self._offline.sources()), []).append(path)
        places = {place: decision for decision, files in decided.items() for place in folders_of(files, self._sizes)}
        for place, decision in sorted(places.items()) if inside else [(target, next(iter(decided)))]:
            yield WhoAnswer(place, decision.owners, decision.decided_by, decision.outranked)

    @cached_property
    def _sizes(self) -> Counter[str]:
        return folder_sizes(tuple(self._paths))

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._repository.paths(self._commit))

    @cached_property
    def _offline(self) -> OwnerFinder:
        return OwnerFinder(self._setup, self._repository, self._commit)

    @cached_property
    def _client(self) -> Client:
        return self._setup.connect(self._request.owners.projects)

    @cached_property
    def _online(self) -> OwnerFinder:
        return OwnerFinder(self._setup, self._repository, self._commit, client=self._client)

    @cached_property
    def _investigator(self) -> Investigator:
        from deploywatch.steps.investigator import Investigator

        window = CommitWindow(self._commit, self._commit, ())
        if self._request.base is not None:
            code = CodeRequest(repo=self._request.owners.repo, base=self._request.base, head=self._request.owners.rev)
            window = find_code(code, environ=self._setup.environ).new
        roots = tuple((root.from_, root.to) for root in self._setup.settings.repository.code_roots)
        return Investigator(self._repository, window, code_roots=roots)

    def _is_event(self, target: str) -> bool:
        if self._request.events or target == STDIN:
            return True
        path = Path(target)
        return path.suffix.lower() in _EVENT_FILES and target.removeprefix("./") not in self._paths and path.is_file()

    def _of_issue(self, name: str) -> WhoAnswer:
        from deploywatch.sentry.events import latest_event
        from deploywatch.sentry.issues import issue

        found = issue(self._client, name)
        return self._failure(found.short_id, latest_event(self._client, found.id), found.project, self._online)

    def _of_events(self, name: str) -> Iterator[WhoAnswer]:
        from deploywatch.stacktraces.inputs import iter_inputs

        projects = self._request.owners.projects
        project = projects[0] if len(projects) == 1 else None
        try:
            with _opened(name, self._stdin) as lines:
                for event in iter_inputs(lines):
                    yield self._failure(name, event, project, self._offline)
        except InputError as error:
            raise InputError(f"{name}: {error.message}", hint=error.hint) from error
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}", hint="check the path and its permissions") from error

    def _failure(self, target: str, event: Event | None, project: str | None, finder: OwnerFinder) -> WhoAnswer:
        ranking = self._investigator.rank(event) if event else None
        owner = finder.owner(finder.failure(event, project, ranking))
        return WhoAnswer(target, owner.names, owner.decided_by, owner.outranked, owner, event.id if event else None)


def _opened(name: str, stdin: TextIO) -> AbstractContextManager[TextIO]:
    if name != STDIN:
        return Path(name).open(encoding="utf-8-sig", errors="replace")
    if stdin.isatty():
        raise UsageError("there is nothing to read", hint="pipe an event or a traceback into it, or name a file")
    return nullcontext(stdin)
