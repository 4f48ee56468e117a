from __future__ import annotations

import io
from datetime import timedelta

import pytest

from deploywatch.cli.progress import clean, show_progress
from deploywatch.errors import SentryUnavailable
from deploywatch.watch.loop import watch, watch_all
from tests.fakes.watching import FakeClock, FakeSource, World
from tests.watch.worlds import after, every, plan, steady_world


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def broken_world() -> World:
    world = steady_world().add("FRESH", every(10, start=after(minutes=2), end=after(minutes=30)))
    world.about["FRESH"] = {"title": "Boom \x1b[31m[bold]red[/bold]\n::error::stop \u202eback"}
    return world


def shown(world: World, stream: io.StringIO, *, plain: bool = False, fault=lambda _call, _method: None) -> str:
    clock = FakeClock()
    with show_progress(stream, plain=plain) as progress:
        watch(FakeSource(world, clock, fault), plan(), now=clock.now, sleep=clock.sleep, progress=progress)
    return stream.getvalue()


class TestPlainLines:
    def test_tell_the_start_each_change_and_the_end(self):
        lines = shown(broken_world(), io.StringIO()).splitlines()
        assert "watching shop@2.4.0 in prod (shop) until 10:15:00 UTC" in lines[0]
        assert any("FRESH" in line for line in lines[:-1])
        assert "regression: FRESH" in lines[-1]
        assert len(lines) < 10

    def test_come_once_a_minute_when_nothing_changes(self):
        lines = shown(steady_world(per_minute=5), io.StringIO()).splitlines()
        assert len(lines) == 2 + 14 + 1
        assert lines[-1].startswith("deploywatch: healthy:")

    def test_are_one_line_each_and_never_a_command_to_ci_or_terminal(self):
        text = shown(broken_world(), io.StringIO())
        assert all(line.startswith("deploywatch: ") for line in text.splitlines())
        assert text.replace("\n", "").isprintable()

    def test_tell_when_sentry_goes_and_when_it_is_back(self):
        def flaky(call, _method):
            return SentryUnavailable("timed out", hint="wait") if call == 20 else None

        lines = shown(steady_world(per_minute=5), io.StringIO(), fault=flaky).splitlines()
        (gone,) = (number for number, line in enumerate(lines) if "Sentry cannot be seen: timed out" in line)
        assert "nothing certain" in lines[gone - 1]
        assert "nothing certain" in lines[gone + 1]

    def test_are_what_a_terminal_gets_too_where_nothing_may_move(self):
        assert shown(broken_world(), Terminal(), plain=True) == shown(broken_world(), io.StringIO())


class TestLiveDisplay:
    @pytest.fixture(autouse=True)
    def _wide(self, monkeypatch):
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("TERM", "xterm")

    def test_shows_the_issues_and_leaves_the_result_behind(self):
        text = shown(broken_world(), Terminal())
        assert "FRESH" in text
        assert "KNOWN" in text
        assert "regression: FRESH" in text.splitlines()[-1]

    def test_shows_hostile_text_as_text(self):
        text = shown(broken_world(), Terminal())
        assert "[bold]red[/bold]" in text
        assert "\x1b[31m[bold]" not in text
        assert "\u202e" not in text
        assert "\n::error" not in text

    def test_shows_several_watches(self):
        clock, stream = FakeClock(), Terminal()
        pairs = [
            (FakeSource(steady_world(), clock), plan(environment=name, duration=timedelta(minutes=1)))
            for name in ("blue", "green")
        ]
        with show_progress(stream, plain=False) as progress:
            watch_all(pairs, now=clock.now, sleep=clock.sleep, progress=progress)
        last_words = stream.getvalue().rpartition("\x1b[?25h")[2]
        assert last_words.count("inconclusive") == 2
        assert last_words.index("in blue") < last_words.index("in green")

    def test_leaves_nothing_behind_when_nothing_was_told(self):
        stream = Terminal()
        with show_progress(stream, plain=False):
            pass
        assert "in prod" not in stream.getvalue()


def test_what_would_steer_a_terminal_becomes_space():
    assert clean("a\x1b[1mb\r\nc\u202ed\u2028é") == "a [1mb  c d é"
