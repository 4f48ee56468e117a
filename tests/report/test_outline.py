"""The order in which a reader asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from deploywatch.model import RankingVerdict, Report
from deploywatch.report.excerpt import HUNK_LINES, Place, excerpt_around
from deploywatch.report.outline import LEVELS, Detail, leads_of, outline, shares_of
from tests.report import samples


def test_the_headline_says_what_which_change_whose_and_how_sure(report: Report) -> None:
    assert outline(report).headline == (
        "KeyError in POST /checkout: 41 events/min since the deploy; commit 4be1a90c4b by Ana Bell explains it, 93% sure"
    )


def test_a_headline_stays_a_headline_however_long_the_title(report: Report) -> None:
    first = report.findings[0]
    issue = replace(first.regression.issue, error_type=None, title="t" * 2000)
    long = replace(first, endpoint="e" * 2000, regression=replace(first.regression, issue=issue))
    assert len(outline(replace(report, findings=(long,))).headline) < 320


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("healthy", "shop@1.4.0 in production looks healthy"),
        ("inconclusive", "Could not tell whether shop@1.4.0 in production is healthy"),
        ("inconclusive with a finding", "Could not tell whether shop@1.4.0 in production is healthy"),
        ("found nothing", "shop@1.4.0 in production has a regression"),
        ("unsure", "TimeoutError in send_receipt: 0.8 events/min since the deploy; no single change explains it, 2 leads"),
        ("none", "ValueError: 0.2 events/min since the deploy; none of 17 commits explains it"),
        ("bare", "(no title): 0.1 events/min since the deploy; its cause was not looked for"),
    ],
)
def test_headlines_of_what_is_less_clear(degenerate: Mapping[str, Report], name: str, headline: str) -> None:
    assert outline(degenerate[name]).headline == headline


def test_nobody_is_named_where_the_ranking_is_not_sure(degenerate: Mapping[str, Report]) -> None:
    for name in ("unsure", "none", "bare"):
        story = outline(degenerate[name]).lead
        assert story is not None
        assert story.named is None
        assert story.finding.revert_command is None


def test_issues_of_the_same_change_say_so(report: Report) -> None:
    assert [story.same_change for story in outline(report).others] == [True, False, False]


def test_evidence_is_parted_into_reasons_and_doubts() -> None:
    (lead, *_) = leads_of(samples.ranking())
    assert [each.signal for each in lead.reasons] == ["raising_line", "message", "function"]
    assert [each.signal for each in lead.doubts] == ["size"]
    assert lead.diff is not None
    assert [line.sign for line in lead.diff.lines] == ["-", "-", "+", "+", "+"]


def test_a_long_hunk_is_cut_and_says_so() -> None:
    first = samples.suspects()[0]
    long = replace(first.evidence[0], removed=("x",) * 30, added=("y",) * (HUNK_LINES + 7))
    (lead,) = leads_of(replace(samples.ranking(), suspects=(replace(first, evidence=(long,)),)))
    assert lead.diff is not None
    assert len(lead.diff.lines) == 2 * HUNK_LINES
    assert lead.diff.cut == 6 + 7


def test_of_a_long_hunk_the_part_with_the_failing_line_is_shown() -> None:
    first = samples.suspects()[0]
    lines = tuple(f"line {number}" for number in range(200))
    new_file = replace(first.evidence[0], removed=(), added=(*lines, '    currency = cart["currency"]', *lines))
    (lead,) = leads_of(replace(samples.ranking(), suspects=(replace(first, evidence=(new_file,)),)))
    assert lead.diff is not None
    assert '    currency = cart["currency"]' in [line.text for line in lead.diff.lines]
    assert len(lead.diff.lines) == HUNK_LINES
    assert lead.diff.cut == 401 - HUNK_LINES


@pytest.mark.parametrize("verdict", [RankingVerdict.SUSPECT, RankingVerdict.UNSURE])
@pytest.mark.parametrize("limit", [1, 2, 8])
def test_the_bars_always_add_up_to_one(verdict: RankingVerdict, limit: int) -> None:
    shares = shares_of(samples.ranking(verdict), Detail(suspects=limit))
    assert sum(share.probability for share in shares) == pytest.approx(1.0)
    assert shares[-1].label == "none of these changes"


def test_what_was_not_visible_is_said_once(report: Report) -> None:
    doubled = replace(report, warnings=report.not_visible)
    assert outline(doubled).not_visible == outline(report).not_visible
    assert "2 merge commits brought nothing of their own." in outline(report).not_visible


def test_less_detail_drops_issues_first_and_counts_them(report: Report) -> None:
    least = outline(report, LEVELS[-1])
    assert (len(least.others), least.hidden) == (0, 3)
    assert least.lead is not None
    assert least.lead.named is not None
    assert least.lead.named.reasons


def test_those_who_read_three_lines_learn_whom_to_call_and_whether_to_revert(report: Report) -> None:
    lead = outline(report).lead
    assert lead
    assert lead.gist == "Owner: @acme/payments @ana-bell. Reverting it applies cleanly together with 1 later commit."
    bare = outline(samples.bare_report()).lead
    assert bare
    assert bare.gist is None


def test_the_same_sentence_is_not_said_twice(report: Report) -> None:
    why = report.findings[0].regression.why
    assert outline(report).lead.why == why  # type: ignore[union-attr]
    assert outline(replace(report, why=why)).lead.why is None  # type: ignore[union-attr]


def test_beside_a_named_change_those_that_it_clears_are_left_out() -> None:
    first, *others = samples.suspects()
    small = [replace(each, probability=0.002) for each in others]
    named = replace(samples.ranking(), suspects=(first, *small), none_probability=0.066)
    assert [lead.suspect.rank for lead in leads_of(named)] == [1]
    assert [share.label for share in shares_of(named)][-1] == "none of these changes"
    unsure = replace(samples.ranking(RankingVerdict.UNSURE), suspects=(first, *small))
    assert len(leads_of(unsure)) == 3


def test_an_excerpt_has_no_blank_ends() -> None:
    made = excerpt_around("a\n\n\nb\n\n\n", Place("f.py", 4))
    assert made
    assert [line.number for line in made.lines] == [1, 2, 3, 4]
    made = excerpt_around("\n\nb\n\n", Place("f.py", 3))
    assert made
    assert [line.number for line in made.lines] == [3]
