"""Every baseline on a history small enough to say beforehand what it must answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci.bench.baselines import (
    BASELINES,
    blame_walk,
    bm25,
    clouseau,
    log_linear,
    newest_blame,
    newest_toucher,
    path_match,
    random_pick,
)
from ci.bench.baselines.problem import Guess, Problem
from deploywatch.model import Frame
from tests.suspects.histories import History

LINES = [f"line_{n} = {n}" for n in range(1, 61)]


def text(**changed: str) -> str:
    """Sixty lines, some of them changed: ``L12="..."``."""
    return "\n".join(changed.get(f"L{n}", line) for n, line in enumerate(LINES, 1)) + "\n"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(
        tmp_path / "repository", {"shop/cart.py": text(), "shop/tax.py": text(), "web/cart.py": text(), "README": "x\n"}
    )


def problem(history: History, *frames: tuple[str, int], message: str = "KeyError: 'x'") -> Problem:
    """``frames`` have the raising one first."""
    return Problem(*history.window(), [Frame(path, line, "f") for path, line in frames], message)


def order(guess: Guess) -> list[str]:
    assert all(len(group) == 1 for group in guess.groups)
    return [group[0] for group in guess.groups]


def test_a_problem_is_made_of_the_last_exception_that_has_frames_of_the_application(history: History) -> None:
    history.commit("one", {"README": "y\n"})
    own = {"filename": "shop/cart.py", "lineno": 3, "function": "add", "in_app": True}
    values = [
        {"type": "KeyError", "value": "'x'", "stacktrace": {"frames": [own | {"lineno": 9}]}},
        {"type": "CartError", "value": "no", "stacktrace": {"frames": [own | {"lineno": 1}, own, own, {"filename": "lib.py"}]}},
        {"type": "Late", "value": "", "stacktrace": {"frames": [{"filename": "lib.py"}]}},
    ]
    asked = Problem.of(*history.window(), {"exception": {"values": values}})
    assert [frame.line for frame in asked.frames] == [3, 1]
    assert "CartError no" in asked.message


def test_path_match_gives_its_points_to_the_longest_matches_in_order(history: History) -> None:
    cart = history.commit("cart", {"shop/cart.py": text(L1="a = 1")})
    elsewhere = history.commit("another cart", {"web/cart.py": text(L1="a = 1")})
    tax = history.commit("tax", {"shop/tax.py": text(L1="a = 1")})
    asked = problem(history, ("shop/cart.py", 5), ("shop/tax.py", 5))
    assert order(path_match.as_shipped(asked)) == [tax, cart]
    assert order(path_match.innermost_first(asked)) == [cart, tax]
    assert elsewhere not in order(path_match.innermost_first(asked))


def test_path_match_takes_a_shorter_match_where_there_is_no_longer_and_has_five_points(history: History) -> None:
    made = [history.commit(f"{n}", {"web/cart.py": text(L1=f"a = {n}"), "shop/tax.py": text(L1=f"a = {n}")}) for n in range(7)]
    asked = problem(history, ("app/web/cart.py", 5))
    assert order(path_match.as_shipped(asked)) == made[::-1][:5]
    assert path_match.as_shipped(problem(history, ("lib/cart.py", 5))).groups == ()
    assert [path_match.tail_length(a, "x/y/Z.py") for a in ("z.py", "y/z.py", "q/y/z.py", "y/q.py", "a/x/y/z.py")] == [
        1,
        2,
        2,
        0,
        3,
    ]


def test_blame_names_who_last_touched_a_line_and_looks_through_white_space(history: History) -> None:
    raising = history.commit("raising line", {"shop/cart.py": text(L5="raised = 5")})
    caller = history.commit("the caller's line", {"shop/cart.py": text(L5="raised = 5", L9="called = 9")})
    history.commit("layout", {"shop/cart.py": text(L5="raised  =  5", L9="called = 9")})
    asked = problem(history, ("shop/cart.py", 5), ("shop/cart.py", 9))
    first = newest_blame.raising_line(asked)
    assert first.groups[0] == (raising,)
    assert len(first.groups[1]) == 2
    assert order(newest_blame.newest(asked)) == [caller, raising]
    assert order(blame_walk.blame_walk(asked)) == [raising, caller]


def test_blame_is_silent_about_lines_that_are_older(history: History) -> None:
    history.commit("elsewhere", {"shop/cart.py": text(L5="raised = 5")})
    asked = problem(history, ("shop/cart.py", 6), ("shop/gone.py", 1))
    assert newest_blame.raising_line(asked) == newest_blame.newest(asked) == blame_walk.blame_walk(asked) == Guess()


def test_the_newest_blame_is_not_told_when_it_is_older_than_three_months(history: History) -> None:
    history.commit("line", {"shop/cart.py": text(L5="raised = 5")})
    history.repo.clock += 91 * 86400
    history.commit("deployed today", {"README": "y\n"})
    assert newest_blame.newest(problem(history, ("shop/cart.py", 5))) == Guess()


def test_the_log_linear_score_by_hand(history: History) -> None:
    near = history.commit("near", {"shop/cart.py": text(L15="near = 1")})
    folder = history.commit("folder", {"shop/other.py": "x = 1\n"})
    asked = problem(history, ("shop/cart.py", 5))
    guess = log_linear.log_linear(asked)
    assert order(guess) == [near, folder]
    # 2 x (1 - 10/100) + 1 (first frame) + 1 (file) + 1 (folder) + 0.5 x 0 (few files)
    assert guess.confidence == pytest.approx(1 / (1 + 2.718281828 ** -(1.8 + 1 + 1 + 1)))


def test_the_log_linear_model_leaves_out_reverts_with_what_they_revert_robots_and_ignored_revisions(history: History) -> None:
    bad = history.commit("bad", {"shop/cart.py": text(L5="bad = 1")})
    history.commit(f'Revert "bad"\n\nThis reverts commit {bad}.', {"shop/cart.py": text()})
    history.repo.commit(
        "bump", {"shop/cart.py": text(L6="a = 1")}, author="renovate[bot] <1+renovate[bot]@users.noreply.example>"
    )
    layout = history.commit("layout", {"shop/cart.py": text(L6="a = 1", L7="b = 1")})
    history.commit("ignore it", {".git-blame-ignore-revs": f"{layout}\n"})
    good = history.commit("good", {"shop/tax.py": text(L5="x = 1")})
    assert order(log_linear.log_linear(problem(history, ("shop/cart.py", 5)))) == [good]


def test_the_log_linear_model_names_nobody_among_equals_and_the_only_commit_always(history: History) -> None:
    only = history.commit("one", {"README": "y\n"})
    assert order(log_linear.log_linear(problem(history, ("shop/cart.py", 5)))) == [only]
    history.commit("two", {"shop/a.py": "x\n"})
    history.commit("three", {"shop/b.py": "x\n"})
    assert log_linear.log_linear(problem(history, ("shop/cart.py", 5))) == Guess()


def test_the_newest_toucher_follows_renames_and_counts_deletions(history: History) -> None:
    edit = history.commit("edit", {"shop/tax.py": text(L1="a = 1")})
    history.repo.git("mv", "shop/tax.py", "shop/taxes.py")
    moved = history.commit("move", {})
    history.commit("elsewhere", {"README": "y\n"})
    assert order(newest_toucher.newest_toucher(problem(history, ("shop/tax.py", 3)))) == [moved, edit]


def test_any_commit_is_one_group_of_equals_without_merges(history: History) -> None:
    history.repo.git("switch", "-q", "-c", "side", "v1")
    side = history.commit("side", {"web/cart.py": text(L1="a = 1")})
    history.repo.git("switch", "-q", "main")
    main = history.commit("main", {"README": "y\n"})
    history.repo.merge("side")
    (group,) = random_pick.random_pick(problem(history)).groups
    assert set(group) == {side, main}


@pytest.mark.parametrize(
    ("line", "changed", "score"), [(9, {9}, 10), (9, {8, 2}, 9), (9, {4}, 8), (50, {5, 4}, 0), (9, {10}, 0), (9, set(), 0)]
)
def test_clouseaus_line_score(line: int, changed: set[int], score: int) -> None:
    assert clouseau.line_score(line, changed) == score


def test_clouseau_counts_new_files_and_looks_at_deletions_where_it_is_unsure(history: History) -> None:
    above = history.commit("twelve lines above", {"shop/cart.py": text(L8="a = 1")})
    deleted = history.commit("a deletion", {"shop/cart.py": "\n".join([*LINES[:7], "a = 1", *LINES[8:19], *LINES[20:]]) + "\n"})
    new = history.commit("a new file", {"shop/new.py": "x = 1\n"})
    guess = clouseau.clouseau(problem(history, ("shop/cart.py", 20), ("shop/new.py", 1)))
    assert order(guess) == [new, deleted, above]
    assert guess.confidence == 1.0


def test_bm25_finds_the_failures_words_in_message_and_changed_lines(history: History) -> None:
    history.commit("layout", {"README": "y\n"})
    words = history.commit("round money", {"shop/money.py": "def round_half_up(): pass\n"})
    history.commit("colours", {"web/style.py": "blue = 1\n"})
    asked = problem(history, ("shop/cart.py", 5), message="TypeError: roundHalfUp() got an unexpected keyword")
    assert order(bm25.bm25(asked)) == [words]
    assert bm25.tokens(["roundHalfUp HTTPError x_1"]) == [
        "roundhalfup",
        "round",
        "half",
        "up",
        "httperror",
        "http",
        "error",
        "x_1",
        "x",
        "1",
    ]


def test_every_baseline_answers_every_problem_with_commits_of_the_window(history: History) -> None:
    history.repo.git("rm", "-q", "shop/tax.py")
    history.commit("gone", {"shop/cart.py": text(L5="x = 1")})
    for frames in ((), (("shop/tax.py", 3),), (("shop/cart.py", 5), ("nowhere.py", 1))):
        asked = problem(history, *frames)
        inside = {commit.sha for commit in asked.commits}
        for name, baseline in BASELINES.items():
            assert {sha for group in baseline(asked).groups for sha in group} <= inside, name
