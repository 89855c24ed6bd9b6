"""Heavy hitters over the API: bins, who may see which flows, what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import httpx
import numpy as np
import pyarrow as pa
import pytest
from tests.contract.api.conftest import START, Running

from kaname.model.ids import batch_id
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport
from kaname.traffic.simulator.records import records, table, v4

ROUTE = "/api/v1/traffic/heavy-hitters"
SPAN = {"since": "2020-03-11T00:00:00Z", "until": "2020-03-11T01:00:00Z"}


@pytest.fixture(scope="module", autouse=True)
def flows(running: Running) -> None:
    """A flow a minute for ten minutes, for red eyes only."""
    whole = records(
        10, us=START + np.arange(10) * 60_000_000, src_lo=v4("10.0.0.1"),
        dst_lo=v4("203.0.113.5"), sport=40_000, dport=443, packets=10, octets=5000,
    )  # fmt: skip
    identity = hashlib.sha256(b"flows").hexdigest()
    rows = table(whole, tlp="red")
    place = rows.schema.get_field_index("batch")
    batch = pa.array([batch_id(identity)] * len(rows), pa.int64())
    marked = rows.set_column(place, rows.schema.field(place), batch)
    source = {"identity": identity, "path": "/flows", "size": 1, "sensor": "router"}
    options = {"tlp": Tlp.RED, "reader": "made", "reader_version": 1}
    with running.services.lake.writer(**source, **options) as writer:
        for piece in marked.to_batches():
            writer.write("flows", piece)
        writer.commit(ReadReport(records=10, rows=10))


def test_bins_hold_what_was_sent(client: Callable[..., httpx.Client]) -> None:
    answer = client().get(ROUTE, params={**SPAN, "bin": 300})
    assert answer.status_code == 200
    first, second = answer.json()
    assert (first["octets"], second["octets"]) == (25_000, 25_000)
    part = first["aggregates"][0]["part"]
    assert (part["source"], part["destination"]) == ("10.0.0.1", "203.0.113.5")
    assert first["aggregates"][0]["parts"][0]["dport"] == 443


def test_services_may_come_first(client: Callable[..., httpx.Client]) -> None:
    (found,) = client().get(ROUTE, params={**SPAN, "bin": 3600, "by": "port"}).json()
    assert found["aggregates"][0]["part"]["proto"] == 6


def test_what_is_marked_red_is_not_for_all(client: Callable[..., httpx.Client]) -> None:
    assert client(clearance=Tlp.GREEN).get(ROUTE, params=SPAN).json() == []


@pytest.mark.parametrize("bad", [{"by": "colour"}, {"bin": "0"}, {"threshold": "90"}, {"bin": "1"}])
def test_what_cannot_be_is_refused(
    client: Callable[..., httpx.Client], bad: dict[str, str]
) -> None:
    answer = client().get(ROUTE, params={**SPAN, **bad})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_nobody_is_nobody(running: Running) -> None:
    assert httpx.get(running.nexus.url + ROUTE).status_code == 401
