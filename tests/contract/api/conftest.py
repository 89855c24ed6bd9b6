"""A real nexus on a free port, with real stores in a temporary folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest
from tests.contract.api.observations import flowtuple, observe
from tests.contract.records import finding, indicator, views

from kaname.knowledge import Account, AccountRole
from kaname.model.marking import Tlp
from kaname.model.settings import Settings
from kaname.nexus.service import Nexus

VALUES = {
    "service": "23/tcp",
    "packets": 5,
    "destinations": 1,
    "ports": 1,
    "share": 100,
    "sessions": 1,
    "seconds": 240,
    "rate": 1.0,
}
START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


class Running:
    """A nexus that runs in a thread."""

    def __init__(self, data: Path, **flags: object) -> None:
        given = {"data": data, "listen": "127.0.0.1:0", "language": "en", **flags}
        settings = Settings.load(given, environment={}, folder=data.parent)
        self.nexus = Nexus(settings)
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self.nexus.started.wait(0.05):
            if self.failure is not None:
                raise self.failure
        return self

    def __exit__(self, *_: object) -> None:
        self.nexus.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()
        if self.failure is not None:
            raise self.failure

    @property
    def services(self):
        return self.nexus.services

    def token(self, role: str, clearance: Tlp = Tlp.RED) -> str:
        """A token of a fresh account of that role and clearance."""
        name = f"{role}-{clearance.value}".replace("+", "-")
        self.services.knowledge.put_account(Account(name, AccountRole(role), clearance))
        return self.services.knowledge.create_token(name, "test")[1]

    def client(
        self, role: str = "viewer", clearance: Tlp = Tlp.RED, **headers: str
    ) -> httpx.Client:
        """A client with such a token."""
        bearer = {"Authorization": f"Bearer {self.token(role, clearance)}"}
        return httpx.Client(base_url=self.nexus.url, headers=bearer | headers, timeout=30)

    def _run(self) -> None:
        try:
            self.nexus.run()
        except BaseException as error:  # noqa: BLE001 - raised again where the test is
            self.failure = error


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A nexus with observations and findings of every marking."""
    with Running(tmp_path_factory.mktemp("nexus") / "data") as nexus:
        seed(nexus)
        yield nexus


@pytest.fixture
def client(running: Running) -> Iterator[Callable[..., httpx.Client]]:
    """Makes clients, and closes them."""
    made: list[httpx.Client] = []

    def make(*args: object, **kwargs: object) -> httpx.Client:
        made.append(running.client(*args, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.close()


def seed(nexus: Running) -> None:
    """A source, findings and indicators of each marking; the names say which."""
    services = nexus.services
    services.runs.stop()  # findings are those below, not what analyses make of the rows
    findings = []
    for number, level in enumerate(Tlp, start=1):
        rows = [
            flowtuple(
                START + minute * 60_000_000,
                src=f"198.51.100.{10 * number}",
                dst=f"203.0.113.{number}",
                port=1000 + number,
                packets=number,
                place=minute,
            )
            for minute in range(5)
        ]
        observe(services.lake, rows, sensor=f"sensor-{level.name.lower()}", tlp=level)
        secret = f"only-{level.name.lower()}"
        findings.append(
            finding(
                number,
                tlp=level,
                label=secret,
                sensor=f"sensor-{level.name.lower()}",
                message="telescope.zmap",
                values=VALUES | {"source": f"198.51.100.{10 * number}"},
                last_seen=START + number,
            )
        )
    services.knowledge.replace_window("darknet.sources", 0, 3_600_000_000, findings)
    services.knowledge.replace_indicators(
        views(
            *(
                indicator(
                    number,
                    tlp=level,
                    label=f"only-{level.name.lower()}",
                    valid_until=4_000_000_000_000_000,
                )
                for number, level in enumerate(Tlp, start=1)
            )
        )
    )
