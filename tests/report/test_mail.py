"""E-mail: two alternatives, of which the HTML needs neither style sheet, drawing nor anything from elsewhere."""

from __future__ import annotations

import email
import re
from collections.abc import Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest

from deploywatch.model import Finding, Report
from deploywatch.report.render import EMAIL_LIMIT, render
from tests.report import samples
from tests.report.hostile import MIXES, poisoned, prefixed
from tests.report.test_render import OURS

# What mail programs show (caniemail.com, as of 2026): no style sheets, SVG, scripts, forms, frames or flexible boxes.
TAGS = {
    *("html", "head", "meta", "title", "body", "table", "tr", "td", "h1", "h2", "p", "span", "strong", "br", "a", "div"),
}


class Tags(HTMLParser):
    """The elements in their order, and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def parsed(report: Report) -> EmailMessage:
    message = email.message_from_string(render(report, "email"), policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_two_alternatives_the_better_one_last(report: Report) -> None:
    message = parsed(report)
    assert message["Subject"] == (
        "KeyError in POST /checkout: 41 events/min since the deploy; commit 4be1a90c4b by Ana Bell explains it, 93% sure"
    )
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "git revert --no-edit" in text.get_content()
    assert max(len(line) for line in text.get_content().splitlines() if "$ " not in line and "https:" not in line) <= 78
    assert html.get_content().replace("\r\n", "\n").strip() == render(report, "email-html").strip()
    assert render(report, "email") == render(report, "email")
    assert render(report, "email").isascii()


def test_nothing_that_mail_programs_drop_or_fetch(report: Report, degenerate: Mapping[str, Report]) -> None:
    for told in (report, *degenerate.values()):
        page = render(told, "email-html")
        seen = Tags(page).seen
        assert {tag for tag, _ in seen} <= TAGS
        assert not re.search(r"url\(|@import|src=|display:\s*(?:flex|grid)|position:|var\(", page)
        assert not [attributes for _, attributes in seen if set(attributes) & {"class", "id", "src", "background"}]
        assert all(str(attributes["href"]).startswith("https://") for tag, attributes in seen if tag == "a")


def test_it_is_cut_before_mail_programs_hide_the_rest(report: Report) -> None:
    many = tuple(
        Finding(samples.regression(issue=samples.issue(number, title="<" * 450), why="because " * 60)) for number in range(10, 80)
    )
    page = render(replace(report, findings=(*report.findings, *many)), "email-html")
    assert len(page.encode()) <= EMAIL_LIMIT
    assert "git revert --no-edit" in page
    assert "less severe than these" in page


@pytest.mark.parametrize("mix", MIXES)
def test_strangers_write_neither_html_nor_headers(report: Report, mix: tuple[str, ...]) -> None:
    evil = ("x\r\nBcc: everyone@example.com", "</td></table>", "x;background:url(https://evil.example)", *mix)
    loud, calm = poisoned(report, prefixed(*evil), keep=OURS), poisoned(report, prefixed("x"), keep=OURS)
    shape = [tag for tag, _ in Tags(render(loud, "email-html")).seen]
    assert shape == [tag for tag, _ in Tags(render(calm, "email-html")).seen]
    assert parsed(loud).keys() == parsed(calm).keys()
    styles = {attributes.get("style") for _, attributes in Tags(render(loud, "email-html")).seen}
    assert styles <= {attributes.get("style") for _, attributes in Tags(render(calm, "email-html")).seen}
