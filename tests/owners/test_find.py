"""Where owner files are looked for."""

from __future__ import annotations

import pytest

from deploywatch.owners.find import CODEOWNERS_PATHS, find


@pytest.mark.parametrize("place", CODEOWNERS_PATHS)
def test_github_reads_the_first_file_only(place):
    places = CODEOWNERS_PATHS[CODEOWNERS_PATHS.index(place) :]
    files = {path: f"* @{number}" for number, path in enumerate(places)}
    found = find(files.get)
    assert found is not None
    assert found.file == place
    assert found.decide("x").owners == ("@0",)


def test_a_named_file_is_the_only_one_looked_for():
    files = {"CODEOWNERS": "* @a", "config/owners": "* @b"}
    found = find(files.get, paths=["config/owners"])
    assert found is not None
    assert found.decide("x").owners == ("@b",)
    assert find(files.get, paths=["gone"]) is None


def test_no_owner_file_is_none():
    assert find({}.get) is None
