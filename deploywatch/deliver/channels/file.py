"""A file, for pipelines that keep artefacts. It is there whole or not at all; writing it twice is writing it once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.options import Options, Tools, read_options
from deploywatch.model import Delivery, Report, Resolution

POLICY: Final = Policy(repeatable=True)
_KEY: Final = "{key}"


class FileOptions(Options):
    """The keys of a file."""

    path: str
    """Where to write; "{key}" in it becomes the message's key, so that each message has a file of its own."""
    format: Literal["html", "markdown", "json", "text"] = "html"
    """What to write."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file in one of the report's formats."""

    name: str
    path: Path
    format: str
    render: Callable[[Report, str], str]
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:  # noqa: ARG002 - the key goes in the name
        """What the file will hold."""
        return self.render(report, self.format)

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> None:  # noqa: ARG002 - a file says what was found
        """Never."""
        return

    def send(self, parcel: Parcel) -> Receipt:
        """Write it beside its place, then put it there."""
        place = self._place(parcel.key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, parcel.payload.encode(), parcel.key)
        except OSError as error:
            reason = f"{place} cannot be written: {error.strerror}; correct the path or make the folder writable"
            return Receipt(Outcome.REFUSED, error=reason)
        return Receipt(Outcome.TAKEN, reference=str(place))

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """The path of a file with exactly this content."""
        place = self._place(parcel.key)
        try:
            return str(place) if place.read_bytes() == parcel.payload.encode() else None
        except FileNotFoundError:
            return None
        except OSError as error:
            return CannotTell(f"{place} cannot be read: {error.strerror}")

    def _place(self, key: str) -> Path:
        return Path(str(self.path).replace(_KEY, key))


def _write(place: Path, content: bytes, key: str) -> None:
    draft = place.with_name(f".{place.name}.{key[:12]}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(place)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def make(name: str, config: Mapping[str, Any], tools: Tools) -> ReportFile:
    """From ``path`` and ``format``. Raises ``ConfigError``."""
    options = read_options(FileOptions, name, config)
    return ReportFile(name, tools.folder / Path(options.path).expanduser(), options.format, tools.render)
