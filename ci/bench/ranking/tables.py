"""The results as Markdown, block by block; docs/ranking.md holds each between its markers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ci.bench.deploys.drawing import interval as wilson
from ci.bench.ranking.answers import Answer, Measures, interval, measure, pairs_told
from ci.bench.ranking.layout import table
from ci.bench.ranking.misses import misses
from ci.bench.ranking.study import CROSS_VALIDATED, SHIPPED, Window

_BANDS: Final = ((0.9, 1.01), (0.8, 0.9), (0.5, 0.8), (0.2, 0.5), (0.0, 0.2))
_RESULTS: Final = (
    "method", "Top-1 (95 %)", "Top-3", "Top-5", "MRR", "ECE", "at 50 %", "at 80 %", "“80 % sure”", "Brier", "false accusations",
)  # fmt: skip

Answers = Mapping[str, Sequence[Answer]]


def blocks(answers: Answers, windows: Sequence[Window]) -> dict[str, str]:
    """Every generated block by its name."""
    return {
        "results": results(answers),
        "lead": lead(answers),
        "repositories": by_group(answers, "repository", lambda a: a.repo),
        "languages": by_group(answers, "language", lambda a: a.language),
        "bands": bands(answers[CROSS_VALIDATED]),
        "misses": misses(answers[CROSS_VALIDATED], windows),
    }


def results(answers: Answers) -> str:
    """One row a method. Shares are per cent."""
    count = len(_asked(answers[CROSS_VALIDATED]))
    innocent = len(answers[CROSS_VALIDATED]) - count
    head = f"{count} windows with the culprit, {innocent} without it."
    return f"{head}\n\n{table(_RESULTS, (_result(name, rows) for name, rows in answers.items()))}"


def _result(name: str, rows: Sequence[Answer]) -> tuple[str, ...]:
    found = measure(rows)
    low, high = interval([answer.hit(1) for answer in _asked(rows)])
    return (
        f"**{name}**" if name == CROSS_VALIDATED else name,
        f"{_percent(found.top1)} ({_percent(low)} to {_percent(high)})",
        *map(_percent, (found.top3, found.top5)),
        f"{found.mrr:.3f}",
        _number(found.ece),
        *map(_percent, (found.at50, found.at80)),
        _sure(found),
        _number(found.brier),
        _percent(found.accused),
    )


def _sure(found: Measures) -> str:
    count, right = found.sure
    return f"{right} of {count} right ({_percent(right / count)})" if count else "–"


def best_baseline(answers: Answers) -> str:
    """The baseline with the most culprits in the first place."""
    others = (name for name in answers if name not in (CROSS_VALIDATED, SHIPPED))
    return max(others, key=lambda name: measure(answers[name]).top1)


def lead(answers: Answers) -> str:
    """By how much we lead the best baseline, case by case, and how sure that is."""
    best = best_baseline(answers)
    ours, theirs = ({a.case: a.hit(1) for a in _asked(answers[name])} for name in (CROSS_VALIDATED, best))
    repos = {a.case: a.repo for a in _asked(answers[best])}
    gains = {case: ours[case] - theirs[case] for case in ours}
    alone, grouped = interval(list(gains.values())), interval(list(gains.values()), [repos[case] for case in gains])
    found = measure(answers[CROSS_VALIDATED])
    return (
        f"Over the best of them ({best}) it is {100 * sum(gains.values()) / len(gains):.1f} points in Top-1: "
        f"{sum(gain > 0 for gain in gains.values())} cases won, {sum(gain < 0 for gain in gains.values())} lost. 95 % interval "
        f"{_points(alone)} when cases are drawn, {_points(grouped)} when whole repositories are.\n\n"
        f"Calibration error with the windows counted in that do not hold the culprit: {_number(found.ece_all)}.\n"
    )


def by_group(answers: Answers, title: str, group: Callable[[Answer], str]) -> str:
    """A row a repository, or a language, beside the best baseline."""
    best = best_baseline(answers)
    groups: dict[str, list[Measures]] = {}
    for key in sorted({group(a) for a in answers[best]}, key=lambda k: -sum(group(a) == k for a in answers[best])):
        groups[key] = [measure([a for a in answers[name] if group(a) == key]) for name in (CROSS_VALIDATED, best)]
    head = (title, "cases", "Top-1", "Top-3", "MRR", "false accusations", f"{best.split()[0]}: Top-1", "Top-3", "MRR")
    rows = (
        (key, str(ours.cases), *_three(ours), f"{_percent(ours.accused)} of {ours.innocent}", *_three(theirs))
        for key, (ours, theirs) in groups.items()
    )
    return table(head, rows)


def _three(found: Measures) -> tuple[str, str, str]:
    return _percent(found.top1), _percent(found.top3), f"{found.mrr:.3f}"


def bands(rows: Sequence[Answer]) -> str:
    """How often what is told was right, in windows with the culprit and in all."""
    return table(("told", "right, windows with the culprit", "at least (95 %)", "right, all windows"), _bands(rows))


def _bands(rows: Sequence[Answer]) -> Iterator[tuple[str, ...]]:
    asked, every = pairs_told(_asked(rows)), pairs_told(rows)
    for low, high in _BANDS:
        right = [hit for told, hit in asked if low <= told < high]
        right_of_all = [hit for told, hit in every if low <= told < high]
        if right_of_all:
            least = _percent(wilson(round(sum(right)), len(right))[0]) if right else "–"
            told = f"{low:.0%} and more" if high > 1 else f"{low:.0%} to {high:.0%}"
            yield told, f"{sum(right):g} of {len(right)}", least, f"{sum(right_of_all):g} of {len(right_of_all)}"


def _asked(rows: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in rows if answer.culprit is not None]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _points(ends: tuple[float, float]) -> str:
    return f"{100 * ends[0]:+.1f} to {100 * ends[1]:+.1f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
