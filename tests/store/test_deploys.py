"""What was deployed is remembered by line, newest first, and not for ever; an older state learns to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from deploywatch.store.database import open_database
from deploywatch.store.deploys import KEPT, RememberedDeploy
from deploywatch.store.store import Store

T0 = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
LINE = ("acme/shop", "shop", "production")


def test_each_line_has_its_own_memory(tmp_path: Path) -> None:
    with Store.open(tmp_path / "state.db") as store:
        for number, release in enumerate(["1", "2", "2", "1"]):
            store.deploys.put(*LINE, release=release, sha=release * 40, at=T0 + timedelta(minutes=number))
        store.deploys.put("acme/shop", "shop", "staging", release="9", sha="9" * 40, at=T0)
    with Store.open(tmp_path / "state.db") as store:
        kept = store.deploys.latest(*LINE)
        assert store.deploys.latest("acme/shop", "api", "production") == ()
    assert [one.release for one in kept] == ["1", "2", "1"]
    assert kept[0] == RememberedDeploy("1", "1" * 40, T0 + timedelta(minutes=3))


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    with Store.open(tmp_path / "state.db") as store:
        for number in range(KEPT + 5):
            store.deploys.put(*LINE, release=str(number), sha="a" * 40, at=T0)
        kept = store.deploys.latest(*LINE)
    assert [one.release for one in kept] == [str(number) for number in reversed(range(5, KEPT + 5))]


@pytest.mark.parametrize("times", [1, 2])
def test_a_state_of_the_first_schema_goes_on(tmp_path: Path, times: int) -> None:
    Store.open(tmp_path / "state.db").close()
    database = open_database(tmp_path / "state.db", sleep=lambda _: None)
    with database.write() as connection:
        connection.execute(text("DROP TABLE deploywatch_deploys"))
        connection.execute(text("UPDATE deploywatch_schema SET version = 1"))
    database.close()
    for _ in range(times):
        with Store.open(tmp_path / "state.db") as store:
            store.deploys.put(*LINE, release="1", sha="a" * 40, at=T0)
            assert len(store.deploys.latest(*LINE)) == 1
