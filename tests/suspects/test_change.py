"""A commit's change as signals see it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import ChangeType, Commit, FileChange, FileDiff, Hunk, Person
from deploywatch.suspects.change import Change, code_lines, defined_names, is_code, says_something

ANA = Person("Ana", "ana@acme.test")
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def change(*diffs: tuple[str, Hunk]) -> Change:
    commit = Commit("c" * 40, (), ANA, ANA, NOON, NOON, "change")
    return Change(commit, tuple(FileDiff(commit.sha, FileChange(ChangeType.MODIFIED, path), (hunk,)) for path, hunk in diffs))


def hunk(removed: str = "", added: str = "", context: str = "") -> Hunk:
    old, new = (tuple(text.split("\n")) if text else () for text in (removed, added))
    return Hunk(1, len(old), 1, len(new), old, new, context)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "\t",
        "# why",
        "    # why",
        "// why",
        "/* why",
        " * why",
        " */",
        "*",
        '"""Doc."""',
        "    '''",
        "-- why",
        "<!-- why -->",
    ],
)
def test_lines_that_say_nothing(line: str) -> None:
    assert not is_code(line)


@pytest.mark.parametrize(
    "line",
    ["a = 1", "a = 1  # why", "#[derive(Debug)]", "*args,", "--a;", "a // b", "}", "else:", "- key: value", "/re/.test(x)"],
)
def test_lines_that_say_something(line: str) -> None:
    assert is_code(line)


@pytest.mark.xfail(
    reason="the language is not asked: an operator or a private field at the start is taken for a comment", strict=True
)
@pytest.mark.parametrize("line", ["        * rate)", "        // count", "  #limit = 3;", "#define LIMIT 3"])
def test_lines_that_only_look_like_comments(line: str) -> None:
    assert is_code(line)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("def total(self):", ["total"]),
        ("    async def total(self):", ["total"]),
        ("class Till(Base):", ["Till"]),
        ("export default function total(a) {", ["total"]),
        ("function* total() {", ["total"]),
        ("func (t *Till) Total(a int) int {", ["Total"]),
        ("fn total(a: u8) -> u8 {", ["total"]),
        ("fun total(a: Int): Int {", ["total"]),
        ("defmodule Till do", ["Till"]),
        ("export const total = async (a) => {", ["total"]),
        ("  total: function (a) {", ["total"]),
        ("  total(a) {", ["total"]),
        ("total = 3", []),
        ("x = total(a)", []),
        ("return total(a);", []),
        ("# defines nothing", []),
    ],
)
def test_definitions_in_a_line(line: str, names: list[str]) -> None:
    assert list(defined_names([line])) == names


def test_tests_and_documentation_are_left_out() -> None:
    found = change(("shop.py", hunk(added="a = 1")), ("tests/test_shop.py", hunk(added="b = 1")), ("README.md", hunk(added="c")))
    assert [diff.change.path for diff in found.live] == ["shop.py"]
    assert found.added == ("a = 1",)


def test_code_lines_of_both_sides_and_the_names_in_them() -> None:
    found = change(("shop.py", hunk("net = old_rate\n# gone", "net = new_rate\n\nnet = net")))
    assert (found.added, found.removed) == (("net = new_rate", "net = net"), ("net = old_rate",))
    assert found.added_names == {"net": 3, "new_rate": 1}
    assert found.removed_names == {"net": 1, "old_rate": 1}
    assert found.names == {"net", "new_rate", "old_rate"}


def test_a_reformatting_of_everything_is_read_in_part() -> None:
    found = change(*((f"f{number}.py", hunk(added="\n".join(f"a{line} = 1" for line in range(900)))) for number in range(9)))
    assert 900 < len(found.added) < 9 * 900


def test_moved_is_what_went_from_one_file_to_another() -> None:
    line = "    return basket.total()"
    across = change(("a.py", hunk(removed=line)), ("b.py", hunk(added=line.strip())))
    assert across.moved == {line.strip()}
    within = change(("a.py", hunk(removed=line, added=f"    if basket:\n    {line}")))
    assert within.moved == frozenset()
    small = change(("a.py", hunk(removed="x = 1")), ("b.py", hunk(added="x = 1")))
    assert small.moved == frozenset()


def test_definitions_with_the_hunk_that_changed_them() -> None:
    inside, new, notes = (
        hunk("a", "b", "def total(basket):"),
        hunk(added="class Till:"),
        hunk(added="# why", context="def other():"),
    )
    found = change(("a.py", inside), ("b.py", new), ("c.py", notes)).definitions
    assert {name: (diff.change.path, hunk) for name, (diff, hunk) in found.items()} == {
        "total": ("a.py", inside),
        "Till": ("b.py", new),
    }


def test_a_hunk_says_something_on_either_side() -> None:
    assert [says_something(h) for h in (hunk("a", ""), hunk("", "a"), hunk("# a", "# b"), hunk())] == [True, True, False, False]


@given(st.lists(st.text()))
def test_any_line_is_read(lines: list[str]) -> None:
    assert list(code_lines(lines)) == [line for line in lines if is_code(line)]
    assert all(any(name in line for line in lines) for name in defined_names(lines))


@pytest.mark.parametrize(
    "line", ["x" * 200_000, "(" * 100_000, "f(" + "a, " * 50_000 + "{", " " * 100_000 + "x", "def (" * 20_000]
)
def test_minified_lines_are_read_too(line: str) -> None:
    found = change(("a.js", hunk(added=line)))
    assert found.added in ((line,), ())
    assert isinstance(found.definitions, dict)


def test_a_name_that_is_not_counted_may_be_in_the_change_nevertheless() -> None:
    changed = change(("shop/cart.py", hunk("args = given", "total = 1\nrate_of = größe\nméthode = 2")))

    there = [name for name in ("args", "total", "rate_of", "méthode", "given", "elsewhere") if changed.may_have(name)]

    assert there == ["args", "total", "rate_of", "méthode", "given"]
