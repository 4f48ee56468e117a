"""The human behind a commit: through bots, merge queues, and the accounts under which web pages merge.

git's author of a squash or of a queue's merge is often whoever pushed the button, or a robot; who wrote the change then stands in
``Co-authored-by`` or in the name of the merged branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.model import Commit, Person

ROBOTS: Final = (
    "web-flow", "github", "gitlab", "bitbucket", "dependabot", "dependabot-preview", "renovate", "renovate bot", "github-actions",
    "github actions", "gitlab ci", "semantic-release-bot", "mergify", "kodiak", "kodiakhq", "bors", "homu", "merge queue",
    "github merge queue", "merge train", "graphite app", "snyk-bot", "pre-commit-ci", "greenkeeper", "allcontributors",
)  # fmt: skip
"""Names (in lower case) under which robots commit without saying ``[bot]``."""

_ROBOT_ADDRESS: Final = re.compile(
    r"noreply@(?:github|gitlab)\.com|.*\[bot\]@.*|(?:\d+\+)?web-flow@users\.noreply\.github\.com|(?:bot|ci|bors|merge-?bot)@.*",
    re.IGNORECASE,
)
_TRAILER: Final = re.compile(r"^(?P<key>[A-Za-z-]+):\s*(?P<name>[^<>\n]*?)\s*<(?P<email>[^<>\s]+@[^<>\s]+)>\s*$", re.MULTILINE)
_TRUSTED: Final = ("co-authored-by", "original-author", "author", "signed-off-by")
_BRANCH: Final = re.compile(r"^Merge pull request #\d+ from (?P<handle>[A-Za-z0-9-]{1,39})/", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Human:
    """Who wrote a change, and how that is known: ``author``, ``co-author``, a trailer's key, ``merged branch``, ``committer``."""

    person: Person
    known_by: str


def is_robot(person: Person, robots: Sequence[str] = ()) -> bool:
    """Whether a name of git is no human's. ``robots`` are further names or addresses, in any case."""
    name, email = person.name.strip().casefold(), person.email.strip().casefold()
    named = {robot.casefold() for robot in robots}
    return person.is_bot or name in ROBOTS or name in named or email in named or _ROBOT_ADDRESS.fullmatch(email) is not None


def humans_behind(commit: Commit, robots: Sequence[str] = ()) -> tuple[Human, ...]:
    """All humans who are known to have written a commit, the likeliest first; empty where only robots are known."""
    found: dict[str, Human] = {}
    for human in _candidates(commit):
        if not is_robot(human.person, robots):
            found.setdefault(human.person.email.casefold(), human)
    return tuple(found.values())


def human_behind(commit: Commit, robots: Sequence[str] = ()) -> Human | None:
    """The human who most likely wrote a commit; ``None`` where only robots are known."""
    return next(iter(humans_behind(commit, robots)), None)


def _candidates(commit: Commit) -> Iterator[Human]:
    yield Human(commit.author, "author")
    yield from (Human(person, "co-author") for person in commit.co_authors)
    trailers = [(found["key"].lower(), Person(found["name"], found["email"])) for found in _TRAILER.finditer(commit.message)]
    for key in _TRUSTED:
        yield from (Human(person, key) for name, person in trailers if name == key)
    branch = _BRANCH.search(commit.message)
    if branch:
        handle = branch["handle"]
        yield Human(Person(handle, f"{handle}@users.noreply.github.com"), "merged branch")
    yield Human(commit.committer, "committer")
