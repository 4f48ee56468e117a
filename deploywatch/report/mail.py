"""Report -> a whole e-mail but for its addresses: plain text, and HTML that fetches nothing (RFC 2046, 5.1.4)."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from deploywatch.model import Report
from deploywatch.report.escaping import plain
from deploywatch.report.outline import outline

SUBJECT_LIMIT: Final = 200


def subject(report: Report) -> str:
    """The headline as one line."""
    return plain(outline(report).headline, SUBJECT_LIMIT)


def multipart(report: Report, *, text: str, html: str) -> str:
    """The message in ASCII, the same for the same report."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject(report)
    mail["Date"] = format_datetime(report.made_at)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="base64")
    mail.set_boundary(f"=_{hashlib.sha256(html.encode()).hexdigest()[:40]}")
    return mail.as_string(policy=SMTP.clone(linesep="\n"))
