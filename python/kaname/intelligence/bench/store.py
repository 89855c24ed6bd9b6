"""How fast the fusion store is on this machine, on observations made up for it.

Artifacts are IPv4 addresses, domains, URLs and SHA-256 hashes, a quarter each; every
observation mentions one that was met before and two new ones. Rates count CPU time of the
process, what is durable included; making the observations up is not counted.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.store import FusionStore
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

__all__ = ["StoreBench", "artifact", "observations", "run"]

_START = 1_750_000_000_000_000  # microseconds, UTC
_BATCH = 5_000
_LEAST = 500  # observations
_LOOKUPS = 20_000
_PIVOTS = 200


class StoreBench(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured; latencies in microseconds."""

    observations: int
    artifacts: int
    ingest_per_s: float  # durable, per core
    bytes_per_artifact: float  # of the arrays, observations included
    lookup_p50_us: float
    lookup_p99_us: float
    batch_per_s: float  # values of one batch
    pivot_p50_us: float  # three hops
    pivot_p99_us: float
    open_s: float  # reading the log again


def artifact(number: int) -> tuple[ArtifactKind, str]:
    """The artifact of a number; equal ones are equal everywhere."""
    form, rest = number % 4, number // 4
    if form == 0:
        quad = (rest * 2_654_435_761) & 0xFFFF_FFFF
        return ArtifactKind.IP, ".".join(str(byte) for byte in quad.to_bytes(4))
    if form == 1:
        return ArtifactKind.DOMAIN, f"host-{rest:x}.zone{rest % 977}.example"
    if form == 2:
        return ArtifactKind.URL, f"https://zone{rest % 977}.example/path/{rest:x}/index.html"
    return ArtifactKind.HASH, hashlib.sha256(b"%d" % rest).hexdigest()


def observations(count: int, *, start: int = 0) -> Iterator[list[Observation]]:
    """Batches of observations, the same at every call."""
    for first in range(start, start + count, _BATCH):
        yield [_observation(n) for n in range(first, min(first + _BATCH, start + count))]


def _observation(number: int) -> Observation:
    earlier = (number * 7_919) % (number * 2 + 1)
    met = (artifact(n) for n in (earlier, number * 2 + 1, number * 2 + 2))
    roles = ("src", "query", "payload")
    return Observation(
        id=f"observation-{number:012d}",
        source=f"source-{number % 8}",
        kind="scan",
        at=_START + number * 1_000,
        received=_START + number * 1_000,
        mentions=tuple(
            Mention(kind, value, role) for (kind, value), role in zip(met, roles, strict=True)
        ),
        tlp=Tlp.GREEN,
    )


def run(artifacts: int = 200_000, folder: Path | None = None) -> StoreBench:
    """Measure a new store of so many artifacts, two for each observation.

    It lies below ``folder`` (the one for temporary files by default) and is removed.
    """
    count = max(_LEAST, artifacts // 2)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "store"
        with FusionStore.open(path) as store:
            rate = _ingest(store, count)
            looked_up = _lookups(store, count)
            batch = _batch(store, count)
            pivots = _pivots(store, count)
            met, size = store.counts[0], store.bytes
        begun = time.perf_counter()
        FusionStore.open(path, read_only=True).close()
        opened = time.perf_counter() - begun
    return StoreBench(
        observations=count,
        artifacts=met,
        ingest_per_s=rate,
        bytes_per_artifact=size / met,
        lookup_p50_us=looked_up[len(looked_up) // 2],
        lookup_p99_us=looked_up[len(looked_up) * 99 // 100],
        batch_per_s=batch,
        pivot_p50_us=pivots[len(pivots) // 2],
        pivot_p99_us=pivots[len(pivots) * 99 // 100],
        open_s=opened,
    )


def _ingest(store: FusionStore, count: int) -> float:
    spent = 0.0
    for batch in observations(count):
        begun = time.process_time()
        store.add(batch)
        spent += time.process_time() - begun
    return count / spent


def _lookups(store: FusionStore, count: int) -> list[float]:
    """Half of the values are known."""
    dice = random.Random(1)  # noqa: S311 - nothing secret
    spent = []
    for _ in range(_LOOKUPS):
        kind, value = artifact(dice.randrange(count * 4))
        begun = time.perf_counter_ns()
        store.brief(kind, value)
        spent.append((time.perf_counter_ns() - begun) / 1_000)
    return sorted(spent)


def _batch(store: FusionStore, count: int) -> float:
    dice = random.Random(2)  # noqa: S311 - nothing secret
    keys = [artifact(dice.randrange(count * 4)) for _ in range(100_000)]
    begun = time.perf_counter()
    store.lookup(keys)
    return len(keys) / (time.perf_counter() - begun)


def _pivots(store: FusionStore, count: int) -> list[float]:
    dice = random.Random(3)  # noqa: S311 - nothing secret
    spent = []
    for _ in range(_PIVOTS):
        seed = artifact(dice.randrange(count * 2))
        begun = time.perf_counter_ns()
        store.pivot([seed], hops=3)
        spent.append((time.perf_counter_ns() - begun) / 1_000)
    return sorted(spent)
