"""A sealed sensor and a sealed peer over a nexus that is a process of its own."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.crash.test_sensor_kill import Site
from tests.unit.readers.live.test_rotation import PACKETS, write

from kaname.intelligence.taxii.client import Client
from kaname.intelligence.taxii.sealed import peer_of
from kaname.knowledge import Knowledge
from kaname.knowledge.links import Links, Partner
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.knowledge.stix_objects import Collection, StixObjects
from kaname.lake import Lake
from kaname.sealing.keyfiles import make
from kaname.sealing.link_keys import LinkPublicKey, link_public_key
from kaname.sealing.nexus_keys import NexusKeys

FEW = 200


class Sealed(Site):
    """A nexus whose sensor has a key; most is done by hand, since commands take seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.captures = folder / "captures"
        self.captures.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = folder / "sensor.token"
        self.key = folder / "sensor.key"
        self.public = make(self.key)
        (folder / "nexus").mkdir()
        self.keys = NexusKeys(folder / "nexus")

    def store(self, who: str) -> Knowledge:
        (self.folder / who).mkdir(exist_ok=True)
        return Knowledge.open(f"sqlite:///{self.folder / who}/knowledge.sqlite")

    def deliver(self, *more: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(
            self.run("sensor", *self.watching("--once", *more), "--json")
        )
        return said


def register(knowledge: Knowledge, kind: Any, name: str, key: LinkPublicKey) -> None:
    knowledge.part(Links).add_key(kind, name, key.text, key.fingerprint)


@pytest.mark.timeout(120)
def test_sensor_and_peer_are_sealed_from_end_to_end(tmp_path: Path) -> None:
    site, peer = Sealed(tmp_path), NexusKeys(tmp_path / "peer")
    with site.store("nexus") as knowledge:
        knowledge.part(Sensors).put_sensor(Sensor(name="rotated"))
        site.token.write_text(knowledge.part(Sensors).issue_token("rotated"))
        register(knowledge, "sensor", "rotated", link_public_key(site.public.read_text()))
        knowledge.part(Links).put_partner(Partner(kind="peer", name="osaka"))
        register(knowledge, "peer", "osaka", peer.current.public)
        knowledge.part(StixObjects).put_collection(Collection(id="shared", title="Shared"))
    with site.nexus():
        site.wait_for_nexus()
        told = httpx.get(f"{site.url}/api/v1/links/key", timeout=10).json()
        assert told["fingerprint"] == site.keys.current.public.fingerprint
        assert told["previous"] is None
        bearer = {"Authorization": f"Bearer {site.token.read_text()}"}
        door = f"{site.url}/api/v1/telescope/sensors/rotated/minutes"
        clear = httpx.post(door, content=b"in clear", headers=bearer, timeout=10)
        assert (clear.status_code, clear.json()["code"]) == (403, "readers.error.must_seal")
        old = site.keys.current.public
        write(site.captures, "1.pcap", PACKETS[:FEW])
        first = site.deliver()
        assert (first["delivered"], first["undelivered"], first["error"]) == (1, 0, None)
        (pin,) = (tmp_path / "sensor" / "keys").glob("nexus-*.pub")
        assert pin.read_text() == old.text
        new = site.keys.rotate().public  # the process that runs sees it
        told = httpx.get(f"{site.url}/api/v1/links/key", timeout=10).json()
        assert (told["key"], told["previous"]) == (new.text, old.fingerprint)
        place = f"{site.url}/taxii2/kaname/collections/shared/"
        with site.store("peer") as knowledge:
            register(knowledge, "peer", "tokyo", new)
            client = Client(place, peer=peer_of(knowledge, "tokyo", peer))
        assert list(client.fetch()) == []
        assert httpx.get(place, timeout=10).status_code == 401
    with Lake.open(tmp_path / "nexus") as lake:
        seen = lake.query("SELECT sum(packets) FROM flowtuples WHERE sensor = 'rotated'").rows()
        assert seen == [[FEW]]
