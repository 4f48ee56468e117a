from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.errors import SentryUnavailable
from deploywatch.sentry.wire import CommentWire, DeployWire, IssueWire, OccurrenceWire, ReleaseWire, read, stamp

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def objects(shape) -> st.SearchStrategy[dict]:
    keys = [field.alias or name for name, field in shape.model_fields.items()]
    return st.fixed_dictionaries({}, optional={key: junk | st.fixed_dictionaries({"id": junk, "version": junk}) for key in keys})


@pytest.mark.parametrize("shape", [ReleaseWire, IssueWire, DeployWire])
def test_any_json_becomes_a_noun_or_one_typed_error(shape):
    @given(objects(shape), junk)
    def check(value, other):
        for candidate in (value, other):
            with contextlib.suppress(SentryUnavailable):
                read(shape, candidate, "/x/").noun()

    check()


@pytest.mark.parametrize("shape", [CommentWire, OccurrenceWire])
def test_any_json_is_read_or_one_typed_error(shape):
    @given(junk)
    def check(value):
        with contextlib.suppress(SentryUnavailable):
            read(shape, value, "/x/")

    check()


def test_nonsense_is_told_with_its_place_and_without_its_value():
    with pytest.raises(SentryUnavailable, match=r"/releases/.*version") as caught:
        read(ReleaseWire, {"version": ["secret"]}, "/releases/")
    assert "secret" not in caught.value.diagnostics()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T11:59:00Z", datetime(2026, 11, 21, 11, 59, tzinfo=UTC)),
        ("2026-11-21T11:59:00.123456Z", datetime(2026, 11, 21, 11, 59, 0, 123456, tzinfo=UTC)),
        ("2026-11-21T11:59:00.123456789Z", datetime(2026, 11, 21, 11, 59, 0, 123456, tzinfo=UTC)),
        ("2026-11-21T13:59:00+02:00", datetime(2026, 11, 21, 11, 59, tzinfo=UTC)),
        ("2026-11-21T11:59:00", datetime(2026, 11, 21, 11, 59, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (1795136400, None),
        (None, None),
        ("9999-12-31T23:59:59-23:00", None),
    ],
)
def test_times(text, moment):
    assert read(ReleaseWire, {"version": "v", "dateCreated": text}, "/x/").date_created == moment


def test_times_are_sent_in_utc():
    assert stamp(datetime(2026, 11, 21, 13, 59, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-21T11:59:00Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_as_it_was_sent(moment):
    assert read(ReleaseWire, {"version": "v", "dateCreated": stamp(moment)}, "/x/").date_created == moment


def test_nobody_counted_is_not_nobody_hurt():
    assert read(IssueWire, {"id": "1", "userCount": 0}, "/x").noun().user_count is None
    assert read(IssueWire, {"id": "1", "userCount": 3}, "/x").noun().user_count == 3
