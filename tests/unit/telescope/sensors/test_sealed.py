"""Sealed deliveries: between a sensor and its nexus nobody reads, forges or swallows them."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.telescope.sensors.test_courier import wait_for
from tests.unit.telescope.sensors.test_outbox import commit

from kaname.knowledge import Knowledge
from kaname.knowledge.links import Links
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.lake import Lake
from kaname.model.errors import ConflictError, ForbiddenError, InputError, KanameError
from kaname.readers.deliveries.courier import Courier
from kaname.readers.deliveries.outbox import Outbox
from kaname.readers.deliveries.package import Header, encode
from kaname.readers.deliveries.sealed import Door, Seal, purpose, receive
from kaname.sealing.link_keys import LinkKey, LinkPublicKey
from kaname.sealing.message import is_sealed, seal_message
from kaname.sealing.nexus_keys import NexusKeys
from kaname.telescope.sensors.minutes import MINUTES

OWN = LinkKey.drawn()


def delivery(sequence: int, sensor: str = "north") -> bytes:
    header = Header(sensor=sensor, spool="0" * 32, sequence=sequence, identity="a" * 64)
    return encode(MINUTES, header, [])


class Nexus:
    """Stores and keys, without a process around them."""

    def __init__(self, folder: Path, lake: Lake, knowledge: Knowledge) -> None:
        self.keys = NexusKeys(folder)
        self.door = Door(lake, knowledge, self.keys)
        self.links = knowledge.part(Links)
        self.sensors = knowledge.part(Sensors)
        self.sensors.put_sensor(Sensor(name="north"))

    def register(self, key: LinkPublicKey) -> None:
        self.links.add_key("sensor", "north", key.text, key.fingerprint)

    def take(self, body: bytes) -> tuple[bytes, str]:
        return receive(self.door, MINUTES, self.sensors.sensor("north"), body)

    @property
    def taken(self) -> int:
        return self.sensors.sensor("north").minutes


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it begins, made once."""
    path = tmp_path_factory.mktemp("store") / "knowledge.sqlite"
    with Knowledge.open(f"sqlite:///{path}"):
        pass
    return path


@pytest.fixture
def nexus(tmp_path: Path, store: Path) -> Iterator[Nexus]:
    shutil.copy(store, tmp_path / "knowledge.sqlite")
    with (
        Lake.open(tmp_path / "nexus") as lake,
        Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as knowledge,
    ):
        yield Nexus(tmp_path / "nexus", lake, knowledge)


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return Seal(OWN, tmp_path / "pins" / "nexus.pub")


def test_an_old_sensor_without_a_key_delivers_as_before(nexus: Nexus) -> None:
    document, receipt = nexus.take(delivery(1))
    assert json.loads(document) == {"sequence": 1, "rows": 0, "already": False}
    assert receipt == ""


def test_a_sealed_delivery_is_taken_once_and_receipted(nexus: Nexus, seal: Seal) -> None:
    nexus.register(OWN.public)
    seal.meet(nexus.keys.current.public.text)
    sent = seal.close(MINUTES, "north", delivery(1))
    for already in (False, True):  # the second is a replay of the same bytes
        said = seal.read_answer(sent, *nexus.take(sent))
        assert said is not None
        assert (said.sequence, said.already, said.refused) == (1, already, "")
    assert nexus.taken == 1


def test_a_sensor_with_a_key_does_not_deliver_in_clear(nexus: Nexus) -> None:
    nexus.register(OWN.public)
    with pytest.raises(ForbiddenError) as downgraded:
        nexus.take(delivery(1))
    assert downgraded.value.key == "readers.error.must_seal"
    assert nexus.taken == 0


def test_a_seal_of_nobody_registered_is_refused(nexus: Nexus, seal: Seal) -> None:
    seal.meet(nexus.keys.current.public.text)
    sent = seal.close(MINUTES, "north", delivery(1))
    with pytest.raises(ForbiddenError) as unknown:
        nexus.take(sent)
    assert unknown.value.key == "readers.error.no_sensor_key"
    nexus.register(LinkKey.drawn().public)
    with pytest.raises(ForbiddenError) as foreign:
        nexus.take(sent)
    assert foreign.value.key == "sealing.error.unknown_sender"


def test_changed_or_of_another_door_it_is_refused(nexus: Nexus, seal: Seal) -> None:
    nexus.register(OWN.public)
    seal.meet(nexus.keys.current.public.text)
    sent = seal.close(MINUTES, "north", delivery(1))
    for at in (20, 400, len(sent) // 2, len(sent) - 3400, len(sent) - 1):
        changed = bytearray(sent)
        changed[at] ^= 1
        with pytest.raises(KanameError):
            nexus.take(bytes(changed))
    with pytest.raises(InputError):
        nexus.take(seal.close(MINUTES, "south", delivery(1)))
    assert nexus.taken == 0


def test_what_will_never_be_taken_is_refused_under_signature(nexus: Nexus, seal: Seal) -> None:
    nexus.register(OWN.public)
    seal.meet(nexus.keys.current.public.text)
    sent = seal.close(MINUTES, "north", b"junk")
    said = seal.read_answer(sent, *nexus.take(sent))
    assert said is not None
    assert said.refused
    with pytest.raises(ForbiddenError):  # a delivery of another, under our seal
        nexus.take(seal.close(MINUTES, "north", delivery(1, "south")))


def test_both_ends_change_keys_without_a_gap(nexus: Nexus, seal: Seal, tmp_path: Path) -> None:
    nexus.register(OWN.public)
    seal.meet(nexus.keys.current.public.text)
    made = nexus.keys.rotate().public
    sent = seal.close(MINUTES, "north", delivery(1))  # still for the old one
    assert seal.read_answer(sent, *nexus.take(sent)) is not None
    assert seal.nexus == made
    nexus.keys.retire()
    second = LinkKey.drawn()
    nexus.register(second.public)
    with pytest.raises(ConflictError):
        nexus.register(LinkKey.drawn().public)
    again = Seal(second, tmp_path / "pins" / "nexus.pub")  # as after a restart
    sent = again.close(MINUTES, "north", delivery(2))
    assert again.read_answer(sent, *nexus.take(sent)) is not None
    nexus.links.drop_key("sensor", "north", OWN.public.fingerprint)
    with pytest.raises(ForbiddenError):
        nexus.take(seal.close(MINUTES, "north", delivery(3)))
    assert nexus.taken == 2


def test_a_given_key_is_never_changed_by_what_comes(nexus: Nexus, tmp_path: Path) -> None:
    nexus.register(OWN.public)
    given = tmp_path / "given.pub"
    old = nexus.keys.current.public
    given.write_text(old.text)
    seal = Seal(OWN, tmp_path / "pins" / "nexus.pub", given=given)
    nexus.keys.rotate()
    sent = seal.close(MINUTES, "north", delivery(1))
    assert seal.read_answer(sent, *nexus.take(sent)) is not None
    assert seal.nexus == old
    assert given.read_text() == old.text
    assert not (tmp_path / "pins").exists()


def test_a_sensor_that_is_forgotten_leaves_no_key(nexus: Nexus) -> None:
    nexus.register(OWN.public)
    nexus.sensors.remove_sensor("north")
    assert nexus.links.partner("sensor", "north") is None


class Middle(http.server.ThreadingHTTPServer):
    """Where TLS ends: sees and may change what passes between courier and nexus."""

    daemon_threads = True

    def __init__(self, nexus: Nexus) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.nexus = nexus
        self.seen: list[bytes] = []
        self.tricks: list[Callable[[bytes], tuple[int, bytes, str]]] = []
        self.key = nexus.keys.current.public.text


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Middle

    def do_GET(self) -> None:
        assert self.path == "/api/v1/links/key"
        self.answer(200, json.dumps({"key": self.server.key}).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(body)
        trick = self.server.tricks.pop(0) if self.server.tricks else self.passed
        self.answer(*trick(body))

    def passed(self, body: bytes) -> tuple[int, bytes, str]:
        try:
            return (200, *self.server.nexus.take(body))
        except KanameError as error:
            return error.http_status, str(error).encode(), ""

    def answer(self, status: int, body: bytes, receipt: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if receipt:
            self.send_header("Kaname-Receipt", receipt)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def middle(nexus: Nexus) -> Iterator[Middle]:
    server = Middle(nexus)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def swallowed(_body: bytes) -> tuple[int, bytes, str]:
    """Acknowledge as the nexus would, with a signature of one's own, and pass nothing on."""
    answer = b'{"sequence":1,"rows":0,"already":false}'
    return 200, answer, LinkKey.drawn().receipt(_body, answer)


def discredited(_body: bytes) -> tuple[int, bytes, str]:
    """Say that the nexus will never take it, so that the sensor puts it aside."""
    return 422, b"no", ""


@pytest.mark.parametrize("trick", [swallowed, discredited])
def test_who_sits_in_between_neither_reads_nor_swallows(
    nexus: Nexus, middle: Middle, seal: Seal, tmp_path: Path, trick: Any
) -> None:
    nexus.register(OWN.public)
    middle.tricks = [trick]
    outbox = Outbox(tmp_path / "spool", "north", MINUTES)
    commit(outbox, 1)
    (kept,) = outbox.waiting()
    plain = kept.read_bytes()
    courier = Courier(outbox, f"http://127.0.0.1:{middle.server_port}", "kns_x", seal=seal)
    courier.start()
    wait_for(lambda: nexus.taken == 1)
    courier.stop()
    assert (courier.delivered, courier.refused, outbox.waiting()) == (1, 0, [])
    assert seal.nexus == nexus.keys.current.public
    assert len(middle.seen) == 2
    for body in middle.seen:
        assert is_sealed(body)
        assert plain[4:40] not in body


def test_an_answer_that_is_lost_changes_nothing(
    nexus: Nexus, middle: Middle, seal: Seal, tmp_path: Path
) -> None:
    """As when the sensor is killed after the nexus committed."""
    nexus.register(OWN.public)

    def lost(body: bytes) -> tuple[int, bytes, str]:
        nexus.take(body)
        return 502, b"", ""

    middle.tricks = [lost]
    outbox = Outbox(tmp_path / "spool", "north", MINUTES)
    commit(outbox, 1)
    courier = Courier(outbox, f"http://127.0.0.1:{middle.server_port}", "kns_x", seal=seal)
    courier.start()
    wait_for(lambda: courier.delivered == 1)
    courier.stop()
    assert (nexus.taken, len(middle.seen)) == (1, 2)


def test_a_pinned_nexus_is_not_exchanged_for_another(
    nexus: Nexus, middle: Middle, seal: Seal, tmp_path: Path
) -> None:
    nexus.register(OWN.public)
    seal.meet(nexus.keys.current.public.text)
    middle.key = LinkKey.drawn().public.text  # asked again nobody is
    outbox = Outbox(tmp_path / "spool", "north", MINUTES)
    commit(outbox, 1)
    courier = Courier(outbox, f"http://127.0.0.1:{middle.server_port}", "kns_x", seal=seal)
    courier.start()
    wait_for(lambda: courier.delivered == 1)
    courier.stop()
    assert seal.nexus == nexus.keys.current.public


def test_a_forged_announcement_of_a_new_key_is_not_followed(nexus: Nexus, seal: Seal) -> None:
    seal.meet(nexus.keys.current.public.text)
    sent = seal.close(MINUTES, "north", delivery(1))
    thief = LinkKey.drawn()
    answer = json.dumps({"sequence": 1, "key": thief.public.text}).encode()
    assert seal.read_answer(sent, answer, thief.receipt(sent, answer)) is None
    assert seal.nexus == nexus.keys.current.public


def test_what_a_key_file_lacks_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    pin = tmp_path / "nexus.pub"
    pin.write_text("half a li")
    with pytest.raises(InputError):
        Seal(OWN, pin)
    with pytest.raises(InputError):
        Seal(OWN, tmp_path / "none.pub").close(MINUTES, "north", b"x")
    assert purpose(MINUTES, "north") == "delivery minutes north"
    assert is_sealed(seal_message(b"", OWN.public, OWN, "p"))
