"""Templates of the user's: they win where they work, and ours win where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

import deploywatch
from deploywatch.errors import StateError
from deploywatch.model import Report
from deploywatch.report.render import Look, render, render_ranking, render_release
from deploywatch.report.templating import MEDIA, draw, templates_folder
from tests.report import samples
from tests.report.test_as_json import OUTCOME


def with_template(folder: Path, name: str, text: str) -> Look:
    (folder / name).write_text(text, encoding="utf-8")
    return Look(templates=folder)


def test_a_checkout_and_a_wheel_both_have_their_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "deploywatch"
    (package / "templates").mkdir(parents=True)
    monkeypatch.setattr(deploywatch, "__file__", str(package / "__init__.py"))
    with pytest.raises(StateError, match="templates are missing"):
        templates_folder()
    beside = tmp_path / "site" / "templates"
    beside.mkdir()
    (beside / "report.html.j2").touch()
    assert templates_folder() == beside
    (package / "templates" / "report.html.j2").touch()
    assert templates_folder() == package / "templates"


def test_a_template_of_the_users_wins(report: Report, tmp_path: Path) -> None:
    look = with_template(tmp_path, "report.md.j2", "Ours: {{ page.headline }} for {{ report.release }}")
    assert render(report, "markdown", look).startswith("Ours: KeyError in POST /checkout")
    assert "<h1>" in render(report, "html", look)


def test_it_may_change_one_block_of_ours(report: Report, tmp_path: Path) -> None:
    look = with_template(
        tmp_path, "report.html.j2", '{% extends "shipped/report.html.j2" %}{% block headline %}<h1>Mine</h1>{% endblock %}'
    )
    page = render(report, "html", look)
    assert "<h1>Mine</h1>" in page
    assert "git revert --no-edit" in page


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("line\n{% if %}", "report.md.j2 line 2: TemplateSyntaxError"),
        ("{{ report.no_such_thing }}", "report.md.j2 line 1: UndefinedError"),
        ("\n\n{{ 1 / 0 }}", "report.md.j2 line 3: ZeroDivisionError"),
        ("{{ report.__class__.__mro__ }}", "SecurityError"),
        ("{{ ''.__class__ }}", "SecurityError"),
        ("{{ report.release | safe }}", "No filter named 'safe'"),
        ("{% include 'gone.md.j2' %}", "TemplateNotFound"),
        ("{% for x in range(999999999) %}{% endfor %}", "OverflowError"),
        ("{{ report.findings.append(1) }}", "UndefinedError"),
    ],
)
def test_a_broken_template_falls_back_to_ours_and_says_so(report: Report, tmp_path: Path, broken: str, said: str) -> None:
    page = render(report, "markdown", with_template(tmp_path, "report.md.j2", broken)).replace("\\", "").replace("\u200b", "")
    assert page.startswith("# KeyError in POST /checkout")
    assert "Your templates could not be used for report.md.j2, the shipped ones were" in page
    assert said in page


@pytest.mark.parametrize("fmt", ["email", "email-html", "step-summary", "text", "html"])
def test_every_drawn_format_falls_back(report: Report, tmp_path: Path, fmt: str) -> None:
    for name in ("email.html.j2", "report.md.j2", "report.txt.j2", "report.html.j2"):
        look = with_template(tmp_path, name, "{{ nothing }}")
    page = " ".join(render(report, fmt, look).replace("=\n", "").split())
    assert "Your templates could not be used" in page
    assert "KeyError in POST /checkout" in page


def test_a_missing_folder_is_said_too(report: Report, tmp_path: Path) -> None:
    page = render(report, "html", Look(templates=tmp_path / "gone"))
    assert "there is no folder" in page
    assert "KeyError in POST /checkout" in page


def test_rankings_and_releases_fall_back_as_well(tmp_path: Path) -> None:
    with_template(tmp_path, "ranking.txt.j2", "{{ nothing }}")
    look = with_template(tmp_path, "release.txt.j2", "{{ nothing }}")
    assert "could not be used for ranking.txt.j2" in render_ranking(samples.ranking(), "text", look)
    assert "could not be used for release.txt.j2" in render_release(OUTCOME, "text", look)


@pytest.mark.parametrize("name", ["report.html.j2", "report.md.j2"])
@pytest.mark.parametrize(
    "printed",
    [
        "{{ v }}",
        "{{ v | e }}",
        "{{ v | escape }}",
        "{{ v | forceescape }}",
        "{% autoescape false %}{{ v }}{% endautoescape %}",
        "{{ [v] | join }}",
        "{{ 'a' ~ v }}",
        "{{ '%s' | format(v) }}",
    ],
)
def test_there_is_no_careless_way_around_escaping(tmp_path: Path, name: str, printed: str) -> None:
    with_template(tmp_path, name, printed)
    drawn = draw(name, {"v": "<b>@octocat</b> **x**"}, tmp_path)
    assert "<b>" not in drawn
    if name.endswith(".md.j2"):
        assert "@octocat" not in drawn
        assert "**x**" not in drawn


@pytest.mark.parametrize("name", ["safe", "urlize", "tojson", "xmlattr"])
def test_filters_that_opt_out_are_gone(tmp_path: Path, name: str) -> None:
    with_template(tmp_path, "report.html.j2", "{{ 'x' | NAME }}".replace("NAME", name))
    with pytest.raises(Exception, match="No filter named"):
        draw("report.html.j2", {}, tmp_path)


def test_what_comes_from_outside_is_never_a_template(report: Report) -> None:
    assert set(MEDIA) == {"html", "md", "txt"}
    drawn = draw(
        "release.md.j2",
        {"outcome": samples.ranking() and OUTCOME.__class__("{{ 7 * 7 }}", "b" * 40, "{% raw %}", "h" * 40, 1, created=True)},
    )
    assert "{{ 7 * 7 }}" in drawn
    assert "49" not in drawn
