"""Claim: country and origin of a column of addresses, at least as fast as the best measured.

Reference (10 M random unicast addresses, one core): numba with an index on the high 16
bits 55.7 M/s for countries and 21.7 M/s for AS; pytricia 0.67 M/s; geoip2fast 0.10 M/s.
Measured beside, where they can be imported: numpy's searchsorted, pytricia, geoip2fast
(``uv run --with pytricia --with geoip2fast python -m bench.places``). Rates are per second
of CPU time of this process, so that what else runs on the machine does not count.
"""

from __future__ import annotations

import importlib
import importlib.util
import ipaddress
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kaname.lake.networks import Networks
from kaname.model.address import IPv4_LOW

COUNT = 10_000_000
FEW = 200_000  # for peers that take addresses one by one
GOALS = {"country": 55.7, "asn": 21.7}  # million a second
PEERS = {"pytricia": 0.67, "geoip2fast": 0.10}  # as the reference measured them


def rate(count: int, work: Callable[[], Any]) -> float:
    """Million look-ups a second, the best of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return round(count / best / 1e6, 3)


def addresses(count: int) -> Any:
    """Random unicast IPv4 addresses, as low words."""
    return IPv4_LOW | np.random.default_rng(1).integers(1 << 24, 224 << 24, count)


def starts(networks: Networks) -> Any:
    """Starts of the pieces of countries, found by asking for every /24."""
    blocks = IPv4_LOW | (np.arange(1 << 24, dtype=np.int64) << 8)
    codes, _ = networks.countries(np.zeros(len(blocks), np.int64), blocks)
    return blocks[np.flatnonzero(np.diff(codes, prepend=-1))]


def peers(networks: Networks, texts: list[str]) -> dict[str, float]:
    """Rates of the peers that are installed here."""
    found = {}
    if importlib.util.find_spec("pytricia"):
        tree = importlib.import_module("pytricia").PyTricia()
        edges = (starts(networks) & 0xFFFFFFFF).tolist()
        for first, after in zip(edges, [*edges[1:], 1 << 32], strict=True):
            span = (ipaddress.IPv4Address(first), ipaddress.IPv4Address(after - 1))
            for net in ipaddress.summarize_address_range(*span):
                tree[str(net)] = first
        found["pytricia"] = rate(len(texts), lambda: [tree.get(text) for text in texts])
    if importlib.util.find_spec("geoip2fast"):
        geo = importlib.import_module("geoip2fast").GeoIP2Fast()
        found["geoip2fast"] = rate(len(texts), lambda: [geo.lookup(text) for text in texts])
    return found


def main() -> int:
    """Print the result; 1 when the claim does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        networks = Networks.open(Path(folder))
    if not networks:
        sys.stderr.write("there are no tables: run `make` first\n")
        return 1
    lo = addresses(COUNT)
    hi = np.zeros(COUNT, np.int64)
    begun = time.process_time()
    codes, _ = networks.countries(hi[:1], lo[:1])
    rates = {
        "country": rate(COUNT, lambda: networks.countries(hi, lo)),
        "asn": rate(COUNT, lambda: networks.asns(hi, lo)),
    }
    codes, _ = networks.countries(hi, lo)
    numbers = networks.asns(hi, lo)
    edges = starts(networks)
    texts = [str(ipaddress.IPv4Address(int(low) & 0xFFFFFFFF)) for low in lo[:FEW]]
    beside = {
        "numpy searchsorted": rate(COUNT, lambda: np.searchsorted(edges, lo, "right")),
        **peers(networks, texts),
    }
    document = {
        "claim": "country >= 55.7 M/s, origin AS >= 21.7 M/s of 10 M random addresses",
        "million_per_second": rates,
        "ratio_to_goal": {name: round(rates[name] / goal, 2) for name, goal in GOALS.items()},
        "peers_measured_here": beside,
        "peers_of_the_reference": PEERS,
        "known": {"country": float((codes > 0).mean()), "asn": float((numbers > 0).mean())},
        "cpu_seconds": round(time.process_time() - begun, 1),
        "holds": all(rates[name] >= goal for name, goal in GOALS.items()),
    }
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if document["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
