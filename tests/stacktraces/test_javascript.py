"""Stacks of V8, Firefox and Safari; what Node prints is checked against Node itself, where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest

from deploywatch.stacktraces.events import read_event
from deploywatch.stacktraces.javascript import parse
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from tests.stacktraces.traces import calls, errors, groups, read, rows

BENCH = Path(os.environ.get("DEPLOYWATCH_SHARED") or Path(__file__).parents[3] / "shared") / "bench" / "cases.jsonl"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def only(line: str) -> tuple[object, ...]:
    (row,) = rows(parse(f"TypeError: x\n    {line}\n"))
    return row


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("at total (/app/src/cart.js:12:5)", ("/app/src/cart.js", 12, 5, "total", None)),
        ("at async total (/app/src/cart.js:12:5)", ("/app/src/cart.js", 12, 5, "async total", None)),
        ("at new Cart (/app/src/cart.js:12:5)", ("/app/src/cart.js", 12, 5, "new Cart", None)),
        ("at Object.<anonymous> (/app/src/cart.js:12:5)", ("/app/src/cart.js", 12, 5, "Object.<anonymous>", None)),
        ("at Function.total [as sum] (/app/src/cart.js:12:5)", ("/app/src/cart.js", 12, 5, "Function.total", None)),
        ("at /app/src/cart.js:12:5", ("/app/src/cart.js", 12, 5, "<anonymous>", None)),
        ("at async /app/src/cart.js:12:5", ("/app/src/cart.js", 12, 5, "<anonymous>", None)),
        ("at file:///app/my%20shop/cart.mjs:12:5", ("/app/my shop/cart.mjs", 12, 5, "<anonymous>", None)),
        ("at total (file:///app/src/cart.mjs:12:5)", ("/app/src/cart.mjs", 12, 5, "total", None)),
        ("at total (C:\\app\\src\\cart.js:12:5)", ("C:/app/src/cart.js", 12, 5, "total", None)),
        ("at total (webpack:///./src/cart.ts?a1:12:5)", ("webpack:///./src/cart.ts", 12, 5, "total", None)),
        ("at Page (webpack-internal:///(rsc)/./app/(shop)/page.tsx:10:3)", ("webpack-internal:///(rsc)/./app/(shop)/page.tsx", 10, 3, "Page", None)),
        ("at total (https://cdn.test/a.js?v=1:12:5)", ("https://cdn.test/a.js", 12, 5, "total", None)),
        ("at f (/app/with space (copy)/x.js:1:2)", ("/app/with space (copy)/x.js", 1, 2, "f", None)),
        ('at Call[a.b="C"], New (x):exit (/app/lib/rule.js:9:1)', ("/app/lib/rule.js", 9, 1, 'Call[a.b="C"], New (x):exit', None)),
        ("at eval (eval at run (/app/src/cart.js:12:5), <anonymous>:1:9)", ("/app/src/cart.js", 12, 5, "eval", None)),
        ("at ev (eval at <anonymous> (eval at b (/app/x.js:1:2)), <anonymous>:1:9)", ("/app/x.js", 1, 2, "ev", None)),
        ("at Array.forEach (<anonymous>)", ("<anonymous>", None, None, "Array.forEach", False)),
        ("at async Promise.all (index 0)", ("<anonymous>", None, None, "async Promise.all", False)),
        ("at process.processTicksAndRejections (node:internal/process/task_queues:95:5)", ("node:internal/process/task_queues", 95, 5, "process.processTicksAndRejections", False)),
        ("at next (/app/node_modules/express/lib/router/route.js:149:13)", ("/app/node_modules/express/lib/router/route.js", 149, 13, "next", False)),
        ("at total (address at index.android.bundle:1:2345)", ("index.android.bundle", 1, 2345, "total", None)),
        ("at <input css 3>:1:1", ("<input css 3>", 1, 1, "<anonymous>", None)),
        ("at total (/app/src/cart.js:12:5) {", ("/app/src/cart.js", 12, 5, "total", None)),
    ],
)  # fmt: skip
def test_a_line_of_v8(line: str, row: tuple[object, ...]) -> None:
    assert only(line) == row


@pytest.mark.parametrize(
    "line",
    [
        "at home",
        "at ))",
        "at :1:2",
        "at 10:30:15",
        "at Foo.Bar(String s)",
        "at com.acme.Cart.total(Cart.java:12)",
        "at A.B (System.Int32 x) [0x0] in <a>:0 ",
    ],
)
def test_other_lines_are_no_frames(line: str) -> None:
    assert parse(f"TypeError: x\n    {line}\n") is None


STACK = "    at total (/app/src/cart.js:12:5)\n    at main (/app/src/main.js:3:1)\n"


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("", (None, None, 2)),
        ("TypeError: x is not a function", ("TypeError", "x is not a function", 2)),
        ("Uncaught TypeError: x", ("TypeError", "x", 2)),
        ("Uncaught (in promise) TypeError: x", ("TypeError", "x", 2)),
        ("Error", ("Error", None, 2)),
        ("Error: one\ntwo\n\nfour", ("Error", "one\ntwo\n\nfour", 2)),
        ("AssertionError [ERR_ASSERTION]: a\n+ b\n\n- c", ("AssertionError", "a\n+ b\n\n- c", 2)),
        ("Error [ERR_X]: a", ("Error", "a", 2)),
        ("Custom [Error]: c", ("Custom", "c", 2)),
        ("Invariant Violation: text must be in <Text>", ("Invariant Violation", "text must be in <Text>", 2)),
        ("shop.errors.PaymentError: x", ("shop.errors.PaymentError", "x", 2)),
        ("2026-01-02T03:04:05Z ERROR [web] unhandled TypeError: x", ("TypeError", "x", 2)),
        ("TypeError: see RangeError: y", ("TypeError", "see RangeError: y", 2)),
        ("info: started\nnot an error", (None, None, 2)),
    ],
)
def test_the_header_above_a_stack(header: str, error: tuple[str | None, str | None, int]) -> None:
    assert errors(parse(f"{header}\n{STACK}")) == [error]


def test_the_place_of_a_syntax_error() -> None:
    text = "/app/src/cart.js:7\nfoo bar\n    ^^^\n\nSyntaxError: Unexpected identifier 'bar'\n    at wrapSafe (node:internal/modules/cjs/loader:1464:18)\n"
    assert calls(parse(text))[0] == ("/app/src/cart.js", 7, None)


@pytest.mark.parametrize("above", ["", "foo bar\n    ^^^\n", "just text\n"])
def test_a_syntax_error_without_its_place(above: str) -> None:
    text = f"{above}\nSyntaxError: Unexpected token\n    at JSON.parse (<anonymous>)\n    at total (/app/a.js:1:2)\n"
    assert calls(parse(text))[0] == ("<anonymous>", None, "JSON.parse")


def test_frames_left_out_that_the_cause_does_not_know() -> None:
    text = "Error: o\n    at a (/a.js:1:1)\n    ... 5 lines matching cause stack trace ...\n  [cause]: Error: i\n    at b (/b.js:1:1)\n"
    assert [row[2] for row in calls(parse(text))] == ["a", "b"]


def test_causes_and_the_frames_that_node_leaves_out() -> None:
    text = """\
        Error: outer
            at mid (/app/a.js:3:49)
            at run (/app/a.js:6:24)
            ... 2 lines matching cause stack trace ...
            at node:internal/main/run_main_module:28:49 {
          [cause]: TypeError: inner
          line two
              at inner (/app/a.js:2:25)
              at mid (/app/a.js:3:23)
              at run (/app/a.js:6:24)
              at main (/app/a.js:7:17)
              at top (/app/a.js:10:1)
              at node:internal/main/run_main_module:28:49
        }
    """
    trace = parse(textwrap.dedent(text))
    assert errors(trace) == [("TypeError", "inner\nline two", 6), ("Error", "outer", 5)]
    assert [row[2] for row in calls(trace)[:5]] == ["mid", "run", "main", "top", "<anonymous>"]
    assert errors(parse("Error: outer\n" + STACK + "Caused by: TypeError: inner\n" + STACK)) == [
        ("TypeError", "inner", 2),
        ("Error", "outer", 2),
    ]


@pytest.mark.parametrize(
    "head",
    [
        "[AggregateError: All promises were rejected] {\n  [errors]: [\n",
        "AggregateError: All promises were rejected\n    at x (/app/x.js:1:1) {\n  [errors]: [\n",
    ],
)
def test_the_errors_of_an_aggregate(head: str) -> None:
    text = (
        head
        + "    Error: a\n        at f (/app/a.js:4:57),\n    Error: b\n        at g (/app/a.js:5:1) {\n      [cause]: Error: c\n          at h (/app/a.js:6:1)\n    }\n  ]\n}\n"
    )
    trace = parse(text)
    assert [error[:2] for error in errors(trace)] == [
        ("Error", "c"),
        ("Error", "b"),
        ("Error", "a"),
        ("AggregateError", "All promises were rejected"),
    ]
    assert groups(trace) == [None, 3, 3, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "TypeError: undefined is not an object\ntotal@http://h/src/cart.js:12:5\n@http://h/a.js:30:1\n[native code]\nglobal code@http://h/a.js line 3 > eval:1:1\n",
            [("http://h/src/cart.js", 12, "total"), ("http://h/a.js", 30, "<anonymous>"), ("<anonymous>", None, "<anonymous>"), ("http://h/a.js", 3, "global code")],
        ),
        (
            "Uncaught TypeError: x is undefined\n    total http://h/src/cart.js:12:5\n    async http://h/src/cart.js:1:1\n",
            [("http://h/src/cart.js", 12, "total"), ("http://h/src/cart.js", 1, "async")],
        ),
        (
            "Error: x\nasync*total@webpack:///./src/@acme/cart.ts:12:5\nf/<@resource://x/y.js:1:2\n",
            [("webpack:///./src/@acme/cart.ts", 12, "total"), ("resource://x/y.js", 1, "f/<")],
        ),
    ],
    ids=["safari", "firefox console", "firefox"],
)  # fmt: skip
def test_other_engines(text: str, expected: list[tuple[str | None, int | None, str | None]]) -> None:
    trace = parse(text)
    assert calls(trace) == expected
    assert errors(trace)[0][0] in ("TypeError", "Error")


def test_several_stacks() -> None:
    trace = read(parse(f"Error: a\n{STACK}\ninfo: next\nError: b\n{STACK}"))
    assert [error[:2] for error in errors(trace)] == [("Error", "a"), ("Error", "b")]
    assert trace.warnings


PROGRAM = """
    const util = require("util");
    function inner() { throw new TypeError("inner\\nline two"); }
    class Shop { constructor() { this.async = async () => { await null; inner(); }; } static run() { inner(); } }
    const ways = [
      () => inner(), () => new Shop().async(), () => Shop.run(), () => [1].map(function each() { inner(); }),
      () => eval("inner()"), () => Promise.all([new Shop().async()]), () => { const o = { foo: inner }; o.bar = o.foo; o.bar(); },
      () => Promise.any([new Shop().async()]), () => { try { inner(); } catch (e) { throw new Error("outer", { cause: e }); } },
    ];
    const known = new WeakMap();
    Error.prepareStackTrace = (error, sites) => {
      known.set(error, sites.map(site => [site.getFileName() || null, site.getLineNumber(), site.getColumnNumber()]));
      return error + sites.map(site => "\\n    at " + site).join("");
    };
    async function main() {
      const told = [];
      for (const way of ways) {
        try { await way(); } catch (e) {
          const all = [e, e.cause, ...(e.errors || [])].filter(Boolean);
          all.forEach(error => error.stack);
          told.push([util.inspect(e), all.map(error => [error.name, error.message, known.get(error) || []])]);
        }
      }
      console.log(JSON.stringify(told));
    }
    main();
"""


@needs_node
def test_what_node_itself_knows_of_its_stacks(tmp_path: Path) -> None:
    program = tmp_path / "shop.js"
    program.write_text(textwrap.dedent(PROGRAM))
    ran = subprocess.run(["node", str(program)], capture_output=True, text=True, check=True, timeout=60)
    told = json.loads(ran.stdout)
    assert len(told) == 9
    for shown, known in told:
        found = {raised.type: raised for raised in read(parse(shown)).exceptions}
        assert len(found) == len(known), shown
        for name, message, sites in known:
            raised = found[name]
            assert raised.message == message
            ours = [(frame.path, frame.line, frame.column) for frame in reversed(raised.frames) if frame.path == str(program)]
            theirs = [tuple(site) for site in sites if site[0] == str(program)]
            evaluated = [site for site in sites if site[0] is None and site[1] is not None]
            assert len(ours) == len(theirs) + len(evaluated), shown  # code inside eval is shown where eval was called
            assert evaluated or ours == theirs


@needs_node
def test_what_node_prints_of_a_broken_file(tmp_path: Path) -> None:
    program = tmp_path / "broken file.mjs"
    program.write_text("const x = 1;\nconst y = ;\n")
    ran = subprocess.run(["node", str(program)], capture_output=True, text=True, check=False, timeout=60)
    assert calls(parse(ran.stderr))[0] == (str(program), 2, None)
    assert errors(parse(ran.stderr))[0][0] == "SyntaxError"


def bench_cases() -> list[dict[str, Any]]:
    if not BENCH.exists():
        return []
    cases = [json.loads(line) for line in BENCH.read_text().splitlines()]
    return [case for case in cases if case.get("raw_stack")]


@pytest.mark.skipif(not BENCH.exists(), reason="the benchmark's cases are not beside the repository")
def test_raw_stacks_of_the_benchmark_give_the_frames_of_their_events() -> None:
    cases = bench_cases()
    assert len(cases) >= 31
    for case in cases:
        event, raw = read_event(case["event"]).stacktrace, read(parse(case["raw_stack"]))
        own = {frame.path for frame in event.frames if frame.path and not frame.path.startswith(("node_modules/", "node:", "<"))}
        index = PathIndex(own)
        of_event, of_raw = (
            [(each.file, each.line, each.frame.column, each.frame.function, each.in_app) for each in map_frames(trace, index)]
            for trace in (event, raw)
        )
        assert of_raw == of_event, case["id"]
        assert [(each.type, each.message) for each in raw.exceptions] == [(each.type, each.message) for each in event.exceptions]
