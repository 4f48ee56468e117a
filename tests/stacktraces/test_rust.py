"""Rust panics and backtraces, checked against the compiler's own where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploywatch.stacktraces.rust import parse
from tests.stacktraces.traces import errors, read, rows

PANIC = """\
   Compiling shop v0.1.0
thread 'main' panicked at src/cart.rs:12:10:
called `Option::unwrap()` on a `None` value
stack backtrace:
   0: rust_begin_unwind
             at /rustc/82e1608dfa6e0b5569232559e3d385fea5a93112/library/std/src/panicking.rs:645:5
   1: core::panicking::panic_fmt
   4: <shop::cart::Cart as shop::Total>::total::h0123456789abcdef
             at ./src/cart.rs:12:10
   5:     0x55d5c0ffee - shop[e28293b1aa0f68bd]::main
             at ./src/main.rs:5:5
   6: __libc_start_main
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""


def test_a_panic_with_its_backtrace() -> None:
    assert errors(parse(PANIC)) == [("panic", "called `Option::unwrap()` on a `None` value", 5)]
    assert rows(parse(PANIC)) == [
        ("/rustc/82e1608dfa6e0b5569232559e3d385fea5a93112/library/std/src/panicking.rs", 645, 5, "rust_begin_unwind", False),
        (None, None, None, "core::panicking::panic_fmt", False),
        ("./src/cart.rs", 12, 10, "<shop::cart::Cart as shop::Total>::total", None),
        ("./src/main.rs", 5, 5, "shop::main", None),
        (None, None, None, "__libc_start_main", False),
    ]


@pytest.mark.parametrize(
    ("text", "error", "row"),
    [
        ("thread '<unnamed>' panicked at 'index out of bounds', src/main.rs:5:10\nnote: run with `RUST_BACKTRACE=1`\n", ("panic", "index out of bounds", 1), ("src/main.rs", 5, 10, None, None)),
        ("thread 'a' (77) panicked at C:\\app\\src\\main.rs:5:10:\none\ntwo\nnote: x", ("panic", "one\ntwo", 1), ("C:/app/src/main.rs", 5, 10, None, None)),
        ("thread 'main' panicked at src/main.rs:5:10:\nx\nstack backtrace:\n   0: shop::f\n   1: shop::g\n", ("panic", "x", 3), ("src/main.rs", 5, 10, None, None)),
        ("Error: top\n\nCaused by:\n    0: mid\n\nStack backtrace:\n   0: shop::f\n             at ./src/x.rs:9:1\n", ("Error", "top\n\nCaused by:\n    0: mid", 1), ("./src/x.rs", 9, 1, "shop::f", None)),
    ],
)  # fmt: skip
def test_other_forms(text: str, error: tuple[object, ...], row: tuple[object, ...]) -> None:
    assert errors(parse(text)) == [error]
    assert rows(parse(text))[0] == row


def test_an_error_without_a_backtrace_is_a_line_of_a_log() -> None:
    assert parse("Error: no such file\n") is None


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")
@pytest.mark.parametrize("detail", ["1", "full"])
def test_what_a_real_program_prints(tmp_path: Path, detail: str) -> None:
    source = "fn total(x: Option<i32>) -> i32 {\n    x.unwrap()\n}\nfn main() {\n    total(None);\n}\n"
    (tmp_path / "shop.rs").write_text(source)
    built = subprocess.run(["rustc", "-g", "shop.rs"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    if built.returncode:
        pytest.skip("rustc cannot build here")
    ran = subprocess.run(
        [str(tmp_path / "shop")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "RUST_BACKTRACE": detail},
        timeout=60,
    )
    trace = read(parse(ran.stderr))
    own = [(frame.line, frame.function) for frame in trace.frames if (frame.path or "").endswith("shop.rs")]
    assert own == [(2, "shop::total"), (5, "shop::main")]
    assert all(frame.in_app is False for frame in trace.frames if "/rustc/" in (frame.path or ""))
