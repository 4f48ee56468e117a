"""Programs that really break: the failure is run, its traceback is read, and the commit that did it must come first.

Each history is one small shop with the same innocent commits, some of them in the files of the stack. The program runs before the culprit
and fails after it; nobody wrote the tracebacks by hand.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from deploywatch.model import Event, Ranking, RankingVerdict
from deploywatch.stacktraces.inputs import read_inputs
from deploywatch.steps.investigator import Investigator
from tests.suspects.histories import History

SHOP = {
    "main.py": """\
import sys

from shop.basket import Basket, Item
from shop.orders import checkout


def main():
    order = checkout(Basket([Item("tea", 300), Item("mug", 900)]), country="DE")
    print(order)
    print(checkout(Basket([]), country="AT"))


if __name__ == "__main__":
    sys.exit(main())
""",
    "shop/__init__.py": "",
    "shop/basket.py": """\
\"\"\"What a customer wants to buy.\"\"\"

from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: int


@dataclass
class Basket:
    items: list

    def names(self):
        return [item.name for item in self.items]

    def is_large(self):
        return len(self.items) > 20
""",
    "shop/pricing.py": """\
\"\"\"Prices, in cents.\"\"\"

from shop.taxes import rate_of

DISCOUNT = 0.9


def net_of(basket):
    return sum(item.price for item in basket.items)


def average_of(basket):
    if not basket.items:
        return 0
    return net_of(basket) // len(basket.items)


def discounted(amount):
    return round(amount * DISCOUNT)


def gross_of(basket, country):
    net = net_of(basket)
    return net + round(net * rate_of(country) / 100)
""",
    "shop/taxes.py": """\
\"\"\"Value added tax.\"\"\"

RATES = {
    "DE": 19,
    "AT": 20,
    "CH": 8,
}


def rate_of(country):
    return RATES[country]


def is_known(country):
    return country in RATES
""",
    "shop/orders.py": """\
\"\"\"Orders.\"\"\"

from shop.pricing import average_of, gross_of
from shop.settings import SETTINGS
from shop.shipping import ship


def label(order):
    return f"order of {order['country']}"


def checkout(basket, country):
    order = {
        "country": country,
        "sum": gross_of(basket, country),
        "average": average_of(basket),
        "currency": SETTINGS["currency"],
    }
    order["parcel"] = ship(order, "post")
    return order
""",
    "shop/settings.py": """\
SETTINGS = {
    "name": "Tea and mugs",
    "currency": "EUR",
    "opens": 8,
}
""",
    "shop/shipping.py": """\
\"\"\"Parcels.\"\"\"


def weight_of(order):
    return 100


def ship(order, carrier):
    return f"{carrier} takes {weight_of(order)} g"
""",
    "README.md": "# Shop\n",
    "tests/test_pricing.py": "def test_nothing():\n    assert True\n",
}
Edit = tuple[str, str, tuple[tuple[str, str], ...]]
BEFORE: tuple[Edit, ...] = (
    ("Say what the shop is", "README.md", (("# Shop", "# The shop"),)),
    ("Open at nine", "shop/settings.py", (('"opens": 8', '"opens": 9'),)),
    ("Discounts may be larger", "shop/pricing.py", (("DISCOUNT = 0.9", "DISCOUNT = 0.8"),)),
)
AFTER: tuple[Edit, ...] = (
    ("Label orders with a number sign", "shop/orders.py", (('f"order of', 'f"order # of'),)),
    ("Large baskets are larger", "shop/basket.py", (("> 20", "> 30"),)),
    ("Test nothing twice", "tests/test_pricing.py", (("assert True", "assert not False"),)),
    ("Known countries in any case", "shop/taxes.py", (("return country in RATES", "return country.upper() in RATES"),)),
    ("Parcels are lighter", "shop/shipping.py", (("return 100", "return 90"),)),
    ("Round discounts down", "shop/pricing.py", (("round(amount * DISCOUNT)", "int(amount * DISCOUNT)"),)),
    (
        "Comment on averages",
        "shop/pricing.py",
        (("def average_of(basket):\n", "def average_of(basket):\n    # of single items\n"),),
    ),
)


@dataclass(frozen=True)
class Break:
    """A commit that breaks the shop, and the error that it then ends with."""

    subject: str
    files: dict[str, tuple[tuple[str, str], ...]]
    error: str
    moved: tuple[str, str] | None = None


BREAKS = {
    "changed line": Break(
        "Countries in lower case", {"shop/taxes.py": (("RATES[country]", "RATES[country.lower()]"),)}, "KeyError: 'de'"
    ),
    "removed guard": Break(
        "Simplify averages", {"shop/pricing.py": (("    if not basket.items:\n        return 0\n", ""),)}, "ZeroDivisionError"
    ),
    "renamed attribute": Break(
        "Items have a unit price",
        {"shop/basket.py": (("    price: int", "    unit_price: int"),)},
        "AttributeError: 'Item' object has no attribute 'price'",
    ),
    "changed signature of a callee": Break(
        "Parcels are insured",
        {"shop/shipping.py": (("def ship(order, carrier):", "def ship(order, carrier, *, insurance):"),)},
        "TypeError: ship() missing 1 required keyword-only argument: 'insurance'",
    ),
    "removed dict key": Break(
        "One currency is enough", {"shop/settings.py": (('    "currency": "EUR",\n', ""),)}, "KeyError: 'currency'"
    ),
    "moved module": Break(
        "Taxes are a part of accounting",
        {},
        "ModuleNotFoundError: No module named 'shop.taxes'",
        ("shop/taxes.py", "shop/accounting/taxes.py"),
    ),
}


def run(history: History) -> str:
    """What the program says on stderr as it stands in the work tree."""
    command = [sys.executable, "-B", "main.py"]
    return subprocess.run(command, cwd=history.repo.folder, capture_output=True, text=True, check=False).stderr


def edited(history: History, edits: tuple[Edit, ...], moved: tuple[str, str] | None = None) -> None:
    for subject, path, changes in edits:
        history.edit(subject, moved[1] if moved and path == moved[0] else path, *changes)


def broken(history: History, culprit: Break) -> str:
    """The culprit's commit."""
    files: dict[str, str | None] = {}
    for path, changes in culprit.files.items():
        text = (history.repo.folder / path).read_text()
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        files[path] = text
    if culprit.moved:
        old, new = culprit.moved
        files |= {old: None, new: (history.repo.folder / old).read_text(), "shop/accounting/__init__.py": ""}
    return history.commit(culprit.subject, files)


@dataclass(frozen=True)
class Story:
    """A history that ends in a failure, and the commit that brought it."""

    history: History
    culprit: str
    event: Event

    def ranking(self, base: str) -> Ranking:
        """What the program says of the failure and the window from ``base`` on."""
        repository, window = self.history.window(base)
        return Investigator(repository, window, limit=100).rank(self.event)


@pytest.fixture(scope="module", params=BREAKS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def story(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    history, culprit = History(tmp_path_factory.mktemp("shop") / "repository", SHOP), BREAKS[kind]
    edited(history, BEFORE)
    assert run(history) == ""
    sha = broken(history, culprit)
    assert culprit.error in run(history)
    edited(history, AFTER, culprit.moved)
    stderr = run(history)
    assert culprit.error in stderr
    (event,) = read_inputs(stderr)
    return Story(history, sha, event)


def told(ranking: Ranking) -> list[tuple[str, float]]:
    return [(suspect.commit.subject, round(suspect.probability, 3)) for suspect in ranking.suspects]


def test_the_culprit_comes_first(story: Story) -> None:
    ranking = story.ranking("v1")
    assert ranking.first is not None
    assert ranking.first.commit.sha == story.culprit, told(ranking)
    assert ranking.first.evidence


def test_it_is_not_answered_with_none_of_these(story: Story) -> None:
    ranking = story.ranking("v1")
    assert ranking.verdict is not RankingVerdict.NONE, told(ranking)


def test_the_answer_is_whole(story: Story) -> None:
    ranking = story.ranking("v1")
    assert abs(sum(suspect.probability for suspect in ranking.suspects) + ranking.none_probability - 1) < 1e-9
    assert ranking.frames
    assert all(frame.file and frame.in_app for frame in ranking.frames)
    assert len(ranking.suspects) == ranking.commits - 2
    assert ranking == story.ranking("v1")


def test_without_the_culprit_nobody_is_accused(story: Story) -> None:
    ranking = story.ranking(story.culprit)
    assert ranking.commits == len(AFTER)
    assert ranking.verdict is RankingVerdict.NONE, told(ranking)
