from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.errors import ConfigError
from deploywatch.sentry.clirc import file_layers


@pytest.fixture
def places(tmp_path: Path):
    """A home, and a work tree three folders deep."""
    home, deep = tmp_path / "home", tmp_path / "work" / "repo" / "src"
    home.mkdir()
    deep.mkdir(parents=True)
    return home, deep


def values(environ: dict[str, str], start: Path, home: Path) -> list[dict[str, str]]:
    return [dict(layer.values) for layer in file_layers(environ, start=start, home=home)]


def test_the_nearest_file_upwards_comes_before_the_home_file(places):
    home, deep = places
    (home / ".sentryclirc").write_text("[auth]\ntoken=home\n[defaults]\norg=home\n")
    (deep.parent / ".sentryclirc").write_text("[defaults]\nORG = repo\n")
    (deep.parent.parent / ".sentryclirc").write_text("[defaults]\norg=further-up\n")
    assert values({}, deep, home) == [{"defaults.org": "repo"}, {"auth.token": "home", "defaults.org": "home"}]


def test_sentrycli_ini_is_the_other_name(places):
    home, deep = places
    (deep / "sentrycli.ini").write_text("[defaults]\nproject=shop\n")
    assert values({}, deep, home) == [{"defaults.project": "shop"}]


@pytest.mark.parametrize("folder", [".config/sentry", "Library/Application Support/sentry"])
def test_the_home_file_may_be_in_a_configuration_folder(places, folder):
    home, deep = places
    (home / folder).mkdir(parents=True)
    (home / folder / "sentrycli.ini").write_text("[defaults]\norg=acme\n")
    assert values({}, deep, home) == [{"defaults.org": "acme"}]


def test_xdg_config_home_is_looked_at(places, tmp_path):
    home, deep = places
    (tmp_path / "xdg" / "sentry").mkdir(parents=True)
    (tmp_path / "xdg" / "sentry" / "sentrycli.ini").write_text("[defaults]\norg=xdg\n")
    assert values({"XDG_CONFIG_HOME": str(tmp_path / "xdg")}, deep, home) == [{"defaults.org": "xdg"}]


def test_one_file_is_one_layer_even_below_home(places):
    home, _ = places
    (home / "repo").mkdir()
    (home / ".sentryclirc").write_text("[defaults]\norg=acme\n")
    assert values({}, home / "repo", home) == [{"defaults.org": "acme"}]


def test_the_properties_file_comes_first(places):
    home, deep = places
    (deep / ".sentryclirc").write_text("[defaults]\norg=ini\n")
    (deep / "sentry.properties").write_text(
        "# written by a plugin\ndefaults.org=props\n! also a comment\nauth.token: a=b\n\nnonsense\n"
    )
    assert values({"SENTRY_PROPERTIES": "sentry.properties"}, deep, home) == [
        {"defaults.org": "props", "auth.token": "a=b"},
        {"defaults.org": "ini"},
    ]


def test_values_are_taken_as_they_stand(places):
    home, deep = places
    (deep / ".sentryclirc").write_bytes(b"\xef\xbb\xbf[auth]\r\ntoken=100%(raw)s;x#y\r\nnovalue\r\n")
    assert values({}, deep, home) == [{"auth.token": "100%(raw)s;x#y"}]


def test_a_broken_file_is_named_and_not_quoted(places):
    home, deep = places
    (deep / ".sentryclirc").write_text("token=hunter2\n")
    with pytest.raises(ConfigError) as caught:
        file_layers({}, start=deep, home=home)
    assert str(deep / ".sentryclirc") in caught.value.message
    assert "hunter2" not in caught.value.diagnostics()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("content", [b"[auth]\ntoken=\xff\xfe", b"[auth]\n" + b"x" * (1024 * 1024)])
def test_a_file_that_is_no_text_of_a_sane_size_is_refused(places, content):
    home, deep = places
    (deep / ".sentryclirc").write_bytes(content)
    with pytest.raises(ConfigError, match="sentryclirc"):
        file_layers({}, start=deep, home=home)


def test_a_properties_file_that_is_missing_is_an_error(places):
    home, deep = places
    with pytest.raises(ConfigError, match=r"nowhere\.properties"):
        file_layers({"SENTRY_PROPERTIES": "nowhere.properties"}, start=deep, home=home)
