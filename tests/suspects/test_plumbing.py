"""Functions that only pass calls on."""

from __future__ import annotations

import pytest

from deploywatch.suspects.plumbing import is_plumbing


@pytest.mark.parametrize(
    "function",
    [
        "__call__",
        "wrapper",
        "dispatch_request",
        "shop.web.App.dispatch",
        "execute",
        "executemany",
        "__exit__",
        "wrap_errors",
    ],
)
def test_names_of_plumbing(function: str) -> None:
    assert is_plumbing(function)


@pytest.mark.parametrize(
    "function", [None, "", "<module>", "total", "call_customer", "get_price", "mainline", "Main.total", "wrapper.total"]
)
def test_names_of_all_else(function: str | None) -> None:
    assert not is_plumbing(function)
