"""A sensor and its nexus are killed at any moment: what was captured is there once.

Real processes on the loopback, since it is their deaths that are tested; that takes a
minute. In the middle the sensor gets a key: what waits in its spool leaves sealed.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.readers.live.test_rotation import PACKETS, rows, whole, write

from kaname.knowledge import Knowledge
from kaname.knowledge.links import Links
from kaname.lake import Lake
from kaname.sealing.keyfiles import make
from kaname.sealing.link_keys import link_public_key

KANAME = str(Path(sys.executable).with_name("kaname"))
ROUNDS = 4
SEALED_FROM = 2


class Site:
    """A nexus and a sensor on one machine, each with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.captures = folder / "captures"
        self.captures.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = folder / "sensor.token"
        self.key: Path | None = None
        made = self.run("nexus", "telescope", "sensors", "add", "rotated", "--remote",
                        "--tlp", "green")  # fmt: skip
        self.token.write_text(made)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, who: str, *words: str) -> list[str]:
        return [KANAME, "--data", str(self.folder / who), *words]

    def run(self, who: str, *words: str, code: int = 0) -> str:
        done = subprocess.run(self.command(who, *words), capture_output=True, text=True,
                              check=False, env=environment(), timeout=120)  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout

    def watching(self, *more: str) -> list[str]:
        key = ("--key", str(self.key)) if self.key else ()
        return ["telescope", "watch", str(self.captures), "--sensor", "rotated", "--every", "1",
                "--to", self.url, "--token-file", str(self.token), *key, *more]  # fmt: skip

    def seal(self) -> None:
        """From now on the sensor has a key, and has to use it."""
        self.key = self.folder / "sensor.key"
        public = link_public_key(make(self.key).read_text())
        with Knowledge.open(f"sqlite:///{self.folder}/nexus/knowledge.sqlite") as knowledge:
            knowledge.part(Links).add_key("sensor", "rotated", public.text, public.fingerprint)

    @contextlib.contextmanager
    def process(self, who: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{who}.log").open("ab") as log:
            started = subprocess.Popen(self.command(who, *words), stdout=log, stderr=log,
                                       env=environment())  # fmt: skip
            try:
                yield started
            finally:
                started.kill()
                started.wait()

    def nexus(self) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        return self.process("nexus", "up", "--listen", f"127.0.0.1:{self.port}", "--no-browser")

    def wait_for_nexus(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200:
                    return
            time.sleep(0.1)
        pytest.fail((self.folder / "nexus.log").read_text()[-2000:])


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KANAME_")}
    return kept | {"PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}


@pytest.mark.timeout(400)
def test_nothing_is_lost_or_doubled_when_either_is_killed(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    site = Site(tmp_path)
    edges = sorted(chance.sample(range(1, len(PACKETS)), ROUNDS - 1))
    parts = zip([0, *edges], [*edges, len(PACKETS)], strict=True)
    for number, (first, last) in enumerate(parts):
        write(site.captures, f"part{number}.pcap", PACKETS[first:last])
        if number == SEALED_FROM:
            site.seal()
        with contextlib.ExitStack() as alive:
            if number != 1:  # in one round the nexus is away
                nexus = alive.enter_context(site.nexus())
                site.wait_for_nexus()
            sensor = alive.enter_context(site.process("sensor", *site.watching()))
            time.sleep(chance.uniform(1.5, 4.0))
            if number != 1 and chance.random() < 0.5:
                nexus.kill()
                time.sleep(chance.uniform(0.0, 1.5))
            sensor.kill()
    with site.nexus():
        site.wait_for_nexus()
        told: dict[str, Any] = json.loads(site.run("sensor", *site.watching("--once"), "--json"))
        assert (told["undelivered"], told["refused"], told["error"]) == (0, 0, None)
        (seen,) = json.loads(site.run("nexus", "telescope", "sensors", "list", "--json"))["sensors"]
        assert seen["sequence"] == seen["minutes"] > 0
    with Lake.open(tmp_path / "nexus") as lake:
        assert rows(lake) == whole(lake, site.captures)
        evidence = lake.query("SELECT count(DISTINCT row_in_src) FROM packets").rows()
        assert evidence[0][0] > 0


def test_a_token_opens_the_door_of_its_sensor_only(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.run("nexus", "telescope", "sensors", "add", "other", "--remote")
    secret = site.token.read_text().strip()
    with site.nexus():
        site.wait_for_nexus()
        bearer = {"Authorization": f"Bearer {secret}"}
        door = f"{site.url}/api/v1/telescope/sensors/"
        with httpx.Client(timeout=30) as client:
            assert client.post(f"{door}rotated/minutes", content=b"x").status_code == 401
            own = client.post(f"{door}rotated/minutes", content=b"junk", headers=bearer)
            assert own.status_code in {400, 422}, own.text
            assert client.post(f"{door}other/minutes", content=b"x", headers=bearer).status_code \
                == 401  # fmt: skip
            for path in ("me", "telescope/sensors", "findings", "lake/tables"):
                answer = client.get(f"{site.url}/api/v1/{path}", headers=bearer)
                assert answer.status_code == 401, path
            assert client.get(f"{site.url}/taxii2/", headers=bearer).status_code == 401
