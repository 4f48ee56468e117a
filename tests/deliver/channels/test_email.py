"""Mail to a real SMTP server on loopback."""

from __future__ import annotations

import email
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel
from deploywatch.deliver.channels.email import Mail, make
from deploywatch.deliver.options import Tools
from deploywatch.errors import ConfigError
from tests.deliver.support import resolution, told
from tests.fakes.loopback import Loopback
from tests.report.samples import finding, issue, regression, report

KEY, NEXT = "a" * 40, "b" * 40
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiosmtpd's own


class Inbox:
    """Keeps what arrives; ``answers`` are said instead of taking it, in order, by the command."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.sessions: list[tuple[bool, bool]] = []
        self.answers: dict[str, list[str]] = {"RCPT": [], "DATA": []}

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802
        if self.answers["RCPT"]:
            return self.answers["RCPT"].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers["DATA"]:
            return self.answers["DATA"].pop(0)
        self.mails.append(envelope.original_content or b"")
        self.sessions.append((session.ssl is not None, bool(session.authenticated)))
        return "250 OK"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if not (openssl := shutil.which("openssl")):
        pytest.skip("openssl is not installed: no certificate for a mail server")
    folder = tmp_path_factory.mktemp("certificate")
    key, crt = folder / "key.pem", folder / "crt.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext"]
    subprocess.run([*command, "subjectAltName=DNS:localhost", "-keyout", key, "-out", crt], check=True, capture_output=True)
    return key, crt


def served(inbox: Inbox, **options) -> Controller:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return Controller(inbox, hostname="127.0.0.1", port=port, server_kwargs={"enable_SMTPUTF8": False, **options})


@pytest.fixture
def server(inbox: Inbox) -> Iterator[Controller]:
    controller = served(inbox)
    controller.start()
    yield controller
    controller.stop()


def channel(tools: Tools, port: int, **options) -> Mail:
    config = {"host": "localhost", "port": port, "security": "none", "sender": "bot@acme.example", "to": ["on-call@acme.example"]}
    return make("mail", config | options, tools)


def parcel(mail: Mail, told=None, key: str = KEY) -> Parcel:
    return Parcel(mail.compose(told or report(), key), key)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=default)


def test_the_report_arrives_as_text_and_html_exactly_as_it_was_composed(tools: Tools, server: Controller, inbox: Inbox):
    mail = channel(tools, server.port, to=["on-call@acme.example", "ana@acme.example"])
    told = parcel(mail)
    assert mail.send(told).outcome is Outcome.TAKEN
    (raw,) = inbox.mails
    assert raw.decode() == told.payload
    message = read(raw)
    assert (message["From"], message["To"]) == ("bot@acme.example", "on-call@acme.example, ana@acme.example")
    assert message["Subject"].startswith("KeyError in POST /checkout")
    assert message["Message-ID"] == f"<{KEY}@acme.example>"
    assert "KeyError" in message.get_body(("plain",)).get_content()
    assert "<html" in message.get_body(("html",)).get_content()


def test_the_same_message_is_the_same_mail_and_news_is_in_the_same_thread(tools: Tools):
    mail = channel(tools, 25)
    assert parcel(mail).payload == parcel(mail).payload
    news = replace(report(), findings=(*report().findings, finding(regression=regression(issue=issue(99)))))
    first, second = (read(parcel(mail, told, key).payload.encode()) for told, key in ((report(), KEY), (news, NEXT)))
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"]
    back = replace(report(), release="shop@3")
    assert read(parcel(mail, back, NEXT).payload.encode())["References"] == first["References"], "it is back"
    nothing = [replace(report(), release=release, findings=()) for release in ("shop@3", "shop@4")]
    assert len({read(parcel(mail, one, NEXT).payload.encode())["References"] for one in nothing}) == 2
    assert mail.policy.repeatable
    assert isinstance(mail.find(parcel(mail)), CannotTell)


def test_that_it_is_over_answers_the_mail_that_told_of_it(tools: Tools, server: Controller, inbox: Inbox):
    mail = channel(tools, server.port)
    over = mail.resolve(resolution(), told(parcel(mail).payload, key=KEY), NEXT)
    assert mail.send(Parcel(over, NEXT)).outcome is Outcome.TAKEN
    message = read(inbox.mails[0])
    assert (message["Message-ID"], message["In-Reply-To"]) == (f"<{NEXT}@acme.example>", f"<{KEY}@acme.example>")
    assert (message["Subject"], message["To"]) == ("Fixed: KeyError (SHOP-1)", "on-call@acme.example")
    assert "No events in 2h." in message.get_content()


def test_a_hostile_title_stays_in_the_subject(tools: Tools):
    hostile = replace(issue(), error_type="Boom\r\nBcc: everybody@acme.example\r\n\r\nhello")
    told = replace(report(), findings=(finding(regression=regression(issue=hostile), endpoint=None),))
    message = read(parcel(channel(tools, 25), told).payload.encode())
    assert message["Bcc"] is None
    assert "Bcc: everybody" in message["Subject"]


def test_starttls_and_a_login(tools: Tools, environ: dict[str, str], inbox: Inbox, certificate: tuple[Path, Path]):
    environ["PASSWORD"] = "sesame"
    key, crt = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"sesame", handled=False)

    controller = served(inbox, tls_context=context, require_starttls=True, authenticator=check, auth_required=True)
    controller.start()
    try:
        mail = channel(tools, controller.port, security="starttls", username="bot", password="env:PASSWORD")
        assert "sesame" not in repr(mail)
        told = parcel(mail)
        untrusted = mail.send(told)
        trusting = replace(mail, server=replace(mail.server, trust=lambda: ssl.create_default_context(cafile=str(crt))))
        taken = trusting.send(told)
        wrong = replace(trusting, server=replace(trusting.server, password="open")).send(told)
    finally:
        controller.stop()
    assert (untrusted.outcome, taken.outcome, wrong.outcome) == (Outcome.REFUSED, Outcome.TAKEN, Outcome.REFUSED)
    assert "certificate" in (untrusted.error or "")
    assert "535" in (wrong.error or "")
    assert inbox.sessions == [(True, True)]


def test_a_server_without_starttls_gets_no_mail(tools: Tools, server: Controller, inbox: Inbox):
    mail = channel(tools, server.port, security="starttls")
    receipt = mail.send(parcel(mail))
    assert (receipt.outcome, inbox.mails) == (Outcome.REFUSED, [])
    assert "STARTTLS" in (receipt.error or "")


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("RCPT", "450 mailbox busy", Outcome.LATER),
        ("RCPT", "550 no such user", Outcome.REFUSED),
        ("DATA", "451 try again", Outcome.LATER),
        ("DATA", "452 no space", Outcome.LATER),
        ("DATA", "554 spam", Outcome.REFUSED),
    ],
)
def test_what_the_servers_answers_say(
    tools: Tools, server: Controller, inbox: Inbox, command: str, answer: str, outcome: Outcome
):
    inbox.answers[command] = [answer]
    mail = channel(tools, server.port)
    receipt = mail.send(parcel(mail))
    assert (receipt.outcome, receipt.status) == (outcome, int(answer[:3]))
    assert answer[4:] in (receipt.error or "")
    assert mail.send(parcel(mail)).outcome is Outcome.TAKEN


def test_one_bad_address_of_several_is_said(tools: Tools, server: Controller, inbox: Inbox):
    inbox.answers["RCPT"] = ["550 no such user"]
    mail = channel(tools, server.port, to=["gone@acme.example", "on-call@acme.example"])
    receipt = mail.send(parcel(mail))
    assert (receipt.outcome, receipt.error) == (Outcome.TAKEN, "not taken for gone@acme.example")


def test_a_server_that_is_not_there_has_not_got_it(tools: Tools):
    assert channel(tools, 1).send(parcel(channel(tools, 1))).outcome is Outcome.LATER


def dies_after_the_message(connection: socket.socket) -> None:
    """A server that takes the whole message and never says so."""
    connection.sendall(b"220 hello\r\n")
    while b"\r\n.\r\n" not in (said := connection.recv(1 << 20)) and said:
        connection.sendall(b"354 go on\r\n" if said.upper().startswith(b"DATA") else b"250 OK\r\n")


def test_an_answer_that_is_lost_is_unsure(tools: Tools, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.fakes.loopback._request", lambda connection: b"")
    with Loopback([dies_after_the_message]) as server:
        mail = channel(tools, server.port)
        assert mail.send(parcel(mail)).outcome is Outcome.UNSURE


@pytest.mark.parametrize(
    "config",
    [
        {"sender": "no address"},
        {"to": []},
        {"security": "ssl"},
        {"password": "sesame"},
        {"host": 7},
        {"sender": "a@b\r\nBcc: c@d"},
    ],
)
def test_a_bad_configuration_names_the_key(tools: Tools, config: dict):
    with pytest.raises(ConfigError, match=rf"channels\.mail\.{next(iter(config))}") as caught:
        channel(tools, 25, **config)
    assert "sesame" not in caught.value.diagnostics()


def test_the_usual_ports(tools: Tools):
    assert [channel(tools, None, security=security).server.port for security in ("starttls", "tls", "none")] == [587, 465, 25]
