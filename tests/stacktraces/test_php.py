"""PHP stack traces: the exception's own place, calls shifted by one, and Monolog's form."""

from __future__ import annotations

import pytest

from deploywatch.stacktraces.php import parse
from tests.stacktraces.traces import calls, errors, read, rows

UNCAUGHT = r"""[02-Jan-2026 03:04:05 UTC] PHP Fatal error:  Uncaught App\Errors\BadPrice: no price in cart
second line in /app/src/Cart.php:12
Stack trace:
#0 /app/src/Shop.php(34): App\Cart->total(Array, 'a (b) c')
#1 [internal function]: App\Shop->{closure}(Object(App\Cart))
#2 /app/src/x.php(12) : eval()'d code(3): array_map(Object(Closure), Array)
#3 /app/vendor/laravel/framework/src/Router.php(5): App\X->{closure:App\X::run():7}(1)
#4 {main}

Next RuntimeException: outer in /app/x.php:5
Stack trace:
#0 /app/index.php(3): pay()
#1 {main}
  thrown in /app/x.php on line 5
"""


def test_places_are_shifted_and_next_is_the_outer_one() -> None:
    trace = parse(UNCAUGHT)
    assert errors(trace) == [("BadPrice", "no price in cart\nsecond line", 5), ("RuntimeException", "outer", 2)]
    assert read(trace).exceptions[0].module == "App\\Errors"
    assert rows(trace) == [
        ("/app/x.php", 5, None, "pay", None),
        ("/app/index.php", 3, None, "{main}", None),
        ("/app/src/Cart.php", 12, None, "App\\Cart->total", None),
        ("/app/src/Shop.php", 34, None, "App\\Shop->{closure}", None),
        ("[internal function]", None, None, "array_map", False),
        ("/app/src/x.php", 12, None, "App\\X->{closure:App\\X::run():7}", None),
        ("/app/vendor/laravel/framework/src/Router.php", 5, None, "{main}", False),
    ]


def test_monolog_doubles_backslashes_and_prints_the_cause_last() -> None:
    text = r"""[2026-01-02 03:04:05] production.ERROR: outer {"userId":1,"exception":"[object] (App\\BadPrice(code: 0): outer at /app/x.php:5)
[stacktrace]
#0 /app/index.php(3): App\\Shop->pay()
#1 {main}

[previous exception] [object] (TypeError(code: 0): inner at /app/src/Cart.php:12)
[stacktrace]
#0 /app/src/Shop.php(34): App\\Cart->total(Array)
#1 {main}
"}
"""
    assert errors(parse(text)) == [("TypeError", "inner", 2), ("BadPrice", "outer", 2)]
    assert calls(parse(text))[0] == ("/app/x.php", 5, "App\\Shop->pay")


@pytest.mark.parametrize(
    ("text", "error", "call"),
    [
        ('PHP Parse error:  syntax error, unexpected token "}" in /app/x.php on line 12', ("Parse error", 'syntax error, unexpected token "}"', 1), ("/app/x.php", 12, None)),
        ("Fatal error: Allowed memory size exhausted in C:\\app\\x.php on line 3", ("Fatal error", "Allowed memory size exhausted", 1), ("C:/app/x.php", 3, None)),
        ("PHP Fatal error:  Uncaught exception 'Exception' with message 'old' in /app/x.php:12\nStack trace:\n#0 {main}\n", ("Exception", "old", 1), ("/app/x.php", 12, "{main}")),
        ("Exception in /app/x.php:12\nStack trace:\n#0 /app/y.php(3): f()\n#1 {main}", ("Exception", None, 2), ("/app/x.php", 12, "f")),
        ("Error: a in b in /app/x.php:12\nStack trace:\n#0 {main}", ("Error", "a in b", 1), ("/app/x.php", 12, "{main}")),
        ("Uncaught nothing at all\n#0 /app/y.php(3): f()\n", (None, None, 1), ("/app/y.php", 3, None)),
        ("trace:\n#0 /app/y.php(3): f()\n#1 /app/z.php(4): App\\X::g()\n", (None, None, 2), ("/app/y.php", 3, "App\\X::g")),
    ],
)  # fmt: skip
def test_other_forms(text: str, error: tuple[object, ...], call: tuple[object, ...]) -> None:
    assert errors(parse(text)) == [error]
    assert calls(parse(text))[0] == call


@pytest.mark.parametrize(
    "text", ["PHP Warning:  Undefined variable $x in /app/x.php on line 5", "#0 nothing", "fixed in #12 (see 3): yes"]
)
def test_what_is_no_failure(text: str) -> None:
    assert parse(text) is None
