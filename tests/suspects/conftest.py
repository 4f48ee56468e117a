"""A maker of histories in the test's own folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.suspects.histories import Files, History

Deployed = Callable[[Files], History]


@pytest.fixture
def deployed(tmp_path: Path) -> Deployed:
    return lambda files: History(tmp_path / "repository", files)
