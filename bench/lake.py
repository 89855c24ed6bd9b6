"""Claim: five questions over 50.7 M flows within 1.0, 0.5, 0.5, 0.1 and 0.6 s, in 0.6 GB.

    python bench/lake.py [--days N] [--rows N] [--folder DIR]

Runs `kaname lake bench --json` in a process of its own: the lake as it is, the lake with
its native copy, and beside them DuckDB on plain Parquet of the same rows and Polars where
it is installed. One JSON object goes to stdout.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

GOALS = {"Q1": 1.0, "Q2": 0.5, "Q3": 0.5, "Q4": 0.1, "Q5": 0.6}
BYTES_PER_FLOW = 14.0
DAYS, ROWS = 5, 10_000_000


def bench(folder: Path, days: int, rows: int) -> dict[str, Any]:
    """What `kaname lake bench` says."""
    words = ["lake", "bench", "--days", str(days), "--rows", str(rows), "--folder", str(folder)]
    done = subprocess.run(
        [Path(sys.executable).with_name("kaname"), *words, "--json"],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        found = bench(options.folder or Path(place), options.days, options.rows)
    times = found["timings"]["kaname, warm"]
    held = {name: times[name]["wall"] <= goal for name, goal in GOALS.items()}
    document = {
        "claim": "Q1-Q5 over 50.7 M flows <= 1.0/0.5/0.5/0.1/0.6 s, <= 14 bytes a flow",
        "goals_s": GOALS,
        **found,
        "load": os.getloadavg()[0],
        "held": held,
        "holds": all(held.values())
        and found["bytes_per_flow"] <= BYTES_PER_FLOW
        and found["flows"] >= DAYS * ROWS,
    }
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if document["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
