"""Compression: every path routes as before, in both modes, whatever the rules; and it is worth its while."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploywatch.owners.compress import Mode, compress
from deploywatch.owners.compression.entries import is_literal
from deploywatch.owners.gitignore import PatternError
from deploywatch.owners.globs import Glob, Text
from deploywatch.owners.sentry_globs import compile_glob
from deploywatch.owners.sentry_grammar import RuleType, SentryRule, read_rules

BOTH = pytest.mark.parametrize("mode", Mode)


def fold(rule: SentryRule, text: str) -> str:
    return text if rule.type is RuleType.TAG else text.lower().replace("\\", "/")


@lru_cache(maxsize=10_000)
def glob(rule: SentryRule) -> Glob | None:
    try:
        return compile_glob(fold(rule, rule.pattern))
    except PatternError:
        return None


def matching(rules: tuple[SentryRule, ...], of: SentryRule, text: str) -> list[SentryRule]:
    """The rules of one kind that match, by trying each: the slow and simple truth."""
    prepared = Text(text)
    tried = ((rule, glob(rule)) for rule in rules if (rule.type, rule.tag) == (of.type, of.tag))
    return [rule for rule, pattern in tried if pattern and pattern.matches(prepared)]


def assert_same_routes(before: str, after: str) -> None:
    old, _ = read_rules(before)
    new, problems = read_rules(after)
    assert not problems
    for rule in old:
        if rule.type is not RuleType.CODEOWNERS and is_literal(rule.pattern):
            path = fold(rule, rule.pattern).removeprefix("*")
            assert matching(new, rule, path)[-1].owners == matching(old, rule, path)[-1].owners, (path, after)


NAME = st.sampled_from(["a", "b", "ab", "B", "x.py", "y.py", "__init__.py"])
PATH = st.lists(NAME, min_size=1, max_size=5).flatmap(
    lambda names: st.lists(st.sampled_from("/_"), min_size=len(names) - 1, max_size=len(names) - 1).map(
        lambda joints: "".join(itertools.chain(*zip(names, joints, strict=False), names[-1:]))
    )
)
OWNERS = st.sampled_from(["#a", "#b", "#team-c", "#a dev@x.org"])
PLAIN = st.lists(st.tuples(PATH, OWNERS), max_size=25)
PATTERN = (
    PATH
    | PATH.map(lambda p: "*/" + p)
    | PATH.map(lambda p: "*" + p)
    | st.sampled_from(["a/*", "*.py", "a?/x.py", "[ab]/*", "a/[", "*"])
)
KIND = st.sampled_from(["path:", "path:", "path:", "url:", "tags.route:", "module:", "codeowners:"])
ANY = st.lists(st.builds(lambda kind, pattern, owner: f"{kind}{pattern} {owner}", KIND, PATTERN, OWNERS), max_size=20)


def text_of(rules: list[tuple[str, str]]) -> str:
    return "".join(f"path:{path} {owner}\n" for path, owner in rules)


@BOTH
@given(PLAIN)
def test_every_path_goes_where_it_went(mode, rules):
    before = text_of(rules)
    result = compress(before, mode)
    assert_same_routes(before, result.text)
    assert result.paths == len({path.lower() for path, _ in rules})


@BOTH
@given(ANY)
@settings(max_examples=300)
def test_so_do_paths_among_stars_tags_and_wildcards_written_by_hand(mode, lines):
    before = "\n".join(lines)
    assert_same_routes(before, compress(before, mode).text)


@given(PLAIN)
def test_readable_rules_never_overlap(rules):
    after, _ = read_rules(compress(text_of(rules)).text)
    for path, _owner in rules:
        assert len(matching(after, SentryRule(0, RuleType.PATH, path, ()), path.lower())) == 1


@given(ANY)
@settings(max_examples=200)
def test_smallest_is_never_larger_than_readable_nor_than_before(lines):
    before = "".join(f"{line}\n" for line in lines)
    small, readable = compress(before, Mode.SMALLEST), compress(before, Mode.READABLE)
    assert small.size_after <= readable.size_after <= small.size_before
    assert small.size_after == len(small.text)


@given(st.dictionaries(PATH.filter(lambda p: "B" not in p), st.sampled_from(["#a", "#bb", "#ccc"]), min_size=1, max_size=5))
@settings(max_examples=60)
def test_smallest_is_the_smallest_there_is(rules):
    """Against all choices of a prefix rule, or none, at every place where paths branch."""
    paths = sorted(rules)
    starts = {start for first, second in itertools.combinations(paths, 2) if (start := shared(first, second)).strip("/_")}
    best = min(
        sum(len(f"path:{start}* {owner}\n") for start, owner in zip(sorted(starts), choice, strict=True) if owner)
        + sum(len(f"path:{path} {rules[path]}\n") for path in paths if inherited(path, sorted(starts), choice) != rules[path])
        for choice in itertools.product([None, *sorted(set(rules.values()))], repeat=len(starts))
    )
    assert compress(text_of(list(rules.items())), Mode.SMALLEST).size_after == best


def shared(first: str, second: str) -> str:
    """What two paths share, up to the last place behind which rules are cut."""
    cuts = [length for length in range(1, len(first) + 1) if first[length - 1] in "/_" and second.startswith(first[:length])]
    return first[: cuts[-1]] if cuts else ""


def inherited(path: str, starts: list[str], choice: tuple[str | None, ...]) -> str | None:
    owner = None
    for start, chosen in zip(starts, choice, strict=True):
        owner = chosen if chosen and path.startswith(start) else owner
    return owner


@BOTH
@given(st.dictionaries(PATH, OWNERS, max_size=20), st.randoms())
def test_the_order_of_the_input_does_not_matter(mode, rules, chance):
    lowered = {path.lower(): owner for path, owner in rules.items()}
    shuffled = list(lowered.items())
    chance.shuffle(shuffled)
    assert compress(text_of(shuffled), mode).text == compress(text_of(list(lowered.items())), mode).text


@BOTH
@given(PLAIN, st.sets(PATH, max_size=8))
def test_no_wildcard_takes_a_path_that_nobody_owns(mode, rules, free):
    owned = {path.lower() for path, _ in rules}
    guarded = {path for path in free if path.lower() not in owned}
    result = compress(text_of(rules), mode, guarded=guarded)
    after, _ = read_rules(result.text)
    assert_same_routes(text_of(rules), result.text)
    assert not [path for path in guarded if matching(after, SentryRule(0, RuleType.PATH, path, ()), path.lower())]


@given(st.text(alphabet='pathurl:tags.#@"\\ \t\r\n*?[]{}_/', max_size=150))
@settings(max_examples=200)
def test_no_text_crashes_it(text):
    for mode in Mode:
        compress(text, mode)


def test_the_article_s_example():
    before = (
        "path:*/routes/asset/asset_report_create.go #team-assets\n"
        "path:*/routes/asset/asset_report_get.go #team-assets\n"
        "path:*/routes/asset/asset_report_pdf_get.go #team-assets\n"
        "path:*/routes/investments/investment_holdings_get.go #team-investments\n"
        "path:*/routes/investments/investment_transactions_get.go #team-investments\n"
    )
    result = compress(before)
    assert (
        result.text
        == "path:*/routes/asset/asset_report_* #team-assets\npath:*/routes/investments/investment_* #team-investments\n"
    )
    assert [(new.matcher, new.owners, new.paths) for new in result.new_files] == [
        ("path:*/routes/asset/asset_report_*", ("#team-assets",), 3),
        ("path:*/routes/investments/investment_*", ("#team-investments",), 2),
    ]


def test_overlapping_stars_are_found_by_the_proof():
    before = "path:*/a/b.go #1\npath:*/a/c.go #1\npath:*/x/a/d.go #2\n"
    for mode in Mode:
        assert_same_routes(before, compress(before, mode).text)
    assert compress(before, Mode.SMALLEST).text == "path:*/a/* #1\npath:*/x/a/d.go #2\n"
    assert compress(before, Mode.READABLE).text == before


MENDED = [
    ("a later wildcard would take an earlier path", "path:*/a/z/p #1\npath:*/z/q #2\npath:*/z/r #2\n", ()),
    ("a wildcard would take a path that nobody owns", "path:*/z/q #2\npath:*/z/r #2\n", ("a/z/free",)),
    (
        "both, in two kinds",
        "path:*/a/z/p #1\npath:*/z/q #2\npath:*/z/r #2\nurl:*/a/z/p #1\nurl:*/z/q #2\nurl:*/z/r #2\n",
        ("b/z/x",),
    ),
]


@BOTH
@pytest.mark.parametrize(("text", "guarded"), [row[1:] for row in MENDED], ids=[row[0] for row in MENDED])
def test_what_the_proof_finds_wrong_is_mended(mode, text, guarded):
    result = compress(text, mode, guarded=guarded)
    assert_same_routes(text, result.text)
    assert result.text == text
    assert result.new_files == ()


def test_smallest_puts_broad_rules_first():
    before = "".join(f"path:src/{name}.py #all\n" for name in "abcdef") + "path:src/special.py #few\n"
    assert compress(before, Mode.SMALLEST).text == "path:src/* #all\npath:src/special.py #few\n"
    assert compress(before, Mode.READABLE).rules_after == 7


def test_what_is_not_compressed_is_kept_and_told():
    before = "# head\n\npath:src/* #all\n# gone\npath:src/a/x.py #a\npath:src/a/y.py #a\npath:broken\npath:*.md #docs\n"
    result = compress(before)
    assert result.text == "# head\npath:src/* #all\npath:src/a/* #a\npath:*.md #docs\n"
    assert (result.kept, result.comments) == (2, 1)
    assert [problem.line for problem in result.problems] == [7]


def test_nothing_says_everything():
    assert compress("path:a/x #a\npath:b/y #a\n").rules_after == 2
    assert compress("url:https://x.org/a #a\nurl:https://y.org/b #a\n").rules_after == 2
    assert compress("path:*/a/c/x #a\npath:*/b/c/y #a\n").rules_after == 2
    assert compress("url:https://x.org/a #a\nurl:https://x.org/b #a\n").text == "url:https://x.org/* #a\n"


def realistic(seed: int = 1) -> dict[str, str]:
    chance = random.Random(seed)
    words = ["api", "billing", "cart", "report", "search", "user", "admin", "sync"]
    rules: dict[str, str] = {}
    while sum(len(f"path:{path} {owner}\n") for path, owner in rules.items()) < 120_000:
        folder = "/".join(["src", *(chance.choice(words) + str(chance.randrange(9)) for _ in range(chance.randrange(2, 4)))])
        team = f"#team-{chance.choice(words)}"
        for _ in range(chance.randrange(4, 20)):
            name = "_".join(chance.choice(words) for _ in range(3))
            rules[f"{folder}/{name}.py"] = team if chance.random() < 0.97 else f"#team-{chance.choice(words)}"
    return rules


def test_rules_above_the_limit_come_below_it():
    before = text_of(list(realistic().items()))
    readable, small = compress(before), compress(before, Mode.SMALLEST)
    assert not len(before) <= 100_000
    assert readable.fits
    assert readable.size_after < 40_000
    assert small.size_after < 20_000
    for result in (readable, small):
        after = [line.removeprefix("path:").split(" ") for line in result.text.splitlines()]
        for path, owner in realistic().items():
            assert [to for start, to in after if path == start or (start[-1] == "*" and path.startswith(start[:-1]))][-1] == owner


@BOTH
def test_a_changed_file_changes_few_lines(mode):
    rules = realistic()
    before = compress(text_of(list(rules.items())), mode).text.splitlines()
    changed_lines = []
    for path in sorted(rules)[::97]:
        changed = compress(text_of(list({**rules, path: "#team-new"}.items())), mode).text.splitlines()
        changed_lines.append(((Counter(before) - Counter(changed)) + (Counter(changed) - Counter(before))).total())
    typical = sorted(changed_lines)[len(changed_lines) // 2]
    assert typical <= (2 if mode is Mode.SMALLEST else 20)
    assert max(changed_lines) <= (8 if mode is Mode.SMALLEST else 40)


@BOTH
def test_a_new_file_beside_others_of_its_owner_changes_nothing(mode):
    before = "path:src/a/x.py #a\npath:src/a/y.py #a\npath:src/b/z.py #b\n"
    assert compress(before + "path:src/a/new.py #a\n", mode).text == compress(before, mode).text
