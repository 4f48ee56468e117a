"""``git log`` records -> Commits."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from deploywatch.model import ChangeType, Commit, FileChange, Person

_FIELDS: Final = (
    "%H",
    "%P",
    "%aN",
    "%aE",
    "%at",
    "%cN",
    "%cE",
    "%ct",
    "%B",
    "%(trailers:key=Co-authored-by,valueonly,separator=%x1f)",
)
_START: Final = "\x01"

# %x01 opens a record: a raw entry opens with a colon, so neither can be taken for the other.
LOG_OPTIONS: Final = ("-z", "--topo-order", "--no-abbrev", f"--format=%x01{'%x00'.join(_FIELDS)}%x00")

_SQUASH: Final = re.compile(r"\(#(\d{1,9})\)\s*$")
_MERGE: Final = re.compile(
    r"^Merge pull request #(\d{1,9}) |^See merge request \S*!(\d{1,9})\s*$|^Merged in .* \(pull request #(\d{1,9})\)",
    re.MULTILINE,
)
_CO_AUTHOR: Final = re.compile(r"\s*(?P<name>[^<]*?)\s*<(?P<email>[^>]*)>\s*")


def read_commits(out: bytes) -> tuple[Commit, ...]:
    """Parse the output of ``git log`` with ``LOG_OPTIONS`` and ``--raw``, keeping its order."""
    tokens = iter(out.split(b"\0"))
    return tuple(_records(tokens))


def _records(tokens: Iterator[bytes]) -> Iterator[Commit]:
    token = next(tokens, None)
    while token is not None:
        if not token.lstrip(b"\n").startswith(_START.encode()):
            token = next(tokens, None)
            continue
        fields = [token.lstrip(b"\n")[1:], *(next(tokens, b"") for _ in _FIELDS[1:])]
        files, token = _changes(tokens)
        yield _commit([f.decode("utf-8", "replace") for f in fields], files)


def _changes(tokens: Iterator[bytes]) -> tuple[tuple[FileChange, ...], bytes | None]:
    """The raw entries of one commit, and the token after them."""
    found: list[FileChange] = []
    for token in tokens:
        entry = token.lstrip(b"\n")
        if entry.startswith(_START.encode()):
            return tuple(found), token
        if not entry.startswith(b":"):
            continue
        letter = ChangeType(entry.rsplit(b" ", 1)[1][:1].decode().replace("U", "M"))
        path = os.fsdecode(next(tokens, b""))
        if letter in (ChangeType.RENAMED, ChangeType.COPIED):
            found.append(FileChange(letter, os.fsdecode(next(tokens, b"")), path))
        else:
            found.append(FileChange(letter, path))
    return tuple(found), None


def _commit(fields: list[str], files: tuple[FileChange, ...]) -> Commit:
    sha, parents, author, author_email, authored, committer, committer_email, committed, message, trailers = fields
    return Commit(
        sha=sha,
        parents=tuple(parents.split()),
        author=Person(author, author_email),
        committer=Person(committer, committer_email),
        authored_at=_time(authored),
        committed_at=_time(committed),
        message=message.rstrip("\n"),
        files=files,
        co_authors=tuple(_co_authors(trailers)),
        pull_request=pull_request(message),
    )


def _time(seconds: str) -> datetime:
    # git stores whatever a client wrote; a date beyond what datetime holds must not stop an investigation.
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _co_authors(trailers: str) -> Iterator[Person]:
    for value in trailers.split("\x1f"):
        found = _CO_AUTHOR.fullmatch(value)
        if found and found["email"]:
            yield Person(found["name"], found["email"])


def pull_request(message: str) -> int | None:
    """The number of the pull or merge request that a message names in the form its code host writes, or ``None``."""
    squash = _SQUASH.search(message.strip().partition("\n")[0])
    if squash:
        return int(squash[1])
    merge = _MERGE.search(message)
    return int(next(group for group in merge.groups() if group)) if merge else None
