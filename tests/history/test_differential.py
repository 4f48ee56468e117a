"""The window and what Sentry is told of it, against an oracle of git's plumbing, on histories that nobody would think of.

HISTORY_EXAMPLES sets how many are drawn; whoever changes what this proves runs it with a thousand.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploywatch.history.clone import Clone, Relation
from deploywatch.history.fetching import Fetcher, Fetching
from deploywatch.history.repository import Repository
from deploywatch.model import CommitWindow
from deploywatch.sentry.commits import commit_payloads
from tests.history.histories import Made, Oracle, build, histories

EXAMPLES = int(os.environ.get("HISTORY_EXAMPLES", "20"))
drawn = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
ends = st.tuples(st.integers(0, 13), st.integers(0, 13))
HOSTILE_CONFIGURATION = (
    ("log.showRoot", "false"),
    ("log.follow", "true"),
    ("diff.renames", "copies"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.noprefix", "true"),
    ("diff.relative", "true"),
    ("log.diffMerges", "combined"),
    ("log.date", "relative"),
    ("i18n.logOutputEncoding", "latin1"),
    ("core.quotePath", "true"),
    ("format.pretty", "oneline"),
)


@contextmanager
def made(history: tuple[Made, ...]) -> Iterator[tuple[Path, list[str], Oracle]]:
    with tempfile.TemporaryDirectory() as folder:
        repo, names = build(Path(folder) / "shop", history)
        yield repo.folder, names, Oracle(repo.folder)


def expected_relation(oracle: Oracle, base: str, head: str) -> Relation:
    if base in oracle.reach(head):
        return Relation.FORWARD
    if head in oracle.reach(base):
        return Relation.BACKWARD
    return Relation.DIVERGED if oracle.reach(base) & oracle.reach(head) else Relation.UNRELATED


def as_sent(text: bytes) -> str:
    return os.fsdecode(text).encode("utf-8", "replace").decode()


def shown(text: bytes) -> str:
    return text.decode("utf-8", "replace").replace("\0", "")


def check_payloads(oracle: Oracle, window: CommitWindow, wanted: set[str]) -> None:
    payloads = commit_payloads(window, "acme/shop")
    assert {payload["id"] for payload in payloads} == wanted
    assert len(payloads) == len(wanted)
    place = {payload["id"]: number for number, payload in enumerate(payloads)}
    assert all(place[parent] > place[sha] for sha in wanted for parent in oracle.parents(sha) if parent in wanted)
    times = [payload["timestamp"] for payload in payloads]
    assert times == sorted(times, reverse=True)
    for payload in payloads:
        check_commit(oracle, payload)


def check_commit(oracle: Oracle, payload: dict[str, Any]) -> None:
    sha = payload["id"]
    entries = [(entry["path"], entry["type"]) for entry in payload["patch_set"]]
    assert len(entries) == len({path for path, _ in entries})
    assert set(entries) == {(as_sent(path), letter) for path, letter in oracle.patch_set(sha) if len(os.fsdecode(path)) <= 510}
    name, email = oracle.author(sha)
    assert (payload["author_name"], payload["author_email"]) == (shown(name)[:128], shown(email)[:75])
    assert payload["message"] == shown(oracle.message(sha)).rstrip("\n")[:1000]


@drawn
@given(histories(), ends)
def test_the_window_and_its_payload_are_what_the_objects_say(history: tuple[Made, ...], chosen: tuple[int, int]) -> None:
    with made(history) as (folder, names, oracle):
        base, head = (names[number % len(names)] for number in chosen)
        repository = Repository.open(folder)
        clone = Clone(repository)
        assert clone.relation(base, head) is expected_relation(oracle, base, head)
        wanted = oracle.reach(head) - oracle.reach(base)
        check_payloads(oracle, CommitWindow(base, head, repository.commits(base, head)), wanted)
        common = repository.nearest_common_ancestor(base, head)
        shared = oracle.reach(base) & oracle.reach(head)
        assert (common in shared) if shared else common is None
        if common:
            assert not any(common in oracle.reach(other) for other in shared - {common})


@settings(drawn, max_examples=EXAMPLES // 2)
@given(histories(skewed=False), ends, st.sampled_from([1, 2, 3]), st.booleans())
def test_a_shallow_clone_gives_the_same_window(
    history: tuple[Made, ...], chosen: tuple[int, int], depth: int, blobless: bool
) -> None:
    with made(history) as (folder, names, oracle), tempfile.TemporaryDirectory() as other:
        base, head = (names[number % len(names)] for number in chosen)
        options = [f"--depth={depth}", *(["--filter=blob:none"] if blobless else []), f"--branch=c{chosen[1] % len(names)}"]
        oracle.plumb("clone", "-q", "--no-checkout", *options, f"file://{folder}", f"{other}/clone")
        repository = Repository.open(Path(other) / "clone")
        clone = Clone(repository, Fetcher(repository.git, Fetching(allowed=True)))
        # Deepening in small steps, as a long history would need it.
        clone._depths = lambda _: iter(range(depth + 1, 30))  # type: ignore[method-assign]
        assert clone.resolve(base) == base
        assert clone.relation(base, head) is expected_relation(oracle, base, head)
        clone.fetch_files(base, head)
        wanted = oracle.reach(head) - oracle.reach(base)
        check_payloads(oracle, CommitWindow(base, head, repository.commits(base, head)), wanted)


@pytest.mark.parametrize("name", [None, *(name for name, _ in HOSTILE_CONFIGURATION)])
def test_a_users_configuration_changes_nothing(tmp_path: Path, name: str | None) -> None:
    first = (b"a.py", "100644", "line 0\n" * 30)
    history = (
        Made((), (first, (b"sub", "160000", "x")), b"root", ("Ana", "ana@acme.test"), 0),
        Made(
            (0,), ((b"a.py", "100644", None), (b"caf\xc3\xa9.py", "100644", "line 0\n" * 30)), "é".encode(), ("É", "e@x.test"), 0
        ),
        Made((0,), ((b"sub", "160000", "xx"), (b"copy.py", "100644", "line 0\n" * 30)), b"side", ("Ana", "ana@acme.test"), 0),
        Made((1, 2), ((b"lib/m.py", "100755", "m\n"),), b"merge", ("Ana", "ana@acme.test"), 0),
        Made((), ((b"other", "100644", "o\n"),), b"another root", ("Ana", "ana@acme.test"), 0),
    )
    repo, names = build(tmp_path / "shop", history)
    oracle = Oracle(repo.folder)
    if name:
        repo.git("config", name, dict(HOSTILE_CONFIGURATION)[name])
    repository = Repository.open(repo.folder)
    check_payloads(oracle, CommitWindow(names[4], names[3], repository.commits(names[4], names[3])), oracle.reach(names[3]))
