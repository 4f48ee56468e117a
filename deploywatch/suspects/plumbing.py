"""Frames that every failure passes through: wrappers, dispatchers, drivers' calls.

Predator weighs files by how many crashes they are in, and clouseau's users name "very common functions" as the first cause of
wrong blame (ranking.md 1.1, 1.4, S16). A single failure does not tell how common its frames are; the names of such functions do.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = re.compile(
    r"_?_?(execute(many|_with_\w+)?|fetch(one|all|many)?|exit|enter|call|iter|next|aiter|anext|getattr|getattribute|getitem|"
    r"wrapper|wrapped|inner|inner_\w+|decorator|decorated|dispatch(_request)?|cursor|perform_request|urlopen|get_response|"
    r"invoke|proxy|forward|middleware|retry|with_\w+|\w+_wrapper|wrap_\w+)_?_?"
)


def is_plumbing(function: str | None) -> bool:
    """Whether a function's name says that it only passes calls on. Qualified names are judged by their last part."""
    return bool(function) and _NAMES.fullmatch((function or "").rpartition(".")[2].lower()) is not None
