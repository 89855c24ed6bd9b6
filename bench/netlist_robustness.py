"""Claim: an attack of 100 added gates costs a model of Trojans at most 3 points of TPR.

Nozawa et al. (JIP 29, 2021) report up to 30.15 points for a network without a defence. Here
each model given is attacked on designs of hosts that it has not seen (give such models; the
hosts are those below): once by rewritings drawn at random, once guided by its own scores.
Every rewritten design is proved equal. Prints one JSON object; without models, of the shipped
one.

    python -m bench.netlist_robustness [MODEL.npz]...
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

SET = Path(__file__).parents[2] / "shared" / "data" / "hardware-crypto" / "netlists"
GOAL, PUBLISHED = 3.0, 30.15
DESIGNS = (
    "classic_rs232t1000",
    "classic_rs232t1600",
    "JC-SW130_s1423_T0003_C_L_A",
    "TRIT-TC_s1423_T001",
    "TRIT-TC_s1423_T210",
    "TRIT-TS_s1423_T400",
    "TRIT-TS_s1423_T428",
    "TRIT-TC_c3540_T038",
    "TRIT-TC_c3540_T076",
)
EVALUATIONS = 24


def targets() -> list[Any]:
    """The designs with their Trojans."""
    from kaname.hardware.netlist.adversarial import labels
    from kaname.hardware.netlist.adversarial.robustness import Target
    from kaname.hardware.netlist.reading import read

    found = []
    for name in DESIGNS:
        path = SET / f"{name}.v.gz"
        netlist = read(path)
        found.append(Target.of(name, netlist, labels.read(labels.find(path, None), netlist)))
    return found


def main(paths: list[str]) -> None:
    """Attack each model twice and print what it cost."""
    from kaname.hardware.netlist.adversarial import robustness
    from kaname.hardware.netlist.model import Model

    named = {Path(path).stem: Model.load(Path(path)) for path in paths}
    models = named or {"shipped": Model.load(None)}
    designs = targets()
    attacks = {}
    for attack, guided in (("random", False), ("guided", True)):
        began = time.perf_counter()
        found = robustness(models, designs, guided=guided, evaluations=EVALUATIONS)
        last = [one.levels[-1] for each in found.models.values() for one in each]
        attacks[attack] = {
            "seconds": round(time.perf_counter() - began, 1),
            "complete_proofs": sum(level.proof is not None and level.proof.complete
                                   for level in last),
            "rewritten": len(last),
            "mean": found.as_json()["mean"],
            "tpr_points_lost": (lost := found.as_json()["tpr_points_lost"]),
            "of_goal": {model: round(points / GOAL, 2) for model, points in lost.items()},
            "of_published": {model: round(points / PUBLISHED, 2) for model, points in lost.items()},
        }  # fmt: skip
    json.dump({"goal": GOAL, "published": PUBLISHED, "attacks": attacks}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
