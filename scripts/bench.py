"""``python -m scripts.bench [NAME ...]``: run the benchmarks, then show all results.

A benchmark is a program ``bench/NAME.py``. It writes ``bench/results/NAME.json``: an
object with ``claim`` (what is measured, one line) and ``rows``, each with ``what``,
``value``, ``unit`` and, for our own side, ``goal`` (``">= 6"``, ``"<= 150"``).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from scripts.words import ROOT, say

BENCH = ROOT / "bench"
RESULTS = BENCH / "results"


def names(wanted: list[str]) -> list[str]:
    """Benchmarks to run: those wanted, or all."""
    known = sorted(path.stem for path in BENCH.glob("*.py") if not path.stem.startswith("_"))
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise SystemExit(say("bench.unknown", names=", ".join(unknown), known=", ".join(known)))
    return wanted or known


def meets(value: float, goal: str) -> bool:
    """Whether ``value`` keeps ``goal``, "<= 3" or ">= 6"."""
    sign, bound = goal.split()
    return value <= float(bound) if sign == "<=" else value >= float(bound)


def show(path: Path) -> bool:
    """Print the results in ``path``; whether all goals are met."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    sys.stdout.write(f"\n{path.stem}: {result['claim']}\n")
    met = True
    for row in result["rows"]:
        goal = row.get("goal", "")
        good = not goal or meets(row["value"], goal)
        met = met and good
        verdict = "" if not goal else f"  ({goal}: {say('bench.met' if good else 'bench.missed')})"
        sys.stdout.write(f"  {row['what']:<44} {row['value']:>12,.6g} {row['unit']}{verdict}\n")
    return met


def main(arguments: list[str]) -> int:
    """Run and show; 0 when every program ran and every goal is met."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    ran: list[str] = []
    failed: list[str] = []
    for name in names(arguments):
        began = time.monotonic()
        argv = [sys.executable, str(BENCH / f"{name}.py")]
        code = subprocess.run(argv, cwd=ROOT, check=False).returncode
        sys.stdout.write(f"== bench {name}: {time.monotonic() - began:.1f} s\n")
        (failed if code else ran).append(name)
    results = [RESULTS / f"{name}.json" for name in ran]
    met = [show(path) for path in results if path.is_file()]
    if failed:
        sys.stdout.write(say("bench.failed", names=", ".join(failed)) + "\n")
    return 0 if all(met) and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
