"""The kinds of channels by their names in deploywatch.toml, and from its ``[[channels]]`` to the channels themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, TypeVar

from deploywatch.deliver.channel import Channel
from deploywatch.deliver.channels import (
    apprise,
    email,
    file,
    github_check,
    github_comment,
    github_deployment,
    github_issue,
    gitlab_comment,
    gitlab_issue,
    jira,
    linear,
    opsgenie,
    pagerduty,
    sentry_assign,
    sentry_comment,
    slack,
    slack_bot,
    teams,
    webhook,
    youtrack,
)
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError

_Value = TypeVar("_Value")
Factory = Callable[[str, Mapping[str, Any], Tools], Channel]

TYPES: Final[Mapping[str, Factory]] = MappingProxyType(
    {
        "apprise": apprise.make,
        "email": email.make,
        "file": file.make,
        "github-check": github_check.make,
        "github-comment": github_comment.make,
        "github-deployment": github_deployment.make,
        "github-issue": github_issue.make,
        "gitlab-comment": gitlab_comment.make,
        "gitlab-issue": gitlab_issue.make,
        "jira": jira.make,
        "linear": linear.make,
        "opsgenie": opsgenie.make,
        "pagerduty": pagerduty.make,
        "pagerduty-change": pagerduty.make_changes,
        "sentry-assign": sentry_assign.make,
        "sentry": sentry_comment.make,
        "slack": slack.make,
        "slack-bot": slack_bot.make,
        "teams": teams.make,
        "webhook": webhook.make,
        "youtrack": youtrack.make,
    }
)


@dataclass(frozen=True, slots=True)
class Switchboard:
    """The configured channels by name, and by the name of each the channel that is told when it fails."""

    channels: Mapping[str, Channel]
    fallbacks: Mapping[str, Channel]

    def named(self, names: Iterable[str]) -> tuple[Channel, ...]:
        """These channels, each once, in this order. Raises ``ConfigError`` for a name that none has."""
        return tuple(_pick(self.channels, name, f"there is no channel {name!r}") for name in dict.fromkeys(names))


def build(configs: Iterable[Mapping[str, Any]], tools: Tools) -> Switchboard:
    """Channels from mappings with ``name``, ``type``, perhaps ``fallback`` (another's name), and the type's own keys.

    Raises ``ConfigError`` for an unknown type, a name that comes twice or leads nowhere, and whatever the type refuses.
    """
    channels: dict[str, Channel] = {}
    fallback_names: dict[str, str] = {}
    for config in configs:
        rest = dict(config)
        name, fallback = str(rest.pop("name", "")), rest.pop("fallback", None)
        if not name or name in channels:
            raise ConfigError(
                f"two channels are called {name!r}" if name else "a channel has no name", hint="give each its own name"
            )
        factory = _pick(TYPES, str(rest.pop("type", "")), f"channels.{name}.type is not a kind of channel")
        channels[name] = factory(name, rest, tools)
        if fallback is not None:
            fallback_names[name] = str(fallback)
    return Switchboard(channels, {name: _fallback(channels, name, to) for name, to in fallback_names.items()})


def _fallback(channels: Mapping[str, Channel], name: str, to: str) -> Channel:
    if name == to:
        raise ConfigError(f"channel {name} is its own fallback", hint="name another channel, or leave it out")
    return _pick(channels, to, f"channels.{name}.fallback leads to {to!r}, which is not a channel")


def _pick(known: Mapping[str, _Value], name: str, complaint: str) -> _Value:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(known) or 'none is configured'}"
    raise ConfigError(complaint, hint=hint)
