from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploywatch.bootstrap import Setup, production
from deploywatch.errors import ConfigError
from deploywatch.settings import Settings

TOKEN = {"SENTRY_AUTH_TOKEN": "a" * 64}


def setup(tmp_path: Path, *, environ: dict[str, str] | None = None, **sections: object) -> Setup:
    settings = Settings.model_validate(sections)
    said: list[str] = []
    made = production(settings, environ={"HOME": str(tmp_path), **TOKEN, **(environ or {})}, say=said.append)
    return replace(made, folder=tmp_path)


class TestSentry:
    def test_the_file_says_where(self, tmp_path: Path) -> None:
        connection = (
            setup(tmp_path, sentry={"url": "https://s.example", "org": "acme", "projects": ["shop"]}).connect().connection
        )
        assert (connection.url, connection.org, connection.projects) == ("https://s.example", "acme", ("shop",))

    def test_variables_beat_the_file(self, tmp_path: Path) -> None:
        environ = {"SENTRY_URL": "https://env.example", "SENTRY_ORG": "env", "SENTRY_PROJECT": "one"}
        made = setup(tmp_path, environ=environ, sentry={"url": "https://s.example", "org": "acme", "projects": ["shop"]})
        connection = made.connect().connection
        assert (connection.url, connection.org, connection.projects) == ("https://env.example", "env", ("one",))

    def test_a_blank_variable_does_not(self, tmp_path: Path) -> None:
        assert setup(tmp_path, environ={"SENTRY_ORG": " "}, sentry={"org": "acme"}).connect().connection.org == "acme"

    def test_the_file_beats_sentryclirc(self, tmp_path: Path) -> None:
        (tmp_path / ".sentryclirc").write_text("[defaults]\norg=rc\nproject=rc-project\n")
        connection = setup(tmp_path, sentry={"org": "acme"}).connect().connection
        assert (connection.org, connection.projects) == ("acme", ("rc-project",))

    def test_the_environment_of_sentryclirc_is_the_last_resort(self, tmp_path: Path) -> None:
        (tmp_path / ".sentryclirc").write_text("[defaults]\nenvironment=rc\n")
        assert setup(tmp_path).environment(None) == "rc"
        assert setup(tmp_path, sentry={"environment": "prod"}).environment(None) == "prod"
        assert setup(tmp_path, sentry={"environment": "prod"}).environment("said") == "said"

    def test_flags_beat_everything(self, tmp_path: Path) -> None:
        made = setup(tmp_path, environ={"SENTRY_PROJECT": "env"}, sentry={"org": "acme", "projects": ["shop"]})
        assert made.connect(("said",)).connection.projects == ("said",)

    def test_no_token_is_one_clear_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="SENTRY_AUTH_TOKEN"):
            setup(tmp_path, environ={"SENTRY_AUTH_TOKEN": ""}, sentry={"org": "acme"}).connect()


class TestState:
    def test_where_the_desktop_says(self, tmp_path: Path) -> None:
        assert setup(tmp_path).state_url() == f"sqlite:///{tmp_path}/.local/state/deploywatch/state.db"
        made = setup(tmp_path, environ={"XDG_STATE_HOME": "/var/state"})
        assert made.state_folder() == Path("/var/state/deploywatch")
        assert setup(tmp_path, environ={"XDG_STATE_HOME": "relative"}).state_folder().is_relative_to(tmp_path)

    def test_where_the_file_says(self, tmp_path: Path) -> None:
        assert setup(tmp_path, state={"folder": "/srv/state"}).state_url() == "sqlite:////srv/state/state.db"

    def test_an_address_out_of_a_variable(self, tmp_path: Path) -> None:
        made = setup(tmp_path, environ={"DATABASE_URL": "postgresql://db/x"}, state={"url": "env:DATABASE_URL"})
        assert made.state_url() == "postgresql://db/x"
        with pytest.raises(ConfigError, match=r"state\.url is to be read from the variable DATABASE_URL"):
            setup(tmp_path, state={"url": "env:DATABASE_URL"}).state_url()


class TestEnvironment:
    def test_said_then_configured(self, tmp_path: Path) -> None:
        made = setup(tmp_path, sentry={"environment": "production"})
        assert (made.environment("staging"), made.environment(None)) == ("staging", "production")

    def test_nobody_said(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="no environment is named"):
            setup(tmp_path).environment(None)
        assert setup(tmp_path).environment_or_none(None) is None

    def test_what_the_pipeline_deploys_to_beats_the_file(self, tmp_path: Path) -> None:
        payload = {"deployment_status": {"state": "success", "environment": "staging"}}
        made = setup(tmp_path, environ=github(tmp_path, payload), sentry={"environment": "production"})
        assert (made.environment("demo"), made.environment(None)) == ("demo", "staging")


def github(tmp_path: Path, payload: object, *, event: str = "deployment_status") -> dict[str, str]:
    file = tmp_path / "event.json"
    file.write_text(payload if isinstance(payload, str) else json.dumps(payload), encoding="utf-8")
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(file)}


class TestPipeline:
    def test_none(self, tmp_path: Path) -> None:
        assert setup(tmp_path).pipeline is None

    def test_the_events_payload_is_read(self, tmp_path: Path) -> None:
        made = setup(tmp_path, environ=github(tmp_path, {"before": "17c0" * 10}, event="push"))
        assert made.pipeline is not None
        assert made.pipeline.before == "17c0" * 10

    @pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\udcff"])
    def test_a_payload_that_cannot_be_read_is_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "event.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
        made = setup(tmp_path, environ=environ)
        assert made.pipeline is not None
        assert made.pipeline.before is None

    def test_a_payload_that_is_not_there_is_none(self, tmp_path: Path) -> None:
        environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(tmp_path / "gone.json")}
        assert setup(tmp_path, environ=environ).pipeline is not None


def test_the_real_clock_is_aware(tmp_path: Path) -> None:
    assert setup(tmp_path).now().utcoffset() == timedelta(0)


def test_no_secret_shows(tmp_path: Path) -> None:
    assert TOKEN["SENTRY_AUTH_TOKEN"] not in repr(setup(tmp_path))
