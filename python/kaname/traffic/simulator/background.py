"""Ordinary traffic of a link: people's connections by the hours of the day, both ways.

The mixture is that of the workload of the reference of the lake, appendix A: clients and
servers by Zipf's law, services by their usual shares, log-normal sizes; every connection
is answered. Some of it is what analyses are easily misled by: a resolver, clocks, pings,
a monitoring host, unanswered connection requests, and hosts that move much at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.traffic.simulator.records import Records, joined, records, v4

__all__ = ["Link", "background"]

Ints = NDArray[np.int64]

_HOUR = 3600.0
_SERVICES = {443: 0.52, 80: 0.12, 53: 0.18, 123: 0.03, 22: 0.01, 25: 0.03, 993: 0.02, 8080: 0.03}
_FLAGS = np.array([0x1B, 0x1F, 0x1A, 0x18])
_SHARES = np.array([0.72, 0.15, 0.08, 0.05])
RESOLVER, SERVER, MONITOR = v4("10.0.0.53"), v4("10.0.0.80"), v4("10.0.0.9")


@dataclass(frozen=True, slots=True)
class Link:
    """How much there is: clients inside, servers outside, connections per second (mean).

    ``weight`` multiplies the packets of connections, for a fast link of few records.
    """

    clients: int = 400
    servers: int = 3000
    rate: float = 5.0
    weight: int = 20


def background(rng: np.random.Generator, link: Link, start: int, hours: float) -> Records:
    """``hours`` of ordinary flows from ``start`` (microseconds) on, in order of time."""
    seconds = _times(rng, start, hours, link.rate)
    parts = [
        *_connections(rng, link, start, seconds),
        *_visitors(rng, link, start, hours),
        *_oddities(rng, start, hours),
    ]
    return joined(parts)


def _times(rng: np.random.Generator, start: int, hours: float, rate: float) -> NDArray[np.float64]:
    """Instants (seconds after the start) that follow the hours of the day."""
    n = rng.poisson(rate * hours * _HOUR * 2)
    times = rng.random(n) * hours * _HOUR
    of_day = (start / 1e6 + times) % 86_400
    busy = 0.5 - 0.4 * np.cos(2 * np.pi * (of_day - 4 * 3600) / 86_400)
    return np.sort(times[rng.random(n) < busy])


def _zipf(rng: np.random.Generator, n: int, power: float, draws: int) -> Ints:
    weights = 1 / np.arange(1, n + 1) ** power
    return rng.choice(n, draws, p=weights / weights.sum())


def _both(
    us: Ints, src: Ints, dst: Ints, sport: Ints, dport: Ints, proto: Ints, bits: Ints,
    sent: tuple[Ints, Ints], got: tuple[Ints, Ints],
) -> list[Records]:  # fmt: skip
    n = len(us)
    shared = {"proto": proto, "tcp_bits": np.where(proto == 6, bits, 0)}
    out = records(n, us=us, src_lo=src, dst_lo=dst, sport=sport, dport=dport, packets=sent[0],
                  octets=sent[0] * sent[1], **shared)  # fmt: skip
    back = records(n, us=us + 20_000, src_lo=dst, dst_lo=src, sport=dport, dport=sport,
                   packets=got[0], octets=got[0] * got[1], **shared)  # fmt: skip
    return [out, back]


def _connections(
    rng: np.random.Generator, link: Link, start: int, seconds: NDArray[np.float64]
) -> list[Records]:
    n = len(seconds)
    us = start + (seconds * 1e6).astype(np.int64)
    clients = v4("10.0.1.0") + rng.permutation(link.clients)
    servers = v4("11.0.0.0") + rng.choice(1 << 30, link.servers, replace=False)
    services = np.array(list(_SERVICES))
    shares = np.array(list(_SERVICES.values()))
    dport = rng.choice(services, n, p=shares / shares.sum())
    names = dport == 53
    src = np.where(names, RESOLVER, clients[_zipf(rng, link.clients, 0.8, n)])
    dst = servers[_zipf(rng, link.servers, 1.05, n)]
    udp = np.isin(dport, (53, 123)) | ((dport == 443) & (rng.random(n) < 0.3))
    packets = np.maximum(1, np.exp(rng.normal(1.8, 1.4, n))).astype(np.int64)
    small = np.isin(dport, (53, 123))
    packets = np.where(small, 1, packets * link.weight)
    answer = np.clip(rng.normal(900, 300, n), 60, 1400).astype(np.int64)
    answer = np.where(names, np.clip(rng.lognormal(5.0, 0.6, n), 60, 1400), answer)
    answer = np.where(dport == 123, 76, answer).astype(np.int64)
    asked = np.where(small, 76, np.clip(rng.normal(150, 80, n), 52, 1400)).astype(np.int64)
    bits = rng.choice(_FLAGS, n, p=_SHARES)
    more = np.where(small, 1, packets + packets // 2)
    return _both(
        us, src, dst, rng.integers(32_768, 61_000, n), dport, np.where(udp, 17, 6), bits,
        (packets, asked), (more, answer),
    )  # fmt: skip


def _visitors(rng: np.random.Generator, link: Link, start: int, hours: float) -> list[Records]:
    """Connections from outside to the site's own server, sometimes in crowds."""
    seconds = _times(rng, start, hours, link.rate / 2)
    crowds = rng.random(rng.poisson(hours / 12)) * hours * _HOUR
    rush = [at + np.abs(rng.normal(0, 300, int(link.rate * 240))) for at in crowds]
    whole = np.sort(np.concatenate([seconds, *rush]))
    whole = whole[whole < hours * _HOUR]
    n = len(whole)
    packets = np.maximum(3, np.exp(rng.normal(2.2, 1.0, n))).astype(np.int64) * link.weight
    return _both(
        start + (whole * 1e6).astype(np.int64), v4("23.0.0.0") + rng.integers(0, 1 << 24, n),
        np.full(n, SERVER), rng.integers(32_768, 61_000, n), np.full(n, 443), np.full(n, 6),
        rng.choice(_FLAGS, n, p=_SHARES), (packets, np.full(n, 120)),
        (packets * 2, np.full(n, 1100)),
    )  # fmt: skip


def _oddities(rng: np.random.Generator, start: int, hours: float) -> list[Records]:
    """Pings of a monitoring host, background scans from outside, and a nightly transfer."""
    pings = np.arange(0, hours * _HOUR, 10.0)
    n = len(pings)
    us = start + (pings * 1e6).astype(np.int64)
    watched = v4("10.0.0.64") + np.arange(n) % 64
    echo = _both(
        us, np.full(n, MONITOR), watched, np.zeros(n, np.int64), np.full(n, 2048),
        np.full(n, 1), np.zeros(n, np.int64), (np.full(n, 3), np.full(n, 84)),
        (np.full(n, 3), np.full(n, 84)),
    )  # fmt: skip
    m = rng.poisson(hours * _HOUR / 4)
    scans = records(
        m,
        us=start + np.sort(rng.random(m) * hours * _HOUR * 1e6).astype(np.int64),
        src_lo=v4("45.0.0.0") + rng.integers(0, 1 << 22, m),
        dst_lo=v4("10.0.0.0") + rng.integers(0, 1 << 9, m),
        sport=rng.integers(1024, 65_536, m),
        dport=rng.choice([22, 23, 80, 443, 445, 3389, 5900, 8080], m),
        tcp_bits=2,
        octets=44,
    )
    nights = np.arange(0, hours * _HOUR, 86_400.0)[:, None] + np.arange(0, 1800, 30.0)
    transfer = nights.ravel()[nights.ravel() < hours * _HOUR]
    k = len(transfer)
    copies = _both(
        start + (transfer * 1e6).astype(np.int64), np.full(k, v4("10.0.0.20")),
        np.full(k, v4("12.34.56.78")), np.full(k, 40_022), np.full(k, 22), np.full(k, 6),
        np.full(k, 0x18), (np.full(k, 60_000), np.full(k, 1400)),
        (np.full(k, 30_000), np.full(k, 52)),
    )  # fmt: skip
    return [*echo, scans, *copies]
