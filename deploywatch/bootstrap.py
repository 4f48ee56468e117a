"""The composition root: where the adapters are made. Everything has a production default, and everything can be replaced."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deploywatch.config import from_environment
from deploywatch.errors import ConfigError
from deploywatch.pipeline.detect import EVENT_VARIABLE, detect
from deploywatch.pipeline.facts import Pipeline
from deploywatch.settings import Settings

if TYPE_CHECKING:
    from deploywatch.http import Http
    from deploywatch.sentry.client import Client

Connect = Callable[["Setup", tuple[str, ...]], "Client"]

MAX_EVENT_BYTES: Final = 32 * 1024 * 1024
"""More than any payload of GitHub's, which are capped at 25 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the use cases work with.

    ``sleep`` takes seconds; ``now`` gives aware UTC; ``say`` takes a sentence for the person who waits. ``transport`` is HTTP for
    whatever speaks to other hosts; ``None`` is the real one, made by whoever needs it. ``pipeline`` is the one that this runs in.
    """

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    folder: Path
    home: Path
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    say: Callable[[str], None]
    connect_with: Connect = field(repr=False)
    transport: Http | None = None
    pipeline: Pipeline | None = None

    def connect(self, projects: tuple[str, ...] = ()) -> Client:
        """A client of Sentry for ``projects`` (slugs; none: those of the configuration). Raises ``ConfigError``."""
        return self.connect_with(self, projects)

    def state_url(self) -> str:
        """Where the state is: an SQLAlchemy address. Raises ``ConfigError`` where it is to be read from an unset variable."""
        state = self.settings.state
        if state.url:
            return from_environment(state.url, self.environ, key="state.url")
        return f"sqlite:///{self.state_folder() / 'state.db'}"

    def state_folder(self) -> Path:
        """The folder for state and report files; it may not exist yet."""
        base = self.environ.get("XDG_STATE_HOME", "").strip()
        default = (Path(base) if Path(base).is_absolute() else self.home / ".local" / "state") / "deploywatch"
        return self.settings.state.folder or default

    def environment(self, given: str | None) -> str:
        """As ``environment_or_none``. Raises ``ConfigError`` where nobody named one."""
        if found := self.environment_or_none(given):
            return found
        raise ConfigError(
            "no environment is named", hint="say --environment production, or set SENTRY_ENVIRONMENT or [sentry] environment"
        )

    def environment_or_none(self, given: str | None) -> str | None:
        """The environment: ``given``, else the one that the pipeline deploys to, else the configuration's, else ``None``.

        The configuration is deploywatch.toml, then .sentryclirc. Raises ``ConfigError`` for a file that cannot be read.
        """
        ours = given or (self.pipeline and self.pipeline.environment) or self.settings.sentry.environment
        return ours or self._environment_of_sentry_cli()

    def _environment_of_sentry_cli(self) -> str | None:
        from deploywatch.sentry.clirc import file_layers

        layers = file_layers(self.environ, start=self.folder, home=self.home)
        return next((name for layer in layers if (name := layer.values.get("defaults.environment", "").strip())), None)


def production(
    settings: Settings,
    *,
    environ: Mapping[str, str] = os.environ,
    say: Callable[[str], None] = lambda _: None,
) -> Setup:
    """The real thing: this machine's clock, folder and home. Replace parts of it with ``dataclasses.replace``."""
    return Setup(
        settings=settings,
        environ=environ,
        folder=Path.cwd(),
        home=Path(environ.get("HOME") or Path("~").expanduser()),
        now=lambda: datetime.now(UTC),
        sleep=time.sleep,
        say=say,
        connect_with=connect,
        pipeline=pipeline_of(environ),
    )


def pipeline_of(environ: Mapping[str, str]) -> Pipeline | None:
    """The pipeline that this runs in, with what its event's payload says."""
    return detect(environ, _event(environ))


def _event(environ: Mapping[str, str]) -> Any:
    """The payload of the event that started the pipeline; ``None`` where there is none that can be read."""
    file = Path(environ.get(EVENT_VARIABLE, "").strip())
    try:
        if not file.is_file() or file.stat().st_size > MAX_EVENT_BYTES:
            return None
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def connect(setup: Setup, projects: tuple[str, ...]) -> Client:
    """Sentry as the flags, the environment, deploywatch.toml and .sentryclirc name it, in this order. Raises ``ConfigError``."""
    from deploywatch.http import HttpClient, Network
    from deploywatch.sentry.client import Client
    from deploywatch.sentry.connection import Flags, load_connection

    ours = setup.settings.sentry

    def unless(variable: str) -> bool:
        """Flags beat variables, but these come from a file."""
        return not setup.environ.get(variable, "").strip()

    flags = Flags(
        url=ours.url if unless("SENTRY_URL") else None,
        org=ours.org if unless("SENTRY_ORG") else None,
        projects=projects or (ours.projects if unless("SENTRY_PROJECT") else ()),
    )
    connection = load_connection(flags, environ=setup.environ, start=setup.folder, home=setup.home)
    for warning in connection.warnings:
        setup.say(f"warning: {warning}")
    network = Network(connection.verify_tls, connection.proxy)
    transport = setup.transport or HttpClient(network=network, environ=setup.environ)
    return Client(connection, sleep=setup.sleep, now=setup.now, transport=transport)
