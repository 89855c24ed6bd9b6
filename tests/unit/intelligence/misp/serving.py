"""MISP's REST on a socket of the loopback, with a real store and a fusion that only counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.di import Provide

from kaname.api.throttle import Throttle
from kaname.intelligence.lists import Lists
from kaname.intelligence.records import Observation
from kaname.intelligence.routes.misp import OUTSIDE
from kaname.knowledge import Account, AccountRole, Knowledge
from kaname.model.marking import Tlp


class Counting:
    """Stands where the fusion would: remembers what it was given."""

    def __init__(self) -> None:
        self.lists = Lists.load([])
        self.absorbed: list[Observation] = []
        self.retracted: list[str] = []

    def absorb(self, observations: Sequence[Observation]) -> None:
        self.absorbed += observations

    def retract(self, ids: Sequence[str]) -> None:
        self.retracted += ids


class Served:
    """A running server: its address, its store, its fusion, and tokens for it."""

    def __init__(self, url: str, knowledge: Knowledge, fusion: Counting) -> None:
        self.url, self.knowledge, self.fusion = url, knowledge, fusion

    def token(self, role: str = "analyst", clearance: Tlp = Tlp.RED) -> str:
        name = f"{role}-{clearance.value}".replace("+", "-")
        self.knowledge.put_account(Account(name, AccountRole(role), clearance))
        return self.knowledge.create_token(name, "test")[1]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    with Knowledge.open(f"sqlite:///{folder}/k.sqlite") as knowledge:
        knowledge.bootstrap()
        fusion = Counting()
        part: Callable[[str], Any] = {"intelligence": fusion}.__getitem__
        services = SimpleNamespace(knowledge=knowledge, throttle=Throttle(), part=part)
        app = Litestar(
            list(OUTSIDE),
            dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
            openapi_config=None,
        )
        server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield Served(f"http://127.0.0.1:{port}/", knowledge, fusion)
        finally:
            server.should_exit = True
            thread.join(10)
