"""E-mail over SMTP (RFC 5321), as plain text and HTML, with STARTTLS unless the configuration says otherwise.

At least once, as mail itself is: a repetition has the same Message-ID, by which mailboxes tell it. News of an incident refers to
the same thread.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from typing import Any, Final, Literal

from pydantic import Field

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.message import digest, message_of
from deploywatch.deliver.options import Options, Tools, read_options
from deploywatch.model import Delivery, Report, Resolution
from deploywatch.report import resolved

POLICY: Final = Policy(repeatable=True, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=1))
_ADDRESS: Final = r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+$"
_DEFAULT_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


class EmailOptions(Options):
    """The keys of a mail server and whom to write to."""

    host: str
    """The mail server."""
    port: int | None = None
    """Its port. Default: 587 with starttls, 465 with tls, 25 with none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is kept private; "none" only on a network that is."""
    username: str | None = None
    """Who logs in, if somebody must."""
    password: str | None = None
    """The password, by reference."""
    sender: str = Field(pattern=_ADDRESS)
    """The From address."""
    to: tuple[str, ...] = Field(min_length=1)
    """The addresses to write to."""


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach a mail server. ``trust`` is what TLS checks its certificate by."""

    host: str
    port: int
    security: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def connect(self, timeout: float) -> smtplib.SMTP:
        """A session that is ready for a message. Raises ``OSError`` and ``smtplib.SMTPException``; nothing was sent then."""
        if self.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=timeout, context=self.trust())
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=timeout)
        try:
            if self.security == "starttls":
                session.starttls(context=self.trust())
            if self.username is not None:
                session.login(self.username, self.password or "")
        except BaseException:
            session.close()
            raise
        return session


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail from one sender to some addresses. Its payload is the whole message as it goes over the wire."""

    name: str
    server: Server
    sender: str
    to: tuple[str, ...]
    render: Callable[[Report, str], str]
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:
        """The message; nothing in it depends on when or how often it is made."""
        incident = message_of(report).incident
        # An incident that comes back in another release belongs to the same thread.
        thread = digest([report.environment, incident] if incident else [report.release, report.environment])
        mail = message_from_string(self.render(report, "email"), policy=WIRE)
        self._address(mail, key)
        mail["References"] = f"<{thread}@{self._domain}>"
        return mail.as_bytes().decode("ascii")

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:
        """An answer to the mail that told of it."""
        mail = EmailMessage(policy=WIRE)
        mail["Subject"] = resolved.headline(resolution)
        mail["Date"] = format_datetime(resolution.at)
        mail["Auto-Submitted"] = "auto-generated"
        self._address(mail, key)
        mail["In-Reply-To"] = mail["References"] = f"<{told.key}@{self._domain}>"
        mail.set_content(resolved.as_text(resolution), cte="quoted-printable")
        return mail.as_bytes().decode("ascii")

    @property
    def _domain(self) -> str:
        return self.sender.rpartition("@")[2]

    def _address(self, mail: EmailMessage, key: str) -> None:
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Message-ID"] = f"<{key}@{self._domain}>"

    def send(self, parcel: Parcel) -> Receipt:
        """Hand it to the server."""
        try:
            session = self.server.connect(self.policy.timeout.total_seconds())
        except (OSError, smtplib.SMTPException) as error:
            return _not_sent(error)
        try:
            refused = session.sendmail(self.sender, list(self.to), parcel.payload.encode("ascii"))
        except smtplib.SMTPRecipientsRefused as error:
            return _answered(max(error.recipients.values(), default=(550, b"")))
        except smtplib.SMTPResponseException as error:
            return _answered((error.smtp_code, error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return Receipt(Outcome.UNSURE, error=f"the mail server's answer was lost: {error}")
        finally:
            with suppress(OSError, smtplib.SMTPException):
                session.quit()
        return Receipt(Outcome.TAKEN, status=250, error=f"not taken for {', '.join(refused)}" if refused else None)

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never possible, nor needed."""
        return CannotTell("mailboxes tell repetitions by their Message-ID")


def _not_sent(error: Exception) -> Receipt:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered((error.smtp_code, error.smtp_error))
    hopeless = isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError)
    return Receipt(Outcome.REFUSED if hopeless else Outcome.LATER, error=f"no session with the mail server: {error}")


def _answered(answer: tuple[int, bytes | str]) -> Receipt:
    """Codes of 400 are for now, codes of 500 for good (RFC 5321, 4.2.1)."""
    code, said = answer
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    outcome = Outcome.LATER if 400 <= code < 500 else Outcome.REFUSED
    return Receipt(outcome, status=code, answer=text, error=f"the mail server answered {code} {text}")


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Mail:
    """From ``host``, ``port``, ``security``, ``username``, ``password``, ``sender`` and ``to``. Raises ``ConfigError``."""
    options = read_options(EmailOptions, name, config)
    password = tools.vault.secret(options.password, f"channels.{name}.password") if options.password else None
    port = options.port or _DEFAULT_PORTS[options.security]
    server = Server(options.host, port, options.security, options.username, password)
    return Mail(name, server, options.sender, options.to, tools.render)
