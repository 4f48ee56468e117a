"""The reliability diagram: what was told to the right, how often it was right upwards. On the diagonal it is honest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ci.bench.ranking.answers import Answer, bins, calibration_error, pairs_told

_SIDE, _LEFT, _TOP, _GAP = 300, 60, 50, 70
_COLOUR: Final = "#0969da"


def svg(answers: Sequence[Answer]) -> str:
    """Two panels: the windows that hold the culprit, and all of them."""
    panels = (("windows with the culprit", [a for a in answers if a.culprit is not None]), ("all windows", list(answers)))
    width, height = _LEFT + 2 * _SIDE + _GAP + 20, _TOP + _SIDE + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        "<title>What deploywatch tells of the first suspect, and how often that is right</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(
            part
            for number, (title, rows) in enumerate(panels)
            for part in _panel(title, pairs_told(rows), _LEFT + number * (_SIDE + _GAP))
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panel(title: str, pairs: Sequence[tuple[float, float]], left: float) -> Iterator[str]:
    low, right = _TOP + _SIDE, left + _SIDE
    error = f", calibration error {calibration_error(pairs):.3f}" if pairs else ""
    yield f'<text x="{left}" y="{_TOP - 14}" font-size="14" font-weight="bold">{title}{error}</text>'
    yield f'<rect x="{left}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#57606a"/>'
    yield f'<line x1="{left}" y1="{low}" x2="{right}" y2="{_TOP}" stroke="#1a7f37" stroke-dasharray="4 4"/>'
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + share * _SIDE, low - share * _SIDE
        yield f'<text x="{x:.0f}" y="{low + 16}" text-anchor="middle">{share:.0%}</text>'
        yield f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{share:.0%}</text>'
    yield f'<text x="{(left + right) / 2:.0f}" y="{low + 36}" text-anchor="middle">told of the first suspect</text>'
    turned = f"translate({left - 44} {_TOP + _SIDE / 2:.0f}) rotate(-90)"
    yield f'<text transform="{turned}" text-anchor="middle">right</text>'
    points = [(left + told * _SIDE, low - hit * _SIDE, told, hit, count) for told, hit, count in bins(pairs)]
    yield f'<polyline fill="none" stroke="{_COLOUR}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in points)}"/>'
    for x, y, told, hit, count in points:
        label = f"{told:.0%} told, {hit:.0%} right, {count} windows"
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + count**0.5:.1f}" fill="{_COLOUR}" fill-opacity="0.5" '
            f'stroke="{_COLOUR}"><title>{label}</title></circle>'
        )
