"""The page in a real browser: no sideways scrolling on a phone, no complaint on the console."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploywatch.model import Report
from deploywatch.report.render import render
from tests.report.hostile import poisoned
from tests.report.test_render import OURS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")]


def browse(page: Path, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(CHROMIUM),
        *OPTIONS,
        f"--user-data-dir={profile}",
        "--virtual-time-budget=5000",
        *options,
        "--dump-dom",
        page.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def test_nothing_is_refused_or_requested(report: Report, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render(report, "html"), encoding="utf-8")
    done = browse(page, tmp_path / "profile", "--enable-logging=stderr")
    assert "CONSOLE" not in done.stderr
    assert "git revert --no-edit" in done.stdout


def test_it_fits_a_phone_even_with_words_that_never_end(report: Report, tmp_path: Path) -> None:
    pages = (render(report, "html"), render(poisoned(report, "w" * 400, keep=OURS), "html"))
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{html.escape(page)}"></iframe>'
        for page in pages
        for width in (320, 390, 1280)
    )
    width = "[f.contentDocument.documentElement.scrollWidth, f.contentDocument.documentElement.clientWidth].join('/')"
    script = f"onload = () => document.title = [...document.querySelectorAll('iframe')].map(f => {width}).join(' ')"
    outer = tmp_path / "frames.html"
    outer.write_text(f"<!doctype html><title>?</title><body>{frames}<script>{script}</script>", encoding="utf-8")
    found = re.search(r"<title>(.*?)</title>", browse(outer, tmp_path / "profile").stdout)
    assert found
    widths = [tuple(map(int, each.split("/"))) for each in found[1].split()]
    assert len(widths) == 6
    assert all(needed <= given for needed, given in widths), widths
