"""The history of the sandbox's shop, as a real git repository with deterministic commit ids.

Every commit but the merge is a patch in ``shop/``. Author and date are the patch's; the committer is the author.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from deploywatch.errors import GitError
from deploywatch.sandbox.gitcommand import git

CULPRIT = "13-name-the-discount-on-the-receipt"
REMOTE = "https://github.com/acme/shop.git"
_FROM = re.compile(r"^From: (?P<name>.+) <(?P<email>[^<>]+)>$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Patch:
    """Apply ``shop/<name>.patch`` on a branch, which starts at ``main`` where it is new."""

    name: str
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class Merge:
    """Merge a branch into ``main``. ``at`` is the date of author and committer."""

    branch: str
    message: str
    name: str
    email: str
    at: str


@dataclass(frozen=True, slots=True)
class Tag:
    """Name the tip of ``main``."""

    name: str


STEPS: tuple[Patch | Merge | Tag, ...] = (
    Patch("01-start-the-shop"),
    Patch("02-add-carts"),
    Patch("03-tell-sentry-about-errors-and-requests"),
    Patch("04-round-money-half-up"),
    Patch("05-add-shipping-costs-by-country"),
    Patch("06-check-out-a-cart"),
    Patch("07-add-coupons-and-loyalty-discounts"),
    Patch("08-describe-the-api"),
    Patch("09-say-who-owns-what"),
    Patch("10-test-what-an-order-costs"),
    Tag("v1"),
    Patch("11-show-in-the-catalogue-what-is-in-stock"),
    Patch("12-search-the-catalogue", branch="search"),
    Patch(CULPRIT),
    Patch("14-show-the-cheapest-first", branch="search"),
    Merge(
        "search",
        "Merge pull request #42 from acme/search\n\nSearch the catalogue",
        name="Ines Carvalho",
        email="ines@shop.example",
        at="2026-09-21T09:01:00+02:00",
    ),
    Patch("15-ship-to-norway-and-switzerland"),
    Patch("16-move-discounts-and-shipping-into-a-pricing-package"),
    Patch("17-give-orders-a-number-that-can-be-read-out"),
    Patch("18-gold-customers-get-8-per-cent"),
    Patch("19-explain-discounts-and-the-search"),
    Patch("20-call-it-2-0-0"),
    Tag("v2"),
)


@dataclass(frozen=True, slots=True)
class Story:
    """The repository, and the commits that matter: both versions and the one that breaks the second."""

    repository: Path
    v1: str
    v2: str
    culprit: str


def build(folder: Path) -> Story:
    """Make the repository in ``folder``, which must be empty or absent. Raises ``GitError``."""
    if folder.exists() and any(folder.iterdir()):
        raise GitError(f"{folder} is not empty", hint="give the sandbox an empty folder of its own")
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main", ".")
    git(folder, "remote", "add", "origin", REMOTE)
    culprit = ""
    for step in STEPS:
        tip = _take(folder, step)
        culprit = tip if isinstance(step, Patch) and step.name == CULPRIT else culprit
    return Story(folder, git(folder, "rev-parse", "v1^{commit}"), git(folder, "rev-parse", "v2^{commit}"), culprit)


def _take(folder: Path, step: Patch | Merge | Tag) -> str:
    if isinstance(step, Patch):
        _apply(folder, step)
    elif isinstance(step, Merge):
        _merge(folder, step)
    else:
        git(folder, "tag", step.name)
    return git(folder, "rev-parse", "HEAD")


def _apply(folder: Path, step: Patch) -> None:
    _switch(folder, step.branch)
    with as_file(files("deploywatch.sandbox") / "shop" / f"{step.name}.patch") as path:
        author = _FROM.search(path.read_text(encoding="utf-8"))
        if author is None:
            raise GitError(f"{path.name} has no author", hint="reinstall deploywatch: its sandbox is damaged")
        committer = {"GIT_COMMITTER_NAME": author["name"], "GIT_COMMITTER_EMAIL": author["email"]}
        git(folder, "am", "--quiet", "--keep", "--committer-date-is-author-date", str(path.resolve()), environ=committer)


def _switch(folder: Path, branch: str) -> None:
    # Before the first commit there is no branch to switch to, and main is where we are.
    if git(folder, "branch", "--show-current") != branch:
        exists = git(folder, "branch", "--list", branch)
        git(folder, "checkout", "--quiet", *([branch] if exists else ["-b", branch]))


def _merge(folder: Path, step: Merge) -> None:
    _switch(folder, "main")
    who = {
        "GIT_AUTHOR_NAME": step.name,
        "GIT_AUTHOR_EMAIL": step.email,
        "GIT_AUTHOR_DATE": step.at,
        "GIT_COMMITTER_NAME": step.name,
        "GIT_COMMITTER_EMAIL": step.email,
        "GIT_COMMITTER_DATE": step.at,
    }
    git(folder, "merge", "--quiet", "--no-ff", step.branch, "-m", step.message, environ=who)
    git(folder, "branch", "--quiet", "--delete", step.branch)
