from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from deploywatch.model import Attempt, Delivery, DeliveryState
from deploywatch.requests import DeliveriesRequest, PruneRequest
from tests.cli.conftest import Run, schema

AT = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
DELIVERED = Delivery(
    id=7,
    key="shop@2/SHOP-1/team",
    channel="team",
    payload='{"text": "it broke"}',
    state=DeliveryState.DELIVERED,
    created_at=AT,
    attempts=(
        Attempt(AT, AT + timedelta(seconds=1), status=500, answer="oops"),
        Attempt(AT + timedelta(seconds=5), AT + timedelta(seconds=6), status=200, answer="ok", headers=(("x-id", "1"),)),
    ),
    reference="thread 9",
    release="shop@2",
    environment="production",
    kind="report",
    incident="SHOP-1",
)
FAILED = replace(
    DELIVERED,
    id=8,
    state=DeliveryState.FAILED,
    attempts=(Attempt(AT, error="connection refused"),),
    due_at=AT + timedelta(minutes=1),
)


def valid(stdout: str) -> dict[str, Any]:
    answer = json.loads(stdout)
    jsonschema.validate(answer, schema("deliveries"))
    return answer


def test_list(run: Run, use_cases: SimpleNamespace) -> None:
    use_cases.deliveries = lambda _setup, _request: (FAILED, DELIVERED)
    assert run("deliveries", "list").stdout == (
        "ID  STATE      CHANNEL  RELEASE  MADE (UTC)           TRIES\n"
        "8   failed     team     shop@2   2026-11-20 14:05:00  1\n"
        "7   delivered  team     shop@2   2026-11-20 14:05:00  2\n"
    )


def test_list_as_json(run: Run, use_cases: SimpleNamespace) -> None:
    use_cases.deliveries = lambda _setup, _request: (FAILED, DELIVERED)
    answer = valid(run("deliveries", "list", "--format", "json").stdout)
    assert [each["state"] for each in answer["deliveries"]] == ["failed", "delivered"]
    assert answer["deliveries"][0]["due_at"] == "2026-11-20T14:06:00Z"
    assert "payload" not in answer["deliveries"][0]


def test_nothing_to_list(run: Run, use_cases: SimpleNamespace) -> None:
    use_cases.deliveries = lambda _setup, _request: ()
    assert run("deliveries", "list").stdout == "no deliveries\n"
    assert valid(run("deliveries", "list", "--format", "json").stdout)["deliveries"] == []


def test_filters(run: Run, use_cases: SimpleNamespace) -> None:
    asked = []
    use_cases.deliveries = lambda _setup, request: asked.append(request) or ()
    run("deliveries", "list")
    run("deliveries", "list", "--state", "dead", "--state", "failed", "--channel", "team", "--release", "shop@2", "--limit", "5")
    states = (DeliveryState.DEAD, DeliveryState.FAILED)
    assert asked == [DeliveriesRequest(), DeliveriesRequest(states=states, channels=("team",), release="shop@2", limit=5)]


def test_show_has_the_exact_payload_and_every_attempt(run: Run, use_cases: SimpleNamespace) -> None:
    use_cases.delivery = lambda _setup, number: DELIVERED if number == 7 else None
    said = run("deliveries", "show", "7").stdout
    assert said.endswith('payload:\n{"text": "it broke"}\n')
    assert "attempt 1:     2026-11-20 14:05:00 500 oops\nattempt 2:     2026-11-20 14:05:05 200 ok [x-id: 1]\n" in said
    assert "about:         report shop@2 production SHOP-1\n" in said
    answer = valid(run("deliveries", "show", "7", "--format", "json").stdout)
    assert answer["deliveries"][0]["payload"] == DELIVERED.payload
    assert answer["deliveries"][0]["attempts"][1]["headers"] == {"x-id": "1"}


def test_a_hostile_answer_stays_text(run: Run, use_cases: SimpleNamespace) -> None:
    attempt = Attempt(AT, status=500, answer="\x1b]0;owned\x07")
    use_cases.delivery = lambda _setup, _number: replace(DELIVERED, attempts=(attempt,))
    assert "\x1b" not in run("deliveries", "show", "7").stdout
    assert "\x1b" not in run("deliveries", "show", "7", "--format", "json").stdout


@pytest.mark.parametrize(("after", "exit_code"), [((DELIVERED,), 0), ((DELIVERED, FAILED), 1)])
def test_retry_fails_while_one_has_not_arrived(
    run: Run, use_cases: SimpleNamespace, after: tuple[Delivery, ...], exit_code: int
) -> None:
    asked = []
    use_cases.retry = lambda _setup, numbers: asked.append(numbers) or after
    result = run("deliveries", "retry", "7", "8")
    assert result.exit_code == exit_code
    assert asked == [(7, 8)]
    assert "delivered" in result.stdout


@pytest.mark.parametrize(("after", "exit_code"), [((DELIVERED,), 0), ((FAILED,), 1)])
def test_replay_names_the_channel_and_fails_while_it_has_not_arrived(
    run: Run, use_cases: SimpleNamespace, after: tuple[Delivery, ...], exit_code: int
) -> None:
    asked = []
    use_cases.replay = lambda _setup, numbers, *, to: asked.append((numbers, to)) or after
    result = run("deliveries", "replay", "7", "8", "--to", "mail", "--format", "json")
    assert (result.exit_code, asked) == (exit_code, [((7, 8), "mail")])
    assert valid(result.stdout)["deliveries"][0]["id"] == after[0].id


def test_replay_needs_a_channel(run: Run) -> None:
    result = run("deliveries", "replay", "7")
    assert result.exit_code == 2
    assert "--to" in result.stderr


def test_prune_forgets_what_is_settled(run: Run, use_cases: SimpleNamespace) -> None:
    asked = []
    use_cases.prune = lambda _setup, request: asked.append(request) or 3
    settled = (DeliveryState.DELIVERED, DeliveryState.DEAD)
    assert run("deliveries", "prune", "--older-than", "90d").stdout == "3 deliveries made more than 90d ago forgotten\n"
    dry = run("deliveries", "prune", "--older-than", "1h", "--state", "unknown", "--dry-run", "--format", "json").stdout
    answer = json.loads(dry)
    jsonschema.validate(answer, schema("pruned"))
    assert answer == {"schema": "deploywatch.pruned/1", "count": 3, "dry_run": True}
    assert asked == [
        PruneRequest(older_than=timedelta(days=90), states=settled),
        PruneRequest(older_than=timedelta(hours=1), states=(DeliveryState.UNKNOWN,), dry_run=True),
    ]


@pytest.mark.parametrize("state", ["pending", "sending", "failed"])
def test_what_is_to_be_sent_cannot_be_forgotten(run: Run, state: str) -> None:
    assert run("deliveries", "prune", "--older-than", "1h", "--state", state).exit_code == 2


def test_a_state_that_is_empty_and_a_number_that_is_none(run: Run, tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert run("deliveries", "list", env=env).stdout == "no deliveries\n"
    result = run("deliveries", "show", "7", "--format", "json", env=env)
    assert result.exit_code in (1, 2)
    assert "7" in json.loads(result.stdout)["error"]["message"]


def test_a_state_folder_that_cannot_be_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "deploywatch.toml").write_text('[state]\nfolder = "file/state"')
    result = run("deliveries", "list", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "StateError"


@pytest.mark.parametrize(("found", "exit_code"), [((), 0), ((DELIVERED,), 0), ((DELIVERED, FAILED), 1)])
def test_what_is_due_is_sent(run: Run, use_cases: SimpleNamespace, found: tuple[Delivery, ...], exit_code: int) -> None:
    held = replace(DELIVERED, state=DeliveryState.PENDING)
    use_cases.send_due = lambda _setup: (*found, held)
    assert run("deliveries", "send").exit_code == exit_code
    assert len(valid(run("deliveries", "send", "--format", "json").stdout)["deliveries"]) == len(found) + 1
