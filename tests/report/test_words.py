"""Numbers and verdicts as words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import Contributor, RankingVerdict, Rate, Suspect, Verdict
from deploywatch.report import words
from tests.report import samples


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0, "0%"),
        (0.001, "<1%"),
        (0.01, "1%"),
        (0.126, "13%"),
        (0.93, "93%"),
        (0.99, "99%"),
        (0.995, ">99%"),
        (0.9999, ">99%"),
        (1, "100%"),
    ],
)
def test_percent(share: float, expected: str) -> None:
    assert words.percent(share) == expected


@given(st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True))
def test_what_is_not_certain_is_never_said_to_be(share: float) -> None:
    assert words.percent(share) not in ("0%", "100%")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (0.02, "0.02"),
        (0.25, "0.2"),
        (1, "1"),
        (6.1, "6.1"),
        (9.96, "10.0"),
        (41.2, "41"),
        (1204, "1,204"),
        (1204.7, "1,205"),
    ],
)
def test_number(value: float, expected: str) -> None:
    assert words.number(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (131, "2 min 11 s"),
        (900, "15 min"),
        (3600, "1 h"),
        (3605, "1 h"),
        (90000, "1 d 1 h"),
        (90061, "1 d 1 h"),
    ],
)
def test_duration(seconds: float, expected: str) -> None:
    assert words.duration(timedelta(seconds=seconds)) == expected


def test_moment_is_utc_whatever_the_zone() -> None:
    assert words.moment(datetime(2026, 1, 2, 1, 5, tzinfo=timezone(timedelta(hours=2)))) == "1 Jan 2026, 23:05 UTC"


def test_after_deploy_knows_both_sides_and_not_knowing() -> None:
    at = samples.DEPLOYED
    assert words.after_deploy(at + timedelta(seconds=131), at) == "2 min 11 s after the deploy"
    assert words.after_deploy(at - timedelta(seconds=5), at) == "5 s before the deploy"
    assert words.after_deploy(None, at) is None
    assert words.after_deploy(at, None) is None


def test_a_share_is_not_called_a_rate() -> None:
    assert words.rate_value(0.125, words.SHARE) == "12% of requests"
    assert words.rate_value(41.2, "events/min") == "41 events/min"
    assert words.rate_before(Rate(None, 1)) == "not known"
    assert words.rate_before(Rate(0, 1)) == "0 events/min"


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (1, "very likely"),
        (0.9, "very likely"),
        (0.89, "likely"),
        (0.5, "more likely than not"),
        (0.49, "possible"),
        (0.01, "unlikely"),
        (0, "unlikely"),
    ],
)
def test_sureness(probability: float, expected: str) -> None:
    assert words.sureness(probability) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last changed a.py:4", "Last changed a.py:4."),
        ("Done.", "Done."),
        ("shop/a.py is new", "shop/a.py is new."),
        ("`x` is read", "`x` is read."),
        ("why?", "why?"),
        ("", ""),
    ],
)
def test_sentences(text: str, expected: str) -> None:
    assert words.sentence(text) == expected


def test_a_robot_is_marked() -> None:
    assert words.author(samples.BUMP) == "dependabot[bot] (a bot)"
    assert words.author(samples.CURRENCY) == "Ana Bell"


def test_the_human_behind_a_robot_is_named() -> None:
    suspect = Suspect(1, samples.BUMP, 0.9)
    assert words.author_of(suspect) == "dependabot[bot] (a bot)"
    behind = replace(suspect, people=(Contributor(samples.TOM, "co-author"), Contributor(samples.ANA, "committer")))
    assert words.author_of(behind) == "Tomás Ruiz (co-author; git says dependabot[bot])"
    assert words.author_of(Suspect(1, samples.CURRENCY, 0.9, people=(Contributor(samples.ANA, "author"),))) == "Ana Bell"


def test_verdicts_are_honest() -> None:
    said = {verdict: words.verdict_sentence(samples.ranking(verdict)) for verdict in RankingVerdict}
    assert "very likely (93%)" in said[RankingVerdict.SUSPECT]
    assert said[RankingVerdict.UNSURE].startswith("Not sure")
    assert "41%" in said[RankingVerdict.UNSURE]
    assert said[RankingVerdict.NONE].startswith("No change of this deploy explains it")
    assert "not ranked" in words.verdict_sentence(None)


def test_the_second_half_of_a_headline() -> None:
    ranking = samples.ranking()
    assert words.change_clause(ranking, ranking.first) == "commit 4be1a90c4b by Ana Bell explains it, 93% sure"
    assert words.change_clause(samples.ranking(RankingVerdict.UNSURE), None) == "no single change explains it, 2 leads"
    assert words.change_clause(samples.ranking(RankingVerdict.NONE), None) == "none of 17 commits explains it"
    assert (
        words.change_clause(replace(samples.ranking(RankingVerdict.NONE), commits=1), None)
        == "the only commit does not explain it"
    )
    assert words.change_clause(None, None) == "its cause was not looked for"


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.HEALTHY, "shop@1.4.0 in production looks healthy"),
        (Verdict.INCONCLUSIVE, "Could not tell whether shop@1.4.0 in production is healthy"),
        (Verdict.REGRESSION, "shop@1.4.0 in production has a regression"),
    ],
)
def test_calm_headlines(verdict: Verdict, expected: str) -> None:
    report = replace(samples.healthy_report(), verdict=verdict)
    assert words.calm_headline(report) == expected
    assert words.calm_headline(replace(report, environment=None)) == expected.replace(" in production", "")
