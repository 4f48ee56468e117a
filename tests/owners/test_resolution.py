"""The order in which a failure finds its owner, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from deploywatch.model import ChangeType, Commit, Event, FileChange, Frame, MappedFrame, Person, Raised, Request, StackTrace
from deploywatch.owners.codeowners import parse
from deploywatch.owners.people import Identity, People
from deploywatch.owners.resolution import Failure, OwnerSources, resolve_failure
from deploywatch.owners.resolve import LAST_RESORT
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
SHOP = Service("shop", ("@shop",), projects=("shop",), line=4)


def sources(text: str = "", **rest) -> OwnerSources:
    return OwnerSources(files=(parse(text),), default=("@fallback",), **rest)


def test_a_tag_on_the_event_comes_first():
    tagged = replace(FAILURE, event=replace(EVENT, tags=(("owner", "@tagged"),)))
    resolution = resolve_failure(tagged, sources("* @all", services=Services([SHOP])))
    assert resolution.owner.names == ("@tagged",)
    assert [step.name for step in resolution.steps] == ["annotation"]


def test_then_the_service_so_that_shared_code_does_not_take_the_failure():
    resolution = resolve_failure(FAILURE, sources("/src/lib/ @library", services=Services([SHOP])))
    assert resolution.owner.names == ("@shop",)
    assert resolution.service == SHOP
    assert [step.name for step in resolution.steps] == ["annotation", "service"]
    assert "deploywatch.toml:4 (service shop: project shop)" in resolution.owner.why


def test_then_the_raising_frame_s_file():
    resolution = resolve_failure(FAILURE, sources("* @all\n/src/lib/ @library\n/src/shop/ @shop"))
    assert resolution.owner.names == ("@library",)
    assert resolution.owner.path == "src/lib/db.py"
    assert resolution.owner.decided_by is not None
    assert resolution.owner.decided_by.line == 2
    assert [rule.line for rule in resolution.owner.outranked] == [1]
    assert resolution.steps[-1].text == (
        "src/lib/db.py (frame 1): owned by @library because of CODEOWNERS:2 (/src/lib/), over CODEOWNERS:1 (*)"
    )


def test_then_the_other_frames():
    resolution = resolve_failure(FAILURE, sources("/src/shop/ @shop\n/src/lib/"))
    assert resolution.owner.names == ("@shop",)
    assert [(step.name, step.about) for step in resolution.steps] == [
        ("annotation", "the event's own tags"),
        ("raising frame", "src/lib/db.py (frame 1)"),
        ("other frame", "src/shop/cart.py (frame 2)"),
    ]
    assert "CODEOWNERS:2 (/src/lib/) leaves it without an owner" in resolution.steps[1].text


def test_sentry_s_rules_look_at_frames_as_reported_and_outrank_codeowners():
    sentry, _ = parse_sentry("path:lib/* #library\nmodule:shop.* #shop")
    files = (sentry, parse("* @all"))
    resolution = resolve_failure(FAILURE, OwnerSources(files=files))
    assert resolution.owner.names == ("#library",)
    assert resolution.owner.decided_by is not None
    assert resolution.owner.decided_by.file == "Sentry ownership rules"


def test_then_the_event_as_a_whole():
    sentry, _ = parse_sentry("tags.route:/cart #routes\nurl:https://x.org/* #web")
    resolution = resolve_failure(FAILURE, OwnerSources(files=(sentry, parse("/src/pay/ @pay"))))
    assert resolution.owner.names == ("#web",)
    assert resolution.steps[-1].name == "event"


def test_then_the_change_s_files():
    resolution = resolve_failure(FAILURE, sources("/src/pay/ @pay"))
    assert resolution.owner.names == ("@pay",)
    assert resolution.steps[-1].about == "src/pay/p.py (changed)"


def test_then_the_author_as_people_know_them():
    people = People([Identity("Ann", ("ann@x.org",), github="ann")])
    resolution = resolve_failure(FAILURE, sources(people=people))
    assert resolution.owner.names == ("@ann",)
    assert "author of the suspected change cccccccccc" in resolution.owner.why


def test_then_the_fallback_and_never_nobody():
    resolution = resolve_failure(replace(FAILURE, change=None), sources())
    assert resolution.owner.names == ("@fallback",)
    assert "goes to the default owner" in resolution.owner.why
    nothing = resolve_failure(Failure(), OwnerSources())
    assert nothing.owner.names == (LAST_RESORT,)
    assert "nothing is known" in nothing.owner.why


def test_a_robot_s_change_has_no_author_to_ask():
    robot = Person("renovate[bot]", "1+renovate[bot]@users.noreply.github.com")
    resolution = resolve_failure(replace(FAILURE, change=replace(CHANGE, author=robot, committer=robot)), sources())
    assert resolution.owner.names == ("@fallback",)
