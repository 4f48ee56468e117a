"""Go panics, fatal errors, and stacks without a panic."""

from __future__ import annotations

import pytest

from deploywatch.stacktraces.go import parse
from tests.stacktraces.traces import errors, read

PANIC = """\
2026/01/02 03:04:05 starting
panic: runtime error: invalid memory address or nil pointer dereference [recovered]
\tpanic: wrapped: again
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49e2a1]

goroutine 19 [running]:
testing.tRunner.func1.2({0x5086a0, 0xc00001c0a8})
\t/usr/local/go/src/testing/testing.go:1545 +0x238
panic({0x5086a0?, 0x65b3e0?})
\t/usr/local/go/src/runtime/panic.go:914 +0x21f
github.com/acme/shop/internal/cart.(*Cart).Total(0xc000010000, {0xc0000, 0x5, 0x5})
\t/app/internal/cart/cart.go:12 +0x1d
gopkg.in/yaml%2ev2.Unmarshal(...)
\t/root/go/pkg/mod/gopkg.in/yaml.v2@v2.4.0/yaml.go:80
main.Map[...](...)
\t/app/main.go:7
main.main.func1()
\tC:/app/main.go:5 +0x20
net/http.HandlerFunc.ServeHTTP(0x0?, {0x1, 0x2})
\tnet/http/server.go:2136 +0x29
created by main.run in goroutine 1
\t/app/main.go:3 +0x33

goroutine 6 [chan receive]:
main.other()
\t/app/other.go:3 +0x33
exit status 2
"""


def places(text: str) -> list[tuple[str | None, str | None, str | None, int | None, bool | None]]:
    return [(frame.module, frame.function, frame.path, frame.line, frame.in_app) for frame in read(parse(text)).frames]


def test_a_panic_that_replaced_another() -> None:
    assert errors(parse(PANIC)) == [
        ("panic", "runtime error: invalid memory address or nil pointer dereference", 0),
        ("panic", "wrapped: again", 8),
    ]
    assert places(PANIC) == [
        ("testing", "tRunner.func1.2", "/usr/local/go/src/testing/testing.go", 1545, False),
        (None, "panic", "/usr/local/go/src/runtime/panic.go", 914, False),
        ("github.com/acme/shop/internal/cart", "(*Cart).Total", "/app/internal/cart/cart.go", 12, None),
        ("gopkg.in/yaml.v2", "Unmarshal", "/root/go/pkg/mod/gopkg.in/yaml.v2@v2.4.0/yaml.go", 80, False),
        ("main", "Map[...]", "/app/main.go", 7, None),
        ("main", "main.func1", "C:/app/main.go", 5, None),
        ("net/http", "HandlerFunc.ServeHTTP", "net/http/server.go", 2136, False),
        ("main", "run", "/app/main.go", 3, None),
    ]


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("panic: boom", ("panic", "boom", 1)),
        ("panic: line one\nline two\n", ("panic", "line one\nline two", 1)),
        ("panic: main.E{Code:7} [recovered, repanicked]", ("panic", "main.E{Code:7}", 1)),
        ("2026/01/02 03:04:05 http: panic serving 127.0.0.1:5: boom", ("panic", "boom", 1)),
        ("fatal error: all goroutines are asleep - deadlock!", ("fatal error", "all goroutines are asleep - deadlock!", 1)),
        ("some log", (None, None, 1)),
    ],
)
@pytest.mark.parametrize(
    "goroutine", ["goroutine 7 [running]:", "goroutine 1 gp=0xc000002380 m=0 mp=0x57 [chan receive, 2 minutes]:"]
)
def test_headers(header: str, goroutine: str, error: tuple[str | None, str | None, int]) -> None:
    assert errors(parse(f"{header}\n\n{goroutine}\nmain.handler({{0x1, 0x2}}, 0x3)\n\t/app/main.go:9 +0x20\n")) == [error]


def test_the_stack_that_a_logger_adds() -> None:
    assert places(
        "boom\ngithub.com/acme/shop.(*Cart).Total\n\t/app/cart.go:12\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:267\n"
    ) == [
        ("github.com/acme/shop", "(*Cart).Total", "/app/cart.go", 12, None),
        ("runtime", "main", "/usr/local/go/src/runtime/proc.go", 267, False),
    ]


def test_two_panics_are_two_chains() -> None:
    one = "panic: {}\n\ngoroutine 1 [running]:\nmain.f()\n\t/app/main.go:9 +0x20\n"
    trace = read(parse(one.format("a") + one.format("b")))
    assert errors(trace) == [("panic", "a", 1), ("panic", "b", 1)]
    assert trace.warnings
