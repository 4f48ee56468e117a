"""Visitors: what they ask for, and that they stop."""

from __future__ import annotations

import socket
from collections import Counter
from typing import Any

import pytest

from deploywatch.sandbox.sink import Sink
from deploywatch.sandbox.traffic import VISITORS, Traffic, Visitor, visit


def asked(visitor: Visitor, *, cart: str | None = "c1") -> list[tuple[str, str, Any]]:
    requests = []

    def ask(method: str, path: str, endpoint: str, body: Any) -> dict[str, Any]:
        requests.append((method, path, body))
        return {"id": cart} if path == "/carts" and cart else {}

    for _ in visit(visitor, ask):
        pass
    return requests


def test_a_visit() -> None:
    assert asked(Visitor("tea-001", 2, customer="ada", coupon="WELCOME10", country="DE")) == [
        ("GET", "/products/tea-001", None),
        ("POST", "/carts", {"customer": "ada"}),
        ("POST", "/carts/c1/items", {"sku": "tea-001", "quantity": 2}),
        ("PUT", "/carts/c1/coupon", {"code": "WELCOME10"}),
        ("POST", "/carts/c1/checkout", {"country": "DE"}),
    ]


def test_who_gets_no_cart_leaves() -> None:
    assert [path for _, path, _ in asked(VISITORS[0], cart=None)] == ["/products/tea-001", "/carts"]


def test_it_stops_at_the_limit_and_counts_what_was_answered() -> None:
    with Sink() as shop, Traffic(shop.url("/"), per_second=1000, at_most=5) as traffic:
        traffic.wait(10)
    # The sink knows POST only, and gives nobody a cart.
    assert traffic.tally == {"GET /products/{sku}": Counter({501: 3}), "POST /carts": Counter({200: 2})}


def test_a_shop_that_is_gone_is_counted_as_no_answer() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with Traffic(f"http://127.0.0.1:{nobody.getsockname()[1]}", per_second=1000, at_most=4) as traffic:
            traffic.wait(10)
    assert traffic.tally == {"GET /products/{sku}": Counter({0: 2}), "POST /carts": Counter({0: 2})}


def test_stop_does_not_wait_for_the_pause() -> None:
    with Sink() as shop:
        traffic = Traffic(shop.url("/"), per_second=0.001, at_most=10).start()
        traffic.stop()
    assert not traffic._thread.is_alive()


@pytest.mark.parametrize("coupon", ["SPRING24", "WELCOME10", "BIGBASKET", None])
def test_the_visitors_are_a_mix(coupon: str | None) -> None:
    assert any(visitor.coupon == coupon for visitor in VISITORS)
