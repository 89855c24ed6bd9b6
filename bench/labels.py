"""Claim: sources are labelled with a macro-F1 of 0.97, and real tools are named rightly.

Held are the labels against the shared radiation, the captures of real tools, and simulated
days of seeds and sizes that no rule and no calibration was made on: other variants of
bots, other surveys, other reflections in each (see the simulator's mix). Peers on the
shared set (reference of the telescope): twenty naive rules 0.731; Merit's darknet-events at
its defaults recalls 22 % of Mirai's sources and no ZMap 4; corsaro3 calls all of ZMap 2
spoofed. Run: ``python -m bench.labels [TRUTH]...``; tables go to stderr, one JSON object
to stdout.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from kaname.analysis.evaluation import Evaluation
from kaname.model.instant import HOUR
from kaname.telescope.evaluation.sources import assess, measured
from kaname.telescope.evaluation.truths import read
from kaname.telescope.simulator import simulate
from kaname.telescope.survey import SurveyList

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "telescope"
# seed, hours, scale, darknet
UNSEEN = (
    (301, 24, 0.6, "198.18.0.0/15"),
    (302, 6, 0.8, "203.0.113.0/24"),
    (303, 12, 0.6, "198.18.0.0/20"),
    (304, 24, 0.4, "198.18.0.0/17"),
    (305, 8, 0.8, "198.18.64.0/22"),
    (306, 18, 0.5, "198.18.0.0/16"),
)
SHOWN = (
    "sources",
    "macro_f1",
    "macro_f1_10",
    "calibration_error",
    "tools_named",
    "false_tool_names",
    "invariants_recall",
    "invariants_false_sources",
)


def tell(line: str) -> None:
    """A line for people."""
    sys.stderr.write(f"{line}\n")


def evaluated(truth: Path) -> Evaluation:
    """The evaluation of a labelled set, told."""
    found = measured(assess(read(truth), SurveyList.load("")))
    tell(f"\n{truth.name}")
    for name in SHOWN:
        tell(f"  {name:26} {found.measures.get(name, '–')}")
    for row in found.tables[0].rows:
        if isinstance(row[4], float) and row[4] < 0.98:
            tell(f"  {row[0]}: right {row[1]}, invented {row[2]}, missed {row[3]}, F1 {row[4]}")
    return found


def main(arguments: list[str]) -> int:
    """Print all tables and the result; 1 when a claim does not hold."""
    found = {"ibr_shared": evaluated(SHARED / "ibr_shared.truth.json")}
    tools = evaluated(SHARED / "scanner_tools.labels.csv")
    found |= {Path(name).name: evaluated(Path(name)) for name in arguments}
    with tempfile.TemporaryDirectory() as folder:
        for seed, hours, scale, darknet in UNSEEN:
            path = Path(folder) / f"seed-{seed}.pcap"
            made = simulate(path, seed, duration=hours * HOUR, scale=scale, darknet=(darknet,))
            found[f"seed-{seed} {darknet} {hours} h"] = evaluated(Path(made.truth_path))
            path.unlink()
    f1 = {name: float(one.measures["macro_f1"]) for name, one in found.items()}
    named = [one.measures.get("tools_named", 1.0) for one in (tools, *found.values())]
    false = [one.measures["false_tool_names"] for one in (tools, *found.values())]
    holds = min(f1.values()) >= 0.97 and min(named) == 1.0 and not any(false)
    document = {
        "claim": "macro-F1 >= 0.97 on every set, all tools of 10 packets named, no false names",
        "macro_f1": f1,
        "sets": {name: {k: one.measures.get(k) for k in SHOWN} for name, one in found.items()},
        "tools_named_least": min(named),
        "false_tool_names": sum(int(n) for n in false),
        "real_tools": {k: tools.measures.get(k) for k in SHOWN},
        "peers": {"naive rules on ibr_shared": 0.731},
        "holds": holds,
    }
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
