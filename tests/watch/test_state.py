from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import Issue
from deploywatch.watch.seen import Novelty, Seen, SeenIssue
from deploywatch.watch.source import EndpointTally, Failures, FailureTally, Occurrence, Sight, Tally
from deploywatch.watch.state import Outage, WatchState, from_json, to_json
from tests.watch.worlds import after

moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
texts = st.text(max_size=10)
maybe = lambda strategy: st.none() | strategy  # noqa: E731
spans = st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds))
issues = st.builds(
    Issue,
    id=texts,
    short_id=texts,
    title=texts,
    culprit=maybe(texts),
    project=texts,
    is_unhandled=maybe(st.booleans()),
    count=st.integers(0, 10**9),
    first_seen=maybe(moments),
)
occurrences = st.builds(Occurrence, id=texts, at=moments, release=maybe(texts), client=maybe(texts), endpoint=maybe(texts))
tallies = st.builds(Tally, start=moments, width=spans, events=st.integers(0, 99), clients=maybe(st.integers(0, 9)))
seen_issues = st.builds(
    SeenIssue,
    issue=issues,
    novelty=st.sampled_from(Novelty),
    events=st.lists(occurrences, max_size=3).map(tuple),
    before=maybe(st.lists(tallies, max_size=3).map(tuple)),
)
numbers = st.floats(0, 1e9, allow_nan=False)
failures = st.builds(
    Failures,
    definition=texts,
    tallies=st.lists(st.builds(FailureTally, start=moments, width=spans, failed=numbers, total=maybe(numbers)), max_size=3).map(
        tuple
    ),
    caveats=st.lists(texts, max_size=2).map(tuple),
)
seens = st.builds(
    Seen,
    issues=st.dictionaries(texts, seen_issues, max_size=3),
    unread=st.dictionaries(texts, issues, max_size=2),
    sight=maybe(st.builds(Sight, visible=st.booleans(), proof=texts, release_heard=st.booleans())),
    failures_before=maybe(failures),
    failures_after=maybe(failures),
    failures_all=maybe(failures),
    discovered=maybe(st.integers(0, 99)),
    history_asked=st.booleans(),
    endpoints=st.dictionaries(
        texts, st.builds(EndpointTally, endpoint=texts, requests=numbers, failed=numbers, samples=numbers), max_size=2
    ),
    caveats=st.lists(texts, max_size=2).map(tuple),
)
states = st.builds(
    WatchState,
    started_at=moments,
    seen=seens,
    polls=st.integers(0, 99),
    last_look=maybe(moments),
    outages=st.lists(st.builds(Outage, start=moments, reason=texts, end=maybe(moments)), max_size=2).map(tuple),
    settling_since=maybe(moments),
    finished=st.booleans(),
)


@given(state=states)
def test_a_state_survives_json(state):
    assert from_json(json.loads(json.dumps(to_json(state)))) == state


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: {},
        lambda data: data | {"version": "deploywatch.watch-state/0"},
        lambda data: {"version": data["version"]},
        lambda data: data | {"state": None},
        lambda data: data | {"state": []},
        lambda data: data | {"state": {}},
        lambda data: data | {"state": data["state"] | {"started_at": "yesterday"}},
        lambda data: data | {"state": data["state"] | {"started_at": 5}},
        lambda data: data | {"state": data["state"] | {"polls": "three"}},
        lambda data: data | {"state": data["state"] | {"outages": 7}},
        lambda data: data | {"state": data["state"] | {"seen": data["state"]["seen"] | {"issues": {"1": {"novelty": "odd"}}}}},
    ],
)
def test_what_is_no_state_is_none(damage):
    assert from_json(damage(to_json(WatchState(started_at=after())))) is None
