from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from deploywatch.errors import UsageError
from deploywatch.model import Issue
from deploywatch.watch.ignoring import Ignore, ignored_by
from deploywatch.watch.plan import FailureRateSettings, KnownIssueSettings, NewIssueSettings
from tests.watch.worlds import after, plan

ISSUE = Issue(
    id="901",
    short_id="SHOP-4F",
    title="TypeError: bot 17 was refused",
    culprit=None,
    project="shop",
    error_type="TypeError",
    error_value="bot 17 was refused by the shop",
    filename="shop/cart/tax.py",
)


class TestPlan:
    @pytest.mark.parametrize(
        "changes",
        [
            {"duration": timedelta(0)},
            {"interval": timedelta(seconds=-1)},
            {"bucket": timedelta(0)},
            {"deployed_at": datetime(2026, 5, 4)},  # noqa: DTZ001
            {"alpha": 0.0},
            {"alpha": 1.0},
            {"new": NewIssueSettings(alpha_share=0.9)},
        ],
    )
    def test_refuses_numbers_that_make_no_sense_and_says_what_would(self, changes):
        with pytest.raises(UsageError) as caught:
            plan(**changes)
        assert caught.value.hint

    def test_the_tests_share_exactly_the_alarms_that_are_allowed(self):
        shares = (NewIssueSettings().alpha_share, KnownIssueSettings().alpha_share, FailureRateSettings().alpha_share)
        assert sum(shares) == pytest.approx(1)

    def test_settling_fits_a_short_watch(self):
        assert plan().settling == timedelta(seconds=30)
        assert plan(duration=timedelta(seconds=20)).settling == timedelta(seconds=2)


class TestIgnore:
    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ({"issue": "SHOP-4F"}, True),
            ({"issue": "901"}, True),
            ({"issue": "SHOP-4"}, False),
            ({"type": "TypeError"}, True),
            ({"type": "Type"}, False),
            ({"message": r"bot \d+"}, True),
            ({"message": "by the shop$"}, True),
            ({"message": "^bot 18"}, False),
            ({"path": "shop/*/tax.py"}, True),
            ({"path": "tax.py"}, False),
            ({"type": "TypeError", "path": "shop/*"}, True),
            ({"type": "TypeError", "path": "other/*"}, False),
            ({}, False),
            ({"issue": "901", "until": date(2026, 5, 4)}, True),
            ({"issue": "901", "until": date(2026, 5, 3)}, False),
        ],
    )
    def test_all_that_is_given_must_match_until_its_last_day(self, rule, expected):
        found = ignored_by([Ignore(reason="known", **rule)], ISSUE, after(hours=13))
        assert (found is not None) is expected

    def test_the_last_day_is_one_of_utc(self):
        rule = Ignore(reason="known", issue="901", until=date(2026, 5, 4))
        assert rule.matches(ISSUE, datetime.fromisoformat("2026-05-05T01:59+02:00"))
        assert not rule.matches(ISSUE, datetime.fromisoformat("2026-05-05T02:00+02:00"))
