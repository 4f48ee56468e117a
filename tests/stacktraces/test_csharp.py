"""Stack traces of .NET, Mono and Unity."""

from __future__ import annotations

import pytest

from deploywatch.model import StackTrace
from deploywatch.stacktraces.csharp import parse
from tests.stacktraces.traces import errors, groups, read

KESTREL = r"""fail: Microsoft.AspNetCore.Server.Kestrel[13]
      Connection id "0", Request id "1": An unhandled exception was thrown by the application.
      System.InvalidOperationException: outer
      line two
       ---> System.NullReferenceException: Object reference not set to an instance of an object.
         at Shop.Cart.<TotalAsync>d__3.MoveNext() in /app/src/Cart.cs:line 12
         at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)
      --- End of stack trace from previous location ---
         at Shop.Api.<>c__DisplayClass0_0.<Main>b__0(HttpContext c) in C:\app\Api.cs:line 7
         --- End of inner exception stack trace ---
         at Shop.Repo`1.Get[T](T x, List`1 y)
         at Shop.Cart..ctor(String s) in /_/src/Shop/Cart.cs:line 3
         at Shop.Program.<Main>g__Local|0_0() in /app/Program.cs:line 9
info: Microsoft.Hosting.Lifetime[0]
      Application is shutting down...
"""


def places(trace: StackTrace | None) -> list[tuple[str | None, str | None, str | None, int | None, bool | None]]:
    return [(frame.module, frame.function, frame.path, frame.line, frame.in_app) for frame in read(trace).frames]


def test_an_inner_exception_stands_inside_the_outer() -> None:
    trace = parse(KESTREL)
    assert errors(trace) == [
        ("NullReferenceException", "Object reference not set to an instance of an object.", 3),
        ("InvalidOperationException", "outer\nline two", 3),
    ]
    assert places(trace) == [
        ("Shop.Repo`1", "Get", None, None, None),
        ("Shop.Cart", ".ctor", "/_/src/Shop/Cart.cs", 3, None),
        ("Shop.Program", "Local", "/app/Program.cs", 9, None),
        ("Shop.Cart", "TotalAsync", "/app/src/Cart.cs", 12, None),
        ("System.Runtime.CompilerServices.TaskAwaiter", "ThrowForNonSuccess", None, None, False),
        ("Shop.Api", "Main", "C:/app/Api.cs", 7, None),
    ]


def test_an_aggregate_with_several_inner_exceptions() -> None:
    text = """System.AggregateException: One or more errors occurred. (a) (b)
 ---> System.Exception: a
   at A.B() in /a.cs:line 3
   --- End of inner exception stack trace ---
   at Outer.M() in /o.cs:line 9
 ---> (Inner Exception #0) System.Exception: a
   at A.B() in /a.cs:line 3<---

 ---> (Inner Exception #1) Shop.Exceptions.PriceException: b
   at A.C() in /a.cs:line 5<---

"""
    trace = parse(text)
    assert errors(trace) == [
        ("PriceException", "b", 1),
        ("Exception", "a", 1),
        ("AggregateException", "One or more errors occurred. (a) (b)", 1),
    ]
    assert groups(trace) == [2, None, None]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Unhandled exception. System.Exception: x\n   at A.B() in /a.cs:line 3\n", [("Exception", "x", 1)]),
        ("Shop.PaymentFailed: x\n   at A.B() in /a.cs:line 3\n", [("PaymentFailed", "x", 1)]),
        ("System.Exception: o ---> System.ArgumentException: i\n   at A.B() in C:\\a.cs:line 3\n   --- End of inner exception stack trace ---\n   at A.C()\n",
         [("ArgumentException", "i", 1), ("Exception", "o", 1)]),
        ("System.IO.FileNotFoundException: no file\nFile name: 'x'\n   at A.B()\n", [("FileNotFoundException", "no file\nFile name: 'x'", 1)]),
        ("System.Net.Sockets.SocketException (111): refused\n   at A.B()\n", [("SocketException", "refused", 1)]),
    ],
)  # fmt: skip
def test_headers(text: str, error: list[tuple[str, str, int]]) -> None:
    assert errors(parse(text)) == error


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("  at Foo.Bar.Baz (System.Int32 x) [0x00001] in /app/x.cs:12 ", ("Foo.Bar", "Baz", "/app/x.cs", 12, None)),
        ("  at Foo.Repo`1[T].Get (T x) [0x0] in <abcdef>:0 ", ("Foo.Repo`1", "Get", None, None, None)),
        ("Shop.Cart:Total(Int32) (at Assets/Scripts/Cart.cs:12)", ("Shop.Cart", "Total", "Assets/Scripts/Cart.cs", 12, None)),
        ("   at Shop.Cart.Total() in /home/a b/x.cs:line 12", ("Shop.Cart", "Total", "/home/a b/x.cs", 12, None)),
    ],
)
def test_mono_and_unity(line: str, place: tuple[object, ...]) -> None:
    assert places(parse(f"System.Exception: x\n{line}\n")) == [place]
