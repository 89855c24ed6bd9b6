"""One suite per store, run over every back end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.servers import MISSING, Nats, Postgres, missing, program

from kaname.bus import Bus, open_bus
from kaname.knowledge import Knowledge

_SERVER = pytest.mark.server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    initdb = program("initdb", "postgresql", "usr/lib/postgresql/*/bin")
    if initdb is None:
        missing("PostgreSQL", "postgresql")
        return
    server = Postgres(initdb.parent)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def nats_server() -> Iterator[Nats]:
    binary = program("nats-server", "nats-server", "usr/sbin", "usr/local/bin")
    if binary is None:
        missing("NATS", "nats-server")
        return
    server = Nats(binary)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=_SERVER)])
def knowledge_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store/knowledge.sqlite"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"k{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def knowledge(knowledge_url: str) -> Iterator[Knowledge]:
    """An empty store."""
    with Knowledge.open(knowledge_url) as store:
        yield store


@pytest.fixture(params=["journal", pytest.param("nats", marks=_SERVER)])
def lasting_bus_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty bus that outlives its process."""
    if request.param == "journal":
        return f"journal://{tmp_path}/bus/bus.sqlite"
    server: Nats = request.getfixturevalue("nats_server")
    return f"{server.url}/{uuid.uuid4().hex[:16]}"


@pytest.fixture(params=["memory", "journal", pytest.param("nats", marks=_SERVER)])
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bus]:
    """An empty bus."""
    urls = {"memory": "memory:", "journal": f"journal://{tmp_path}/bus.sqlite"}
    if request.param == "nats":
        server: Nats = request.getfixturevalue("nats_server")
        urls["nats"] = f"{server.url}/{uuid.uuid4().hex[:16]}"
    with open_bus(urls[request.param]) as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of the contract was not tested."""
    skipped = terminalreporter.stats.get("skipped", [])
    unserved = [report for report in skipped if MISSING in str(report.longrepr)]
    if unserved:
        terminalreporter.section("SERVERS MISSING", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(unserved)} contract tests were skipped:", red=True)
        for reason in sorted({str(report.longrepr[2]) for report in unserved}):
            terminalreporter.line(f"  {reason.removeprefix('Skipped: ')}", red=True)
