from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from deploywatch.watch.source import IssueSource
from tests.fakes.watching import FakeClock, FakeSource, Happening, World
from tests.watch.contract import NOW, IssueSourceContract


class TestTheFake(IssueSourceContract):
    def make(self, happenings: Sequence[Happening]) -> IssueSource:
        known_from = None if happenings else NOW + timedelta(days=1)
        return FakeSource(World(list(happenings), environment_from=known_from), FakeClock(NOW))
