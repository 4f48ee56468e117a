from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.durations import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400), ("7d", 604_800), (" 5M ", 300), ("1d2h3m4s", 93_784)],
)
def test_reads(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "1.5h", "-5m", "5m1h", "15 m", "1w", "５m", "0s", "0h0m", "9999999999d", "5mm"])
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration|is out of range"):
        parse_duration(text)


def test_nothing_is_written_as_no_seconds() -> None:
    assert format_duration(timedelta()) == "0s"


@given(st.integers(min_value=1, max_value=int(LONGEST.total_seconds())))
def test_what_is_written_is_read_back(seconds: int) -> None:
    value = timedelta(seconds=seconds)
    assert parse_duration(format_duration(value)) == value
