"""The order of version tags: of the right package, the newest first."""

from __future__ import annotations

import pytest

from deploywatch.history.base import newest_versions


@pytest.mark.parametrize(
    ("tags", "package", "found"),
    [
        (["v1.9.0", "v1.10.0", "v1.2.0"], None, "v1.10.0"),
        (["v1.0.0", "v1.1.0-rc.1"], None, "v1.1.0-rc.1"),
        (["v1.1.0", "v1.1.0-rc.1"], None, "v1.1.0"),
        (["shop@1.0.0", "billing@9.0.0"], "shop", "shop@1.0.0"),
        (["shop-v1.0.0", "billing-v9.0.0", "v3.0.0"], "shop", "shop-v1.0.0"),
        (["shop/1.0.0", "v3.0.0"], "billing", "v3.0.0"),
        (["release-1.0.0", "release-2.0.0"], "shop", "release-2.0.0"),
        (["a@1.0.0", "b@2.0.0"], "shop", None),
        (["@acme/shop@1.0.0", "@acme/api@2.0.0"], "@acme/shop", "@acme/shop@1.0.0"),
        (["2026.05.04-2"], None, "2026.05.04-2"),
        (["nightly", "v2"], None, None),
    ],
)
def test_the_newest_version_of_the_package(tags: list[str], package: str | None, found: str | None) -> None:
    assert next(iter(newest_versions(tags, package)), None) == found


def test_what_names_no_version_is_left_out() -> None:
    assert newest_versions(["v1.0.0", "nightly", "v2.0.0", "v10.0.0"]) == ["v10.0.0", "v2.0.0", "v1.0.0"]
