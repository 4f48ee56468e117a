"""The repository's name is Sentry's own, found by its address before its name."""

from __future__ import annotations

import pytest

from deploywatch.sentry.repositories import name_in_sentry
from tests.sentry.support import DETAIL_404, reply, stage


def repository(name: str, url: str | None = None, provider: str = "integrations:github") -> dict[str, object]:
    return {
        "id": name,
        "name": name,
        "url": url,
        "provider": {"id": provider, "name": "x"},
        "dateCreated": "2026-01-01T00:00:00Z",
    }


KNOWN = [
    repository("acme/other", "https://github.com/acme/other"),
    repository("origin", None, "unknown"),
    repository("Acme/Shop", "https://github.com/Acme/Shop"),
    repository("Acme Group / Sub / Pay", "https://gitlab.example/acme/sub/pay", "integrations:gitlab"),
    repository("acme/quiet", None),
]


@pytest.mark.parametrize(
    ("name", "address", "found"),
    [
        ("acme/shop", "git@github.com:acme/shop.git", "Acme/Shop"),
        ("acme/shop", "https://x-access-token:t@github.com/acme/shop", "Acme/Shop"),
        ("acme/shop", "ssh://git@github.com:22/acme/shop.git/", "Acme/Shop"),
        ("acme/sub/pay", "https://gitlab.example/acme/sub/pay.git", "Acme Group / Sub / Pay"),
        ("ACME/Quiet", None, "acme/quiet"),
        ("acme/shop", "https://mirror.test/acme/shop.git", "Acme/Shop"),
    ],
)
def test_the_name_that_sentry_has(name: str, address: str | None, found: str) -> None:
    named = name_in_sentry(stage(reply(KNOWN)).client, name, address)
    assert (named.name, named.warning) == (found, None)


def test_a_repository_that_sentry_does_not_know_is_told_of() -> None:
    named = name_in_sentry(stage(reply(KNOWN)).client, "acme/new", "https://github.com/acme/new")
    assert named.name == "acme/new"
    assert named.warning is not None
    assert "acme/other and 3 more" in named.warning


@pytest.mark.parametrize(
    "answer", [reply([]), reply(DETAIL_404, 404), reply({"detail": "no"}, 403), reply([repository("x", None, "unknown")])]
)
def test_without_integrations_or_the_right_to_see_them_our_name_has_to_do(answer) -> None:
    named = name_in_sentry(stage(answer).client, "acme/shop", "https://github.com/acme/shop")
    assert (named.name, named.warning) == ("acme/shop", None)


def test_a_name_that_is_too_long_is_cut_aloud() -> None:
    named = name_in_sentry(stage(reply([])).client, "acme/" + "x" * 100, None)
    assert len(named.name) == 64
    assert "64 characters" in (named.warning or "")
