from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import ChangeType, Commit, CommitWindow, FileChange, Person
from deploywatch.sentry.commits import MAX_COMMITS, commit_payloads, patch_set

T0 = datetime(2026, 11, 3, 10, 0, tzinfo=timezone(timedelta(hours=2)))


def commit(number: int, *, at: datetime = T0, message: str = "m", author: Person | None = None, files=()) -> Commit:
    person = author or Person("Ana B", "ana@acme.test")
    return Commit(f"{number:040x}", (), person, Person("Web", "noreply@host.test"), at, at, message, tuple(files))


def window(*commits: Commit) -> CommitWindow:
    return CommitWindow("a" * 40, commits[0].sha if commits else "a" * 40, commits)


@pytest.mark.parametrize(
    ("change", "entries"),
    [
        (FileChange(ChangeType.ADDED, "n.py"), [("n.py", "A")]),
        (FileChange(ChangeType.MODIFIED, "m.py"), [("m.py", "M")]),
        (FileChange(ChangeType.DELETED, "d.py"), [("d.py", "D")]),
        (FileChange(ChangeType.RENAMED, "new.py", "old.py"), [("old.py", "D"), ("new.py", "A")]),
        (FileChange(ChangeType.COPIED, "copy.py", "from.py"), [("copy.py", "A")]),
        (FileChange(ChangeType.TYPE_CHANGED, "link"), [("link", "M")]),
        (FileChange(ChangeType.MODIFIED, "x" * 510), [("x" * 510, "M")]),
        (FileChange(ChangeType.MODIFIED, "x" * 511), []),
        (FileChange(ChangeType.MODIFIED, "caf\udce9.py"), [("caf?.py", "M")]),
    ],
)
def test_gits_letters_in_sentrys_three(change, entries):
    assert patch_set([change]) == [{"path": path, "type": letter} for path, letter in entries]


def test_every_kind_of_change_has_a_letter():
    assert {entry["type"] for kind in ChangeType for entry in patch_set([FileChange(kind, "new", "old")])} == {"A", "M", "D"}


def test_a_whole_commit():
    [payload] = commit_payloads(
        window(commit(7, message="cart: lazy tax\n\nbody", files=[FileChange(ChangeType.MODIFIED, "a.py")])), "acme/shop"
    )
    assert payload == {
        "id": f"{7:040x}",
        "repository": "acme/shop",
        "message": "cart: lazy tax\n\nbody",
        "author_name": "Ana B",
        "author_email": "ana@acme.test",
        "timestamp": "2026-11-03T08:00:00Z",
        "patch_set": [{"path": "a.py", "type": "M"}],
    }


def test_too_long_is_cut_and_never_refused():
    long = commit(1, message="m" * 5000, author=Person("n" * 500, "e" * 500))
    [payload] = commit_payloads(window(long), "r" * 500)
    assert {key: len(payload[key]) for key in ("repository", "message", "author_name", "author_email")} == {
        "repository": 64,
        "message": 1000,
        "author_name": 128,
        "author_email": 75,
    }


def test_the_head_stays_the_newest_whatever_the_clocks_say():
    behind = commit(3, at=T0 - timedelta(days=9))
    payloads = commit_payloads(window(behind, commit(2, at=T0), commit(1, at=T0 - timedelta(hours=1))), "r")
    assert [payload["timestamp"] for payload in payloads] == [
        "2026-11-03T08:00:00Z",
        "2026-11-03T08:00:00Z",
        "2026-11-03T07:00:00Z",
    ]


def test_the_commits_of_several_repositories_are_one_list_newest_first():
    ours = window(commit(4, at=T0), commit(1, at=T0 - timedelta(hours=3)))
    theirs = window(commit(3, at=T0 - timedelta(hours=1)), commit(2, at=T0 - timedelta(hours=2)))
    payloads = commit_payloads(ours, "acme/shop", also=[(theirs, "acme/lib")])
    assert [(payload["id"][-1], payload["repository"]) for payload in payloads] == [
        ("4", "acme/shop"),
        ("3", "acme/lib"),
        ("2", "acme/lib"),
        ("1", "acme/shop"),
    ]


def test_only_so_many_of_the_newest_are_sent():
    payloads = commit_payloads(window(*(commit(n) for n in range(MAX_COMMITS + 50))), "r")
    assert len(payloads) == MAX_COMMITS
    assert payloads[0]["id"] == f"{0:040x}"


names = st.text(st.characters(exclude_categories=[]), max_size=200)
people = st.builds(Person, names, names)
times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
changes = st.builds(
    FileChange, st.sampled_from(ChangeType), st.text(min_size=1, max_size=600), st.none() | st.text(min_size=1, max_size=600)
)
commits = st.builds(
    Commit,
    st.from_regex(r"[0-9a-f]{40}", fullmatch=True),
    st.just(()),
    people,
    people,
    times,
    times,
    names,
    st.lists(changes, max_size=4).map(tuple),
)


@given(st.lists(commits, max_size=5), names)
def test_whatever_a_history_holds_the_payload_keeps_the_contract(history, repository):
    payloads = commit_payloads(window(*history), repository)
    json.loads(json.dumps(payloads).encode("utf-8"))
    assert [payload["id"] for payload in payloads] == [commit.sha for commit in history]
    sent_times = [datetime.fromisoformat(payload["timestamp"]) for payload in payloads]
    assert sent_times == sorted(sent_times, reverse=True)
    for payload in payloads:
        assert isinstance(payload["message"], str)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", payload["timestamp"])
        assert len(payload["repository"]) <= 64
        assert len(payload["author_email"]) <= 75
        assert "\0" not in json.dumps(payload, ensure_ascii=False)
        for entry in payload["patch_set"]:
            assert entry["type"] in "AMD"
            assert len(entry["path"]) <= 510
