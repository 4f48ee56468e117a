"""`owners who` over a real repository and the stand-in for Sentry."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.errors import ConfigError, InputError, SentryNotFound, UnknownRevision
from deploywatch.requests import OwnersRequest, WhoRequest
from tests.gitrepo import GitRepo
from tests.steps import conftest

TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/shop/cart.py", line 2, in total
    return prices["tea"]
KeyError: 'tea'
"""
OWNERS = "* @all\n/shop/ @cart\n/docs/\n"
FILES = {
    "CODEOWNERS": OWNERS,
    "shop/cart.py": 'def total(prices):\n    return prices["tea"]\n',
    "conftest.py": Path(conftest.__file__).read_text("utf-8"),
    "UTF-8": "a file whose name looks like a short id\n",
}


@pytest.fixture
def repo(tmp_path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit("start", FILES)
    return made


def ask(setup, repo, *targets, stdin="", **given):
    owners = OwnersRequest(repo=repo.folder, rev=given.pop("rev", "HEAD"), projects=given.pop("projects", ()))
    return list(respond.who(setup, WhoRequest(owners=owners, targets=targets, **given), stdin=io.StringIO(stdin)))


def owners(answers):
    return [" ".join(answer.owners) for answer in answers]


def test_paths_need_no_sentry(stage, repo):
    answers = ask(stage.setup, repo, "shop/cart.py", "./shop/new.py", "docs/x", "README", "UTF-8")
    assert owners(answers) == ["@cart", "@cart", "", "@all", "@all"]
    assert stage.sentry.seen == ()


def test_a_folder_is_told_by_its_parts(stage, repo):
    repo.commit("more", {"shop/api/a.py": "", "shop/api/b.py": "", "shop/pay.py": "", "CODEOWNERS": OWNERS + "/shop/api/ @api\n"})
    answers = ask(stage.setup, repo, "shop/", "shop/api")
    assert [(answer.target, *answer.owners) for answer in answers] == [
        ("shop/api/", "@api"),
        ("shop/cart.py", "@cart"),
        ("shop/pay.py", "@cart"),
        ("shop/api/", "@api"),
    ]
    whole = ask(stage.setup, repo, ".")
    assert "CODEOWNERS" in {answer.target for answer in whole}
    assert owners(whole) == [" ".join(answer.owners) for answer in ask(stage.setup, repo, *(answer.target for answer in whole))]


def test_a_service_s_path_goes_before_the_owner_file_which_is_still_told(stage, repo):
    services = [{"name": "cart", "owners": ["@service"], "paths": ["/shop/"]}]
    (answer,) = ask(stage.settings(services=services), repo, "shop/cart.py")
    assert answer.owners == ("@service",)
    assert [rule.place for rule in answer.outranked] == ["CODEOWNERS:2", "CODEOWNERS:1"]


def test_the_owner_file_of_another_commit(stage, repo):
    repo.commit("move", {"CODEOWNERS": "* @new\n"})
    assert owners(ask(stage.setup, repo, "shop/cart.py")) == ["@new"]
    assert owners(ask(stage.setup, repo, "shop/cart.py", rev="HEAD~1")) == ["@cart"]
    with pytest.raises(UnknownRevision):
        ask(stage.setup, repo, "shop/cart.py", rev="nothing")


@pytest.mark.parametrize("name", ["1", "SHOP-1", "{url}/organizations/acme/issues/1/"])
def test_an_issue_by_whatever_name(stage, repo, name):
    stage.fails("spoon")
    (answer,) = ask(stage.setup, repo, name.format(url=stage.sentry.url))
    assert (answer.target, answer.owners, answer.owner.path) == ("SHOP-1", ("@all",), "conftest.py")
    assert [step.name for step in answer.owner.steps] == ["annotation", "raising-frame"]
    assert answer.event in stage.sentry.state.events


def test_an_issue_that_there_is_not(stage, repo):
    with pytest.raises(SentryNotFound):
        ask(stage.setup, repo, "SHOP-9")


def test_an_issue_without_a_token(stage, repo):
    with pytest.raises(ConfigError, match="auth token"):
        ask(stage.setup_with(SENTRY_AUTH_TOKEN=""), repo, "SHOP-9")


def test_a_traceback_on_stdin_needs_no_sentry(stage, repo):
    (answer,) = ask(stage.setup, repo, "-", stdin=TRACEBACK)
    assert (answer.owners, answer.owner.path, answer.event) == (("@cart",), "shop/cart.py", None)
    assert stage.sentry.seen == ()


def test_events_of_a_file_one_answer_each(stage, repo, tmp_path):
    frames = {"frames": [{"filename": "shop/cart.py", "lineno": 2, "in_app": True}]}
    one = {"event_id": "a" * 32, "exception": {"values": [{"type": "E", "stacktrace": frames}]}}
    two = {"event_id": "b" * 32, "tags": {"owner": "@tagged"}, "exception": {"values": [{"type": "E"}]}}
    file = tmp_path / "events.jsonl"
    file.write_text(json.dumps(one) + "\n" + json.dumps(two) + "\n")
    answers = ask(stage.setup, repo, str(file))
    assert [(answer.event, answer.owners) for answer in answers] == [("a" * 32, ("@cart",)), ("b" * 32, ("@tagged",))]


def test_a_project_makes_an_event_a_service_s(stage, repo):
    services = [{"name": "shop", "owners": ["@service"], "projects": ["shop"]}]
    setup = stage.settings(services=services)
    assert owners(ask(setup, repo, "-", stdin=TRACEBACK, projects=("shop",))) == ["@service"]
    assert owners(ask(setup, repo, "-", stdin=TRACEBACK)) == ["@cart"]


def test_any_file_is_an_event_where_that_is_said(stage, repo, tmp_path):
    file = tmp_path / "crash"
    file.write_text(TRACEBACK)
    assert owners(ask(stage.setup, repo, str(file), events=True)) == ["@cart"]
    assert ask(stage.setup, repo, str(file))[0].owner is None, "else it is a path"


def test_what_is_no_event_is_named(stage, repo, tmp_path):
    (tmp_path / "notes.txt").write_text("hello\n")
    with pytest.raises(InputError, match="notes.txt: "):
        ask(stage.setup, repo, str(tmp_path / "notes.txt"))
    with pytest.raises(InputError, match="cannot be read"):
        ask(stage.setup, repo, "gone.json", events=True)


def test_with_a_base_the_change_is_asked_where_no_rule_decides(stage, tmp_path):
    repo = GitRepo(tmp_path / "other")
    body = "def total(basket, prices):\n    return sum(prices[item] for item in basket)\n"
    repo.commit("start", {"shop/cart.py": "def total(basket, prices):\n    return 0\n", "shop/tax.py": "RATE = 7\n"})
    repo.commit("Add up the basket", {"shop/cart.py": body}, author="Ben <ben@acme.test>")
    for number in range(4):
        repo.commit(f"Tax {number}", {"shop/tax.py": f"RATE = {number}\n"})
    trace = TRACEBACK.replace('return prices["tea"]', "return sum(prices[item] for item in basket)")
    (without,) = ask(stage.setup, repo, "-", stdin=trace)
    (beside,) = ask(stage.setup, repo, "-", stdin=trace, base="HEAD~5")
    assert (without.owner.steps[-1].name, "no owner file" in without.owner.why) == ("fallback", True)
    assert (beside.owner.names, beside.owner.steps[-1].name) == (("ben@acme.test",), "author")
