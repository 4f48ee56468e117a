"""The report in a real browser: accessible by axe, no sideways scrolling on a phone, no complaint on the console.

axe-core and Microsoft's renderer of Adaptive Cards come from npm: ``make browser`` puts them into ``ci/browser``.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploywatch.model import Report
from deploywatch.report.render import render
from deploywatch.report.teams import teams_message
from tests.report.hostile import NASTY, poisoned, prefixed
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

PACKAGES = Path(__file__).parents[2] / "ci" / "browser" / "node_modules"
AXE = PACKAGES / "axe-core" / "axe.min.js"
CARDS = PACKAGES / "adaptivecards" / "dist" / "adaptivecards.min.js"
FROM_NPM = pytest.mark.skipif(not (AXE.is_file() and CARDS.is_file()), reason="ci/browser is not installed: run make browser")

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


# --- accessibility -----------------------------------------------------------------------------------------


def in_scheme(page: str, scheme: str) -> str:
    """The page as it is in the dark, or on paper, wherever it is shown; without its policy, which would keep axe out."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    dark, paper = "@media (prefers-color-scheme: dark)", "@media print"
    assert dark in page
    assert paper in page
    if scheme == "dark":
        return page.replace(dark, "@media all")
    return page.replace(paper, "@media all") if scheme == "print" else page


def violations(pages: Mapping[str, str], folder: Path) -> dict[str, list[str]]:
    """What axe finds wrong with each page: the rules of WCAG 2.2 A and AA, and its best practices."""
    frames = "".join(
        f'<iframe title="{name}" width="1280" height="900" srcdoc="{html.escape(page)}"></iframe>' for name, page in pages.items()
    )
    script = """
        onload = async () => {
          const found = {};
          for (const frame of document.querySelectorAll("iframe")) {
            frame.scrollIntoView();
            frame.contentWindow.eval(AXE);
            const result = await frame.contentWindow.axe.run(frame.contentDocument, {resultTypes: ["violations"]});
            found[frame.title] = result.violations.map(
              (each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
          }
          document.body.innerHTML = "";
          document.body.append(JSON.stringify(found) + "DONE");
        };
    """
    outer = folder / "axe.html"
    source = AXE.read_text(encoding="utf-8")
    text = json.dumps(source).replace("</", "<\\/")
    outer.write_text(
        f"<!doctype html><meta charset=utf-8><body>{frames}<script>const AXE = {text};{script}</script>", encoding="utf-8"
    )
    out = browse(outer, folder / "profile", "--virtual-time-budget=120000").stdout
    answer = re.search(r"<body>(\{.*\})DONE", out, re.DOTALL)
    assert answer, out[-2000:]
    return dict(json.loads(html.unescape(answer[1])))


@FROM_NPM
@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_axe_finds_nothing(report: Report, degenerate: Mapping[str, Report], tmp_path: Path, scheme: str) -> None:
    reports = {"whole": report, **degenerate, "hostile": poisoned(report, prefixed(*NASTY), keep=OURS)}
    pages = {name: in_scheme(render(told, "html"), scheme) for name, told in reports.items()}
    assert violations(pages, tmp_path) == {name: [] for name in pages}


@FROM_NPM
def test_axe_finds_nothing_in_a_mail(report: Report, degenerate: Mapping[str, Report], tmp_path: Path) -> None:
    pages = {name: render(told, "email-html") for name, told in {"whole": report, **degenerate}.items()}
    assert violations(pages, tmp_path) == {name: [] for name in pages}


@FROM_NPM
def test_axe_would_find_something(report: Report, tmp_path: Path) -> None:
    page = in_scheme(render(report, "html"), "light").replace("--quiet: #5b5e66", "--quiet: #cccccc")
    (found,) = violations({"pale": page}, tmp_path).values()
    assert [each.partition(":")[0] for each in found] == ["color-contrast"]


def test_without_scripts_styles_or_drawings_a_mail_still_fits_a_phone(report: Report, tmp_path: Path) -> None:
    loud = poisoned(report, "w" * 400, keep=OURS)
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{html.escape(render(told, "email-html"))}"></iframe>'
        for told in (report, loud)
        for width in (360, 800)
    )
    outer = tmp_path / "frames.html"
    width = "[f.contentDocument.documentElement.scrollWidth, f.contentDocument.documentElement.clientWidth].join('/')"
    script = f"onload = () => document.title = [...document.querySelectorAll('iframe')].map(f => {width}).join(' ')"
    outer.write_text(f"<!doctype html><title>?</title><body>{frames}<script>{script}</script>", encoding="utf-8")
    found = re.search(r"<title>(.*?)</title>", browse(outer, tmp_path / "profile").stdout)
    assert found
    widths = [tuple(map(int, each.split("/"))) for each in found[1].split()]
    assert len(widths) == 4
    assert all(needed <= given for needed, given in widths), widths


# --- cards -------------------------------------------------------------------------------------------------


def drawn(cards: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """What Microsoft's own renderer says of each card, and the text and the links that it draws."""
    script = """
        onload = () => {
          const found = CARDS.map((json) => {
            const card = new AdaptiveCards.AdaptiveCard();
            const context = new AdaptiveCards.SerializationContext();
            card.parse(json, context);
            const element = card.render();
            const said = [...Array(context.eventCount).keys()].map((at) => context.getEventAt(at).message);
            said.push(...card.validateProperties().validationEvents.map((each) => each.message));
            return {said, text: element.textContent, links: element.querySelectorAll("a[href]").length};
          });
          document.body.innerHTML = "";
          document.body.append(JSON.stringify(found) + "DONE");
        };
    """
    given = json.dumps(cards).replace("</", "<\\/")
    outer = folder / "cards.html"
    library = f"<script src='{CARDS.as_uri()}'></script>"
    outer.write_text(
        f"<!doctype html><meta charset=utf-8><body>{library}<script>const CARDS = {given};{script}</script>", encoding="utf-8"
    )
    answer = re.search(r"<body>(\[.*\])DONE", browse(outer, folder / "profile").stdout, re.DOTALL)
    assert answer
    return list(json.loads(html.unescape(answer[1])))


@FROM_NPM
def test_the_renderer_of_cards_takes_ours_and_draws_text_alone(
    report: Report, degenerate: Mapping[str, Report], tmp_path: Path
) -> None:
    loud = poisoned(report, prefixed("[click](https://evil.example)", "{{DATE(2026-01-01T00:00:00Z)}}", "**b**", *NASTY))
    cards = [teams_message(told)["attachments"][0]["content"] for told in (report, loud, *degenerate.values())]
    found = drawn(cards, tmp_path)
    assert [each["said"] for each in found] == [[] for _ in cards]
    assert [each["links"] for each in found] == [0 for _ in cards]
    assert "git revert --no-edit" in found[0]["text"]
    assert "[click](https://evil.example)" in found[1]["text"]
    assert "**b**" in found[1]["text"]
