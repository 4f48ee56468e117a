"""The set-up that is looked at, and what several checks need to know of it. Each thing is asked once, when it is first needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploywatch.errors import DeployWatchError, SentryError
from deploywatch.history.repository import Repository
from deploywatch.requests import DoctorRequest
from deploywatch.sentry.issues import IssueQuery, search
from deploywatch.sentry.retry import Retry
from deploywatch.sentry.server import Caller, caller

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.model import Issue
    from deploywatch.sentry.client import Client

PATIENCE: Final = Retry(attempts=2, deadline=timedelta(seconds=10), timeout=timedelta(seconds=8))
"""Somebody waits for the doctor: it asks twice, and not for long."""

RECENT: Final = timedelta(days=14)
_ISSUES: Final = 3
_FILE: Final = "sqlite:///"


class CannotLookError(Exception):
    """Another check found why this one cannot look at anything; the text says what it lacks."""


class Patient:
    """A set-up under the doctor's eyes. What cannot be asked raises ``CannotLookError``, and what goes wrong its own error.

    ``secrets`` are those that were met, to be kept out of what is said.
    """

    def __init__(self, setup: Setup, request: DoctorRequest) -> None:
        # The warnings of a connection are findings here.
        self.setup = replace(setup, say=lambda _: None)
        self.request = request
        self.secrets: set[str] = set()
        self._caller: Caller | SentryError | None = None

    @cached_property
    def environment(self) -> str | None:
        """The environment that is deployed to, if one is named."""
        return self.setup.environment_or_none(self.request.place.environment)

    @cached_property
    def configured(self) -> Client:
        """A client that has asked nothing yet. Raises ``ConfigError``."""
        return self.setup.connect(self.request.place.projects).with_patience(PATIENCE)

    def caller(self) -> Caller:
        """Whose token it is, from the first question to Sentry. Raises what came of that, ``SentryError`` or ``ConfigError``."""
        if self._caller is None:
            try:
                self._caller = caller(self.configured)
            except SentryError as trouble:
                self._caller = trouble
        if isinstance(self._caller, SentryError):
            raise self._caller
        return self._caller

    @property
    def client(self) -> Client:
        """A client of a Sentry that answers and takes the token. Raises ``CannotLookError``: why is told elsewhere."""
        try:
            self.caller()
        except DeployWatchError:
            raise CannotLookError("Sentry cannot be asked") from None
        return self.configured

    @cached_property
    def repository(self) -> Repository:
        """The repository. Raises ``GitError``."""
        return Repository.open(self.request.code.repo, environ=self.setup.environ)

    @property
    def here(self) -> tuple[Repository, str]:
        """The repository and the deployed commit. Raises ``CannotLookError``: why is told elsewhere."""
        try:
            return self.repository, self.repository.resolve(self.request.code.head)
        except DeployWatchError:
            raise CannotLookError("there is no repository, or no such commit in it") from None

    @cached_property
    def query(self) -> IssueQuery:
        """What happened lately in the environment (or anywhere) in the projects."""
        client = self.client
        return IssueQuery("", self.environment, client.connection.projects, client.now() - RECENT)

    @cached_property
    def newest(self) -> tuple[Issue, ...]:
        """The issues that happened last. Raises ``SentryError``."""
        return search(self.client, self.query, "", limit=_ISSUES)

    def missing_state(self) -> Path | None:
        """The file of the state where it is one that is not there yet, and not to be made by looking. Raises ``ConfigError``."""
        url = self.setup.state_url()
        file = Path(url.removeprefix(_FILE)) if url.startswith(_FILE) else None
        return file if file and not file.exists() else None

    def newest_anywhere(self) -> tuple[Issue, ...]:
        """As ``newest``, and of any environment where the named one shows nothing or is not known."""
        try:
            found = self.newest
        except SentryError:
            found = ()
        if found or self.environment is None:
            return found
        return search(self.client, replace(self.query, environment=None), "", limit=_ISSUES)
