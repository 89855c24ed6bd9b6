"""Deliveries go out in order until they are acknowledged, over TLS that is checked."""

from __future__ import annotations

import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.certificates import make_certificate
from tests.unit.telescope.sensors.test_outbox import commit

from kaname.model.errors import UsageError
from kaname.readers.deliveries.courier import Courier
from kaname.readers.deliveries.outbox import Outbox
from kaname.readers.deliveries.package import decode
from kaname.telescope.sensors.minutes import MINUTES

SECRET = "kns_secret"


class Nexus(http.server.ThreadingHTTPServer):
    """Answers with what `plan` says, then with 200; keeps what it took."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.plan: list[int] = []
        self.taken: list[int] = []
        self.seen: list[tuple[str, str]] = []


class Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Nexus

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers["Authorization"]))
        status = self.server.plan.pop(0) if self.server.plan else 200
        if status == 200:
            self.server.taken.append(decode(MINUTES, body)[0].notes["lost_kernel"])
        answer = b"{}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def nexus() -> Iterator[Nexus]:
    server = Nexus()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "spool", "north", MINUTES)


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.02)


def test_deliveries_go_out_in_order_and_again_until_they_are_taken(
    nexus: Nexus, outbox: Outbox
) -> None:
    nexus.plan = [503, 401]
    for number in (1, 2, 3):
        commit(outbox, number)
    courier = Courier(outbox, f"http://127.0.0.1:{nexus.server_port}/", SECRET)
    courier.start()
    wait_for(lambda: nexus.taken == [1, 2, 3])
    courier.stop()
    assert (courier.delivered, courier.refused, courier.error) == (3, 0, None)
    assert set(nexus.seen) == {("/api/v1/telescope/sensors/north/minutes", f"Bearer {SECRET}")}


def test_what_will_never_be_taken_does_not_hold_up_the_rest(nexus: Nexus, outbox: Outbox) -> None:
    nexus.plan = [422]
    commit(outbox, 1)
    commit(outbox, 2)
    courier = Courier(outbox, f"http://127.0.0.1:{nexus.server_port}", SECRET)
    courier.start()
    wait_for(lambda: nexus.taken == [2])
    courier.stop()
    assert (courier.delivered, courier.refused) == (1, 1)


def test_a_nexus_that_is_away_is_waited_for(nexus: Nexus, outbox: Outbox) -> None:
    port = nexus.server_port
    nexus.shutdown()
    nexus.server_close()
    commit(outbox, 1)
    courier = Courier(outbox, f"http://127.0.0.1:{port}", SECRET)
    courier.start()
    wait_for(lambda: courier.error is not None)
    assert len(outbox.waiting()) == 1
    courier.stop()


@pytest.mark.parametrize(
    "url", ["nexus.example", "ftp://nexus.example", "http://nexus.example", "http://192.0.2.1:8471"]
)
def test_tokens_do_not_cross_the_network_in_clear(outbox: Outbox, url: str) -> None:
    with pytest.raises(UsageError):
        Courier(outbox, url, SECRET)


def test_a_certificate_of_strangers_is_refused(
    nexus: Nexus, outbox: Outbox, tmp_path: Path
) -> None:
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    nexus.socket = context.wrap_socket(nexus.socket, server_side=True)
    commit(outbox, 1)
    url = f"https://localhost:{nexus.server_port}"
    stranger = Courier(outbox, url, SECRET)
    stranger.start()
    wait_for(lambda: stranger.error is not None)
    stranger.stop()
    assert "certificate" in str(stranger.error).lower()
    assert nexus.seen == []  # the token was not sent
    friend = Courier(outbox, url, SECRET, ca=certificate)
    friend.start()
    wait_for(lambda: nexus.taken == [1])
    friend.stop()
    with pytest.raises(UsageError):
        Courier(outbox, url, SECRET, ca=tmp_path / "missing.pem")
