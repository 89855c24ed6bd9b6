"""Made-up traffic of a provider for benchmarks: flows, DNS and a list of indicators.

Written from a published description (a fixed seed gives the same rows on any machine):
20,000 clients of a /10 and 600,000 servers, both drawn by rank (Zipf), with a rate that
follows the day, 40 port scanners and 60 beacons a day hidden among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.lake.tables import table
from kaname.model.address import IPv4_LOW
from kaname.model.instant import DAY, HOUR

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["START", "Workload"]

SEED = 7
START = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z
CLIENTS = 20_000
SERVERS = 600_000
INDICATORS = 20_100
SCANNERS, PROBES = 40, 3_000
BEACONS, PERIODS = 60, (60, 300, 600, 900, 3600)
PORTS = {
    443: 0.52, 80: 0.12, 53: 0.16, 123: 0.03, 22: 0.01, 25: 0.02, 3389: 0.005, 445: 0.005,
    993: 0.01, 8080: 0.02, 8443: 0.01, 1883: 0.005,
}  # fmt: skip
TCP_BITS = {0x1B: 0.6, 0x1F: 0.15, 0x02: 0.08, 0x13: 0.07, 0x18: 0.1}
SECOND = 1_000_000

Columns = dict[str, Any]


class Workload:
    """Days of flows and queries; every day is made by itself from the seed."""

    def __init__(self, flows_per_day: int) -> None:
        self.flows_per_day = flows_per_day
        random = np.random.default_rng(SEED)
        self.clients = (10 << 24) + random.choice(1 << 22, CLIENTS, replace=False)
        self.servers = random.integers(0x01000000, 0xDF000000, SERVERS)
        self._client_ranks = _ranks(CLIENTS, 0.8)
        self._server_ranks = _ranks(SERVERS, 1.05)

    def flows(self, day: int) -> Iterator[pa.RecordBatch]:
        """Rows of ``flows`` of a day (0 is the first), hour by hour, in order of time."""
        random = np.random.default_rng((SEED, day))
        midnight = START + day * DAY
        special = _joined([*self._scans(random, midnight), *self._beacons(random, midnight)])
        share = _rate_of_hours()
        for hour in range(24):
            since = midnight + hour * HOUR
            inside = (special["ts"] >= since) & (special["ts"] < since + HOUR)
            usual = self._usual(random, since, round(self.flows_per_day * share[hour]))
            rows = _joined([usual, {name: values[inside] for name, values in special.items()}])
            order = np.argsort(rows["ts"], kind="stable")
            rows = {name: values[order] for name, values in rows.items()}
            yield _batch("flows", "netflow5", rows)

    def queries(self, day: int, rows: int) -> Iterator[pa.RecordBatch]:
        """Rows of ``dns`` of a day; some clients ask for names that do not exist."""
        random = np.random.default_rng((SEED, 1, day))
        share = _rate_of_hours()
        names = np.array([f"www{n}.site{n % 7919}.example" for n in range(50_000)], dtype=object)
        for hour in range(24):
            count = round(rows * share[hour])
            since = START + day * DAY + hour * HOUR
            who = self._draw(random, self._client_ranks, count)
            name = names[random.zipf(1.3, count) % len(names)]
            failing = random.random(count) < np.where(who % 97 == 0, 0.7, 0.04)
            yield _batch("dns", "unbound", {
                "ts": np.sort(since + random.integers(0, HOUR, count)),
                "src_lo": self.clients[who] | IPv4_LOW,
                "dst_lo": np.full(count, 0x0A000035 | IPv4_LOW),
                "sport": random.integers(1024, 65536, count),
                "dport": np.full(count, 53),
                "transport": "udp", "state": "both",
                "qname": name,
                "regdom": _parents(name),
                "qtype": np.where(random.random(count) < 0.6, 1, 28),
                "qclass": np.ones(count, np.int64),
                "rcode": np.where(failing, 3, 0),
            })  # fmt: skip

    def indicators(self) -> pa.RecordBatch:
        """Rows of ``feeds``: addresses, most of them never seen in the flows."""
        random = np.random.default_rng((SEED, 2))
        strangers = random.integers(0x01000000, 0xDF000000, INDICATORS - 2_000)
        known = self.servers[random.integers(0, SERVERS, 2_000)]
        found = np.concatenate([known, strangers])
        return _batch("feeds", "list", {
            "ts": np.full(INDICATORS, START),
            "src_lo": found | IPv4_LOW,
            "value": _texts(found),
            "vtype": "ip",
            "feed": "bench",
            "label": np.array(["c2", "malware", "scanner", "spam"], object)[
                random.integers(0, 4, INDICATORS)
            ],
        })  # fmt: skip

    def _draw(self, random: np.random.Generator, ranks: np.ndarray, count: int) -> np.ndarray:
        return np.searchsorted(ranks, random.random(count)).clip(max=len(ranks) - 1)

    def _usual(self, random: np.random.Generator, since: int, count: int) -> Columns:
        client = self.clients[self._draw(random, self._client_ranks, count)]
        server = self.servers[self._draw(random, self._server_ranks, count)]
        dport = random.choice(list(PORTS), count, p=_whole(list(PORTS.values())))
        other = random.random(count) >= sum(PORTS.values())
        dport = np.where(other, random.integers(1024, 65536, count), dport)
        sport = random.integers(32_768, 61_001, count)
        udp = np.isin(dport, (53, 123)) | (random.random(count) < 0.12)
        packets = np.maximum(1, np.exp(random.normal(1.8, 1.4, count))).astype(np.int64)
        size = random.normal(500, 300, count).clip(40, 1500)
        back = random.random(count) < 0.45
        return {
            "ts": since + random.integers(0, HOUR, count),
            "src_lo": np.where(back, server, client) | IPv4_LOW,
            "dst_lo": np.where(back, client, server) | IPv4_LOW,
            "sport": np.where(back, dport, sport),
            "dport": np.where(back, sport, dport),
            "proto": np.where(udp, 17, 6),
            "tcp_bits": np.where(udp, 0, _labels(random, TCP_BITS, count)),
            "packets": packets,
            "octets": (packets * size).astype(np.int64),
            "dur_us": (np.exp(random.normal(5, 2, count)) * 1000).astype(np.int64),
        }

    def _scans(self, random: np.random.Generator, midnight: int) -> Iterator[Columns]:
        for scanner in random.choice(self.servers, SCANNERS, replace=False):
            yield _small(
                ts=midnight + random.integers(0, DAY, PROBES),
                src=scanner, dst=(10 << 24) + random.integers(0, 1 << 22, PROBES),
                dport=445, sport=random.integers(32_768, 61_001, PROBES),
                tcp_bits=2, packets=1, octets=44, dur_us=0,
            )  # fmt: skip

    def _beacons(self, random: np.random.Generator, midnight: int) -> Iterator[Columns]:
        for number in range(BEACONS):
            period = PERIODS[number % len(PERIODS)]
            times = np.arange(random.integers(0, period), 86_400, period)
            ts = midnight + times * SECOND + random.integers(0, 2 * SECOND, len(times))
            yield _small(
                ts=ts.clip(max=midnight + DAY - 1),
                src=random.choice(self.clients), dst=random.choice(self.servers),
                dport=443, sport=random.integers(32_768, 61_001, len(times)),
                tcp_bits=0x1B, packets=6, octets=random.integers(700, 760, len(times)),
                dur_us=120_000,
            )  # fmt: skip


def _small(*, ts: np.ndarray, src: Any, dst: Any, **columns: Any) -> Columns:
    """TCP flows between ``src`` and ``dst``; single values stand for all rows."""
    shape = len(ts)
    found = {"src_lo": src, "dst_lo": dst, "proto": 6, **columns}
    whole = {
        name: np.broadcast_to(np.asarray(v), shape).astype(np.int64) for name, v in found.items()
    }
    whole["src_lo"], whole["dst_lo"] = whole["src_lo"] | IPv4_LOW, whole["dst_lo"] | IPv4_LOW
    return {"ts": ts, **whole}


def _joined(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _ranks(count: int, power: float) -> np.ndarray:
    """Cumulated shares of ranks 1 to ``count``, weighed 1/rank^power."""
    weights = 1 / np.arange(1, count + 1) ** power
    whole: np.ndarray = np.cumsum(weights / weights.sum())
    return whole


def _rate_of_hours() -> np.ndarray:
    """Share of the day's rows in each hour, least at night."""
    rate = 1 + 0.6 * np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    whole: np.ndarray = rate / rate.sum()
    return whole


def _whole(shares: list[float]) -> list[float]:
    return [share / sum(shares) for share in shares]


def _labels(random: np.random.Generator, shares: dict[int, float], count: int) -> np.ndarray:
    return random.choice(list(shares), count, p=_whole(list(shares.values())))


def _parents(names: np.ndarray) -> np.ndarray:
    return np.array([name.partition(".")[2] for name in names], dtype=object)


def _texts(addresses: np.ndarray) -> np.ndarray:
    import ipaddress

    return np.array([str(ipaddress.IPv4Address(int(a))) for a in addresses], dtype=object)


def _batch(name: str, kind: str, columns: Columns) -> pa.RecordBatch:
    """The columns as rows of the table; what is not given is 0, "" or null."""
    import pyarrow as pa

    schema = table(name).arrow_schema()
    count = len(columns["ts"])
    given = {
        "kind": kind,
        "row_in_src": np.arange(count),
        "sampling": np.ones(count, np.int64),
        **columns,
    }
    return pa.RecordBatch.from_arrays(
        [_array(field, given.get(field.name), count) for field in schema], schema=schema
    )


def _array(field: pa.Field, values: Any, count: int) -> pa.Array:
    import pyarrow as pa

    label = pa.types.is_dictionary(field.type)
    if values is None and field.nullable:
        return pa.nulls(count, field.type)
    if label and not isinstance(values, np.ndarray):
        codes = pa.array(np.zeros(count, np.int8))
        return pa.DictionaryArray.from_arrays(codes, pa.array([values or ""]))
    if label:
        found = pa.array(values, pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(found.indices.cast(pa.int8()), found.dictionary)
    if isinstance(values, str) or (values is None and pa.types.is_string(field.type)):
        return pa.array(np.full(count, values or "", dtype=object), field.type)
    if values is None:
        values = np.zeros(count, np.int64)
    if pa.types.is_boolean(field.type):
        return pa.array(values.astype(bool))
    if pa.types.is_string(field.type):
        return pa.array(values, pa.string())
    return pa.array(values.astype(np.int64)).cast(field.type)
