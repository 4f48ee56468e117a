"""What is only layout, comments and docstrings, by the whole file and by the definitions that a diff changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.history.repository import Repository
from deploywatch.model import ChangeType, FileChange, FileDiff, Hunk
from deploywatch.suspects.cosmetic import Version, is_cosmetic, is_surely_code, only_comments
from deploywatch.suspects.syntax.languages import same_meaning
from deploywatch.suspects.syntax.parts import changed_parts
from tests.gitrepo import GitRepo

SHOP = '''\
"""Prices."""
import decimal


class Cart:
    """What is bought."""

    @property
    def total(self):
        """The sum.

        def sample():
            return 1
        """
        lines = [line.price for line in self.lines]
        return sum(lines)

    def add(self, line, amount=1):
        if amount < 1:
            raise ValueError("how many?")
        self.lines.append((line, amount))


def tax(order):
    return order.total * RATE
'''


@pytest.fixture
def changed(tmp_path: Path):
    def change(*edits: tuple[str, str], before: str = SHOP) -> tuple[FileDiff, Version]:
        after = before
        for old, new in edits:
            assert after.count(old) == 1, old
            after = after.replace(old, new)
        repo = GitRepo(tmp_path / "repository")
        repo.commit("before", {"shop.py": before})
        repo.commit("after", {"shop.py": after})
        (diff,) = Repository.open(repo.folder).diffs_of(repo.head)
        return diff, Version(before, after)

    return change


COSMETIC = {
    "a comment": [("return sum(lines)", "return sum(lines)  # all of it")],
    "wrapped": [("self.lines.append((line, amount))", "self.lines.append(\n            (line, amount),\n        )")],
    "a docstring": [("The sum.", "The sum of all.")],
    "a sample in a docstring": [("return 1", "return 2")],
    "quotes": [('"how many?"', "'how many?'")],
    "two functions": [("return sum(lines)", "return (sum(lines))"), ("order.total * RATE", "(order.total * RATE)")],
    "a blank line": [("raise ValueError", "\n            raise ValueError")],
}
MEANT = {
    "another name": [("sum(lines)", "max(lines)")],
    "a string": [("how many?", "so few?")],
    "an operator": [("amount < 1", "amount <= 1")],
    "a number": [("amount=1", "amount=2")],
    "an import": [("import decimal", "import decimal, math")],
    "a decorator": [("@property\n    ", "")],
    "a line less": [("        lines = [line.price for line in self.lines]\n", "")],
    "a docstring and code": [("The sum.", "Sum."), ("order.total * RATE", "order.total")],
}


@pytest.mark.parametrize("edits", COSMETIC.values(), ids=COSMETIC)
def test_layout_comments_and_docstrings_mean_nothing(changed, edits) -> None:
    diff, version = changed(*edits)
    assert is_cosmetic(diff, version)
    assert same_meaning("shop.py", version.before, version.after)


@pytest.mark.parametrize("edits", MEANT.values(), ids=MEANT)
def test_all_else_means_something(changed, edits) -> None:
    diff, version = changed(*edits)
    assert not is_cosmetic(diff, version)
    assert not same_meaning("shop.py", version.before, version.after)


def test_only_the_changed_definitions_are_parsed(changed) -> None:
    diff, version = changed(("return sum(lines)", "return max(lines)"), ("order.total * RATE", "order.total"))
    parts = list(changed_parts(version.before, version.after, diff.hunks))
    assert [part[0].splitlines()[0] for part in parts if part] == ["if 1:", "def tax(order):"]
    assert "amount" not in str(parts)


def test_a_statement_of_the_module_is_cut_out_with_the_one_before(changed) -> None:
    wrapped = SHOP.replace("import decimal", "from decimal import (\n    Decimal,\n    getcontext,\n)")
    diff, version = changed(("    getcontext,\n)", "    getcontext)"), before=wrapped)
    assert is_cosmetic(diff, version)
    assert list(changed_parts(version.before, version.after, diff.hunks)) == [
        (
            "from decimal import (\n    Decimal,\n    getcontext,\n)\n\n",
            "from decimal import (\n    Decimal,\n    getcontext)\n\n",
        )
    ]


@pytest.mark.parametrize("edit", [('"""Prices."""', '"""Costs."""'), ("return 1", "return 2")], ids=["first line", "in a string"])
def test_what_nothing_stands_before_or_what_is_in_a_string_is_not_cut_out(changed, edit) -> None:
    diff, version = changed(edit)
    assert list(changed_parts(version.before, version.after, diff.hunks)) == [None]


def test_without_a_version_the_lines_decide(changed) -> None:
    diff, version = changed(("return sum(lines)", "# nothing\n        return sum(lines)"))
    assert is_cosmetic(diff, Version(None, version.after))
    assert only_comments(diff)
    diff, version = changed(("sum(lines)", "(sum(lines))"))
    assert not is_cosmetic(diff, Version(version.before, None))


@pytest.mark.parametrize("edits", COSMETIC.values(), ids=COSMETIC)
def test_what_is_cosmetic_is_not_surely_code_but_for_samples(changed, edits) -> None:
    diff, _ = changed(*edits)
    assert not is_surely_code(diff)


def test_other_names_in_what_has_the_form_of_code_are_surely_code(changed) -> None:
    assert is_surely_code(changed(*MEANT["another name"])[0])
    assert is_surely_code(changed(*MEANT["a line less"])[0])
    assert not is_surely_code(changed(*MEANT["a number"])[0])


@pytest.mark.parametrize(("price", "expected"), [("unit_price", True), ("list_price", False)])
def test_a_reformatting_of_many_functions_is_told_by_the_whole_file(price: str, expected: bool) -> None:
    before = "".join(f"def total_{n}(order):\n    return order.unit_price * {n}\n\n\n" for n in range(60))
    after = before.replace("order.unit_price * ", "(order.unit_price  *  ").replace("\n\n\n", ")\n\n\n")
    after = f"{price}".join(after.rsplit("unit_price", 1))
    hunks = tuple(
        Hunk(at, 1, at, 1, (old,), (new,), "")
        for at, (old, new) in enumerate(zip(before.split("\n"), after.split("\n"), strict=True), 1)
        if old != new
    )
    diff = FileDiff("a" * 40, FileChange(ChangeType.MODIFIED, "shop/totals.py"), hunks)

    assert len(hunks) == 60
    assert is_cosmetic(diff, Version(before, after)) is expected
