"""All of ``run`` in one process: a real repository, a real SDK, the stand-in for Sentry, receivers on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploywatch import respond
from deploywatch.bootstrap import Setup
from deploywatch.errors import SentryUnavailable
from deploywatch.model import DeliveryState, RankingVerdict, Verdict
from deploywatch.requests import (
    CodeRequest,
    DeliveriesRequest,
    DeliveryRequest,
    PlaceRequest,
    ReleaseRequest,
    RunRequest,
    WatchRequest,
)
from deploywatch.sandbox.sink import Sink
from deploywatch.sandbox.standin.faults import Fault
from tests.gitrepo import GitRepo
from tests.steps.conftest import NEW, Stage

SHOP = "PRICES = {'tea': 3}\n\n\ndef price(item: str) -> int:\n    return PRICES[item]\n"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as receiving:
        yield receiving


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit("start", {"conftest.py": SHOP.replace("PRICES[item]", "PRICES.get(item, 0)"), "CODEOWNERS": "* @acme/shop\n"})
    made.commit("Be strict about prices", {"conftest.py": SHOP}, author="Ben <ben@acme.test>")
    made.commit("Words", {"README.md": "tea\n"})
    return made


def setup(stage: Stage, sink: Sink, **more: Any) -> Setup:
    channels = [
        {"name": "hook", "type": "webhook", "url": sink.url("/hook"), "allow_private": True},
        {"name": "chat", "type": "slack", "url": sink.url("/chat"), "allow_private": True},
    ]
    return stage.settings(channels=channels, owners={"default": ["@acme/on-call"]}, **more)


def request(repo: GitRepo, **delivery: Any) -> RunRequest:
    code = CodeRequest(repo=repo.folder, base="HEAD~2")
    place = PlaceRequest(release=NEW, environment="production", projects=("shop",))
    watch = WatchRequest(code=code, place=place, duration=timedelta(minutes=5), every=timedelta(seconds=15))
    return RunRequest(release=ReleaseRequest(code=code, place=place), watch=watch, delivery=DeliveryRequest(**delivery))


def test_what_broke_is_named_and_told_once(stage: Stage, sink: Sink, repo: GitRepo) -> None:
    stage.clock.after(20, lambda: stage.fails("coffee", times=9))
    ready = setup(stage, sink)
    first = respond.run(ready, request(repo), progress=stage.ticks.append)
    again = respond.run(ready, request(repo), progress=stage.ticks.append)
    assert (first.result.verdict, again.result.verdict) == (Verdict.REGRESSION, Verdict.REGRESSION)
    (finding,) = first.report.findings
    ranking = finding.regression.ranking
    assert ranking is not None
    assert finding.regression.owner is not None
    assert finding.regression.owner.names
    assert {delivery.state for delivery in first.deliveries} == {DeliveryState.DELIVERED}
    assert [len(sink.received(path)) for path in ("/hook", "/chat")] == [1, 1]
    assert {file.suffix for file in first.files} == {".html", ".json"}
    assert json.loads(next(f for f in first.files if f.suffix == ".json").read_text())["verdict"] == "regression"
    assert len(respond.deliveries(ready, DeliveriesRequest())) == 2


def test_nobody_is_told_of_a_healthy_or_an_unseen_release(stage: Stage, sink: Sink, repo: GitRepo) -> None:
    outcome = respond.run(setup(stage, sink), request(repo), progress=stage.ticks.append)
    assert outcome.result.verdict is Verdict.INCONCLUSIVE
    assert "no event" in outcome.report.why
    assert outcome.deliveries == ()
    assert [len(sink.received(path)) for path in ("/hook", "/chat")] == [0, 0]


def test_a_dry_run_tells_nobody_and_writes_nothing(stage: Stage, sink: Sink, repo: GitRepo, tmp_path: Path) -> None:
    stage.clock.after(20, lambda: stage.fails("coffee", times=9))
    ready = setup(stage, sink)
    outcome = respond.run(ready, request(repo, dry_run=True), progress=stage.ticks.append)
    assert outcome.result.verdict is Verdict.REGRESSION
    assert (outcome.files, outcome.deliveries) == ((), ())
    assert [seen.method for seen in stage.sentry.seen if seen.method != "GET" and "/envelope/" not in seen.path] == []
    assert len([said for said in stage.said if said.startswith("dry run:")]) == 2
    assert [len(sink.received(path)) for path in ("/hook", "/chat")] == [0, 0]


def test_a_receiver_that_is_down_loses_nothing(stage: Stage, sink: Sink, repo: GitRepo) -> None:
    stage.clock.after(20, lambda: stage.fails("coffee", times=9))
    nowhere = [{"name": "hook", "type": "webhook", "url": "http://127.0.0.1:9/hook", "allow_private": True}]
    outcome = respond.run(stage.settings(channels=nowhere), request(repo), progress=stage.ticks.append)
    (delivery,) = outcome.deliveries
    assert delivery.state is DeliveryState.DEAD
    assert delivery.attempts
    mended = setup(stage, sink)
    (arrived,) = respond.retry(mended, [delivery.id])
    assert arrived.state is DeliveryState.DELIVERED
    assert len(sink.received("/hook")) == 1


def test_sentry_down_from_the_start_is_an_error_and_never_healthy(stage: Stage, sink: Sink, repo: GitRepo) -> None:
    stage.sentry.faults.add(Fault("*", "*", times=None, status=503))
    with pytest.raises(SentryUnavailable):
        respond.run(setup(stage, sink), request(repo), progress=stage.ticks.append)


def test_suspects_of_an_innocent_window_accuse_nobody(repo: GitRepo) -> None:
    from deploywatch.stacktraces.inputs import read_inputs

    repo.commit("More words", {"README.md": "tea and more\n"})
    text = "Traceback (most recent call last):\n  File \"conftest.py\", line 5, in price\n    return PRICES[item]\nKeyError: 'coffee'\n"
    (ranking,) = respond.suspects(read_inputs(text), repo=repo.folder, base="HEAD~1")
    assert ranking.verdict is RankingVerdict.NONE
    (ranking,) = respond.suspects(read_inputs(text), repo=repo.folder, base="HEAD~3")
    assert ranking.first is not None
    assert ranking.first.commit.subject == "Be strict about prices"


def test_a_second_machine_does_not_know_of_the_first(stage: Stage, sink: Sink, repo: GitRepo, tmp_path: Path) -> None:
    stage.clock.after(20, lambda: stage.fails("coffee", times=9))
    here = setup(stage, sink)
    there = replace(here, environ={**here.environ, "XDG_STATE_HOME": str(tmp_path / "elsewhere")})
    keys = set()
    for machine in (here, there):
        respond.run(machine, request(repo), progress=stage.ticks.append)
        keys.add(frozenset(delivery.key for delivery in respond.deliveries(machine, DeliveriesRequest())))
    assert len(keys) == 1
