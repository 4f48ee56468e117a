from __future__ import annotations

import os
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from deploywatch.errors import ConfigError, StateError
from deploywatch.store.database import Database, open_database
from deploywatch.store.migrations import VERSION, migrate
from deploywatch.store.tables import DELIVERIES, METADATA


def opened(location: str | Path) -> Database:
    return open_database(location, sleep=lambda _: None)


def pragma(file: Path, name: str) -> object:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


def test_a_file_is_made_with_its_folder_for_this_user_alone(tmp_path: Path):
    file = tmp_path / "a" / "b" / "state.db"
    opened(file).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert pragma(file, "journal_mode") == "wal"


def test_every_connection_is_durable_patient_and_keeps_foreign_keys(tmp_path: Path):
    database = opened(tmp_path / "state.db")
    with database.read() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "busy_timeout", "foreign_keys")
        ]
    database.close()
    assert found == [2, 30_000, 1]


def test_the_tables_are_made_once_and_stay(state_url: str):
    first = opened(state_url)
    with first.write() as connection:
        connection.execute(text("INSERT INTO deploywatch_checkpoints VALUES ('1.0', '', '{}', 'now')"))
    first.close()
    second = opened(state_url)
    with second.read() as connection:
        assert set(METADATA.tables) <= set(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT version FROM deploywatch_schema")).scalars().all() == [VERSION]
        assert connection.execute(text("SELECT count(*) FROM deploywatch_checkpoints")).scalar() == 1
    second.close()


def test_many_first_runs_at_once_make_the_tables_once(state_url: str):
    start = threading.Barrier(6)

    def first_run() -> None:
        start.wait()
        opened(state_url).close()

    with ThreadPoolExecutor(6) as pool:
        runs = [pool.submit(first_run) for _ in range(6)]
    assert [run.exception() for run in runs] == [None] * 6
    database = opened(state_url)
    with database.read() as connection:
        assert connection.execute(text("SELECT version FROM deploywatch_schema")).scalars().all() == [VERSION]
    database.close()


def test_an_older_schema_is_brought_up_to_date_step_by_step(state_url: str):
    database = opened(state_url)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE deploywatch_deliveries DROP COLUMN incident"))

    def add_incident(connection) -> None:
        connection.execute(text("ALTER TABLE deploywatch_deliveries ADD COLUMN incident TEXT NOT NULL DEFAULT ''"))

    with database.write() as connection:
        migrate(connection, steps={VERSION: add_incident, VERSION + 1: lambda _: None}, target=VERSION + 2)
    with database.read() as connection:
        assert connection.execute(text("SELECT version FROM deploywatch_schema")).scalar() == VERSION + 2
        assert DELIVERIES.c.incident.name in [column["name"] for column in inspect(connection).get_columns(DELIVERIES.name)]
    database.close()


def test_a_failed_migration_leaves_the_old_schema(state_url: str):
    database = opened(state_url)

    def half_way(connection) -> None:
        connection.execute(text("CREATE TABLE deploywatch_new (id INTEGER)"))
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError), database.write() as connection:
        migrate(connection, steps={VERSION: half_way}, target=VERSION + 1)
    with database.read() as connection:
        assert "deploywatch_new" not in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT version FROM deploywatch_schema")).scalar() == VERSION
    database.close()


def test_a_newer_schema_is_left_alone(state_url: str):
    database = opened(state_url)
    with database.write() as connection:
        connection.execute(text(f"UPDATE deploywatch_schema SET version = {VERSION + 1}"))
    database.close()
    with pytest.raises(StateError, match=f"schema {VERSION + 1}.*up to {VERSION}") as caught:
        opened(state_url)
    assert "newer deploywatch" in caught.value.hint


def a_file_of(content: bytes):
    def make(folder: Path) -> Path:
        (folder / "state.db").write_bytes(content)
        return folder / "state.db"

    return make


def a_file_in_the_way(folder: Path) -> Path:
    (folder / "file").write_text("")
    return folder / "file" / "state.db"


def somebody_elses(folder: Path) -> Path:
    connection = sqlite3.connect(folder / "other.db")
    connection.execute("CREATE TABLE music (id INTEGER)")
    connection.close()
    return folder / "other.db"


def a_damaged_one(folder: Path) -> Path:
    opened(folder / "state.db").close()
    content = bytearray((folder / "state.db").read_bytes())
    content[100:4096] = b"\xff" * 3996
    (folder / "state.db").write_bytes(content)
    return folder / "state.db"


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (a_file_in_the_way, "cannot be kept in .*its folder is a file", "state.folder"),
        (lambda folder: folder, "cannot be kept in .*Is a directory", "state.folder"),
        (a_file_of(b"a letter to my aunt\n" * 400), "not a SQLite database", "move it away"),
        (a_damaged_one, "damaged", "move it away"),
        (somebody_elses, "another program", "another file"),
    ],
)
def test_a_place_that_cannot_be_used_is_one_clear_error(tmp_path: Path, make, message: str, hint: str):
    with pytest.raises(StateError, match=message) as caught:
        opened(make(tmp_path))
    assert hint in caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_folder_without_permission_is_one_clear_error(tmp_path: Path, mode: int):
    folder = tmp_path / "locked"
    folder.mkdir(mode=mode)
    with pytest.raises(StateError, match="cannot be kept"):
        opened(folder / "state.db")


def test_a_full_disk_undoes_the_transaction_and_says_so(tmp_path: Path):
    database = opened(tmp_path / "state.db")

    def write_much() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            for release in range(1000):
                values = {"release": str(release), "document": "x" * 1000}
                connection.execute(text("INSERT INTO deploywatch_checkpoints VALUES (:release, '', :document, '')"), values)

    with pytest.raises(StateError, match="the disk is full") as caught:
        write_much()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM deploywatch_checkpoints")).scalar() == 0
    database.close()
    assert "nothing is lost" in caught.value.hint


def test_a_writer_waits_for_the_other(tmp_path: Path):
    database = opened(tmp_path / "state.db")
    holding, waiting = threading.Event(), threading.Event()
    order: list[str] = []

    def other() -> None:
        holding.wait()
        waiting.set()
        with database.write():
            order.append("second")

    thread = threading.Thread(target=other)
    thread.start()
    with database.write():
        holding.set()
        waiting.wait()
        order.append("first")
    thread.join()
    database.close()
    assert order == ["first", "second"]


@pytest.mark.parametrize("location", ["state.db", "sqlite://", "sqlite:///:memory:", "mysql://db/x", "http://db", "://"])
def test_an_address_that_is_no_place_for_state_is_a_configuration_error(location: str):
    with pytest.raises(ConfigError) as caught:
        opened(location)
    assert "postgresql://" in caught.value.hint


@pytest.mark.postgres
def test_a_postgres_that_does_not_answer_is_one_clear_error_without_the_password():
    pytest.importorskip("psycopg")
    with pytest.raises(StateError) as caught:
        opened("postgresql://me:sesame@127.0.0.1:1/nowhere")
    assert "127.0.0.1" in caught.value.message
    assert "sesame" not in caught.value.diagnostics()


def test_postgres_without_its_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StateError) as caught:
        opened("postgres://db/x")
    assert "deploywatch[postgres]" in caught.value.hint
