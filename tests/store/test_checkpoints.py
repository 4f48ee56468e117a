from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from deploywatch.errors import StateError
from deploywatch.store.database import open_database
from deploywatch.store.store import Store

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


@pytest.fixture
def store(state_url: str):
    with Store.open(state_url) as store:
        yield store


def test_a_checkpoint_comes_back_as_it_was_put(store: Store):
    document = {
        "polls": 3,
        "seen": ["17", "18"],
        "since": "2026-11-20T14:05:00Z",
        "name": "snö \u2028",
        "nested": {"a": [None, 1.5]},
    }
    store.checkpoints.put("shop@1.2.3", "production", document, NOW)
    assert store.checkpoints.get("shop@1.2.3", "production") == document


def test_each_release_and_environment_has_its_own(store: Store):
    for number, key in enumerate([("1", "production"), ("1", "staging"), ("1", None), ("2", "production")]):
        store.checkpoints.put(*key, {"number": number}, NOW)
    store.checkpoints.drop("1", "staging")
    found = [store.checkpoints.get(*key) for key in [("1", "production"), ("1", "staging"), ("1", None), ("2", "production")]]
    assert found == [{"number": 0}, None, {"number": 2}, {"number": 3}]


def test_the_last_one_put_wins_also_for_another_process(store: Store, state_url: str):
    store.checkpoints.put("1", None, {"polls": 1}, NOW)
    with Store.open(state_url) as other:
        other.checkpoints.put("1", None, {"polls": 2}, NOW)
    assert store.checkpoints.get("1", None) == {"polls": 2}


@pytest.mark.parametrize("document", ["", "{", "17", "[1]"])
def test_an_unreadable_one_is_a_typed_error(store: Store, state_url: str, document: str):
    store.checkpoints.put("1", None, {"polls": 1}, NOW)
    database = open_database(state_url, sleep=lambda _: None)
    with database.write() as connection:
        connection.execute(text("UPDATE deploywatch_checkpoints SET document = :it"), {"it": document})
    database.close()
    with pytest.raises(StateError, match="the watch of 1"):
        store.checkpoints.get("1", None)
