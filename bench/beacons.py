"""Beacons: how many are found beside RITA, and how long a day of flows takes.

    python bench/beacons.py [--flows N]

The first part is ``kaname analyses evaluate flow.beacons``: true positives at one false
positive in a hundred, for beacons alone and hidden in ordinary contacts, with RITA's score
on the same series. The second runs the whole analysis over a day of ordinary flows in
memory and charges CPU time.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from kaname.analysis.frame import Window
from kaname.model.instant import DAY
from kaname.traffic.analyses.beacons import Beacons
from kaname.traffic.evaluation.beacons import evaluate
from kaname.traffic.evaluation.bench import Scene
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import table

GOAL = 0.95  # of beacons mixed one to one with ordinary contacts
START = 1_767_225_600_000_000


def _day(flows: int) -> dict[str, Any]:
    rate = flows / 86_400 / 3  # connections; each is two records, visitors add a half
    link = Link(clients=20_000, servers=100_000, rate=rate)
    whole = table(background(np.random.default_rng(3), link, START, 24))
    with Scene(flows=whole) as scene:
        scene.table("flows")
        cpu, wall = time.process_time(), time.perf_counter()
        found = scene.drafts(Beacons(), Window(START, START + DAY))
        return {
            "flows": len(whole),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "wall_seconds": round(time.perf_counter() - wall, 2),
            "findings": len(found),
        }


def main() -> int:
    """Print what was measured; 1 when the claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=int, default=10_000_000)
    given = parser.parse_args()
    found = evaluate([], {})
    (scores,) = found.tables
    rows = [dict(zip(scores.header, row, strict=True)) for row in scores.rows]
    result = {**found.measures, "rows": rows, "day": _day(given.flows)}
    print(json.dumps(result))
    return int(float(found.measures["tpr_mixed_1_to_1_least"]) < GOAL)


if __name__ == "__main__":
    raise SystemExit(main())
