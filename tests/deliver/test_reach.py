"""Trying a channel without telling it anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from deploywatch.deliver.channels.email import Mail, Server
from deploywatch.deliver.channels.file import ReportFile
from deploywatch.deliver.reach import Reach, reach
from deploywatch.http import HttpClient
from tests.fakes.loopback import Loopback, hang_up, http


class Nobody:
    """A mailbox that must stay empty."""

    def __init__(self) -> None:
        self.mails: list[object] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope)
        return "250 OK"


def mail(port: int, **server: str) -> Mail:
    return Mail("mail", Server("127.0.0.1", port, "none", **server), "a@b.c", ("d@e.f",), lambda *_: "")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return unused.getsockname()[1]


def test_a_mail_server_is_visited_and_gets_no_mail() -> None:
    mailbox = Nobody()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        assert reach(mail(controller.port), None, {}) == Reach(f"the mail server 127.0.0.1:{controller.port}")
        refused = reach(mail(controller.port, username="ana", password="hunter2"), None, {})
    finally:
        controller.stop()
    assert mailbox.mails == []
    assert refused.failed
    assert "hunter2" not in str(refused)


def test_a_mail_server_that_is_not_there() -> None:
    assert "refused" in reach(mail(free_port()), None, {}).failed.lower()


@pytest.mark.parametrize("answer", [http(), http("404 Not Found"), http("405 Method Not Allowed"), http("503 Busy")])
def test_whatever_a_host_answers_it_is_there(answer: bytes) -> None:
    with Loopback([answer]) as server, HttpClient(environ={}) as client:
        assert reach(object(), client, {"channels.x.url": f"{server.url}/secret/path"}) == Reach(server.url)
    assert server.requests[0].startswith(b"HEAD / HTTP/1.1\r\n")
    assert b"secret" not in server.requests[0]


def test_a_host_that_hangs_up() -> None:
    with Loopback([hang_up]) as server, HttpClient(environ={}) as client:
        assert reach(object(), client, {"channels.x.url": server.url}).failed == "connection lost"


def test_a_channel_without_an_address_cannot_be_tried() -> None:
    assert reach(object(), None, {}).untold


def test_a_file_whose_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = ReportFile("page", tmp_path / "file" / "report.html", "html", lambda *_: "")
    fine = ReportFile("page", tmp_path / "new" / "report.html", "html", lambda *_: "")
    assert reach(blocked, None, {}).failed == "it cannot be written"
    assert reach(fine, None, {}) == Reach(str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
