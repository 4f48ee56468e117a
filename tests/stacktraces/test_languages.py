"""The registry: which language a text is in, logs' prefixes in all of them, and texts that mean harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploywatch.stacktraces import languages
from deploywatch.stacktraces.inputs import read_inputs
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from tests.stacktraces import test_csharp, test_elixir, test_go, test_java, test_php, test_python, test_ruby, test_rust
from tests.stacktraces.traces import calls, errors

SAMPLES = {
    "python": test_python.CHAINED,
    "javascript": "TypeError: x is not a function\n    at total (/app/src/cart.js:12:5)\n    at async main (/app/src/main.js:3:1)\n",
    "java": test_java.TRACE,
    "go": test_go.PANIC,
    "ruby": test_ruby.OLD,
    "php": test_php.UNCAUGHT,
    "csharp": test_csharp.KESTREL,
    "rust": test_rust.PANIC,
    "elixir": test_elixir.CRASH,
}
DRESSES = [
    "web-1  | ",
    "2026-01-02T03:04:05.#00000000Z stderr F ",
    "Jan 02 03:04:05 web1 app[#]: ",
    "2026-01-02T03:04:05.000000+00:00 app[web.#]: ",
    "[pod/web-7d9f-x/app] ",
]


def test_every_language_of_the_registry_has_a_sample() -> None:
    assert SAMPLES.keys() == languages.PARSERS.keys()


@pytest.mark.parametrize("language", SAMPLES)
def test_the_language_is_detected(language: str) -> None:
    text = SAMPLES[language]
    trace = languages.parse("starting\n\n" + text + "\nstopped\n")
    assert trace is not None
    assert trace.language == language
    assert errors(trace) == errors(languages.PARSERS[language](text))
    (event,) = read_inputs(text)
    assert event.platform == language
    assert event.message


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("language", SAMPLES)
def test_what_logs_put_before_each_line(language: str, dress: str) -> None:
    dressed = "".join(
        dress.replace("#", str(970 + 3 * number)) + line + "\n" for number, line in enumerate(SAMPLES[language].splitlines())
    )
    trace = languages.parse(dressed)
    assert trace is not None
    assert trace.language == language
    assert calls(trace) == calls(languages.parse(SAMPLES[language]))


REPOSITORIES = {
    "python": (["src/a.py"], ["src/a.py"] * 3),
    "javascript": (["packages/web/src/cart.js", "packages/web/src/main.js", "packages/api/src/main.js"], ["packages/web/src/cart.js", "packages/web/src/main.js"]),
    "java": (
        [f"shop/src/main/{path}" for path in ("java/com/acme/shop/Checkout.java", "kotlin/com/acme/shop/Main.kt", "java/com/acme/shop/Price.java")] + ["web/src/main/java/com/acme/web/Price.java"],
        [f"shop/src/main/{path}" for path in ("java/com/acme/shop/Checkout.java", "java/com/acme/shop/Checkout.java", "kotlin/com/acme/shop/Main.kt", "java/com/acme/shop/Price.java",
                                              "kotlin/com/acme/shop/Main.kt", "kotlin/com/acme/shop/Main.kt", "kotlin/com/acme/shop/Main.kt")],
    ),
    "go": (["internal/cart/cart.go", "main.go", "cmd/other/main.go"], ["internal/cart/cart.go", "main.go", "main.go", "main.go"]),
    "ruby": (["app/cart.rb", "cart.rb", "main.rb"], ["cart.rb", "cart.rb", "main.rb"]),
    "php": (["src/Cart.php", "src/Shop.php", "src/x.php", "x.php", "index.php"], ["x.php", "index.php", "src/Cart.php", "src/Shop.php", "src/x.php"]),
    "csharp": (["src/Shop/Cart.cs", "src/Shop/Api.cs", "src/Shop/Program.cs"], ["src/Shop/Cart.cs", "src/Shop/Program.cs", "src/Shop/Cart.cs", "src/Shop/Api.cs"]),
    "rust": (["crates/shop/src/cart.rs", "crates/shop/src/main.rs", "crates/api/src/main.rs"], ["crates/shop/src/cart.rs", "crates/shop/src/main.rs"]),
    "elixir": (["apps/shop/lib/shop/cart.ex", "apps/web/lib/web/cart.ex"], ["apps/shop/lib/shop/cart.ex"] * 3),
}  # fmt: skip


@pytest.mark.parametrize("language", REPOSITORIES)
def test_the_frames_of_each_language_are_found_in_a_repository(language: str) -> None:
    files, expected = REPOSITORIES[language]
    trace = languages.parse(SAMPLES[language])
    assert trace is not None
    assert [each.file for each in map_frames(trace, PathIndex(files)) if each.in_app] == expected


@pytest.mark.parametrize("language", SAMPLES)
def test_windows_line_ends_and_escaped_ones(language: str) -> None:
    expected = calls(languages.parse(SAMPLES[language]))
    assert calls(languages.parse(SAMPLES[language].replace("\n", "\r\n"))) == expected
    escaped = SAMPLES[language].replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace('"', '\\"')
    assert calls(languages.parse(escaped)) == expected


FRAGMENTS = st.sampled_from(
    ["Traceback (most recent call last):\n", '  File "a.py", line 3, in f\n', "  + Exception Group Traceback (most recent call last):\n", "  +-+---------------- 1 ----------------\n",
     "    | ", "KeyError: x\n", "    at f (/a.js:1:2)\n", "[cause]: ", "  [errors]: [\n", "... 3 lines matching cause stack trace ...\n", "\tat a.B.c(B.java:1)\n", "Caused by: ", "\t... 9 more\n",
     "Suppressed: a.E: x\n", "panic: x\n", "goroutine 1 [running]:\n", "main.f()\n", "\t/a.go:3 +0x1d\n", "a.rb:1:in `f': x (E)\n", "\tfrom a.rb:2:in 'g'\n", "Causes:\n", "#0 /a.php(3): f()\n", "#1 {main}\n",
     "PHP Fatal error:  Uncaught E: m in /a.php:1\n", "Next E: m in /a.php:1\n", "   at A.B() in /a.cs:line 3\n", " ---> ", "System.Exception: x\n", "(Inner Exception #1) ", "<---\n",
     "   --- End of inner exception stack trace ---\n", "thread 'main' panicked at a.rs:1:2:\n", "stack backtrace:\n", "   0: a::b\n", "             at ./a.rs:1:2\n",
     "** (E) x\n", "    (a 0.1) lib/a.ex:3: A.f/1\n", "    ** (EXIT) ", "f@http://h/a.js:1:2\n", "\n", "\x1b[31m", "web | ", " ", "\\n", "\n\n"]
)  # fmt: skip


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FRAGMENTS | st.text(max_size=20), max_size=40).map("".join))
def test_no_text_crashes_any_parser(text: str) -> None:
    for language, parser in languages.PARSERS.items():
        trace = parser(text)
        if trace is not None:
            assert trace.language == language
            assert trace.exceptions
            for index, raised in enumerate(trace.exceptions):
                assert raised.group is None or index < raised.group < len(trace.exceptions)
            assert all(frame.line is None or frame.line > 0 for frame in trace.frames)


SIZE = 500_000
"""Characters: a pattern that takes quadratic time would not come back from so many."""
HOSTILE = {
    "one letter": "a",
    "spaces": " ",
    "tabs": "\t",
    "digits": "1",
    "colons and digits": ":1",
    "open parentheses": "at f ((",
    "closed parentheses": "at f ))",
    "words with dots": "a.b",
    "at": "at ",
    "escaped line breaks": "\\n",
    "quotes": 'File "',
    "file lines": 'File "x", line 1',
    "arrows": "---> ",
    "errors": "Error: ",
    "exceptions": "XException",
    "stars": "** (",
    "numbers": "#0 a(1): ",
    "uncaught": "Uncaught E in ",
    "brackets": "[1] ",
    "escape sequences": "\x1b[",
    "escape titles": "\x1b]",
    "backslashes": "\\\\",
    "underscores and dollars": "_$",
    "at signs": "f@/",
    "eval": "at eval (eval at ",
    "ruby": "a.rb:1:in `",
    "quotes of ruby": "'`",
    "braces": "{{closure",
    "goroutines": "goroutine 1 [",
    "slashes": "/",
    "mixed": "at a.b(c:1) (d:1:2",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("lines", [1, 20], ids=["one line", "many lines"])
def test_half_a_megabyte_that_means_harm_is_read_to_its_end(name: str, lines: int) -> None:
    unit = HOSTILE[name]
    line = unit * (SIZE // lines // len(unit))
    trace = languages.parse("\n".join([*([line] * lines), "", test_python.SIMPLE]))
    assert trace is not None
    assert trace.final is not None


HOSTILE_LINES = [
    "Traceback (most recent call last):", 'File "a", line 1', "E: a:", "    at f (/a.js:1:2)", "  [errors]: [", "[cause]: E: x", "Caused by: a.E: x", "\tSuppressed: a.E: x", "\tat a.B.c(B.java:1)",
    "panic: x", "goroutine 1 [running]:", "\t/a.go:1", "a.rb:1:in `f': x (E)", "\tfrom a.rb:1:in `f'", "#0 /a.php(1): f()", "Next E in /a.php:1", " ---> System.Exception: x", "   at A.B() in /a.cs:line 1",
    "thread 'a' panicked at a.rs:1:2:", "   0: a::b", "** (E) x", "    (a 1) lib/a.ex:1: A.f/1", "f@/a.js:1:2", "", "  +-+---------------- 1 ----------------", "    | E: x", '{"a": "b"}', "x",
]  # fmt: skip


@pytest.mark.parametrize("first", range(len(HOSTILE_LINES)))
def test_many_lines_that_mean_harm_are_read_to_their_end(first: int) -> None:
    """Two lines in turn, thousands of them: neither recursion nor quadratic time."""
    second = HOSTILE_LINES[(first * 7 + 3) % len(HOSTILE_LINES)]
    for parser in languages.PARSERS.values():
        found = parser(f"{HOSTILE_LINES[first]}\n{second}\n" * 1_000)
        assert found is None or found.exceptions


def test_increasing_depth_is_no_recursion() -> None:
    nested = [
        "\n".join(" " * depth + f"[cause]: E{depth}Error: x\n" + " " * depth + "    at f (/a.js:1:2)" for depth in range(600)),
        "\n".join("\t" * depth + f"Suppressed: a.E{depth}: x\n" + "\t" * depth + "\tat a.B.c(B.java:1)" for depth in range(200)),
        " ---> System.Exception: x\n" * 5_000 + "   at A.B() in /a.cs:line 1\n",
        "\n".join(" " * depth + f"** (E{depth}) x" for depth in range(600)) + "\n" + " " * 700 + "lib/a.ex:1: A.f/1\n",
        "E: a:\nTraceback (most recent call last):\n" * 5_000,
        "\n\nThe above exception was the direct cause of the following exception:\n\n".join([test_python.SIMPLE] * 1000),
        "".join(" " * 2 * depth + "+-+---------------- 1 ----------------\n" + " " * 2 * (depth + 1) + "| E: x (1 sub-exception)\n" for depth in range(1, 500)),
    ]  # fmt: skip
    for text in nested:
        languages.parse(text)
    assert errors(languages.parse(nested[5]))[-1][0] == "TypeError"


def test_no_parser_keeps_state_between_texts() -> None:
    text = Path(__file__).read_text()
    assert languages.parse(text) == languages.parse(text)
