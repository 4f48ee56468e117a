"""docs/ranking.md: the prose is written, what stands between its markers is measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "ranking.md"
PICTURE: Final = Path("ranking") / "reliability.svg"
_BLOCK: Final = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def names(page: str) -> list[str]:
    """The names of the page's blocks, in order."""
    return [found["name"] for found in _BLOCK.finditer(page)]


def with_blocks(page: str, made: Mapping[str, str]) -> str:
    """The page with the blocks that were ``made``; all else, other blocks too, stays."""
    return _BLOCK.sub(lambda found: found[1] + made[found["name"]] + found[3] if found["name"] in made else found[0], page)


def write(page: Path, made: Mapping[str, str]) -> None:
    """The same to a file."""
    page.write_text(with_blocks(page.read_text(encoding="utf-8"), made), encoding="utf-8")
