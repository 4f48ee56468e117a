"""One database, opened: SQLite in WAL mode, or PostgreSQL. What goes wrong with it is a ``StateError`` that says what to do.

A writing transaction takes its lock when it begins (``BEGIN IMMEDIATE``, ``SELECT ... FOR UPDATE``), so that what it read still
holds when it writes, with any number of processes on the same database.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from deploywatch.errors import ConfigError, StateError
from deploywatch.store.migrations import is_current, migrate

BUSY_TIMEOUT_SECONDS: Final = 30.0
_WRITES: Final = "deploywatch_writes"
_WAL_TRIES: Final = 100
_POSTGRES: Final = ("postgresql", "postgres", "postgresql+psycopg")
_TROUBLES: Final = (
    (
        "not a database",
        "it is not a SQLite database",
        "move it away: a new one is made; deliveries that it knew may be sent again",
    ),
    ("malformed", "it is damaged", "move it away: a new one is made; deliveries that it knew may be sent again"),
    ("is locked", "another process keeps it locked", "end the other deploywatch, or wait for it"),
    ("readonly", "it cannot be written", "make it writable for this user, or choose another place: state.folder"),
    ("disk is full", "the disk is full", "make room, then run the same command again: nothing is lost"),
    ("no space left", "the disk is full", "make room, then run the same command again: nothing is lost"),
)


class Database:
    """The connections and transactions. Threads may share it; a forked process must open its own."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the database. Raises ``StateError``."""
        with _troubles(self._place), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is alone in writing; it is undone whole if anything is raised. Raises ``StateError``."""
        with (
            _troubles(self._place),
            self._engine.connect().execution_options(**{_WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def open_database(location: str | Path, *, sleep: Callable[[float], None]) -> Database:
    """Open a file (made where it is missing, with its folder, for this user alone) or an SQLAlchemy URL, at the current schema.

    Raises ``ConfigError`` for a URL that is none, and ``StateError`` where the database cannot be used.
    """
    url = _url(location)
    place = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        place = str(_file(url))
        _make_private(_file(url))
        engine = _sqlite(url)
    else:
        engine = _postgres(url)
    database = Database(engine, place)
    try:
        _prepare(database, engine, place, sleep)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: Database, engine: Engine, place: str, sleep: Callable[[float], None]) -> None:
    with database.read() as connection:
        current = is_current(connection)
    if current:
        return
    if engine.dialect.name == "sqlite":
        with _troubles(place):
            _use_wal(engine, sleep)
    with database.write() as connection:
        migrate(connection)


def _url(location: str | Path) -> URL:
    if isinstance(location, Path):
        return URL.create("sqlite", database=str(location))
    try:
        url = make_url(location)
    except ArgumentError:
        raise ConfigError(
            "the state's address is not a database URL", hint="write sqlite:///FILE or postgresql://HOST/NAME"
        ) from None
    if url.drivername in _POSTGRES:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    raise ConfigError(
        f"the state cannot be kept in {url.drivername}:// (or the name of the database is missing)",
        hint="write sqlite:///FILE or postgresql://HOST/NAME",
    )


def _file(url: URL) -> Path:
    return Path(url.database or "").expanduser()


def _make_private(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
        raise StateError(
            f"the state cannot be kept in {file}: {'its folder is a file' if in_the_way else error.strerror}",
            hint="make the folder writable for this user, or choose another: state.folder in deploywatch.toml",
        ) from error


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url.set(database=str(_file(url))), connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        # Python 3.11's sqlite3 begins transactions by its own rules unless it is told not to.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        # In WAL mode "normal" may forget the last commits in a power cut; a delivery must be on disk before it is sent.
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_wal(engine: Engine, sleep: Callable[[float], None]) -> None:
    """SQLite does not honour the busy timeout while it changes the journal's mode; two first runs at once would fail."""
    raw = engine.raw_connection()
    try:
        for tried in range(_WAL_TRIES):
            try:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or tried == _WAL_TRIES - 1:
                    raise OperationalError("PRAGMA journal_mode", None, error) from error
                sleep(BUSY_TIMEOUT_SECONDS / _WAL_TRIES)
            else:
                return
    finally:
        raw.close()


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ImportError, NoSuchModuleError):
        raise StateError(
            "the state is in PostgreSQL, whose driver is not installed", hint="pip install 'deploywatch[postgres]'"
        ) from None


@contextmanager
def _troubles(place: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0]
        for sign, what, hint in _TROUBLES:
            if sign in said.lower():
                raise StateError(f"the state in {place} cannot be used: {what}", hint=hint) from error
        raise StateError(
            f"the state in {place} cannot be used: {said}", hint="check the database, then run the command again"
        ) from error
