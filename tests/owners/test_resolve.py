"""The owner of some files: never nobody, and always with the reason."""

from __future__ import annotations

import pytest

from deploywatch.owners.codeowners import parse
from deploywatch.owners.find import CODEOWNERS_PATHS, find
from deploywatch.owners.resolve import LAST_RESORT, resolve

FILE = parse("* @all\n/shop/ @shop\n/legacy/\n", ".github/CODEOWNERS")
NARROW = parse("/shop/ @shop\n/legacy/\n", "CODEOWNERS")


def test_the_first_path_that_has_an_owner_decides():
    owner = resolve(["legacy/a.py", "shop/b.py"], [FILE], ["@fallback"])
    assert owner.names == ("@shop",)
    assert owner.path == "shop/b.py"
    assert owner.decided_by is not None
    assert owner.decided_by.line == 2
    assert [rule.line for rule in owner.outranked] == [1]
    assert ".github/CODEOWNERS:2 (/shop/)" in owner.why


FALLBACKS = [
    (["other/a.py"], [NARROW], "no line of CODEOWNERS matches other/a.py"),
    (["legacy/a.py"], [NARROW], "CODEOWNERS:2 (/legacy/) leaves legacy/a.py without an owner"),
    ([], [NARROW], "no file of the repository is known"),
    (["a.py"], [], "no owner file"),
]


@pytest.mark.parametrize(("paths", "files", "why"), FALLBACKS)
def test_the_default_owner_and_why(paths, files, why):
    owner = resolve(paths, files, ["@fallback"])
    assert owner.names == ("@fallback",)
    assert owner.decided_by is None
    assert why in owner.why
    assert "default owner" in owner.why


def test_without_a_default_it_is_still_somebody():
    owner = resolve(["a.py"], [NARROW], [])
    assert owner.names == (LAST_RESORT,)
    assert "no default owner is configured" in owner.why


@pytest.mark.parametrize("place", CODEOWNERS_PATHS)
def test_github_reads_the_first_file_only(place):
    places = CODEOWNERS_PATHS[CODEOWNERS_PATHS.index(place) :]
    files = {path: f"* @{number}" for number, path in enumerate(places)}
    found = find(files.get)
    assert found is not None
    assert found.file == place
    assert found.decide("x").owners == ("@0",)


def test_no_owner_file_is_none():
    assert find({}.get) is None
