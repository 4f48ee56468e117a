"""Python tracebacks: really raised ones against what ``traceback`` itself knows, and every form that logs make of them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import textwrap
import traceback
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploywatch.model import Frame, Raised, StackTrace
from deploywatch.stacktraces.python import parse

STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SIMPLE = """\
Traceback (most recent call last):
  File "/app/shop/views.py", line 41, in checkout
    return total(cart)
           ^^^^^^^^^^^
  File "/app/shop/cart.py", line 7, in total
    return cart.tax * 2
           ~~~~~~~~~^~~
TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
"""
SIMPLE_FRAMES = (
    Frame("/app/shop/views.py", 41, "checkout", context_line="return total(cart)"),
    Frame("/app/shop/cart.py", 7, "total", context_line="return cart.tax * 2"),
)
SIMPLE_RAISED = Raised("TypeError", "unsupported operand type(s) for *: 'NoneType' and 'int'", SIMPLE_FRAMES)

CHAINED = """\
Traceback (most recent call last):
  File "a.py", line 1, in inner
KeyError: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 2, in outer
shop.errors.PaymentError: no 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in handler
ValueError
"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "main.py", line 9, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (3 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "main.py", line 4, in fail
    |     raise ValueError("one")
    | ValueError: one
    |\x20
    | two lines on
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "main.py", line 6, in nest
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | TypeError: deep
      +------------------------------------
    +---------------- ... ----------------
    | and 1 more exception
    +------------------------------------
"""


def read(text: str) -> StackTrace:
    trace = parse(text)
    assert trace is not None
    return trace


def summary(trace: StackTrace) -> list[tuple[str | None, str | None, int]]:
    return [(raised.type, raised.message, len(raised.frames)) for raised in trace.exceptions]


def test_a_plain_traceback() -> None:
    assert read(SIMPLE) == StackTrace((SIMPLE_RAISED,), "python")
    assert read(SIMPLE).frames[0].function == "total"


def test_a_chain_root_cause_first() -> None:
    trace = read(CHAINED)
    assert summary(trace) == [("KeyError", "'x'", 1), ("PaymentError", "no 'x'", 1), ("ValueError", None, 1)]
    assert [raised.module for raised in trace.exceptions] == [None, "shop.errors", None]
    assert trace.warnings == ()


def test_a_group_with_its_members() -> None:
    trace = read(GROUP)
    assert [(raised.type, raised.group) for raised in trace.exceptions] == [
        ("TypeError", 1),
        ("ExceptionGroup", 3),
        ("ValueError", 3),
        ("ExceptionGroup", None),
    ]
    assert trace.exceptions[2].message == "one\n\ntwo lines on"
    assert [frame.line for frame in trace.frames] == [9, 4, 6]


def dressed(text: str, dress: str) -> str:
    """``text`` as a log shows it: ``#`` is a counter in each line's prefix."""
    return "".join(dress.replace("#", str(97 + 3 * number)) + line + "\n" for number, line in enumerate(text.splitlines()))


@pytest.mark.parametrize("text", [SIMPLE, CHAINED, GROUP], ids=["simple", "chained", "group"])
@pytest.mark.parametrize(
    "dress",
    [
        "web-1  | ",
        "2026-01-02T03:04:05.#00000000Z stderr F ",
        "Jan 02 03:04:05 web1 gunicorn[#]: ",
        "[2026-01-02 03:04:05 +0000] [#] [ERROR] ",
        "2026-01-02 03:04:05,# ERROR shop.views: ",
        "[pod/web-7d9f-x/app] ",
        "2026-01-02T03:04:05.000000+00:00 app[web.#]: ",
        "E0102 03:04:05.#       1 log.go:#] ",
        "> ",
        "\t",
        "        ",
        "\x1b[32mweb_1\x1b[0m  | ",
    ],
    ids=[
        "compose",
        "cri",
        "journald",
        "gunicorn",
        "logging",
        "kubectl",
        "heroku",
        "glog",
        "quoted",
        "tab",
        "indented",
        "coloured",
    ],
)
def test_the_prefix_of_each_line_is_taken_off(text: str, dress: str) -> None:
    assert read("starting\n" + dressed(text, dress) + dress + "INFO: next\n") == read(text)


def stripped_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("text", [SIMPLE, CHAINED, GROUP], ids=["simple", "chained", "group"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: "2026-01-02 ERROR app: boom\n" + text + "2026-01-02 INFO next\n",
        lambda text: "ERROR in app: " + text.lstrip() if not text.startswith(" ") else text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("line ", "line \x1b[35m").replace(", in", "\x1b[0m, in"),
        lambda text: stripped_ends(dressed(text, "web-1  | ")),
        lambda text: 'level=error trace="' + text.rstrip("\n").replace('"', '\\"').replace("\n", "\\n"),
        lambda text: "panic:\n\n" + text + "\n\nbye\n",
    ],
    ids=["log around", "prefix on the first line", "crlf", "cr", "colours", "ends stripped", "escaped", "text around"],
)
def test_what_else_logs_do(text: str, change: object) -> None:
    assert callable(change)
    assert read(change(text)) == read(text)


def test_a_log_of_another_process_in_between_is_passed_over() -> None:
    lines = dressed(SIMPLE, "web-1  | ").splitlines()
    lines[3:3] = ["db-1   | LOG: checkpoint", "worker | busy"]
    assert read("\n".join(lines)) == read(SIMPLE)


def test_repeated_lines_are_unfolded() -> None:
    text = SIMPLE.replace("TypeError", "  [Previous line repeated 996 more times]\nTypeError")
    frames = read(text).frames
    assert len(frames) == 998
    assert len(set(frames[:997])) == 1
    assert len(read(text.replace("996", "999999999")).frames) == 5000


def test_a_syntax_error_names_its_own_line() -> None:
    text = '  File "/app/shop/cart.py", line 3\n    def total(:\n              ^\nSyntaxError: invalid syntax\n'
    expected = Raised("SyntaxError", "invalid syntax", (Frame("/app/shop/cart.py", 3, context_line="def total(:"),))
    assert read(text).exceptions == (expected,)
    imported = 'Traceback (most recent call last):\n  File "main.py", line 1, in <module>\n    import shop.cart\n' + text
    assert [(frame.path, frame.line) for frame in read(imported).frames] == [("/app/shop/cart.py", 3), ("main.py", 1)]


def test_statements_of_several_lines_as_python_3_13_shows_them() -> None:
    text = (
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    total(\n    ~~~~~^\n        1,\n        ^^\n'
        '    ...<2 lines>...\n    )\n    ^\n  File "a.py", line 9, in g\n    raise E\nE: x\n'
    )
    assert [(frame.line, frame.context_line) for frame in read(text).frames] == [(9, "raise E"), (3, "total(")]


def test_several_tracebacks_the_last_is_the_failure() -> None:
    trace = read(SIMPLE + "\n2026-01-02 INFO next request\n" + CHAINED)
    assert [raised.type for raised in trace.exceptions] == ["TypeError", "KeyError", "PaymentError", "ValueError"]
    assert trace.warnings == ("2 separate traces in the text: the last one is taken for the failure",)


def test_a_traceback_that_a_log_repeats_counts_once() -> None:
    assert read(SIMPLE + "\n" + CHAINED + "\n" + SIMPLE).exceptions == (*read(CHAINED).exceptions, SIMPLE_RAISED)


def test_a_message_that_holds_a_traceback() -> None:
    quoting = SIMPLE.replace(
        "TypeError: unsupported",
        'RuntimeError: worker said: Traceback (most recent call last):\n  File "w.py", line 2, in go\nunsupported',
    )
    assert [(raised.type, len(raised.frames)) for raised in read(quoting).exceptions] == [("RuntimeError", 2)]
    on_its_own_line = 'Traceback (most recent call last):\n  File "m.py", line 5, in run\nRuntimeError: worker failed:\n' + SIMPLE
    assert [raised.type for raised in read(on_its_own_line).exceptions] == ["TypeError", "RuntimeError"]


def test_the_traceback_that_a_worker_process_sends() -> None:
    text = f'concurrent.futures.process._RemoteTraceback: \n"""\n{SIMPLE}"""\n\nThe above exception was the direct cause of the following exception:\n\n{SIMPLE}'
    assert read(text.replace("line 41", "line 42", 1)).exceptions[1] == SIMPLE_RAISED
    assert len(read(text.replace("line 41", "line 42", 1)).exceptions) == 2


@pytest.mark.parametrize(
    ("path", "read_as", "in_app"),
    [
        ("C:\\app\\shop\\cart.py", "C:/app/shop/cart.py", None),
        ("\\\\server\\share\\cart.py", "//server/share/cart.py", None),
        ("/app/with space/café.py", "/app/with space/café.py", None),
        ('/app/we"ird.py', '/app/we"ird.py', None),
        ("/usr/lib/python3.11/json/decoder.py", "/usr/lib/python3.11/json/decoder.py", False),
        ("/venv/lib/python3.11/site-packages/flask/app.py", "/venv/lib/python3.11/site-packages/flask/app.py", False),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>", False),
        ("<string>", "<string>", None),
    ],
)
def test_paths(path: str, read_as: str, in_app: bool | None) -> None:
    (frame,) = read(f'Traceback (most recent call last):\n  File "{path}", line 3, in f\nE: m\n').frames
    assert (frame.path, frame.in_app) == (read_as, in_app)


def test_indentation_lost_in_a_chat() -> None:
    assert read("\n".join(line.strip() for line in SIMPLE.splitlines())) == read(SIMPLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Traceback (most recent call last):\nKeyboardInterrupt\n", [("KeyboardInterrupt", None, 0)]),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in f\n', [(None, None, 1)]),
        ('  File "a.py", line 1, in f\n    g()\nE: cut off at the top\n', [("E", "cut off at the top", 1)]),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in f\nE: one\ntwo\n\nnot this', [("E", "one\ntwo", 1)]),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in f\nE: one\nINFO: not this', [("E", "one", 1)]),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in f\nINFO: cut off', [(None, None, 1)]),
        ("Traceback (most recent call last):\n", None),
        (
            'Traceback (most recent call last):\n  File "a.py", line 1, in f\nE: x\n\nDuring handling of the above exception, another exception occurred:\n\n',
            [("E", "x", 1)],
        ),
        ('    Traceback (most recent call last):\n      File "a.py", line 1, in f\nE: outdented\n', [(None, None, 1)]),
        ("nothing here", None),
        ("", None),
    ],
)
def test_what_is_cut_off(text: str, expected: list[tuple[str | None, str | None, int]] | None) -> None:
    trace = parse(text)
    assert (summary(trace) if trace else None) == expected


PROGRAM = """
    import asyncio, logging

    def inner(depth):
        return inner(depth - 1) if depth else {}["missing"]

    class ShopError(Exception):
        pass

    async def failing(number):
        try:
            inner(number)
        except KeyError as cause:
            error = ShopError(f"order {number}\\nhas no price")
            error.add_note("see the runbook")
            raise error from cause

    async def main():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(failing(0))
            tasks.create_task(failing(5))

    try:
        1 / 0
    except ZeroDivisionError:
        LOG = logging.getLogger("shop")
        try:
            asyncio.run(main())
        except* ShopError as group:
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))
            LOG.addHandler(handler)
            LOG.exception("failed")
"""


def test_a_real_program_whose_tasks_fail(tmp_path: Path) -> None:
    program = tmp_path / "shop.py"
    program.write_text(textwrap.dedent(PROGRAM))
    ran = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=30)
    trace = read(ran.stderr)
    assert trace.final is not None
    assert trace.final.type == "ExceptionGroup"
    shop_errors = [raised for raised in trace.exceptions if raised.type == "ShopError"]
    assert [raised.message for raised in shop_errors] == [f"order {number}\nhas no price\nsee the runbook" for number in (5, 0)]
    assert all(raised.group == len(trace.exceptions) - 1 for raised in shop_errors)
    causes = [raised for raised in trace.exceptions if raised.type == "KeyError"]
    assert [len(raised.frames) for raised in causes] == [7, 2]
    source = program.read_text().splitlines()
    own = [frame for frame in trace.frames if frame.path == str(program)]
    assert len(own) > 10
    assert all(frame.line and frame.context_line == source[frame.line - 1].strip() for frame in own)
    assert {frame.in_app for frame in trace.frames if "/asyncio/" in (frame.path or "")} == {False}


MESSAGES = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), max_size=30
)
LINES = st.lists(MESSAGES.filter(str.strip), min_size=1, max_size=3).map("\n".join)
"""A blank line ends a message at the end of a text: what follows is as likely another entry of the log."""


class Shaped(Exception):
    """An exception whose text is exactly its argument."""


@st.composite
def exceptions(draw: st.DrawFn, depth: int = 2) -> BaseException:
    """A really raised exception with a random tree of causes, contexts, members and notes."""
    kind = draw(st.sampled_from(["plain", "plain", "builtin", "group"] if depth else ["plain", "builtin"]))
    error: BaseException
    if kind == "group":
        error = ExceptionGroup(
            draw(MESSAGES), [e for e in draw(st.lists(exceptions(depth - 1), min_size=1, max_size=3)) if isinstance(e, Exception)]
        )
    else:
        error = Shaped(draw(LINES)) if kind == "plain" else KeyError(draw(MESSAGES))
    if draw(st.booleans()):
        error.add_note("note: " + draw(MESSAGES))
    if depth and draw(st.booleans()):
        link = draw(st.sampled_from(["__cause__", "__context__"]))
        setattr(error, link, draw(exceptions(depth - 1)))
    calls = draw(st.integers(1, 6))
    with contextlib.suppress(type(error)):
        raise_after(calls, error)
    return error


def raise_after(calls: int, error: BaseException) -> None:
    if calls:
        raise_after(calls - 1, error)
    context = error.__context__
    try:
        raise error
    finally:
        error.__context__ = context


def flat(
    node: traceback.TracebackException, group: int | None, order: list[tuple[traceback.TracebackException, int | None]]
) -> None:
    position = len(order)
    order.append((node, group))
    cause = node.__cause__ or (None if node.__suppress_context__ else node.__context__)
    if cause is not None:
        flat(cause, None, order)
    for member in node.exceptions or ():
        flat(member, position, order)


@STEADY
@given(exceptions(), st.sampled_from(["", "web-1 | ", "[2026-01-02 03:04:05] "]))
def test_random_nested_exceptions_read_as_the_interpreter_knows_them(error: BaseException, dress: str) -> None:
    known = traceback.TracebackException.from_exception(error)
    order: list[tuple[traceback.TracebackException, int | None]] = []
    flat(known, None, order)
    trace = read(dressed("".join(known.format()), dress))
    found = list(reversed(trace.exceptions))
    assert [raised.type for raised in found] == [node.exc_type.__name__ for node, _ in order]
    assert [len(found) - 1 - raised.group if raised.group is not None else None for raised in found] == [
        group for _, group in order
    ]
    for raised, (node, _) in zip(found, order, strict=True):
        assert [(frame.path, frame.line, frame.function) for frame in raised.frames] == [
            (f.filename, f.lineno, f.name) for f in node.stack
        ]
        assert [frame.context_line for frame in raised.frames] == [f.line for f in node.stack]
        said = "\n".join([str(node), *(node.__notes__ or [])])
        assert (raised.message or "").split() == said.split()


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
FRAMES = st.builds(
    Frame,
    path=st.lists(NAMES, min_size=1, max_size=4).map(lambda parts: "/srv/" + "/".join(parts) + ".py"),
    line=st.integers(1, 10**6),
    function=NAMES | st.just("<lambda>") | st.just("<module>") | st.just("Shop.total.<locals>.<genexpr>"),
    context_line=st.none() | NAMES.map(lambda name: f"return {name}[0]"),
)
RAISED = st.builds(
    Raised,
    type=st.from_regex(r"[A-Z][a-z]{1,8}Error", fullmatch=True),
    message=st.none() | NAMES.map(lambda name: f"no {name} | here: {{}}"),
    frames=st.lists(FRAMES, min_size=1, max_size=5).map(tuple),
    module=st.none() | NAMES.map(lambda name: f"shop.{name}"),
)


def printed(raised: Raised) -> str:
    lines = ["Traceback (most recent call last):"]
    for frame in raised.frames:
        lines.append(f'  File "{frame.path}", line {frame.line}, in {frame.function}')
        lines += [f"    {frame.context_line}", "    ~~~~~^^"] if frame.context_line else []
    name = f"{raised.module}.{raised.type}" if raised.module else raised.type
    return "\n".join([*lines, f"{name}: {raised.message}" if raised.message else f"{name}"])


@STEADY
@given(st.lists(RAISED, min_size=1, max_size=4, unique_by=lambda raised: raised.type), st.integers(0, 2))
def test_what_is_printed_is_read_back(chain: list[Raised], packing: int) -> None:
    text = "\n\nDuring handling of the above exception, another exception occurred:\n\n".join(map(printed, chain)) + "\n"
    packed = [text, dressed(text, "pod-1 # | "), "msg=" + json.dumps(text.rstrip("\n"))[:-1]][packing]
    assert read(packed) == StackTrace(tuple(chain), "python")
