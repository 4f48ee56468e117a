"""The channels: whether somebody would hear of a regression."""

from __future__ import annotations

from collections.abc import Iterator

from deploywatch.doctor.finding import Code, DoctorFinding


def no_channels() -> DoctorFinding:
    """Nobody would be told."""
    return DoctorFinding(
        "channels",
        Code.CHANNELS_NONE,
        "no channel is configured: a regression is printed, and nobody is told",
        "add [[channels]] to deploywatch.toml",
    )


def channel_findings(name: str, kind: str, *, what: str, failed: str, untold: str) -> Iterator[DoctorFinding]:
    """``what`` was tried; ``failed`` says what went wrong, ``untold`` why it could not be tried at all."""
    if untold:
        yield DoctorFinding("channels", Code.CHANNEL_UNTOLD, f"{name} ({kind}) cannot be tried without sending: {untold}")
    elif failed:
        fix = f"check [[channels]] {name}, and the network and proxy between here and there"
        yield DoctorFinding("channels", Code.CHANNEL_UNREACHABLE, f"{name} ({kind}): {what} is not reached: {failed}", fix)
    else:
        yield DoctorFinding("channels", Code.CHANNEL_REACHED, f"{name} ({kind}): {what} is reached; nothing was sent")
