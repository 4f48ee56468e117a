"""Who works on a delivery, in a form that tells another process on the same machine whether that one still lives.

Without it a run after a kill would wait for the lease to end. It only ever says "gone" when that is certain: the same boot of
the same kernel, the same namespace of process numbers, and the process is no more (or its number belongs to a later one).
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_PROC: Final = Path("/proc")
_DEAD_STATES: Final = ("Z", "X", "x")


@dataclass(frozen=True, slots=True)
class Holder:
    """One user of the outbox within one process. ``place`` is empty where the system does not tell (then only leases end)."""

    place: str
    pid: int
    born: str
    mark: str

    @classmethod
    def here(cls) -> Self:
        """This process; each call gives another holder."""
        pid = os.getpid()
        return cls(_place(), pid, _birth(pid) or "", uuid.uuid4().hex)

    @property
    def name(self) -> str:
        """As text, for the store."""
        return "/".join((self.place, str(self.pid), self.born, self.mark))

    def gone(self, name: str) -> bool:
        """Whether the holder of this name is certainly no more."""
        place, _, rest = name.partition("/")
        parts = rest.split("/")
        if not self.place or place != self.place or len(parts) != 3 or not parts[0].isdigit():
            return False
        return _birth(int(parts[0])) != parts[1]


def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _birth(pid: int) -> str | None:
    """When a living process was started, in clock ticks since the boot (field 22 of proc(5)'s stat); ``None`` for a dead one."""
    try:
        # The second field is the program's name in parentheses and may hold anything.
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in _DEAD_STATES else fields[19]
