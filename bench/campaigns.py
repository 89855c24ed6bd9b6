"""Claim: of 15 campaigns on port counts, 14 are found within three days at one false alarm a day.

Peers run beside it on the same counts: a CUSUM per port with the common mode removed (the
reference's, at its strictest threshold) and ChangeFinder per port with its published
parameters (on the ports of campaigns and every sixteenth other; its false alarms are scaled
to all ports). Run: ``python -m bench.campaigns [counts.truth.json | seed]...``; without
arguments the shared month. Tables go to stderr, one JSON object to stdout.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from kaname.model.instant import SECOND
from kaname.telescope.surge.evaluation import Counted, alarmed, simulated
from kaname.telescope.surge.files import read_counts
from kaname.telescope.surge.judging import Verdict, changefinder_alarms, cusum, judge

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "telescope"
RECALL, FALSE = 14 / 15, 1.0  # of the claim
EVERY = 16


def tell(line: str) -> None:
    """A line for people."""
    sys.stderr.write(f"{line}\n")


def given(argument: str) -> Counted:
    """A simulated month by its seed, or counts by the path of their truth."""
    if argument.isdigit():
        return simulated(int(argument))
    path = Path(argument)
    truth = json.loads(path.read_text())
    name = path.name.removesuffix(".truth.json")
    grid = read_counts(path.with_name(f"{name}.parquet"), truth["t0"] * SECOND)
    return Counted(name, grid, truth)


def row(name: str, verdict: Verdict, seconds: float, scale: float = 1.0) -> dict[str, Any]:
    """One detector on one set; printed."""
    false = scale * verdict.false / verdict.days
    found = [verdict.found(hours) for hours in (1, 24, 72)]
    tell(
        f"{name:26} {found[0]:4} {found[1]:5} {found[2]:5} of {len(verdict.delays):3} "
        f"{verdict.median:8.2f} {false:10.2f} {seconds:8.1f}"
    )
    return {
        "found_72h": found[2],
        "campaigns": len(verdict.delays),
        "median_delay_h": verdict.median,
        "false_a_day": round(false, 3),
        "seconds": round(seconds, 1),
    }


def measured(each: Counted) -> dict[str, Any]:
    """All detectors on one set."""
    tell(f"\n{each.name}\n{'detector':26}  1 h  24 h  72 h         median h  false/day  seconds")
    found: dict[str, Any] = {}
    begun = time.monotonic()
    verdict = judge(each.truth, alarmed(each.grid))
    found["kaname"] = row("kaname", verdict, time.monotonic() - begun)
    begun = time.monotonic()
    verdict = judge(each.truth, cusum(each.grid, 1.0, 12.0))
    found["cusum"] = row("CUSUM k=1 h=12", verdict, time.monotonic() - begun)
    begun = time.monotonic()
    ports = {campaign["port"] for campaign in each.truth["campaigns"]}
    own = np.isin(each.grid.ports, sorted(ports))
    asked = own | (np.arange(len(own)) % EVERY == 0)
    alarms = changefinder_alarms(each.grid, np.flatnonzero(asked).tolist())
    scale = len(own) / max(1, int(asked.sum()))
    verdict = judge(each.truth, alarms)
    found["changefinder"] = row("ChangeFinder per port", verdict, time.monotonic() - begun, scale)
    return found


def main(arguments: list[str]) -> int:
    """Print all tables and the result; 1 when the claim does not hold."""
    names = arguments or [str(SHARED / "port_counts_shared.truth.json")]
    results = {}
    for argument in names:
        each = given(argument)
        results[each.name] = measured(each)
    ours = [result["kaname"] for result in results.values()]
    recall = sum(one["found_72h"] for one in ours) / sum(one["campaigns"] for one in ours)
    false = sum(one["false_a_day"] for one in ours) / len(ours)
    document = {
        "claim": "recall >= 14/15 within 72 h at <= 1 false alarm a day",
        "recall_72h": round(recall, 4),
        "false_a_day": round(false, 3),
        "sets": results,
        "holds": recall >= RECALL - 1e-9 and false <= FALSE,
    }
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if document["holds"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
