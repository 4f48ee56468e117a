"""Whether a channel could be reached, without telling it anything.

Of a web address only the host is asked, for nothing and without credentials: whatever it answers, it is there. A mail server is
logged in to and left. Whether the credentials are right and the place still exists, only a message shows.
"""

from __future__ import annotations

import os
import smtplib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from deploywatch.deliver.channel import Channel
from deploywatch.deliver.channels.email import Mail
from deploywatch.deliver.channels.file import ReportFile
from deploywatch.http import Http, HttpFailure, origin_of

TIMEOUT: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Reach:
    """What came of it. ``what`` was tried; ``failed`` says why it is not reached, ``untold`` why that is not known."""

    what: str = ""
    failed: str = ""
    untold: str = ""


def reach(channel: Channel, http: Http | None, addresses: Mapping[str, str]) -> Reach:
    """Try one channel. ``http`` is the door that it speaks through and ``addresses`` are those that its configuration names."""
    if isinstance(channel, Mail):
        return _mail(channel)
    if isinstance(channel, ReportFile):
        return _folder(channel.path.parent)
    if http is None or not addresses:
        return Reach(untold="it has no address of its own")
    tried = [_host(http, address) for address in addresses.values()]
    hosts = ", ".join(dict.fromkeys(one.what for one in tried))
    return next((one for one in tried if one.failed), Reach(hosts))


def _host(http: Http, address: str) -> Reach:
    host = origin_of(address)
    try:
        http.request("HEAD", f"{host}/", timeout=TIMEOUT)
    except HttpFailure as failure:
        return Reach(host, failed=str(failure))
    return Reach(host)


def _mail(channel: Mail) -> Reach:
    server = channel.server
    what = f"the mail server {server.host}:{server.port}"
    try:
        session = server.connect(TIMEOUT.total_seconds())
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        return Reach(what, failed=f"it answered {error.smtp_code} {said}")
    except (OSError, smtplib.SMTPException) as error:
        return Reach(what, failed=str(error))
    with suppress(OSError, smtplib.SMTPException):
        session.quit()
    return Reach(what)


def _folder(folder: Path) -> Reach:
    """The nearest folder that exists: the rest is made when it is needed."""
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    fine = nearest.is_dir() and os.access(nearest, os.W_OK)
    return Reach(str(folder), failed="" if fine else "it cannot be written")
