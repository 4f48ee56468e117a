"""The errors that a user may see. Each one says what happened, why, and what to do next.

    DeployWatchError                exit 1
    ├── UsageError                  exit 2   the call or the configuration is wrong
    │   ├── ConfigError             exit 2   deploywatch.toml or the environment
    │   └── NoBase                  exit 2   nobody knows which commit was deployed before
    ├── GitError                    exit 1   the repository cannot answer
    │   ├── NotARepository          exit 1
    │   ├── UnknownRevision         exit 1
    │   ├── NotAnAncestor           exit 1
    │   ├── EmptyWindow             exit 1
    │   └── ShallowClone            exit 1
    ├── SentryError                 exit 1   Sentry answered no, or not at all (no token at all is a ConfigError)
    │   ├── SentryAuthError         exit 1   a wrong token, or one without the scope that is needed
    │   ├── SentryNotFound          exit 1   absent, hidden, or switched off: Sentry does not tell which
    │   │   └── SentryUnknownEnvironment     no event and no deploy named this environment so far
    │   ├── SentryRejected          exit 1   Sentry refused what was sent
    │   └── SentryUnavailable       exit 1   (4 in run and watch: "could not see" is not "healthy")
    │       └── SentryEndpointMissing        this server does not have what was asked for at all
    ├── InputError                  exit 1   a traceback or an event cannot be read
    ├── StateError                  exit 1   the state directory or database cannot be used
    └── DeliveryError               exit 1   a channel did not take a message

They are raised where the trouble is seen and caught once, in ``deploywatch.cli``.
"""

from __future__ import annotations

from typing import ClassVar


class DeployWatchError(Exception):
    """The root of the tree. ``message`` says what happened and why; ``hint`` says what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def code(self) -> str:
        """The error's name, stable for programs that read ``--format json`` errors."""
        return type(self).__name__

    def diagnostics(self) -> str:
        """What a terminal shows: the message, then the hint, each on a line of its own."""
        return f"error: {self.message}\n  hint: {self.hint}"


class UsageError(DeployWatchError):
    """The command was called with arguments that cannot go together or make no sense."""

    exit_code = 2


class ConfigError(UsageError):
    """deploywatch.toml, .sentryclirc or the environment holds something wrong."""


class NoBase(UsageError):
    """No commit is known that the window could begin at, and none is guessed."""


class GitError(DeployWatchError):
    """git could not answer."""


class NotARepository(GitError):
    """The folder is not (in) a git repository."""


class UnknownRevision(GitError):
    """A revision does not name a commit here."""


class NotAnAncestor(GitError):
    """The base is not an ancestor of the head, so there is no window between them."""


class EmptyWindow(GitError):
    """There is no commit between base and head, so none of them can be to blame."""


class ShallowClone(GitError):
    """The clone does not hold the history that the question needs."""


class SentryError(DeployWatchError):
    """Sentry answered with an error. ``status`` is the HTTP status, if there was an answer."""

    def __init__(self, message: str, *, hint: str, status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class SentryAuthError(SentryError):
    """A wrong token, or one without the scope that is needed."""


class SentryNotFound(SentryError):
    """Sentry says 404: the thing is absent, hidden from this token, or the feature is off."""


class SentryUnknownEnvironment(SentryNotFound):
    """Sentry does not know the environment *yet*: normal until its first event or deploy, a wrong name if it stays so."""


class SentryRejected(SentryError):
    """Sentry understood and refused."""


class SentryUnavailable(SentryError):
    """Sentry could not be reached, or did not answer sensibly, within the time allowed.

    ``sent`` tells whether the request may have reached Sentry, and so may have taken effect; ``False`` promises not.
    """

    def __init__(self, message: str, *, hint: str, status: int | None = None, sent: bool = True) -> None:
        super().__init__(message, hint=hint, status=status)
        self.sent = sent


class SentryEndpointMissing(SentryUnavailable):
    """This server lacks the endpoint: an old Sentry, or another program that speaks only a part of its API."""


class InputError(DeployWatchError):
    """A traceback or an event cannot be read."""


class StateError(DeployWatchError):
    """The state directory or database cannot be used."""


class DeliveryError(DeployWatchError):
    """A channel did not take a message."""
