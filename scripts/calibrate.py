"""``python -m scripts.calibrate``: make the calibration of the telescope's labels anew.

Simulated days of several sizes and seeds are labelled and held against their truth; the
table goes where the package has it. What it is worth is measured on other seeds, and on
captures with a truth that are named (``python -m scripts.calibrate TRUTH...``): those are
not learned from. The same seeds give the same table.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from kaname.model.instant import HOUR
from kaname.telescope.calibration import Calibration
from kaname.telescope.evaluation.sources import Assessment, assess, calibrated, measured
from kaname.telescope.evaluation.truths import read
from kaname.telescope.simulator import simulate
from kaname.telescope.survey import SurveyList
from scripts.words import ROOT

__all__ = ["main"]

TABLE = ROOT / "python" / "kaname" / "telescope" / "calibration.json"
# seed, hours, scale, darknet
LEARNED = (
    (101, 24, 1.0, "198.18.0.0/15"),
    (102, 6, 1.0, "198.18.0.0/20"),
    (103, 12, 0.6, "203.0.113.0/24"),
    (104, 24, 0.5, "198.18.0.0/18"),
    (105, 8, 1.0, "198.18.64.0/22"),
    (106, 24, 0.3, "198.18.0.0/16"),
    (107, 3, 1.0, "198.18.128.0/21"),
    (108, 18, 0.8, "198.18.0.0/19"),
)
HELD_OUT = (
    (201, 24, 0.7, "198.18.0.0/16"),
    (202, 6, 0.8, "198.18.0.0/21"),
    (203, 12, 1.0, "203.0.113.0/24"),
)


def _assessed(
    folder: Path, what: tuple[int, int, float, str], calibration: Calibration | None
) -> Assessment:
    seed, hours, scale, darknet = what
    path = folder / f"seed-{seed}.pcap"
    made = simulate(path, seed, duration=hours * HOUR, scale=scale, darknet=(darknet,))
    found = assess(read(Path(made.truth_path)), SurveyList.load(""), calibration)
    path.unlink()
    sys.stderr.write(f"{path.stem}: {len(found.labelled.labels):,} sources\n")
    return found


def _score(found: Assessment) -> dict[str, Any]:
    measures = measured(found).measures
    return {n: measures[n] for n in ("sources", "macro_f1", "unsure_sources", "calibration_error")}


def main(arguments: list[str]) -> int:
    """Fit, measure, and write the table."""
    with tempfile.TemporaryDirectory(prefix="kaname-calibrate-") as name:
        folder = Path(name)
        table = calibrated([_assessed(folder, what, None) for what in LEARNED])
        scores = {
            f"seed-{what[0]} {what[3]} {what[1]} h": _score(_assessed(folder, what, table))
            for what in HELD_OUT
        }
    for argument in arguments:
        found = assess(read(Path(argument)), SurveyList.load(""), table)
        scores[found.labelled.name] = _score(found)
    whole = Calibration(table.curves, table.provenance, scores)
    TABLE.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    for key, value in scores.items():
        sys.stderr.write(f"{key}: {value}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
