"""The order in which a failure finds its owner, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deploywatch.model import (
    ChangeType,
    Commit,
    Event,
    FailingService,
    FileChange,
    Frame,
    MappedFrame,
    Person,
    Raised,
    Request,
    RuleRef,
    StackTrace,
)
from deploywatch.owners.codeowners import parse
from deploywatch.owners.people import Identity, People
from deploywatch.owners.resolution import LAST_RESORT, Failure, OwnerSources, resolve_failure, resolve_path
from deploywatch.owners.sentry_rules import parse as parse_sentry
from deploywatch.owners.services import Service, Services

FRAMES = (
    Frame("shop/cart.py", 3, module="shop.cart"),
    Frame("lib/db.py", 9, module="lib.db"),
    Frame("flask/app.py", 1, in_app=False),
)
MAPPED = (
    MappedFrame(0, FRAMES[2], None, in_app=False, mapped_by="library", line=1),
    MappedFrame(1, FRAMES[1], "src/lib/db.py", in_app=True, mapped_by="suffix", line=9),
    MappedFrame(2, FRAMES[0], "src/shop/cart.py", in_app=True, mapped_by="suffix", line=3),
)
EVENT = Event(
    id="1",
    stacktrace=StackTrace((Raised("E", "m", FRAMES),), "python"),
    tags=(("route", "/cart"),),
    request=Request("GET", "https://x.org/cart"),
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN = Person("Ann", "ann@x.org")
CHANGE = Commit("c" * 40, (), ANN, ANN, NOW, NOW, "m", files=(FileChange(ChangeType.MODIFIED, "src/pay/p.py"),))
FAILURE = Failure(EVENT, "shop", MAPPED, CHANGE)
SHOP = Service("shop", ("@shop",), projects=("shop",), line=4, function="sells", product="Shop")


def sources(text: str = "", **rest) -> OwnerSources:
    return OwnerSources(files=(parse(text),), default=("@fallback",), **rest)


def test_a_tag_on_the_event_comes_first():
    tagged = replace(FAILURE, event=replace(EVENT, tags=(("owner", "@tagged"),)))
    owner = resolve_failure(tagged, sources("* @all", services=Services([SHOP])))
    assert owner.names == ("@tagged",)
    assert [step.name for step in owner.steps] == ["annotation"]


def test_then_the_service_so_that_shared_code_does_not_take_the_failure():
    owner = resolve_failure(FAILURE, sources("/src/lib/ @library", services=Services([SHOP])))
    assert owner.names == ("@shop",)
    assert owner.service == FailingService("shop", "project shop", "sells", "Shop")
    assert [step.name for step in owner.steps] == ["annotation", "service"]
    assert "deploywatch.toml:4 (service shop: project shop)" in owner.why


def test_then_the_raising_frame_s_file():
    owner = resolve_failure(FAILURE, sources("* @all\n/src/lib/ @library\n/src/shop/ @shop"))
    assert owner.names == ("@library",)
    assert owner.path == "src/lib/db.py"
    assert owner.decided_by is not None
    assert owner.decided_by.line == 2
    assert [rule.line for rule in owner.outranked] == [1]
    assert owner.steps[-1].text == (
        "src/lib/db.py (frame 1): owned by @library because of CODEOWNERS:2 (/src/lib/), over CODEOWNERS:1 (*)"
    )


def test_then_the_other_frames():
    owner = resolve_failure(FAILURE, sources("/src/shop/ @shop\n/src/lib/"))
    assert owner.names == ("@shop",)
    assert [(step.name, step.text) for step in owner.steps] == [
        ("annotation", "no tag of the event names an owner"),
        ("raising-frame", "src/lib/db.py (frame 1): CODEOWNERS:2 (/src/lib/) leaves it without an owner"),
        ("other-frame", "src/shop/cart.py (frame 2): owned by @shop because of CODEOWNERS:1 (/src/shop/)"),
    ]


def test_sentry_s_rules_look_at_frames_as_reported_and_outrank_codeowners():
    sentry, _ = parse_sentry("path:lib/* #library\nmodule:shop.* #shop")
    files = (sentry, parse("* @all"))
    owner = resolve_failure(FAILURE, OwnerSources(files=files))
    assert owner.names == ("#library",)
    assert owner.decided_by is not None
    assert owner.decided_by.file == "Sentry ownership rules"


def test_then_the_event_as_a_whole():
    sentry, _ = parse_sentry("tags.route:/cart #routes\nurl:https://x.org/* #web")
    owner = resolve_failure(FAILURE, OwnerSources(files=(sentry, parse("/src/pay/ @pay"))))
    assert owner.names == ("#web",)
    assert owner.steps[-1].name == "event"


def test_then_the_change_s_files():
    owner = resolve_failure(FAILURE, sources("/src/pay/ @pay"))
    assert owner.names == ("@pay",)
    assert owner.steps[-1].text == "src/pay/p.py (changed): owned by @pay because of CODEOWNERS:1 (/src/pay/)"


def test_then_the_author_as_people_know_them():
    people = People([Identity("Ann", ("ann@x.org",), github="ann")])
    owner = resolve_failure(FAILURE, sources(people=people))
    assert owner.names == ("@ann",)
    assert "author of the suspected change cccccccccc" in owner.why


def test_then_the_fallback_and_never_nobody():
    owner = resolve_failure(replace(FAILURE, change=None), sources())
    assert owner.names == ("@fallback",)
    assert "goes to the default owner" in owner.why
    nothing = resolve_failure(Failure(), OwnerSources())
    assert nothing.names == (LAST_RESORT,)
    assert "nothing is known" in nothing.why


def test_a_robot_s_change_has_no_author_to_ask():
    robot = Person("renovate[bot]", "1+renovate[bot]@users.noreply.github.com")
    owner = resolve_failure(replace(FAILURE, change=replace(CHANGE, author=robot, committer=robot)), sources())
    assert owner.names == ("@fallback",)


def test_all_steps_in_their_order():
    owner = resolve_failure(FAILURE, sources(services=Services([replace(SHOP, projects=("other",))])))
    assert [step.name for step in owner.steps] == [
        "annotation",
        "service",
        "raising-frame",
        "other-frame",
        "event",
        "changed-file",
        "author",
    ]
    assert owner.steps[-1].text == owner.why
    assert owner.service is None


@pytest.mark.parametrize(
    ("failure", "files", "why"),
    [
        (replace(FAILURE, change=None), (parse("/other/ @x"),), "src/lib/db.py (frame 1): no line of CODEOWNERS matches"),
        (replace(FAILURE, change=None), (), "src/lib/db.py (frame 1): there is no owner file at this commit"),
        (replace(FAILURE, change=None, frames=()), (parse("* @x"),), "no file of the repository is known"),
    ],
)
def test_the_fallback_says_why_nobody_else(failure, files, why):
    owner = resolve_failure(failure, OwnerSources(files=files, default=("@fallback",)))
    assert owner.names == ("@fallback",)
    assert why in owner.why


def test_a_file_alone_belongs_to_its_service_before_the_owner_file():
    cart = Service("cart", ("@cart",), paths=("/src/shop/",), line=7)
    both = sources("* @all\n/src/shop/ @shop", services=Services([cart]))
    decision = resolve_path("src/shop/cart.py", both)
    assert decision.owners == ("@cart",)
    assert [(rule.file, rule.line) for rule in decision.outranked] == [("CODEOWNERS", 2), ("CODEOWNERS", 1)]
    assert resolve_path("src/lib/db.py", both).owners == ("@all",)
    assert resolve_path("src/lib/db.py", OwnerSources()).decided_by is None


def test_a_line_for_nobody_decides_where_no_other_source_does():
    assert resolve_path("a/b", sources("* @all\n/a/")).decided_by == RuleRef("CODEOWNERS", 2, "/a/")
