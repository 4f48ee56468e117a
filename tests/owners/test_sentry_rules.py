"""Sentry's ownership rules: grammar, what they look at, and precedence in both generations of servers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import Event, Frame, Raised, Request, StackTrace
from deploywatch.owners.rules import Problem, Subject
from deploywatch.owners.sentry_conversion import CodeMapping, convert, mapped_path
from deploywatch.owners.sentry_grammar import RuleType, SentryRule, read_line, read_rules
from deploywatch.owners.sentry_rules import Generation, SentryOwnership, parse

GRAMMAR = [
    ("path:src/* #team", ("path", "src/*", ("#team",))),
    ("src/* #team a@B.org", ("path", "src/*", ("#team", "a@b.org"))),
    ("foo:bar #t", ("path", "foo:bar", ("#t",))),
    ("tags.a:b:c #t", ("tags.a", "b:c", ("#t",))),
    ("tags.user.email:*@x.org #t", ("tags.user.email", "*@x.org", ("#t",))),
    ("url:https://x.org/* #t", ("url", "https://x.org/*", ("#t",))),
    ("module:app.views.* #t", ("module", "app.views.*", ("#t",))),
    ('path:"a b/c.py" #t', ("path", "a b/c.py", ("#t",))),
    ('tags.x:"say \\"hi\\"" #t', ("tags.x", 'say "hi"', ("#t",))),
    ("path:x a@b.org # note", ("path", "x", ("a@b.org",))),
    ("path:x a@b.org #note", ("path", "x", ("a@b.org", "#note"))),
    ("   path:x #t  \r", ("path", "x", ("#t",))),
    ("codeowners:/src/", ("codeowners", "/src/", ())),
    ("  # comment", None),
    ("", None),
    ("\r", None),
]


@pytest.mark.parametrize(("line", "expected"), GRAMMAR)
def test_grammar(line, expected):
    rule = read_line(line, 1)
    if expected is None:
        assert rule is None
        return
    assert isinstance(rule, SentryRule)
    kind = f"tags.{rule.tag}" if rule.type is RuleType.TAG else rule.type.value
    assert (kind, rule.pattern, rule.owners) == expected
    again = read_line(rule.text, 1)
    assert isinstance(again, SentryRule)
    assert (again.type, again.tag, again.pattern, again.owners) == (rule.type, rule.tag, rule.pattern, rule.owners)


@pytest.mark.parametrize(
    ("line", "word"), [("path:x", "no owner"), ("path:x\t#t", "tabs"), ("path:x #t\t#u", "tabs"), ("path:x bob", "bob")]
)
def test_lines_that_sentry_refuses(line, word):
    problem = read_line(line, 7)
    assert isinstance(problem, Problem)
    assert problem.line == 7
    assert word in problem.reason


@given(st.text(alphabet='pathurl:tags.#@"\\ \t\r\n*[]{}ab/', max_size=200))
def test_no_text_crashes_the_parser(text):
    rules, problems = read_rules(text)
    lines = [entry.line for entry in (*rules, *problems)]
    assert len(lines) == len(set(lines))
    ownership, _ = parse(text)
    ownership.decide("a/b")


def event(*frames: Frame, **rest) -> Event:
    """An event whose last frame raised."""
    return Event(id="1", stacktrace=StackTrace((Raised("E", "m", frames),), "python"), **rest)


LIBRARY = Frame("flask/app.py", module="flask.app", in_app=False)
CALLER = Frame("shop/views.py", module="shop.views", abs_path="/app/src/shop/views.py")
RAISING = Frame("shop/cart.py", module="shop.cart", in_app=True)
TRACE = event(
    CALLER, LIBRARY, RAISING, request=Request("GET", "https://Shop.org/Cart"), tags=(("route", "/cart/add"), ("x", "A"))
)

LOOKS_AT = [
    ("path:shop/cart.py #t", True),
    ("path:SHOP/CART.PY #t", True),
    ("path:flask/* #t", True),
    ("path:/app/src/* #t", True),
    ("path:views.py #t", False),
    ("path:cart #t", False),
    ("module:shop.* #t", True),
    ("module:shop #t", False),
    ("url:*shop.org/cart #t", True),
    ("url:shop.org #t", False),
    ("tags.route:/cart/* #t", True),
    ("tags.x:a #t", False),
    ("tags.x:A #t", True),
    ("tags.y:* #t", False),
]


@pytest.mark.parametrize(("rule", "expected"), LOOKS_AT)
def test_what_rules_look_at(rule, expected):
    ownership, problems = parse(rule)
    assert not problems
    assert (ownership.decide(Subject(event=TRACE)).decided_by is not None) is expected


def test_codeowners_rules_skip_frames_of_libraries_and_mind_case():
    for pattern, expected in [("flask/", False), ("shop/", True), ("Shop/", False), ("*.py", True), ("/src/", False)]:
        ownership = SentryOwnership((), [SentryRule(1, RuleType.CODEOWNERS, pattern, ("#t",))])
        assert (ownership.decide(Subject(event=TRACE)).decided_by is not None) is expected, pattern


def test_absurdly_long_paths_are_not_looked_at():
    ownership, _ = parse("path:a/* #t\npath:*/b #t")
    hostile = event(Frame("a/" * 500_000 + "b"), Frame("a/c"))
    assert [match.frame for match in ownership.matches(Subject(event=hostile))] == [0]


UNMUNGED = [
    (Frame("Main.java"), "java"),
    (Frame("src/Main.java", module="com.example.Main"), "java"),
    (Frame("A.swift", abs_path="/Users/ci/A.swift"), "cocoa"),
]


@pytest.mark.parametrize(("frame", "platform"), UNMUNGED)
def test_nothing_is_put_together_of_what_is_not_there(frame, platform):
    ownership, _ = parse("path:com/* #t\npath:None* #t\npath:/None* #t")
    assert ownership.decide(Subject(event=event(frame, platform=platform))).owners == ()


MUNGED = [
    (Frame("Main.java", module="com.example.app.Main"), "java", "path:com/example/app/Main.java #t"),
    (Frame("A.swift", abs_path="/Users/ci/build/Shop/A.swift", package="/x/Shop"), "cocoa", "path:Shop/A.swift #t"),
    (Frame("main.dart", abs_path="package:shop/ui/main.dart", package="shop"), "other", "path:ui/main.dart #t"),
]


@pytest.mark.parametrize(("frame", "platform", "rule"), MUNGED)
def test_paths_put_together_for_some_platforms(frame, platform, rule):
    ownership, _ = parse(rule)
    assert ownership.decide(Subject(event=event(frame, platform=platform))).owners == ("#t",)
    assert not ownership.decide(Subject(event=event(frame, platform="python"))).owners


def lines(ownership: SentryOwnership, subject: Subject) -> list[tuple[str, int]]:
    return [(match.file.split()[-1], match.rule.line) for match in ownership.matches(subject)]


RULES = "path:shop/cart.py #cart\npath:shop/* #shop\npath:shop/views.py #views\ntags.route:* #routes\n"
CODEOWNERS = [SentryRule(1, RuleType.CODEOWNERS, "*", ("#all",)), SentryRule(2, RuleType.CODEOWNERS, "cart.py", ("#co",))]


def test_precedence_of_the_older_generation():
    ownership = SentryOwnership(read_rules(RULES)[0], CODEOWNERS, generation=Generation.LAST_LINE)
    assert lines(ownership, Subject(event=TRACE)) == [
        ("rules", 4), ("rules", 3), ("rules", 2), ("rules", 1), ("CODEOWNERS", 2), ("CODEOWNERS", 1),
    ]  # fmt: skip
    decision = ownership.decide(Subject(event=TRACE))
    assert decision.owners == ("#routes",)
    assert decision.decided_by is not None
    assert (decision.decided_by.file, decision.decided_by.pattern) == ("Sentry ownership rules", "tags.route:*")


def test_precedence_of_the_newest_generation():
    ownership = SentryOwnership(read_rules(RULES)[0], CODEOWNERS, generation=Generation.TOP_FRAME)
    assert lines(ownership, Subject(event=TRACE)) == [
        ("rules", 2), ("rules", 1), ("CODEOWNERS", 2), ("CODEOWNERS", 1), ("rules", 3), ("rules", 4),
    ]  # fmt: skip


@pytest.mark.parametrize("generation", Generation)
def test_for_one_path_both_generations_agree(generation):
    ownership = SentryOwnership(read_rules(RULES)[0], CODEOWNERS, generation=generation)
    assert ownership.decide("shop/cart.py").owners == ("#shop",)
    assert [rule.owners for rule in ownership.decide("shop/cart.py").outranked] == [("#cart",), ("#co",), ("#all",)]
    assert ownership.decide("lib/x.py").owners == ("#all",)


def test_rules_of_owners_that_do_not_exist_are_skipped():
    ownership = SentryOwnership(read_rules(RULES)[0], CODEOWNERS, known_owners={"#cart", "#all"})
    assert ownership.decide("shop/cart.py").owners == ("#cart",)


def test_a_glob_that_can_never_match_is_a_problem_and_spoils_nothing():
    ownership, problems = parse("path:src/[a #t\npath:{a #t\npath:src/* #ok")
    assert [problem.line for problem in problems] == [1, 2]
    assert ownership.decide("src/a").owners == ("#ok",)
    assert parse("path:{a #t")[0].decide("a").decided_by is None


def test_conversion_names_every_line_that_sentry_drops():
    text = "# c\n* @all\n/src/ @org/team @gone\n/a\\ b/ @all\n!x @all\n/c#/ @all\n/[id]/ @all\n/lost/ @gone\n/free/\n"
    conversion = convert(text, {"@all": "#all", "@org/team": "#team"})
    assert [(rule.line, rule.pattern, rule.owners) for rule in conversion.rules] == [
        (2, "*", ("#all",)),
        (3, "/src/", ("#team",)),
        (9, "/free/", ()),
    ]
    assert [problem.line for problem in conversion.dropped] == [4, 5, 6, 7, 8]
    assert [(problem.line, "@gone" in problem.reason) for problem in conversion.thinned] == [(3, True)]
    assert "earlier line decides" in conversion.dropped[-1].reason


MAPPED = [
    ("/src/app/", "/app/", "/src/", "/app/app/"),
    ("src/app/x", "/app/", "src/", "/app/app/x"),
    ("src/", "app/", "src/", "src/"),
    ("*.py", "app/", "", "*.py"),
    ("/lib/x", "app/", "", "app/lib/x"),
    ("/lib/src/x", "app/", "src/", "/lib/app/x"),
]


@pytest.mark.parametrize(("path", "stack_root", "source_root", "expected"), MAPPED)
def test_anchored_paths_move_from_source_root_to_stack_root(path, stack_root, source_root, expected):
    assert mapped_path(path, CodeMapping(stack_root, source_root)) == expected
