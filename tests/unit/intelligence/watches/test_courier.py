from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from kaname.intelligence.watches import define
from kaname.intelligence.watches.courier import Courier, Delivered
from kaname.knowledge.watch_records import Delivery, WatchHit, WatchKind
from kaname.model.marking import Tlp


class Hook(BaseHTTPRequestHandler):
    answers: ClassVar[list[int]] = []
    bodies: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append((self.path, json.loads(body)))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Mailbox(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one mail takes."""

    lines: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            self.lines.append(line)
            word = line.split()[0].upper()
            self.say({"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 ok"))
            if word == "DATA":
                while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    self.lines.append(text)
                self.say("250 kept")
            if word == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def serve(server: socketserver.BaseServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.answers, Hook.bodies = [], []
    yield from serve(ThreadingHTTPServer(("127.0.0.1", 0), Hook))


@pytest.fixture
def mailbox() -> Iterator[str]:
    Mailbox.lines = []
    yield from serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox))


def send(delivery: Delivery, tlp: Tlp = Tlp.GREEN, waits: tuple[float, ...] = (0, 0)) -> Delivered:
    watch = define(WatchKind.IP, "192.0.2.1", owner="alice", delivery=delivery, at=1)
    hit = WatchHit(
        id="hit-1", watch=watch.id, at=1_700_000_000_000_000, noticed=2, subject="ip:192.0.2.1",
        entry="192.0.2.1", observation="secret-observation", tlp=tlp,
    )  # fmt: skip
    courier = Courier(waits)
    courier.send(watch, hit)
    courier.close(patience=10)
    return courier.delivered


def test_a_webhook_is_told(hook: str) -> None:
    assert send(Delivery(webhook=f"http://{hook}/in?x=1")).sent == 1
    ((path, body),) = Hook.bodies
    assert path == "/in?x=1"
    assert (body["subject"], body["tlp"]) == ("ip:192.0.2.1", "TLP:GREEN")
    assert "secret-observation" not in json.dumps(body)


def test_a_failure_is_tried_again(hook: str) -> None:
    Hook.answers = [503, 200]
    assert send(Delivery(webhook=f"http://{hook}/")) == (1, 0, 0, "HTTPException: HTTP 503")
    assert len(Hook.bodies) == 2


def test_a_redirection_is_not_followed(hook: str) -> None:
    Hook.answers = [302, 302]
    told = send(Delivery(webhook=f"http://{hook}/"))
    assert (told.sent, told.failed) == (0, 1)


def test_nobody_there_is_given_up(hook: str) -> None:
    told = send(Delivery(webhook="http://127.0.0.1:1/"))
    assert (told.sent, told.failed) == (0, 1)
    assert told.last_error


def test_what_is_closed_stays_here(hook: str) -> None:
    told = send(Delivery(webhook=f"http://{hook}/"), Tlp.AMBER_STRICT)
    assert (told.sent, told.refused) == (0, 1)
    assert Hook.bodies == []


def test_a_mail_is_sent(mailbox: str) -> None:
    delivery = Delivery(mail=("soc@example.com",), smtp=mailbox, sender="kaname@example.com")
    assert send(delivery).sent == 1
    text = "\n".join(Mailbox.lines)
    assert "rcpt TO:<soc@example.com>" in text
    assert "[TLP:GREEN] kaname: watch-" in text
    assert "ip:192.0.2.1" in text
