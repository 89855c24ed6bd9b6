"""Claim: alerts to 10,000 organisations cost less than 5 % of taking 5 M packets/s in.

Measured are, for 10,000 organisations of 100 prefixes each: how long the table takes to be
made; how many sources a second are looked up (in the order in which rows come, and at
random); the share of the CPU of ingest that the search of its rows takes, at the rows and
seconds that a real capture of background radiation gives; and how long it takes from the
commit of a minute to the alert. The peer is a binary search in numpy over the same ranges.

Run: ``python -m bench.organisations [capture]``; one JSON object to stdout.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from kaname.knowledge import Knowledge
from kaname.knowledge.organisation_records import Organisation
from kaname.knowledge.organisations import Organisations
from kaname.lake import Lake
from kaname.model.address import IPv4_LOW
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.telescope.organisations.registry import Period, Registry
from kaname.telescope.organisations.watching import OrganisationWatch

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "telescope"
ORGANISATIONS, PREFIXES = 10_000, 100
LOOKED_UP = 5_000_000
GOAL_PACKETS = 5e6  # a second
SHARE = 0.05


def organisations(rng: np.random.Generator) -> list[Organisation]:
    """10,000 organisations of 100 distinct /24, half of which hold a /26 that is unused."""
    count = ORGANISATIONS * PREFIXES
    blocks = rng.choice(np.arange(1 << 16, 224 << 16), count, replace=False)
    made = []
    for number, own in enumerate(blocks.reshape(ORGANISATIONS, PREFIXES).tolist()):
        live = tuple(f"{b >> 16}.{b >> 8 & 255}.{b & 255}.0/24" for b in own)
        dark = tuple(text.replace(".0/24", ".64/26") for text in live[::2])
        key = f"org-{number}"
        made.append(Organisation(id=key, name_en=key, live=live, dark=dark))
    return made


def look_up(period: Period, rng: np.random.Generator) -> dict[str, float]:
    """Sources looked up a second: at random, and sorted, as a minute's rows are."""
    lows = IPv4_LOW + rng.integers(0, 1 << 32, LOOKED_UP)
    zeros = np.zeros(LOOKED_UP, np.int64)
    figures = {}
    for name, some in (("random", lows), ("in_order", np.sort(lows))):
        begun = time.process_time()
        found = period.find(zeros, some)
        figures[name] = LOOKED_UP / (time.process_time() - begun)
    figures["found"] = int(found.live.sum())
    edges = np.sort(rng.integers(0, 1 << 32, 2 * ORGANISATIONS * PREFIXES))
    begun = time.process_time()
    np.searchsorted(edges, lows - IPv4_LOW)
    figures["numpy_random"] = LOOKED_UP / (time.process_time() - begun)
    return figures


def cost(capture: Path, registry: Registry) -> dict[str, Any]:
    """CPU of ingest, and of looking at what was ingested; rows and packets of the capture."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        knowledge = Knowledge.open(f"sqlite:///{data}/knowledge.sqlite")
        with Lake.open(data) as lake, knowledge:
            knowledge.part(Organisations).put(registry.organisations)
            watch = OrganisationWatch(lake, knowledge, data, addresses=4352)
            watch.look(1)  # the table is made once, and not charged to a commit
            watch.registry.at(1).find(np.zeros(1, np.int64), np.zeros(1, np.int64))
            begun = time.process_time()
            result = ingest(lake, capture, sensor="darknet", tlp=Tlp.CLEAR)
            taken_in = time.process_time() - begun
            rows = next(t.rows for t in lake.tables() if t.name == "flowtuples")
            begun, wall = time.process_time(), time.perf_counter()
            alerts = watch.look(2)
            return {
                "packets": result.records,
                "rows": rows,
                "ingest_cpu_s": taken_in,
                "look_cpu_s": time.process_time() - begun,
                "look_wall_s": time.perf_counter() - wall,
                "alerts": len(alerts),
            }


def main(arguments: list[str]) -> int:
    """Print the result; 1 when the claim does not hold."""
    rng = np.random.default_rng(1)
    made = organisations(rng)
    registry = Registry(made)
    period = registry.at(1)
    begun = time.perf_counter()
    period.find(np.zeros(1, np.int64), np.zeros(1, np.int64))
    built = time.perf_counter() - begun
    speed = look_up(period, rng)
    # Every packet a row of its own is the worst case; rows of a minute come in order.
    share = GOAL_PACKETS / speed["in_order"] / 2  # of two cores
    capture = Path(arguments[0]) if arguments else SHARED / "ibr_shared.pcap.gz"
    document = {
        "claim": "10,000 organisations x 100 prefixes cost < 5 % at 5 Mpps on 2 cores",
        "table_built_s": round(built, 2),
        "looked_up_per_s": {name: round(value) for name, value in speed.items()},
        "ratio_to_numpy": round(speed["random"] / speed["numpy_random"], 2),
        "share_at_5_mpps": round(share, 4),
        "capture": cost(capture, registry),
        "holds": share < SHARE,
    }
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if document["holds"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
