"""Numbers for monitoring, and a sign of life."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from litestar import MediaType, Response, get

from kaname.api.identity import Asking, viewer
from kaname.api.inventory import Stock
from kaname.api.metrics import MEDIA_TYPE, Metric, exposition, resident_bytes
from kaname.api.services import Injected
from kaname.model.marking import Tlp

__all__ = ["ROUTES"]


@get("/metrics", guards=[viewer], sync_to_thread=True, media_type=MediaType.TEXT)
def metrics(services: Injected, account: Asking) -> Response[bytes]:
    """Prometheus metrics of what the account may see."""
    stock = services.inventory.of(services.lake, account.clearance)
    every = [
        *services.counters.metrics(),
        *_process(services),
        *_lake(stock),
        *_ingest(stock),
        *_knowledge(services, account.clearance),
    ]
    return Response(exposition(every), media_type=MEDIA_TYPE)


@get("/healthz", public=True, media_type=MediaType.TEXT)
async def healthz() -> str:
    """Whether the process answers; says nothing else."""
    return "ok\n"


def _process(services: Injected) -> Iterator[Metric]:
    started = services.started / 1_000_000
    yield Metric("kaname_info", "gauge", "Version.", [({"version": services.version}, 1.0)])
    yield Metric("process_start_time_seconds", "gauge", "Start, Unix seconds.", [({}, started)])
    resident = resident_bytes()
    if resident is not None:
        yield Metric(
            "process_resident_memory_bytes", "gauge", "Resident memory.", [({}, float(resident))]
        )
    yield Metric(
        "kaname_bus_cursor",
        "gauge",
        "Cursor of the newest message on the bus.",
        [({}, float(services.bus.cursor))],
    )


def _lake(stock: Stock) -> Iterator[Metric]:
    held = stock.tables.values()
    yield Metric(
        "kaname_lake_rows",
        "gauge",
        "Rows in the lake.",
        [({"table": one.name}, float(one.rows)) for one in held],
    )
    yield Metric(
        "kaname_lake_bytes",
        "gauge",
        "Bytes of the lake's files.",
        [({"table": one.name}, float(one.bytes)) for one in held],
    )


def _ingest(stock: Stock) -> Iterator[Metric]:
    records, octets, damaged = Counter[str](), Counter[str](), Counter[str]()
    problems = Counter[tuple[str, str]]()
    for source in stock.sources:
        records[source.sensor] += source.records
        octets[source.sensor] += source.size
        damaged[source.sensor] += source.damaged
        for note, count in source.notes.items():
            problems[source.sensor, note] += count
    yield Metric("kaname_ingest_records", "gauge", "Records of all sources.", _by(records))
    yield Metric("kaname_ingest_bytes", "gauge", "Bytes of all sources.", _by(octets))
    yield Metric("kaname_ingest_damaged_sources", "gauge", "Sources with damage.", _by(damaged))
    yield Metric(
        "kaname_ingest_notes",
        "gauge",
        "What readers noted, such as truncated packets.",
        [({"sensor": s, "note": n}, float(c)) for (s, n), c in sorted(problems.items())],
    )


def _by(counted: Counter[str]) -> list[tuple[dict[str, str], float]]:
    return [({"sensor": sensor}, float(count)) for sensor, count in sorted(counted.items())]


def _knowledge(services: Injected, clearance: Tlp) -> Iterator[Metric]:
    found: Iterable[tuple[str, int]] = services.knowledge.count_findings(
        "label", clearance=clearance
    )
    yield Metric(
        "kaname_findings",
        "gauge",
        "Active findings.",
        [({"label": label}, float(count)) for label, count in found],
    )


ROUTES = (metrics, healthz)
