"""The live feed's door, and what comes through it; replays by clearance."""

from __future__ import annotations

import json
import socket
import struct
import time

import httpx
import pytest
from tests.contract.api.conftest import START
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from kaname.model.marking import Tlp
from kaname.readers.live.tap import PacketBlock, packet_tap


def header(frame: bytes) -> dict:
    assert frame[:4] == b"KNP1"
    (length,) = struct.unpack_from("<I", frame, 4)
    return json.loads(frame[8 : 8 + length])


def block(sensor: str = "north") -> PacketBlock:
    word, half = struct.pack("<I", 0x01020304), struct.pack("<H", 23)
    return PacketBlock(sensor, 1_000_000, 1, 1, word, word, half, half, bytes(4), b"\x0d", half)


def begun(feed) -> dict:
    """The first frame; both that a feed begins with are empty."""
    first = header(feed.recv(5))
    assert first["count"] == header(feed.recv(5))["count"] == 0
    return first


def live(running, query: str = "", **more):
    url = running.nexus.url.replace("http", "ws", 1) + "api/v1/telescope/live" + query
    return connect(url, open_timeout=10, **more)


def bearer(running, clearance: Tlp = Tlp.RED) -> dict[str, str]:
    return {"Authorization": f"Bearer {running.token('viewer', clearance)}"}


def cookie(running) -> dict[str, str]:
    token = running.token("viewer")
    answer = httpx.post(f"{running.nexus.url}api/v1/session", json={"token": token})
    return {"Cookie": f"kaname_session={answer.cookies['kaname_session']}"}


def refused(running, **more) -> tuple[int, dict]:
    with pytest.raises(InvalidStatus) as caught, live(running, **more):
        pass
    answer = caught.value.response
    return answer.status_code, json.loads(answer.body or b"{}")


def test_packets_come_as_they_arrive(running):
    with live(running, additional_headers=bearer(running)) as feed:
        begun(feed)
        packet_tap.put(block())
        told = header(feed.recv(5))
    assert (told["count"], told["packets"], told["sensors"]) == (1, 1, ["north"])


def test_one_sensor_can_be_asked_for(running):
    with live(running, "?sensor=south", additional_headers=bearer(running)) as feed:
        begun(feed)
        packet_tap.put(block("north"))
        packet_tap.put(block("south"))
        assert header(feed.recv(5))["sensors"] == ["south"]


def test_who_may_not_see_live_input_sees_that_it_lives_only(running):
    with live(running, additional_headers=bearer(running, Tlp.GREEN)) as feed:
        begun(feed)
        packet_tap.put(block())
        assert header(feed.recv(5))["count"] == 0


def test_a_page_of_this_server_opens_it_with_its_cookie(running):
    origin = running.nexus.url.rstrip("/")
    with live(running, additional_headers=cookie(running), origin=origin) as feed:
        assert begun(feed)["live"] is True


@pytest.mark.parametrize("origin", ["https://evil.example", None, "null"])
def test_a_cookie_from_elsewhere_is_refused(running, origin):
    status, document = refused(running, additional_headers=cookie(running), origin=origin)
    assert status == 403
    assert document["code"] == "api.error.origin"


def test_nothing_is_told_without_a_token(running):
    status, document = refused(running)
    assert status == 401
    assert document["code"] == "api.error.no_token"


def test_a_wrong_token_is_refused(running):
    headers = {"Authorization": "Bearer wrong"}
    assert refused(running, additional_headers=headers)[0] == 401


def test_a_foreign_host_is_refused(running):
    port = running.nexus.url.rstrip("/").rpartition(":")[2]
    url = f"ws://evil.example:{port}/api/v1/telescope/live"
    headers = bearer(running)
    sock = socket.create_connection(("127.0.0.1", int(port)))
    with (
        pytest.raises(InvalidStatus) as caught,
        connect(url, sock=sock, additional_headers=headers),
    ):
        pass
    assert caught.value.response.status_code == 421


def test_other_places_have_no_websocket(running):
    url = running.nexus.url.replace("http", "ws", 1) + "api/v1/nothing"
    with pytest.raises((InvalidStatus, ConnectionClosed)), connect(url) as feed:
        feed.recv(5)


def test_a_client_that_talks_is_not_heard(running):
    with live(running, additional_headers=bearer(running)) as feed:
        begun(feed)
        feed.send("hello")
        feed.send(b"\x00" * 1000)
        packet_tap.put(block())
        assert header(feed.recv(5))["count"] == 1


def test_a_client_that_goes_is_forgotten(running):
    with live(running, additional_headers=bearer(running)) as feed:
        begun(feed)
        assert packet_tap.followed
    for _ in range(100):
        if not packet_tap.followed:
            return
        time.sleep(0.05)
    raise AssertionError("it is still followed")


def test_replays_show_what_the_account_may_see(client):
    asked = {"since": str(START), "until": str(START + 600_000_000)}
    seen = {}
    for level in (Tlp.RED, Tlp.GREEN, Tlp.CLEAR):
        answer = client("viewer", level).get("/api/v1/telescope/replay", params=asked)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        seen[level] = header(answer.content)["packets"]
    # Five minutes for each marking, `number` packets a minute.
    assert seen == {Tlp.RED: 5 * 15, Tlp.GREEN: 5 * 3, Tlp.CLEAR: 5}


@pytest.mark.parametrize(
    "query",
    [{"since": "10", "until": "5"}, {"since": "now", "until": "2 moons"}, {"since": "1"},
     {"since": "999999999999999999", "until": "now"},
     {"since": "1h", "until": "now", "limit": "0"}],
)  # fmt: skip
def test_a_replay_of_nonsense_is_refused(client, query):
    answer = client().get("/api/v1/telescope/replay", params=query)
    assert answer.status_code == 400
    assert answer.json()["detail"]
