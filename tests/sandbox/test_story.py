"""The shop's history: what it must hold, and that exactly one commit of it breaks the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploywatch.errors import GitError
from deploywatch.sandbox import story as story_module
from deploywatch.sandbox.application import export
from deploywatch.sandbox.gitcommand import git
from deploywatch.sandbox.story import CULPRIT, STEPS, Patch, Story, build

# An order with a coupon that was never, or is no longer, on the list. Needs nothing but the shop's own modules.
ORDER = """
import sys
sys.dont_write_bytecode = True
from shop import carts, catalogue, orders
cart = carts.create(None)
cart.lines = [carts.Line(catalogue.PRODUCTS["pot-001"], 1)]
cart.coupon = sys.argv[1]
print(orders.place(cart, "DK").quote.total)
"""
FAILING_FILE = "shop/pricing/discounts.py"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return build(tmp_path_factory.mktemp("story") / "repository")


def lines(story: Story, *arguments: str) -> list[str]:
    return git(story.repository, *arguments).splitlines()


def order(story: Story, revision: str, into: Path, *, coupon: str = "SPRING24") -> str:
    """What the order costs in that version of the shop, or the last line of what it raised."""
    version = export(story.repository, revision, into)
    done = subprocess.run([sys.executable, "-c", ORDER, coupon], cwd=version, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[-1]


def test_it_is_the_same_every_time(story: Story, tmp_path: Path) -> None:
    again = build(tmp_path / "again")
    assert (again.v1, again.v2, again.culprit) == (story.v1, story.v2, story.culprit)


def test_every_patch_of_the_package_is_part_of_it() -> None:
    patches = {path.stem for path in (Path(story_module.__file__).parent / "shop").glob("*.patch")}
    assert patches == {step.name for step in STEPS if isinstance(step, Patch)}


def test_it_is_believable(story: Story) -> None:
    authors = set(lines(story, "log", "--use-mailmap", "--format=%aN", "v2"))
    assert authors == {"Ines Carvalho", "Tomás Rueda", "Priya Nair", "Mikkel Sørensen", "Wen Li"}
    assert len(set(lines(story, "log", "--format=%ae", "v2"))) == len(authors) + 1
    assert len(lines(story, "rev-list", "v2")) == 21
    assert len(lines(story, "rev-list", "v1..v2")) == 11
    assert len(lines(story, "rev-list", "--merges", "v1..v2")) == 1
    assert "R100\tshop/discounts.py\tshop/pricing/discounts.py" in lines(
        story, "log", "-M", "--name-status", "--format=", "v1..v2"
    )
    assert {".github/CODEOWNERS", ".mailmap"} <= set(lines(story, "ls-tree", "-r", "--name-only", "v2"))
    assert lines(story, "status", "--porcelain") == []
    assert lines(story, "branch", "--format=%(refname:short)") == ["main"]


def test_dates_and_committers_are_the_authors(story: Story) -> None:
    assert {
        line.split("\t")[0] == line.split("\t")[1] for line in lines(story, "log", "--format=%an %ae %ai\t%cn %ce %ci", "v2")
    } == {True}
    assert lines(story, "log", "-1", "--format=%an <%ae> %aI", story.culprit) == [
        "Priya Nair <priya@shop.example> 2026-09-18T11:32:00+02:00"
    ]


def test_exactly_what_descends_from_the_culprit_is_broken(story: Story, tmp_path: Path) -> None:
    window = lines(story, "rev-list", "v1~1..v2")
    broken = {sha for sha in window if order(story, sha, tmp_path / sha).startswith("KeyError")}
    assert broken == {story.culprit, *lines(story, "rev-list", "--ancestry-path", f"{story.culprit}..v2")}
    assert order(story, f"{story.culprit}^", tmp_path / "parent") == "38.90"


def test_reverting_the_culprit_on_version_2_applies_cleanly_and_mends_it(story: Story, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(story.repository), "clone")
    who = ("-c", "user.name=Robin", "-c", "user.email=robin@shop.example")
    git(tmp_path / "clone", *who, "revert", "--no-edit", story.culprit)
    mended = Story(tmp_path / "clone", story.v1, story.v2, story.culprit)
    assert order(mended, "HEAD", tmp_path / "mended") == "38.90"
    assert order(mended, "HEAD", tmp_path / "others", coupon="WELCOME10") == order(
        story, "v2", tmp_path / "v2", coupon="WELCOME10"
    )


def test_rules_of_thumb_name_somebody_innocent(story: Story) -> None:
    """Whoever touched the failing file last did not do it, and a search by its path does not even find who did."""
    by_path = lines(story, "log", "--no-follow", "--format=%H", "v1..v2", "--", FAILING_FILE)
    assert story.culprit not in by_path
    followed = lines(story, "log", "--follow", "--format=%H", "v2", "--", FAILING_FILE)
    assert followed.index(story.culprit) == len(by_path) == 2
    assert len(lines(story, "log", "--format=%H", f"{story.culprit}..v2", "--", "shop/orders.py")) == 2


def test_the_culprit_is_the_patch_it_is_said_to_be(story: Story) -> None:
    assert lines(story, "log", "-1", "--format=%s", story.culprit) == ["Name the discount on the receipt (#41)"]
    assert CULPRIT.endswith("name-the-discount-on-the-receipt")


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_shops_own_tests_pass(story: Story, version: str, tmp_path: Path) -> None:
    """They passed for its authors too: nothing in them orders with a coupon that is not on the list."""
    folder = export(story.repository, version, tmp_path / version)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), "tests"]
    done = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder), "PATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(GitError, match="not empty") as raised:
        build(tmp_path)
    assert "empty folder" in raised.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="could not be started") as raised:
        build(tmp_path / "repository")
    assert "install git" in raised.value.hint


def test_a_git_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        git(tmp_path, "log")


def test_nobodys_git_settings_matter(tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = tmp_path / "gitconfig"
    hostile.write_text("[commit]\ngpgSign = true\n[core]\nautocrlf = true\n[init]\ndefaultBranch = trunk\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(hostile))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Mallory")
    assert build(tmp_path / "repository").v2 == story.v2
