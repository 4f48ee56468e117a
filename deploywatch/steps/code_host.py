"""The code host hears of a deploy without any configuration: its channels join those of deploywatch.toml for one delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from deploywatch.model import Delivery, DeliveryState
from deploywatch.pipeline.code_host import channels_for, host_of, permission_for
from deploywatch.requests import Tell
from deploywatch.settings import Channel

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup

_LOST = (DeliveryState.DEAD, DeliveryState.FAILED, DeliveryState.UNKNOWN)


def with_code_host(setup: Setup, wanted: Sequence[Tell]) -> tuple[Setup, tuple[str, ...]]:
    """The same set-up with the channels of ``--tell``, and their names.

    A channel of the same type that is configured is taken instead. Without a token there are none, and that is said. Raises
    ``UsageError`` where there is no code host, or it cannot be told what is wanted.
    """
    if not wanted:
        return setup, ()
    host = host_of(setup.pipeline, setup.environ)
    if not setup.environ.get(host.token, "").strip():
        setup.say(f"warning: {host.title} is told nothing: {host.token} is not set")
        return setup, ()
    ours = {channel.type: channel.name for channel in setup.settings.channels}
    made = [Channel.model_validate(each) for each in channels_for(host, wanted)]
    added = [channel for channel in made if channel.type not in ours]
    settings = setup.settings.model_copy(update={"channels": (*setup.settings.channels, *added)})
    return replace(setup, settings=settings), tuple(ours.get(channel.type, channel.name) for channel in made)


def problem_of(delivery: Delivery) -> str | None:
    """Why a message did not arrive, and what to allow where that is known; ``None`` for one that did."""
    if delivery.state not in _LOST:
        return None
    last = delivery.attempts[-1] if delivery.attempts else None
    why = (last.error if last else None) or "no attempt was made"
    needed = permission_for(delivery.channel) if last and last.status in (401, 403, 404) else None
    return f"{delivery.channel} was not told ({delivery.state}): {why}" + (f"; {needed}" if needed else "")
