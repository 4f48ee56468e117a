"""What Sentry calls owners, by what is known of it."""

from __future__ import annotations

import pytest

from deploywatch.owners.people import Identity, People
from deploywatch.owners.sentry_names import SentryNames, guess


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@org/Team", "#team"),
        ("@org/sub/team", "#team"),
        ("ann@X.org", "ann@x.org"),
        ("@ann", None),
        ("@@maintainer", None),
        ("#shop", None),
    ],
)
def test_what_a_name_alone_tells(name, expected):
    assert guess(name) == expected


NAMES = SentryNames(
    held={"@org/storefront": "#shop", "@ann": "ann@x.org"},
    configured={"@org/old": "#new"},
    people=People([Identity("Bob", ("bob@y.org", "BOB@x.org"), github="bob")]),
    known=frozenset({"#shop", "#cart", "ann@x.org", "bob@x.org"}),
)


@pytest.mark.parametrize(
    ("owner", "called"),
    [
        ("@org/old", "#new"),
        ("@org/storefront", "#shop"),
        ("@org/cart", "#cart"),
        ("@org/gone", None),
        ("@ann", "ann@x.org"),
        ("@bob", "bob@x.org"),
        ("bob@y.org", "bob@x.org"),
        ("stranger@x.org", None),
        ("#cart", "#cart"),
        ("#gone", None),
    ],
)
def test_among_those_who_exist(owner, called):
    assert NAMES.of(owner) == called


def test_nobody_asked_is_not_nobody_known():
    assert SentryNames().of("@org/gone") == "#gone"
    assert SentryNames().all_of(["@org/a", "@ann", "@org/a"]) == {"@org/a": "#a"}
