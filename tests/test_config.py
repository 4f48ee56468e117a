from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.config import find_config, from_environment, load_settings
from deploywatch.errors import ConfigError
from deploywatch.requests import FailOn
from deploywatch.settings import Settings

WHOLE = """
[sentry]
url = "https://sentry.example.com"
org = "acme"
projects = ["shop"]
environment = "production"

[repository]
name = "acme/shop"
paths = ["apps/shop/**"]
code_roots = [{ from = "/srv/app", to = "apps/shop" }]

[watch]
for = "1h30m"
every = "20s"
fail_on = "critical"
ignore = [{ type = "ClientDisconnect", until = 2026-12-31, reason = "closed tabs" }]

[owners]
default = ["@acme/on-call"]

[[channels]]
name = "team"
type = "slack"
url = "env:SLACK_WEBHOOK_URL"
mention = "@here"

[[routes]]
owner = "@acme/shop*"
severity = "high"
channels = ["team"]

[report]
templates = "ops/templates"
formats = ["html"]

[state]
folder = "/var/lib/deploywatch"
"""


def load(folder: Path, text: str) -> Settings:
    file = folder / "deploywatch.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {})


def test_reads_everything(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE)
    assert settings.watch.duration == timedelta(minutes=90)
    assert settings.watch.fail_on is FailOn.CRITICAL
    assert settings.repository.code_roots[0].from_ == "/srv/app"
    assert settings.report.templates == tmp_path / "ops/templates", "relative to the file, not to the process"
    assert settings.state.folder == Path("/var/lib/deploywatch")
    assert settings.channels[0].options == {"mention": "@here"}
    assert settings.channels[0].plain() == {"name": "team", "type": "slack", "url": "env:SLACK_WEBHOOK_URL", "mention": "@here"}
    assert settings.routes[0].channels == ("team",)


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_settings(None, {}, start=tmp_path) == Settings()


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Settings()


def test_secrets_do_not_show(tmp_path: Path) -> None:
    text = '[[channels]]\nname = "a"\ntype = "slack"\nurl = "https://hooks.example.com/very-secret"'
    assert "very-secret" not in repr(load(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[watch]\nfro = "1m"', "watch.fro is not a key: did you mean watch.for?"),
        ('[wacth]\nfor = "1m"', "wacth is not a key: did you mean watch?"),
        (
            '[repository]\ncode_roots = [{ form = "/app" }]',
            "repository.code_roots[0].form is not a key: did you mean repository.code_roots[0].from?",
        ),
        ("[owners]\nzzz = 1", "owners.zzz is not a key; the keys there are default, file"),
        ('[watch]\nduration = "1m"', "watch.duration is not a key"),
        ('[watch]\nfor = "soon"', "watch.for: 'soon' is not a duration: write it like 90s, 15m, 2h or 1h30m"),
        ("[watch]\nfor = 15", "watch.for: 15 is not a duration: write it in quotes"),
        ('[watch]\nfail_on = "always"', "watch.fail_on: Input should be 'any', 'new', 'critical' or 'never'"),
        ('[watch]\nmin_events = "3"', "watch.min_events: Input should be a valid integer"),
        ("[watch]\nmin_events = 0", "watch.min_events: Input should be greater than or equal to 1"),
        ('[[watch.ignore]]\nreason = "because"', "watch.ignore[0]: say what to ignore: issue, type, message or path"),
        ('[[watch.ignore]]\ntype = "X"', "watch.ignore[0].reason is missing"),
        ('[[watch.ignore]]\nmessage = "("\nreason = "because"', "watch.ignore[0].message: '(' is not a regular expression"),
        ('[[channels]]\nname = "a"', "channels[0].type is missing"),
        ('[[routes]]\nchannels = ["team"]', "a route leads to 'team', but the channels are: none"),
        (
            '[[channels]]\nname = "a"\ntype = "file"\n[[channels]]\nname = "a"\ntype = "file"',
            "there are two channels of the name 'a'",
        ),
        ('[[channels]]\nname = "a"\ntype = "file"\nfallback = "b"', "a falls back to 'b', but the channels are: a"),
        ('[privacy]\npatterns = ["["]', "privacy.patterns[0]: '[' is not a regular expression"),
        ('[privacy]\nemails = "no"', "privacy.emails: Input should be a valid boolean"),
        ('[report]\nformats = ["pdf"]', "report.formats[0]: 'pdf' is not a report format: use text, json, markdown, html"),
        ('[state]\nfolder = "a"\nurl = "b"', "state: state.folder and state.url exclude each other"),
        ('[sentry]\norg = "a/b"', "sentry.org: String should match pattern"),
        ("sentry = 3", "sentry: Input should be a valid dictionary"),
        ("[watch\n", "is not TOML: Expected ']' at the end of a table declaration (at line 1, column 7)"),
        ('a = "\n', "line 1"),
    ],
)
def test_names_the_key_and_the_way_out(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert complaint in caught.value.message
    assert "deploywatch.toml" in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '[watch]\nfro = "1m"\nevry = "1s"\n[owners]\ndefault = "me"')
    for key in ("watch.fro", "watch.evry", "owners.default"):
        assert key in caught.value.message


def test_a_value_that_was_refused_is_not_repeated_where_it_may_be_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '[[channels]]\nname = "a"\ntype = "slack"\nurl = ["very-secret"]')
    assert "very-secret" not in caught.value.diagnostics()


def test_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "deploywatch.toml"
    file.write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(file, {})


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_settings(tmp_path / "absent.toml", {})
    with pytest.raises(ConfigError, match="absent.toml cannot be read"):
        load_settings(None, {"DEPLOYWATCH_CONFIG": str(tmp_path / "absent.toml")})


class TestFinding:
    def test_the_nearest_file_upwards(self, tmp_path: Path) -> None:
        inner = tmp_path / "a" / "b"
        inner.mkdir(parents=True)
        (tmp_path / ".git").touch()
        (tmp_path / "deploywatch.toml").touch()
        assert find_config(inner, {}) == tmp_path / "deploywatch.toml"
        (tmp_path / "a" / "deploywatch.toml").touch()
        assert find_config(inner, {}) == tmp_path / "a" / "deploywatch.toml"

    def test_not_beyond_the_repository(self, tmp_path: Path) -> None:
        (tmp_path / "deploywatch.toml").touch()
        repository = tmp_path / "repository"
        (repository / ".git").mkdir(parents=True)
        assert find_config(repository, {}) is None

    def test_outside_of_a_repository_only_here(self, tmp_path: Path) -> None:
        (tmp_path / "deploywatch.toml").touch()
        (tmp_path / "inner").mkdir()
        assert find_config(tmp_path / "inner", {}) is None
        assert find_config(tmp_path, {}) == tmp_path / "deploywatch.toml"

    def test_the_variable_goes_first_and_blank_is_unset(self, tmp_path: Path) -> None:
        (tmp_path / "deploywatch.toml").touch()
        assert find_config(tmp_path, {"DEPLOYWATCH_CONFIG": "/etc/dw.toml"}) == Path("/etc/dw.toml")
        assert find_config(tmp_path, {"DEPLOYWATCH_CONFIG": " "}) == tmp_path / "deploywatch.toml"


class TestReferences:
    def test_plain_text_is_itself(self) -> None:
        assert from_environment("https://x.example", {}, key="channels.a.url") == "https://x.example"

    def test_the_variable_is_read(self) -> None:
        assert from_environment("env:HOOK", {"HOOK": " https://x.example\n"}, key="channels.a.url") == "https://x.example"

    @pytest.mark.parametrize("environ", [{}, {"HOOK": "  "}])
    def test_an_unset_variable_is_named_with_its_key(self, environ: dict[str, str]) -> None:
        with pytest.raises(ConfigError, match=r"channels\.a\.url is to be read from the variable HOOK"):
            from_environment("env:HOOK", environ, key="channels.a.url")


@given(st.text(max_size=200))
def test_any_text_is_settings_or_one_typed_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("any") / "deploywatch.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(ConfigError):
        load_settings(file, {})
