from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel
from deploywatch.deliver.channels.file import make
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError
from tests.report.samples import report

KEY = "k" * 40


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_the_report_is_written_whole(tools: Tools, tmp_path: Path):
    file = make("artefact", {"path": "out/report.html"}, tools)
    payload = file.compose(report(), KEY)
    receipt = file.send(Parcel(payload, KEY))
    place = tmp_path / "out" / "report.html"
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, str(place))
    assert place.read_bytes().decode() == payload
    assert "<html" in payload
    assert names_in(place.parent) == ["report.html"]


@pytest.mark.parametrize(("form", "sign"), [("json", '"deploywatch.report/1"'), ("markdown", "# "), ("text", "shop")])
def test_the_format_is_chosen(tools: Tools, form: str, sign: str):
    assert sign in make("artefact", {"path": "x", "format": form}, tools).compose(report(), KEY)


def test_each_message_can_have_a_file_of_its_own(tools: Tools, tmp_path: Path):
    file = make("artefact", {"path": "{key}.json", "format": "json"}, tools)
    for key in ("a", "b", "a"):
        file.send(Parcel("{}", key))
    assert names_in(tmp_path) == ["a.json", "b.json"]


def test_it_is_found_by_its_content(tools: Tools, tmp_path: Path):
    file = make("artefact", {"path": "report.html"}, tools)
    assert file.find(Parcel("new", KEY)) is None
    (tmp_path / "report.html").write_text("old")
    assert file.find(Parcel("new", KEY)) is None
    file.send(Parcel("new", KEY))
    assert file.find(Parcel("new", KEY)) == str(tmp_path / "report.html")


def test_a_kill_while_writing_leaves_the_old_file(tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = make("artefact", {"path": "report.html"}, tools)
    file.send(Parcel("old", KEY))

    def killed(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        file.send(Parcel("new" * 10_000, KEY))
    monkeypatch.undo()
    assert (tmp_path / "report.html").read_text() == "old"
    file.send(Parcel("new", KEY))
    assert names_in(tmp_path) == ["report.html"]


def a_file_in_the_way(folder: Path) -> None:
    (folder / "out").write_text("")


def a_folder_in_the_way(folder: Path) -> None:
    (folder / "out" / "report.html").mkdir(parents=True)


@pytest.mark.parametrize("obstacle", [a_file_in_the_way, a_folder_in_the_way])
def test_a_place_that_cannot_be_written_is_refused_and_says_so(tools: Tools, tmp_path: Path, obstacle):
    obstacle(tmp_path)
    receipt = make("artefact", {"path": "out/report.html"}, tools).send(Parcel("{}", KEY))
    assert receipt.outcome is Outcome.REFUSED
    assert str(tmp_path / "out") in (receipt.error or "")
    assert not list(tmp_path.rglob("*.part"))


def test_a_link_in_the_way_of_the_draft_is_not_followed(tools: Tools, tmp_path: Path):
    (tmp_path / f".report.html.{KEY[:12]}.part").symlink_to(tmp_path / "victim")
    make("artefact", {"path": "report.html"}, tools).send(Parcel("{}", KEY))
    assert not (tmp_path / "victim").exists()


def test_a_place_that_cannot_be_read_cannot_tell(tools: Tools, tmp_path: Path):
    a_folder_in_the_way(tmp_path)
    assert isinstance(make("artefact", {"path": "out/report.html"}, tools).find(Parcel("{}", KEY)), CannotTell)


@pytest.mark.parametrize("config", [{}, {"path": "x", "format": "pdf"}, {"path": 7}])
def test_a_bad_configuration_names_the_key(tools: Tools, config: dict):
    with pytest.raises(ConfigError, match=r"channels\.artefact\.(path|format)"):
        make("artefact", config, tools)
