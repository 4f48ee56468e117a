"""Everything else, by apprise (extra ``notify``): more than a hundred services by one address each.

At most once: apprise says whether it worked, not what went wrong, so that a failure may be an answer that was lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.options import Options, Tools, read_options
from deploywatch.errors import ConfigError
from deploywatch.model import Delivery, Report, Resolution
from deploywatch.report import resolved
from deploywatch.report.escaping import plain
from deploywatch.report.outline import outline

POLICY: Final = Policy(repeatable=False)


class AppriseOptions(Options):
    """The keys of an apprise address."""

    url: str
    """The address in apprise's form (matrix://..., tgram://...), by reference: it holds the secret."""


@dataclass(frozen=True, slots=True)
class AppriseTarget:
    """One address of apprise's. ``notify`` takes a title and a text, and says whether it worked."""

    name: str
    notify: Callable[[str, str], bool] = field(repr=False)
    render: Callable[[Report, str], str]
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:  # noqa: ARG002 - most services have no place for it
        """A title and plain text."""
        return json.dumps({"title": plain(outline(report).headline), "body": self.render(report, "text")})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:  # noqa: ARG002
        """A message of its own."""
        return json.dumps({"title": resolved.headline(resolution), "body": resolved.as_text(resolution)})

    def send(self, parcel: Parcel) -> Receipt:
        """Send it."""
        told = json.loads(parcel.payload)
        if self.notify(told["title"], told["body"]):
            return Receipt(Outcome.TAKEN)
        return Receipt(Outcome.UNSURE, error="apprise says that it did not work; run with -vv to see why")

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never possible."""
        return CannotTell("apprise cannot look; it is not sent again because it might then be there twice")


def make(name: str, config: Mapping[str, Any], tools: Tools) -> AppriseTarget:
    """From ``url``. Raises ``ConfigError``, also where apprise is not installed or does not know the address."""
    options = read_options(AppriseOptions, name, config)
    url = tools.vault.secret(options.url, f"channels.{name}.url")
    try:
        from apprise import Apprise, NotifyFormat
    except ImportError:
        raise ConfigError(f"channel {name} needs apprise", hint="pip install 'deploywatch[notify]'") from None
    target = Apprise()
    if not target.add(url):
        raise ConfigError(f"channels.{name}.url is not an address that apprise knows", hint="see apprise's list of services")
    return AppriseTarget(
        name, lambda title, body: bool(target.notify(body=body, title=title, body_format=NotifyFormat.TEXT)), tools.render
    )
