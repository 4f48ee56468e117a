"""The results as one Markdown table and one SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from ci.bench.deploys.measure import BOUND, CHANGES, OURS, RULES, Delay, Kind
from ci.bench.deploys.rules import PLAN
from ci.bench.deploys.traffic import AFTER

_COLOURS: Final = dict(zip(RULES, ("#1a7f37", "#9a6700", "#cf222e", "#0969da"), strict=True))
_PANELS: Final = ("x2", "new, 1/min")
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 400, 300, 70, 60, 60
_LEAST_ALARMS, _RATIOS = 0.0005, (0.25, 32.0)


def interval(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z, share = 1.96, hits / of
    middle, spread = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z * z / of)), min(1.0, (middle + spread) / (1 + z * z / of))


def markdown(kinds: Sequence[Kind], seed: int) -> str:
    """Everything, and how to read it."""
    head = ("traffic", "rule", "false alarms (95 %)", *CHANGES)
    deploys = kinds[0].deploys
    how = (
        f"`python -m ci.bench.detection --deploys {deploys} --seed {seed}`: {deploys:,} innocent deploys of each kind of service "
        f"and {deploys // 3:,} of each change, watched for {AFTER} minutes and looked at on every poll (15 s). The known issue "
        "happens twice a minute; innocent new issues turn up five times a day."
    )
    reading = (
        "Delays are median minutes until the alarm, with the share of deploys that never got one. In brackets: deploywatch's "
        f"delay in units of Wald's bound at the same polls; no test with {PLAN.alpha:.0%} false alarms can be quicker on "
        "average, even if it is told both rates beforehand. (Where ten issues are watched, the bound is for each one's tenth of "
        "the alarms.) A rule with many false alarms is easily quick."
    )
    table = (f"| {' | '.join(row)} |" for kind in kinds for row in _rows(kind))
    lines = ("# Detection: false alarms and delay", "", how, "", reading, "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}")
    return "\n".join((*lines, *table, ""))


def svg(kinds: Sequence[Kind]) -> str:
    """False alarms to the right, delay (in units of Wald's bound) upwards: down and to the left is good."""
    width, height = 2 * (_WIDTH + _LEFT) + _GAP, _HEIGHT + _TOP + 90
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        "<title>False alarms and median delay of each rule, for each kind of traffic</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(
            part
            for number, change in enumerate(_PANELS)
            for part in _panel(kinds, change, _LEFT + number * (_WIDTH + _LEFT + _GAP / 2))
        ),
        *_legend(height - 22),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _rows(kind: Kind) -> Iterator[tuple[str, ...]]:
    for name in RULES:
        low, high = interval(kind.alarms[name], kind.deploys)
        alarms = f"{kind.alarms[name] / kind.deploys:.1%} ({low:.1%} to {high:.1%})"
        cells = (_cell(kind.delays[name][change], kind.ratio(change) if name == OURS else None) for change in CHANGES)
        yield (kind.name if name == OURS else "", f"**{name}**" if name == OURS else name, alarms, *cells)
    yield ("", BOUND, "1%", *(_cell(kind.delays[BOUND][change], None) for change in CHANGES))


def _cell(delay: Delay, ratio: float | None) -> str:
    missed = f", missed {delay.missed:.0%}" if delay.missed >= 0.005 else ""
    text = "never" if math.isinf(delay.minutes) else f"{delay.minutes:.3g}"
    return f"{text}{f' ({ratio:.2f})' if ratio is not None else ''}{missed}"


def _panel(kinds: Sequence[Kind], change: str, left: float) -> Iterator[str]:
    x0, x1, y0, y1 = left, left + _WIDTH, _TOP, _TOP + _HEIGHT
    title = "a known issue doubles" if change == "x2" else "a new issue, once a minute"
    yield f'<text x="{x0}" y="{y0 - 14}" font-size="15" font-weight="bold">{title}</text>'
    yield f'<rect x="{x0}" y="{y0}" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#57606a"/>'
    for share in (0.001, 0.01, 0.1, 1.0):
        x, is_limit = _x(share, left), share == PLAN.alpha
        yield f'<line x1="{x:.1f}" y1="{y0}" x2="{x:.1f}" y2="{y1}" stroke="{"#1a7f37" if is_limit else "#d0d7de"}"/>'
        yield f'<text x="{x:.1f}" y="{y1 + 16}" text-anchor="middle">{share:.3g}</text>'.replace(
            f">{share:.3g}<", f">{share * 100:g} %<"
        )
    for ratio in (0.5, 1.0, 1.5, 4.0, 16.0):
        y = _y(ratio)
        yield f'<line x1="{x0}" y1="{y:.1f}" x2="{x1}" y2="{y:.1f}" stroke="{"#1a7f37" if ratio == 1.5 else "#d0d7de"}"/>'
        yield f'<text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{ratio:g}</text>'
    yield f'<text x="{x0 - 6}" y="{y0 + 4}" text-anchor="end">never</text>'
    yield f'<text x="{(x0 + x1) / 2}" y="{y1 + 36}" text-anchor="middle">innocent deploys that are called guilty</text>'
    middle = (y0 + y1) / 2
    turned = f"translate({x0 - 48} {middle}) rotate(-90)"
    yield f'<text transform="{turned}" text-anchor="middle">median delay / Wald&#8217;s bound</text>'
    for kind in kinds:
        yield from _points(kind, change, left)


def _points(kind: Kind, change: str, left: float) -> Iterator[str]:
    for name in RULES:
        share = kind.alarms[name] / kind.deploys
        ratio = kind.delays[name][change].minutes / kind.delays[BOUND][change].minutes
        label = escape(f"{name}, {kind.name}: {share:.2%} false alarms, {ratio:.2f} times Wald's bound")
        colour, opacity = _COLOURS[name], 0.65 if kind.promised else 0
        yield (
            f'<circle cx="{_x(share, left):.1f}" cy="{_y(ratio):.1f}" r="5" fill="{colour}" fill-opacity="{opacity}" '
            f'stroke="{colour}"><title>{label}</title></circle>'
        )


def _legend(y: float) -> Iterator[str]:
    x = float(_LEFT)
    for name, colour in _COLOURS.items():
        yield f'<circle cx="{x}" cy="{y - 4}" r="5" fill="{colour}"/><text x="{x + 10}" y="{y}">{escape(name)}</text>'
        x += 40 + 7 * len(name)
    yield f'<text x="{x}" y="{y}">hollow: traffic of which nothing is promised</text>'


def _x(share: float, left: float) -> float:
    low = math.log10(_LEAST_ALARMS)
    return left + _WIDTH * (math.log10(max(share, _LEAST_ALARMS)) - low) / -low


def _y(ratio: float) -> float:
    low, high = (math.log2(end) for end in _RATIOS)
    place = high if math.isinf(ratio) else min(high, max(low, math.log2(ratio)))
    return _TOP + _HEIGHT * (1 - (place - low) / (high - low))
