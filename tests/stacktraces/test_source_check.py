"""``check_source``: a source line that is elsewhere at head is found nearby, or doubted."""

from __future__ import annotations

from typing import Any

import pytest

from deploywatch.model import Frame, MappedFrame
from deploywatch.stacktraces.source_check import CheckedFrames, check_source

CART = [
    "import tax",
    "",
    "def total(cart):",
    "    value = cart.sum()",
    "    return value * tax.rate(cart)",
    "",
    "def empty():",
    "    return None",
    "}",
]


def checked(line: int | None, text: str | None, files: dict[str, list[str]] | None = None, **more: Any) -> CheckedFrames:
    context = {key: more.pop(key) for key in ("pre_context", "post_context") if key in more}
    in_app = more.pop("reported", None)
    frame = Frame("cart.py", line, context_line=text, in_app=in_app, **context)
    values: dict[str, Any] = {"file": "src/cart.py", "in_app": True, "mapped_by": "suffix", **more}
    return check_source([MappedFrame(index=0, frame=frame, line=line, **values)], {"src/cart.py": CART, **(files or {})}.get)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (5, "    return value * tax.rate(cart)"),
        (5, "return value  *\ttax.rate(cart)\r"),
        (5, "return value * tax..."),
        (5, "{snip} value * tax.rate{snip}"),
        (5, None),
        (5, ""),
        (5, "}"),
        (None, "anything else"),
    ],
)
def test_nothing_to_doubt(line: int | None, text: str | None) -> None:
    found = checked(line, text)
    assert (found.frames[0].line, found.warnings) == (line, ())


@pytest.mark.parametrize("line", [1, 2, 4, 9, 25])
def test_a_moved_line_is_found_nearby(line: int) -> None:
    found = checked(line, "    return value * tax.rate(cart)")
    assert found.frames[0].line == 5
    assert "line 5 does and is used" in found.warnings[0]
    assert f"src/cart.py:{line}" in found.warnings[0]


@pytest.mark.parametrize(
    ("line", "text"), [(26, "return value * tax.rate(cart)"), (4, "return other()"), (400, "return other()"), (5, "xx...")]
)
def test_a_line_that_is_nowhere_near_stays_and_is_doubted(line: int, text: str) -> None:
    found = checked(line, text)
    assert found.frames[0].line == line
    assert "another file" in found.warnings[0]


def test_between_equal_lines_the_neighbours_decide() -> None:
    lines = ["a()", "same()", "b()", "x", "c()", "same()", "d()"]
    files = {"src/cart.py": lines}
    assert checked(4, "same()", files).frames[0].line == 4
    assert checked(4, "same()", files, pre_context=("c()",)).frames[0].line == 6
    assert checked(4, "same()", files, post_context=("b()",)).frames[0].line == 2


@pytest.mark.parametrize(("reported", "mapped", "in_app"), [(None, False, True), (False, False, False), (True, True, True)])
def test_the_line_tells_between_files_of_one_name(reported: bool | None, mapped: bool, in_app: bool) -> None:
    files = {"a/cart.py": ["x", "return 1 + 1"], "b/cart.py": ["x", "return 2 + 2"]}
    more: dict[str, Any] = {"file": None, "mapped_by": "ambiguous", "candidates": ("a/cart.py", "b/cart.py"), "in_app": mapped}
    found = checked(2, "return 2 + 2", files, reported=reported, **more).frames[0]
    assert (found.file, found.mapped_by, found.candidates, found.in_app) == ("b/cart.py", "suffix", (), in_app)
    assert checked(2, "return 3 + 3", files, **more).frames[0].file is None


def test_a_file_that_cannot_be_read_is_not_doubted() -> None:
    assert checked(3, "return 1 + 1", file="gone.py").warnings == ()


def test_each_file_is_asked_for_once_and_doubts_are_few() -> None:
    asked: list[str] = []

    def lines_of(path: str) -> list[str]:
        asked.append(path)
        return CART

    frames = [
        MappedFrame(number, Frame("cart.py", number + 1, context_line=f"nothing({number})"), "src/cart.py", True, "suffix", number + 1)
        for number in range(9)
    ]  # fmt: skip
    found = check_source(frames, lines_of)
    assert asked == ["src/cart.py"]
    assert len(found.warnings) == 6
    assert found.warnings[-1].startswith("4 more frames")
