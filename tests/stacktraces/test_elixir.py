"""Elixir stack traces: applications, anonymous functions, blamed clauses and exits that hold exceptions."""

from __future__ import annotations

from deploywatch.stacktraces.elixir import parse
from tests.stacktraces.traces import calls, errors, read

CRASH = """\
03:04:05.678 [error] GenServer Shop.Cart terminating
** (FunctionClauseError) no function clause matching in Shop.Cart.f/1

    The following arguments were given to Shop.Cart.f/1:

        # 1
        nil

    (shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.total/1
    (elixir 1.15.7) lib/enum.ex:1693: Enum."-map/2-lists^map/1-1-"/2
    (stdlib 5.1) lists.erl:1594: :lists.foldl/3
    (shop 0.1.0) lib/shop/cart.ex:5: anonymous fn/1 in Shop.Cart.total/1
    lib/x.exs:3: (file)
    (shop 0.1.0) Shop.Cart.valid?/0
    :erlang.apply/2
Last message (from #PID<0.1.0>): :go
State: %{}
"""


def test_a_crash() -> None:
    trace = read(parse(CRASH))
    ((type_, message, count),) = errors(trace)
    assert (type_, count) == ("FunctionClauseError", 7)
    assert (message or "").startswith("no function clause matching in Shop.Cart.f/1\n\nThe following arguments")
    assert calls(trace) == [
        ("lib/shop/cart.ex", 12, "Shop.Cart.total/1"),
        ("lib/enum.ex", 1693, 'Enum."-map/2-lists^map/1-1-"/2'),
        ("lists.erl", 1594, ":lists.foldl/3"),
        ("lib/shop/cart.ex", 5, "anonymous fn/1 in Shop.Cart.total/1"),
        ("lib/x.exs", 3, "(file)"),
        (None, None, "Shop.Cart.valid?/0"),
        (None, None, ":erlang.apply/2"),
    ]
    assert [frame.package for frame in trace.frames] == ["shop", "elixir", "stdlib", "shop", None, "shop", None]
    assert [frame.module for frame in trace.frames[:4]] == ["Shop.Cart", "Enum", ":lists", "Shop.Cart"]
    assert [frame.in_app for frame in trace.frames[:4]] == [None, False, False, None]


def test_an_exit_that_holds_an_exception() -> None:
    text = """\
** (stop) exited in: GenServer.call(Shop, :go, 5000)
    ** (EXIT) an exception was raised:
        ** (KeyError) key :x not found
            (shop 0.1.0) lib/shop.ex:7: Shop.handle_call/3
    (elixir 1.15) lib/gen_server.ex:1074: GenServer.call/3
    (shop 0.1.0) lib/web.ex:3: Web.go/1
"""
    for dress in ("", "web-1  | ", "03:04:05.678 [error] "):
        trace = parse("".join(f"{dress}{line}\n" for line in text.splitlines()))
        assert [error[::2] for error in errors(trace)] == [("KeyError", 1), ("stop", 2)]
        assert calls(trace)[-1] == ("lib/shop.ex", 7, "Shop.handle_call/3")


def test_the_compilers_errors_name_their_place() -> None:
    assert calls(parse("** (CompileError) lib/x.ex:12:3: undefined function foo/0\n")) == [("lib/x.ex", 12, None)]


def test_an_error_without_frames_is_a_line_of_a_log() -> None:
    assert parse("** (Mix) Could not start application\n") is None
