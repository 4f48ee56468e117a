"""The page as a document: self-contained, accessible, and closed to strangers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

from deploywatch.model import Report
from deploywatch.report.render import render
from deploywatch.report.templating import templates_folder
from tests.report import samples
from tests.report.hostile import ANY_TEXT, MIXES, poisoned, prefixed
from tests.report.test_render import OURS

VOID = {"meta", "link", "line", "rect", "br", "img"}
STYLE = (templates_folder() / "parts" / "style.css").read_text(encoding="utf-8")


class Page(HTMLParser):
    """Collects the tags with their attributes and the text, and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, *names: str) -> list[dict[str, Any]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attrs)) for tag, attrs in self.tags]


@pytest.fixture(scope="module")
def pages(report: Report, degenerate: Mapping[str, Report]) -> list[Page]:
    return [Page(render(each, "html")) for each in (report, *degenerate.values())]


def test_it_needs_no_script_and_asks_nobody(pages: list[Page]) -> None:
    for page in pages:
        assert not page.all("script", "iframe", "object", "embed", "img", "form", "base", "input")
        assert [link["href"] for link in page.all("link")] == ["data:,"]
        assert not [
            attrs
            for _, attrs in page.tags
            if {"src", "srcset", "style"} & set(attrs) or any(name.startswith("on") for name in attrs)
        ]
        policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in policy
        assert "script" not in policy
    assert not re.search(r"url\(|@import|@font-face", STYLE)


def test_links_lead_out_quietly(pages: list[Page]) -> None:
    links = pages[0].all("a")
    assert {link["href"] for link in links} >= {f"{samples.REMOTE}/pull/128", "https://acme.sentry.io/issues/451/"}
    assert all(link["rel"] == "noreferrer noopener" for link in links)


def test_it_can_be_found_through_without_eyes(pages: list[Page]) -> None:
    for page in pages:
        assert page.all("html")[0]["lang"] == "en"
        assert len(page.all("main")) == len(page.all("h1")) == len(page.all("title")) - len(page.all("svg")) == 1
        assert len(page.all("header")) == len(page.all("footer")) == 1
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert all(below - above <= 1 for above, below in pairwise(levels))
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        asked = [each for _, attrs in page.tags for each in attrs.get("aria-labelledby", "").split()]
        assert set(asked) <= set(ids)
        assert all(attrs["role"] == "img" for attrs in page.all("svg"))
        assert all(attrs["scope"] == "col" for attrs in page.all("th"))
        assert all(attrs.get("tabindex") == "0" and attrs.get("aria-label") for attrs in page.all("pre"))


def test_the_frame_stands_beside_the_hunk(pages: list[Page]) -> None:
    page = pages[0]
    assert any(attrs.get("class") == "pair both" for attrs in page.all("div"))
    assert len(page.all("del")) == 2
    assert len(page.all("ins")) == 3
    assert len(page.all("mark")) == 1


def test_the_charts_are_drawn(pages: list[Page]) -> None:
    bars = pages[0].all("rect")
    assert len([bar for bar in bars if bar["class"] == "after"]) == 13
    assert [bar["width"] for bar in bars if bar["class"] in ("named-bar", "bar", "rest")] == ["93.0%", "4.0%", "1.0%", "2.0%"]
    assert "deploy 14:05" in pages[0].texts
    assert "first seen 14:07" in pages[0].texts


@pytest.fixture(scope="module")
def mild(report: Report) -> Page:
    return Page(render(poisoned(report, prefixed(""), keep=OURS), "html"))


@pytest.mark.parametrize("mix", MIXES)
def test_hostile_text_never_becomes_a_tag_or_an_attribute(report: Report, mild: Page, mix: tuple[str, ...]) -> None:
    assert Page(render(poisoned(report, prefixed(*mix), keep=OURS), "html")).shape() == mild.shape()


@settings(max_examples=15, deadline=None)
@given(text=ANY_TEXT)
def test_whatever_comes(report: Report, mild: Page, text: str) -> None:
    assert Page(render(poisoned(report, prefixed(text), keep=OURS), "html")).shape() == mild.shape()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,<script>", "https://a:b@x/", "x", ""])
def test_an_address_that_is_not_one_is_left_out(report: Report, url: str) -> None:
    every = frozenset(
        {
            "regression",
            "excerpt",
            "endpoint",
            "label",
            "release",
            "environment",
            "why",
            "base",
            "head",
            "not_visible",
            "warnings",
            "revert_command",
        }
    )
    assert Page(render(poisoned(report, url, keep=every), "html")).all("a") == []


# --- contrast: WCAG 2.2, success criterion 1.4.3, AA -------------------------------------------------------


def colours(dark: bool) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found: dict[str, str] = {}
    for block in blocks[: 2 if dark else 1]:
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        *[(ink, paper) for ink in ("ink", "quiet", "bad", "good", "warn", "link") for paper in ("paper", "sheet")],
        ("ink", "faint"),
        ("quiet", "faint"),
        ("plus-ink", "plus"),
        ("minus-ink", "minus"),
        ("ink", "hit"),
        ("quiet", "hit"),
    ],
)
def test_text_stands_out_enough(dark: bool, ink: str, paper: str) -> None:
    light, shade = sorted((luminance(colours(dark)[ink]), luminance(colours(dark)[paper])), reverse=True)
    assert (light + 0.05) / (shade + 0.05) >= 4.5
