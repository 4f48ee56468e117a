"""Ruby backtraces of every version since 1.9, and of Rails, minitest and RSpec."""

from __future__ import annotations

import pytest

from deploywatch.stacktraces.ruby import parse
from tests.stacktraces.traces import calls, errors, read, rows

OLD = """\
/app/cart.rb:12:in `total': undefined method `tax' for nil:NilClass (NoMethodError)

    cart.tax
        ^^^^
Did you mean?  tap
\tfrom /app/cart.rb:5:in `block in each'
\tfrom <internal:kernel>:187:in `loop'
\tfrom /usr/local/bundle/gems/rack-2.2.8/lib/rack.rb:5:in `call'
\tfrom /app/main.rb:3:in `<main>'
"""


def test_the_raising_line_and_those_that_called_it() -> None:
    assert errors(parse(OLD)) == [("NoMethodError", "undefined method `tax' for nil:NilClass", 5)]
    assert rows(parse(OLD)) == [
        ("/app/cart.rb", 12, None, "total", None),
        ("/app/cart.rb", 5, None, "block in each", None),
        ("<internal:kernel>", 187, None, "loop", False),
        ("/usr/local/bundle/gems/rack-2.2.8/lib/rack.rb", 5, None, "call", False),
        ("/app/main.rb", 3, None, "<main>", None),
    ]


@pytest.mark.parametrize(
    ("first", "error", "function"),
    [
        ("/app/a.rb:3:in 'Cart#total': undefined method 'tax' for nil (NoMethodError)", ("NoMethodError", "undefined method 'tax' for nil"), "Cart#total"),
        ("/app/a.rb:3:in `f': bad (see docs) (Shop::Errors::Bad)", ("Shop::Errors::Bad", "bad (see docs)"), "f"),
        ("/app/a.rb:3:in `f': one (RuntimeError)\ntwo\nthree", ("RuntimeError", "one\ntwo\nthree"), "f"),
        ("/app/a.rb:3:in `f': unhandled exception", (None, "unhandled exception"), "f"),
        ("C:/app/a.rb:3:in `f': x (RuntimeError)", ("RuntimeError", "x"), "f"),
        ("(eval at /app/a.rb:3):1:in `f': x (RuntimeError)", ("RuntimeError", "x"), "f"),
    ],
)  # fmt: skip
def test_headers_in_the_raising_line(first: str, error: tuple[str | None, str], function: str) -> None:
    trace = parse(f"{first}\n\tfrom /app/main.rb:1:in `<main>'\n")
    assert [row[:2] for row in errors(trace)] == [error]
    path, line, name = calls(trace)[0]
    assert ((path or "").removeprefix("C:"), line, name) == ("/app/a.rb", 3, function)


def test_a_cause_follows_without_a_blank_line() -> None:
    text = "/app/a.rb:5:in `rescue in f': outer (RuntimeError)\n\tfrom /app/m.rb:1:in `<main>'\n/app/a.rb:3:in `f': inner (KeyError)\n\tfrom /app/m.rb:1:in `<main>'\n"
    assert errors(parse(text)) == [("KeyError", "inner", 2), ("RuntimeError", "outer", 2)]
    apart = read(parse(text.replace("\n/app/a.rb:3", "\n\n/app/a.rb:3")))
    assert apart.warnings
    assert [raised.type for raised in apart.exceptions] == ["RuntimeError", "KeyError"]


def test_the_order_of_ruby_2_5() -> None:
    text = "Traceback (most recent call last):\n\t2: from main.rb:3:in `<main>'\n\t1: from x.rb:2:in `g'\nx.rb:1:in `f': msg (ArgumentError)\n"
    assert calls(parse(text)) == [("x.rb", 1, "f"), ("x.rb", 2, "g"), ("main.rb", 3, "<main>")]
    assert errors(parse(text)) == [("ArgumentError", "msg", 3)]


def test_rails_log_with_its_prefix_on_each_line() -> None:
    dress = "F, [2026-01-02T03:04:05.6 #12] FATAL -- : [abc] "
    text = "".join(
        f"{dress}{line}\n"
        for line in [
            "NoMethodError (undefined method `tax' for nil:NilClass):",
            "  ",
            "app/models/cart.rb:12:in `total'",
            "app/web.rb:5:in `show'",
        ]
    )
    assert errors(parse(text)) == [("NoMethodError", "undefined method `tax' for nil:NilClass", 2)]
    assert calls(parse(text))[0] == ("app/models/cart.rb", 12, "total")


def test_rails_causes() -> None:
    text = "ActionView::Template::Error (bad):\n    1: <%= x %>\n\napp/views/a.html.erb:1:in 'render'\n\nCauses:\nKeyError (no x)\n\napp/x.rb:5:in 'Cart#x'\n"
    assert errors(parse(text)) == [("KeyError", "no x", 1), ("ActionView::Template::Error", "bad", 1)]


def test_rspec_and_minitest() -> None:
    rspec = "  1) Cart total\n     Failure/Error: cart.total\n\n     NoMethodError:\n       undefined method `tax'\n     # ./lib/cart.rb:12:in `total'\n     # ./spec/cart_spec.rb:5:in `block in <top>'\n"
    assert errors(parse(rspec)) == [("NoMethodError", "undefined method `tax'", 2)]
    minitest = "Error:\nCartTest#test_total:\nNoMethodError: undefined method `tax'\n    lib/cart.rb:12:in `total'\n"
    assert errors(parse(minitest)) == [("NoMethodError", "undefined method `tax'", 1)]


def test_a_syntax_error_names_its_own_line() -> None:
    text = "/app/main.rb:1:in 'Kernel#require': /app/x.rb:3: syntax error found (SyntaxError)\n> 3 | end\n\tfrom /app/main.rb:1:in '<main>'\n"
    assert calls(parse(text))[0] == ("/app/x.rb", 3, None)


@pytest.mark.parametrize("text", ["x.rb:12: warning: unused", "see cart.rb:12", "12:30:in the morning"])
def test_other_lines_are_no_frames(text: str) -> None:
    assert parse(text) is None
