"""Java and Kotlin stack traces, checked against the virtual machine itself where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

from deploywatch.model import StackTrace
from deploywatch.stacktraces.java import parse
from tests.stacktraces.traces import calls, errors, groups, read

TRACE = """\
Exception in thread "main" com.acme.shop.CheckoutException: order 7: no price
second line
\tat com.acme.shop.Checkout.pay(Checkout.java:41)
\tat com.acme.shop.Checkout$Cart.lambda$total$0(Checkout.java:58)
\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1511)
\tat com.acme.shop.Main.main(Main.kt:12)
\tSuppressed: java.io.IOException: close failed
\t\tat com.acme.shop.Res.close(Res.java:5)
\t\t... 2 more
\tCaused by: java.lang.RuntimeException: deep
\t\tat com.acme.shop.Res.flush(Res.java:9)
\t\t... 3 more
Caused by: java.lang.NullPointerException
\tat com.acme.shop.Price.rate(Price.java:3)
\t... 2 more
"""


def places(trace: StackTrace | None) -> list[tuple[str | None, str | None, str | None, int | None, bool | None]]:
    return [(frame.module, frame.function, frame.path, frame.line, frame.in_app) for frame in read(trace).frames]


def test_causes_suppressed_and_frames_in_common() -> None:
    trace = parse(TRACE)
    assert errors(trace) == [
        ("RuntimeException", "deep", 4),
        ("IOException", "close failed", 3),
        ("NullPointerException", None, 3),
        ("CheckoutException", "order 7: no price\nsecond line", 4),
    ]
    assert groups(trace) == [None, 3, None, None]
    assert [raised.module for raised in read(trace).exceptions] == ["java.lang", "java.io", "java.lang", "com.acme.shop"]
    assert places(trace)[:7] == [
        ("com.acme.shop.Checkout", "pay", "Checkout.java", 41, None),
        ("com.acme.shop.Checkout$Cart", "lambda$total$0", "Checkout.java", 58, None),
        ("java.util.ArrayList", "forEach", "ArrayList.java", 1511, False),
        ("com.acme.shop.Main", "main", "Main.kt", 12, None),
        ("com.acme.shop.Price", "rate", "Price.java", 3, None),
        ("java.util.ArrayList", "forEach", "ArrayList.java", 1511, False),
        ("com.acme.shop.Main", "main", "Main.kt", 12, None),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("at app//com.acme.Cart.total(Cart.java:12)", ("com.acme.Cart", "total", "Cart.java", 12, None)),
        ("at app/shop@1.2/com.acme.Cart.total(Cart.java:12)", ("com.acme.Cart", "total", "Cart.java", 12, None)),
        ("at java.base@17.0.1/java.lang.Thread.run(Thread.java:840)", ("java.lang.Thread", "run", "Thread.java", 840, False)),
        ("at com.acme.Cart.<init>(Cart.java:12)", ("com.acme.Cart", "<init>", "Cart.java", 12, None)),
        ("at com.acme.Cart$$Lambda$14/0x0000000800c03000.apply(Unknown Source)", ("com.acme.Cart$$Lambda$14/0x0000000800c03000", "apply", None, None, None)),
        ("at jdk.internal.reflect.X.invoke0(Native Method)", ("jdk.internal.reflect.X", "invoke0", None, None, False)),
        ("at com.acme.CartKt$main$1.invokeSuspend(Cart.kt:12)", ("com.acme.CartKt$main$1", "invokeSuspend", "Cart.kt", 12, None)),
        ("at com.acme.CartTest.adds tax to total(CartTest.kt:12)", ("com.acme.CartTest", "adds tax to total", "CartTest.kt", 12, None)),
        ("at com.acme.Cart.total(Cart.java)", ("com.acme.Cart", "total", "Cart.java", None, None)),
        ("at a.b.c(Unknown Source:8)", ("a.b", "c", None, None, None)),
        ("at org.spring.Web.get(Web.java:9) ~[spring-web-6.0.jar!/:6.0]", ("org.spring.Web", "get", "Web.java", 9, None)),
        ("at Main.main(Main.java:5)", ("Main", "main", "Main.java", 5, None)),
        ("at scala.collection.Iterator.foreach(Iterator.scala:9)", ("scala.collection.Iterator", "foreach", "Iterator.scala", 9, False)),
    ],
)  # fmt: skip
def test_a_line(line: str, expected: tuple[object, ...]) -> None:
    assert places(parse(f"com.acme.E: x\n\t{line}\n")) == [expected]


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("java.lang.IllegalStateException: a: b", ("IllegalStateException", "a: b")),
        ("java.lang.StackOverflowError", ("StackOverflowError", None)),
        ("com.acme.Oops: x", ("Oops", "x")),
        ("2026-01-02 03:04:05 ERROR [main] c.a.Web - failed: java.lang.IllegalStateException: x", ("IllegalStateException", "x")),
        ("03:04:05 ERROR Web - request failed\njava.lang.IllegalStateException: x", ("IllegalStateException", "x")),
        ('Exception in thread "http-1" java.lang.Error: x', ("Error", "x")),
        ("E/AndroidRuntime: FATAL EXCEPTION: main\njava.lang.Error: x", ("Error", "x")),
    ],
)
def test_the_header(header: str, error: tuple[str, str | None]) -> None:
    assert [row[:2] for row in errors(parse(f"{header}\n\tat com.acme.Cart.total(Cart.java:12)\n"))] == [error]


def test_logbacks_root_cause_first() -> None:
    text = "java.lang.Error: root\n\tat a.B.c(B.java:1)\nWrapped by: a.Outer: o\n\tat a.B.d(B.java:2)\n"
    assert errors(parse(text)) == [("Error", "root", 1), ("Outer", "o", 1)]


PROGRAM = """
    import java.util.*;
    public class Main {
      static class Res implements AutoCloseable { public void close() { throw new IllegalStateException("close", new RuntimeException("deep")); } }
      static int rate(Object o) { return o.hashCode(); }
      static void mid() { try { rate(null); } catch (Exception e) { throw new IllegalArgumentException("mid: bad\\nline two", e); } }
      static void show(Throwable t, String role) {
        System.out.println("#" + role + "|" + t.getClass().getSimpleName());
        for (StackTraceElement e : t.getStackTrace()) System.out.println(e.getClassName() + "|" + e.getMethodName() + "|" + e.getFileName() + "|" + e.getLineNumber());
        for (Throwable s : t.getSuppressed()) show(s, "suppressed");
        if (t.getCause() != null) show(t.getCause(), "cause");
      }
      public static void main(String[] a) {
        try (Res r = new Res()) { List.of(1).forEach(x -> mid()); } catch (Exception e) { e.printStackTrace(); show(e, "root"); }
      }
    }
"""


@pytest.mark.skipif(shutil.which("java") is None, reason="java is not installed")
def test_what_the_virtual_machine_itself_knows(tmp_path: Path) -> None:
    program = tmp_path / "Main.java"
    program.write_text(textwrap.dedent(PROGRAM))
    ran = subprocess.run(["java", str(program)], capture_output=True, text=True, check=True, timeout=120)
    known = [block.splitlines() for block in ran.stdout.split("#")[1:]]
    found = {raised.type: raised for raised in read(parse(ran.stderr)).exceptions}
    assert len(found) == len(known) == 4
    for header, *lines in known:
        frames = reversed(found[header.partition("|")[2]].frames)
        ours = [(frame.module, frame.function, frame.path, frame.line) for frame in frames]
        theirs = [line.split("|") for line in lines]
        assert ours == [
            (module, method, None if number == "-2" else file, None if number == "-2" else int(number))
            for module, method, file, number in theirs
        ]
    assert calls(parse(ran.stderr))[0] == ("Main.java", 6, "mid")
