"""The nouns that every other package speaks in: frozen values, no I/O.

All times are timezone-aware UTC ``datetime``; durations are ``timedelta``. Sequences are tuples whose order
is stated. ``None`` means "not known", never "zero" and never "empty".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# --- history -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A commit's author, committer or co-author, after ``.mailmap``."""

    name: str
    email: str

    @property
    def is_bot(self) -> bool:
        """Whether the name is of the form that code hosts reserve for robots (``something[bot]``)."""
        return self.name.endswith("[bot]") or "[bot]@" in self.email


class ChangeType(StrEnum):
    """git's status letters of a changed file."""

    ADDED = "A"
    MODIFIED = "M"
    DELETED = "D"
    RENAMED = "R"
    COPIED = "C"
    TYPE_CHANGED = "T"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that a commit changed, against the commit's first parent.

    ``path`` is the path after the commit (before it, for a deletion); ``old_path`` is set for renames and copies only.
    """

    type: ChangeType
    path: str
    old_path: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the window. ``files`` is in git's order (by path)."""

    sha: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    authored_at: datetime
    committed_at: datetime
    message: str
    files: tuple[FileChange, ...] = ()
    co_authors: tuple[Person, ...] = ()
    pull_request: int | None = None

    @property
    def subject(self) -> str:
        """The first line of the message, without surrounding space."""
        return self.message.strip().partition("\n")[0].strip()

    @property
    def short_sha(self) -> str:
        """The first ten hexadecimal digits, as shown to people."""
        return self.sha[:10]

    @property
    def is_merge(self) -> bool:
        """Whether the commit has more than one parent."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class CommitWindow:
    """The commits reachable from ``head`` and not from ``base`` (ancestry, never dates), newest first.

    ``base`` and ``head`` are full object names. A window that was too wide to be read whole lists only some of its ``commits``,
    or none, and counts the others as ``unlisted``.
    """

    base: str
    head: str
    commits: tuple[Commit, ...]
    unlisted: int = 0

    def __len__(self) -> int:
        return len(self.commits) + self.unlisted


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a zero-context diff, in the line numbers of the commit that made it (1-based).

    As in git, a pure deletion has ``new_lines == 0`` and ``new_start`` is the line *before* the gap; a pure
    insertion has ``old_lines == 0`` likewise. ``removed`` and ``added`` hold line texts without newline. ``context`` is the
    line that git shows behind the range: the definition that the hunk stands in, where git can tell, else empty.
    """

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    context: str = ""

    @property
    def header(self) -> str:
        """The hunk's range line, ``@@ -12,3 +12,4 @@``."""
        return f"@@ -{self.old_start},{self.old_lines} +{self.new_start},{self.new_lines} @@"


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What one commit changed in one file, against its first parent."""

    sha: str
    change: FileChange
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """The commit of the window that last touched a line, and the line's number in that commit's version of the file."""

    sha: str
    line: int


@dataclass(frozen=True, slots=True)
class Origins:
    """Line number at head (1-based) -> its origin. A line that is older than the window, or was not asked for, is absent."""

    by_line: dict[int, Origin]

    def of(self, line: int | None) -> Origin | None:
        """The origin of one line, or ``None`` where it is older than the window or unknown."""
        return self.by_line.get(line) if line is not None else None


# --- stacktraces -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a stack trace as reported, before it is mapped to a file of the repository.

    ``path`` is as the program reported it, in ``/`` form: relative to an import root (``flask/app.py``) or absolute inside
    the machine that ran it (``abs_path``). ``line`` and ``column`` are 1-based and belong to the *deployed* code.
    ``in_app`` is ``None`` where the reporter did not say.
    """

    path: str | None
    line: int | None = None
    function: str | None = None
    module: str | None = None
    abs_path: str | None = None
    column: int | None = None
    in_app: bool | None = None
    context_line: str | None = None
    pre_context: tuple[str, ...] = ()
    post_context: tuple[str, ...] = ()
    package: str | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception of a chain: its type, its message and its frames, **oldest call first** (the raising frame is last).

    ``group`` is the index of the exception group that holds it, if any (index into the same ``StackTrace.exceptions``).
    """

    type: str | None
    message: str | None
    frames: tuple[Frame, ...]
    module: str | None = None
    handled: bool | None = None
    mechanism: str | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class StackTrace:
    """A chain of exceptions, **root cause first**: the last one is what left the program.

    ``language`` is Sentry's platform word: ``python``, ``javascript``, ``java``, ``go``, ``ruby``, ``php``,
    ``csharp``, ``rust``, ``elixir``, ``other``.
    """

    exceptions: tuple[Raised, ...]
    language: str = "other"
    warnings: tuple[str, ...] = ()

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame, the raising frame of the last exception first, then outwards, then the causes' likewise.

        A frame's position here is its *index* wherever frames are numbered (evidence, JSON, reports).
        """
        return tuple(f for raised in reversed(self.exceptions) for f in reversed(raised.frames))

    @property
    def final(self) -> Raised | None:
        """The exception that left the program, if there is any."""
        return self.exceptions[-1] if self.exceptions else None


@dataclass(frozen=True, slots=True)
class MappedFrame:
    """A frame with the repository file it belongs to at head.

    ``file`` is ``None`` where no file or no *single* file fits; ``mapped_by`` says how it was decided: ``exact``,
    ``code-mapping``,
    ``code-root``, ``suffix``, ``module``, or, unmapped, ``none``, ``ambiguous``, ``library``.
    ``in_app`` is always decided here.
    """

    index: int
    frame: Frame
    file: str | None
    in_app: bool
    mapped_by: str
    line: int | None
    candidates: tuple[str, ...] = ()


# --- sentry ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """The HTTP request during which an event happened; the query string is never kept."""

    method: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence of a failure, whichever dialect it came in. Local variables, headers and bodies are never kept."""

    id: str | None
    stacktrace: StackTrace
    message: str | None = None
    level: str | None = None
    platform: str | None = None
    release: str | None = None
    environment: str | None = None
    transaction: str | None = None
    culprit: str | None = None
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    request: Request | None = None
    tags: tuple[tuple[str, str], ...] = ()
    trace_id: str | None = None
    span_id: str | None = None
    status_code: int | None = None
    issue_id: str | None = None

    def tag(self, key: str) -> str | None:
        """The value of the tag ``key``, or ``None``."""
        return next((value for name, value in self.tags if name == key), None)


@dataclass(frozen=True, slots=True)
class Issue:
    """Sentry's group of events. ``count`` and ``user_count`` are of the window that was asked for; ``first_seen`` is lifetime.

    ``filename`` is the raising frame's file as the program reported it, where Sentry tells.
    """

    id: str
    short_id: str
    title: str
    culprit: str | None
    project: str
    permalink: str | None = None
    level: str | None = None
    status: str | None = None
    substatus: str | None = None
    is_unhandled: bool | None = None
    count: int = 0
    user_count: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    first_release: str | None = None
    last_release: str | None = None
    error_type: str | None = None
    error_value: str | None = None
    assigned_to: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deploy of a release to an environment."""

    id: str
    environment: str
    name: str | None = None
    url: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A Sentry release. ``first_event`` is ``None`` until an event carries this version; ``ref`` is its creator's head."""

    version: str
    projects: tuple[str, ...] = ()
    created_at: datetime | None = None
    released_at: datetime | None = None
    first_event: datetime | None = None
    last_event: datetime | None = None
    new_groups: int = 0
    commit_count: int = 0
    last_commit: str | None = None
    last_deploy: Deploy | None = None
    ref: str | None = None


class BaseRule(StrEnum):
    """Which rule found the commit that a window begins at, in the order in which they are tried."""

    GIVEN = "given"
    LAST_DEPLOY = "last-deploy"
    OWN_STATE = "own-state"
    EARLIER_DEPLOY = "earlier-deploy"
    NEAREST_ANCESTOR = "nearest-ancestor"
    VERSION_TAG = "version-tag"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class ReleasedRepository:
    """Another repository that is a part of a release: its name in Sentry, and its own window."""

    name: str
    base: str
    base_found_by: str
    head: str
    commits: int


@dataclass(frozen=True, slots=True)
class ReleaseOutcome:
    """What the release step did, or with a dry run would have done.

    ``base`` is the commit that head is compared with, ``base_found_by`` the ``BaseRule`` that found it. ``commits`` counts what
    the release brings of all repositories; after a ``rollback``, what it takes away. ``repository`` is its name in Sentry, and
    ``also`` are the other repositories. ``resolves`` are the issues (short ids) that Sentry resolves because commits say so.
    """

    release: str
    base: str
    base_found_by: str
    head: str
    commits: int
    created: bool
    rollback: bool = False
    deploy: str | None = None
    warnings: tuple[str, ...] = ()
    repository: str | None = None
    also: tuple[ReleasedRepository, ...] = ()
    resolves: tuple[str, ...] = ()


# --- watch -------------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What a watch ends with; the exit codes 0, 3 and 4 follow from it."""

    HEALTHY = "healthy"
    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"


class RegressionKind(StrEnum):
    """Why an issue counts against the release."""

    NEW = "new"
    REGRESSED = "regressed"
    SPIKING = "spiking"


class Severity(StrEnum):
    """How much an issue hurts, lowest first; owners' channels are chosen by it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Rate:
    """How often it failed before and after the deploy, in ``unit`` (``events/min`` or ``share of requests``).

    In less than a minute there is no rate yet, and ``unit`` is ``events``: those so far, and those in as long a time before.
    ``before`` is ``None`` where nothing could be known of the time before.
    """

    before: float | None
    after: float
    unit: str = "events/min"


@dataclass(frozen=True, slots=True)
class EndpointShare:
    """How many of the ``requests`` to an endpoint (Sentry's transaction) failed with an issue, in one release since its deploy.

    ``samples`` is how many requests were really counted; where Sentry extrapolated from them, ``requests`` are more.
    """

    endpoint: str
    failed: float
    requests: float
    samples: float

    @property
    def share(self) -> float:
        """The part of the requests that failed with it, from 0 to 1."""
        return self.failed / self.requests

    @property
    def is_extrapolated(self) -> bool:
        """Whether the numbers are estimates from a sample."""
        return round(self.samples) < round(self.requests)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Events counted in ``[start, start + width)``."""

    start: datetime
    width: timedelta
    count: int


@dataclass(frozen=True, slots=True)
class Regression:
    """An issue that the release is answerable for, with one of its events and, once ranked, its suspects and owner.

    ``endpoint`` is the endpoint that it hurts most, ``None`` where the requests to its endpoints are not counted.
    """

    kind: RegressionKind
    severity: Severity
    issue: Issue
    rate: Rate
    why: str
    event: Event | None = None
    buckets: tuple[Bucket, ...] = ()
    ranking: Ranking | None = None
    owner: Owner | None = None
    endpoint: EndpointShare | None = None


@dataclass(frozen=True, slots=True)
class WatchResult:
    """What a watch saw. ``blind_spots`` are sentences about what was *not* visible; ``notes`` about what did not count.

    ``deployed_at`` is when the release began to serve, as far as that is known.
    """

    release: str
    environment: str
    verdict: Verdict
    why: str
    started_at: datetime
    ended_at: datetime
    regressions: tuple[Regression, ...] = ()
    events_seen: int = 0
    polls: int = 0
    blind_spots: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    deployed_at: datetime | None = None

    @property
    def watched(self) -> timedelta:
        """How long it looked."""
        return self.ended_at - self.started_at


@dataclass(frozen=True, slots=True)
class Gate:
    """What a verdict means to the pipeline: its exit code, and the sentence that explains it.

    ``true_code`` is what it would have been without a trial (a dry run of the gate) and without the exemption of rollbacks.
    """

    exit_code: int
    true_code: int
    why: str

    @property
    def is_lifted(self) -> bool:
        """Whether the pipeline goes on though the verdict alone would have stopped it."""
        return self.exit_code != self.true_code


class FixVerdict(StrEnum):
    """``fixed``: it stopped; ``back``: it still happens in what contains the fix; ``unsure``: too early, or too rare, to tell."""

    FIXED = "fixed"
    BACK = "back"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """Whether the commit ``fix`` fixed an issue, and what was done about it. ``found_by`` is the rule that found the commit.

    ``containing`` are the releases that contain it, oldest first; ``release`` is the first of them that serves the environment,
    since ``since``. ``hits`` are the issue's events in them, ``elsewhere`` those in releases without the fix.
    """

    issue: Issue
    environment: str | None
    verdict: FixVerdict
    why: str
    fix: str
    found_by: str
    containing: tuple[str, ...] = ()
    release: str | None = None
    since: datetime | None = None
    hits: int = 0
    elsewhere: int = 0
    resolved: bool = False
    reopened: bool = False
    warnings: tuple[str, ...] = ()


# --- suspects ----------------------------------------------------------------------------------------------


class RankingVerdict(StrEnum):
    """``suspect``: one change is named; ``unsure``: leads only; ``none``: no commit of the window explains the failure."""

    SUSPECT = "suspect"
    UNSURE = "unsure"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for (positive ``contribution``) or against a commit, as a sentence that a person can check.

    ``contribution`` is in log-odds. ``line`` is 1-based in ``file`` at head; ``frame`` is an index of ``StackTrace.frames``.
    ``cut`` lines of the hunk are left out of ``removed`` and ``added``.
    """

    signal: str
    contribution: float
    text: str
    file: str | None = None
    line: int | None = None
    hunk: str | None = None
    frame: int | None = None
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Contributor:
    """A human who wrote a change, and how that is known: ``author``, ``co-author``, ``merged branch``, ``committer``, a trailer.

    ``mention`` is how owner files name the person, as far as that is known.
    """

    person: Person
    known_by: str
    mention: str | None = None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A commit with the probability that it caused the failure and the evidence, strongest first. ``rank`` starts at 1.

    ``people`` are the humans behind the change, the likeliest first; empty where nobody looked, or only robots are known.
    """

    rank: int
    commit: Commit
    probability: float
    evidence: tuple[Evidence, ...] = ()
    people: tuple[Contributor, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to "which commit of this window did it?".

    The probabilities of *all* candidates and ``none_probability`` add up to 1; ``suspects`` may be cut to the first few.
    ``ruled_out`` says in sentences which commits were not considered, and why.
    """

    base: str
    head: str
    commits: int
    verdict: RankingVerdict
    suspects: tuple[Suspect, ...]
    none_probability: float
    frames: tuple[MappedFrame, ...] = ()
    warnings: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()

    @property
    def first(self) -> Suspect | None:
        """The suspect of rank 1, if there is any."""
        return self.suspects[0] if self.suspects else None


# --- owners ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleRef:
    """The line of an owner file that decided, or that was outranked. ``line`` is 1-based; 0 where rules have no lines."""

    file: str
    line: int
    pattern: str
    owners: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where to look it up: ``file:line``, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class OwnerStep:
    """One question of the search for an owner, and what came of it as a sentence. ``name`` is stable for programs."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class FailingService:
    """The service of the configuration that a failure belongs to, and by what: ``project shop``, ``tag service=cart``."""

    name: str
    by: str
    function: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a failure and why. ``names`` is never empty: where no rule matches it is the fallback, and ``why`` says so.

    ``steps`` are the questions in the order in which they were asked; the last one decided.
    """

    names: tuple[str, ...]
    why: str
    path: str | None = None
    decided_by: RuleRef | None = None
    outranked: tuple[RuleRef, ...] = ()
    steps: tuple[OwnerStep, ...] = ()
    service: FailingService | None = None


# --- report ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of source at head; ``number`` is 1-based."""

    number: int
    text: str
    is_failing: bool = False


@dataclass(frozen=True, slots=True)
class CodeExcerpt:
    """The source around the failing line at head, to stand beside the suspect's hunk."""

    file: str
    lines: tuple[CodeLine, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled web address."""

    label: str
    url: str


class RevertOutcome(StrEnum):
    """What came of undoing a commit at head, tried out and not done."""

    CLEAN = "clean"
    CONFLICTS = "conflicts"
    DONE = "done"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Revert:
    """How to undo a commit at ``head``. ``command`` is to be run in a shell, in a work tree of the repository.

    ``later`` are the commits between it and head that changed the same lines, newest first; ``with_later``: the command undoes
    them, too, because only then it applies. ``conflicts`` are the files in which it does not. ``note`` is a sentence about what
    could not be found out, or done. ``branch`` and ``pull_request`` (its address) are there once they have been made.
    """

    outcome: RevertOutcome
    head: str
    command: str
    later: tuple[Commit, ...] = ()
    with_later: bool = False
    conflicts: tuple[str, ...] = ()
    note: str | None = None
    branch: str | None = None
    pull_request: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One regression as the report tells it: what broke, which change, whose, how sure, what to do."""

    regression: Regression
    endpoint: str | None = None
    excerpt: CodeExcerpt | None = None
    revert_command: str | None = None
    links: tuple[Link, ...] = ()
    revert: Revert | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that any medium may show about one release's watch. Text in it is *raw*: each renderer escapes for its medium.

    ``findings`` are worst first. ``not_visible`` holds sentences about what could not be seen, ``notes`` those about how the
    verdict was come to, and about what was seen and did not count. ``gate`` is ``None`` where no pipeline waits for the answer,
    and ``watched`` where somebody looked only once. With ``rollback`` the ``commits`` are those that were taken away.
    """

    release: str
    environment: str | None
    verdict: Verdict
    why: str
    made_at: datetime
    base: str | None = None
    head: str | None = None
    commits: int = 0
    deployed_at: datetime | None = None
    watched: timedelta | None = None
    findings: tuple[Finding, ...] = ()
    not_visible: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    gate: Gate | None = None
    notes: tuple[str, ...] = ()
    rollback: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """An issue that channels were told of and whose fix was verified, for those channels to be told.

    ``release`` is the one that contains the fix; ``why`` is the sentence of the decision. ``left`` are the short ids of issues
    that were told of in the same message and still happen: an incident is over when none is left.
    """

    issue: Issue
    release: str
    environment: str | None
    why: str
    at: datetime
    left: tuple[str, ...] = ()


# --- deliver -----------------------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """Where a message is. ``unknown`` means: it was sent and the answer was lost, so it may or may not have arrived."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver, or one look whether it has arrived. ``answer`` and ``headers`` are cut and free of secrets."""

    started_at: datetime
    ended_at: datetime | None = None
    status: int | None = None
    answer: str | None = None
    error: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one channel. ``key`` is the same whenever the same thing would be said again.

    ``payload`` is exactly what is sent. ``kind`` and ``incident`` say what it is about. ``due_at`` is when it will be tried
    again. ``fallback_for`` is the id of the delivery whose channel did not take it, where this one stands in.
    """

    id: int
    key: str
    channel: str
    payload: str
    state: DeliveryState
    created_at: datetime
    attempts: tuple[Attempt, ...] = field(default=())
    reference: str | None = None
    release: str = ""
    environment: str | None = None
    kind: str = ""
    incident: str = ""
    due_at: datetime | None = None
    fallback_for: int | None = None
