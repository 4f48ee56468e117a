"""Charts are geometry: it can be checked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import Bucket
from deploywatch.report.charts import MAX_BARS, PLOT, TOP, TimeChart, time_chart
from tests.report import samples

SECOND = timedelta(seconds=1)


def chart(buckets: tuple[Bucket, ...], deployed_at: datetime | None = samples.DEPLOYED) -> TimeChart | None:
    return time_chart(samples.regression(buckets=buckets), deployed_at)


def test_the_chart_of_the_sample() -> None:
    made = chart(samples.buckets())
    assert made is not None
    assert [bar.after for bar in made.bars] == [False] * 10 + [True] * 15
    assert [mark.label for mark in made.marks] == ["deploy 14:05", "first seen 14:07"]
    assert [tick.label for tick in made.rates] == ["50", "25"]
    assert [tick.label for tick in made.times] == ["14:00", "14:05", "14:10", "14:15"]
    assert made.description == "0 events before the deploy, 500 events after it. Peak: 47 events/min at 14:12 UTC."
    assert made.marks[0].x == 40.0


@given(
    st.lists(st.integers(min_value=0, max_value=10**6), min_size=2, max_size=400),
    st.integers(min_value=1, max_value=7200),
    st.integers(min_value=-3600, max_value=10**6),
)
def test_everything_is_inside_the_frame(counts: list[int], seconds: int, deploy: int) -> None:
    width = SECOND * seconds
    buckets = tuple(Bucket(samples.DEPLOYED + width * at, width, count) for at, count in enumerate(counts))
    made = chart(buckets, samples.DEPLOYED + SECOND * deploy)
    assert made is not None
    assert 2 <= len(made.bars) <= MAX_BARS
    assert all(bar.x >= 0 and bar.x + bar.width <= 100.1 and bar.width > 0 for bar in made.bars)
    assert all(bar.y >= TOP - 0.1 and bar.y + bar.height == pytest.approx(TOP + PLOT, abs=0.11) for bar in made.bars)
    assert all(0 <= mark.x <= 100 for mark in made.marks)
    assert all(0 < tick.at < 100 for tick in made.times)
    assert len(made.times) <= 6
    assert len("".join(made.spark())) <= 82


def test_the_highest_bar_is_the_highest_rate_even_where_buckets_differ_in_width() -> None:
    made = chart((Bucket(samples.DEPLOYED, 60 * SECOND, 30), Bucket(samples.DEPLOYED + 60 * SECOND, 30 * SECOND, 20)))
    assert made is not None
    assert made.peak == 40
    assert made.bars[1].height > made.bars[0].height


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_buckets_are_no_chart(count: int) -> None:
    assert chart(samples.buckets()[:count]) is None


def test_nothing_at_all_is_a_flat_chart_and_not_a_division_by_zero() -> None:
    made = chart(tuple(Bucket(bucket.start, bucket.width, 0) for bucket in samples.buckets()))
    assert made is not None
    assert {bar.height for bar in made.bars} == {0}


def test_without_a_deploy_time_nothing_is_called_before() -> None:
    made = chart(samples.buckets(), None)
    assert made is not None
    assert all(bar.after for bar in made.bars)
    assert [mark.name for mark in made.marks] == ["first"]
    assert "deploy" not in made.description


def test_the_sparkline_parts_at_the_deploy() -> None:
    made = chart(samples.buckets())
    assert made is not None
    before, after = made.spark()
    assert before == "▁" * 10
    assert len(after) == 15
    assert max(after) == "█"
