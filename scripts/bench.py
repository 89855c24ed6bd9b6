"""``python -m scripts.bench [NAME ...]``: run the benchmarks and show what they measured.

A benchmark is a program ``bench/NAME.py``: it prints one JSON object with its numbers and
those of its peers, tells its progress on stderr, and ends with 1 when a claim does not
hold. The objects are kept in ``bench/results/NAME.json``. One that prints a table of its
own instead is shown as it is, and keeps its results itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.words import ROOT, say

__all__ = ["flat", "main", "names"]

BENCH = ROOT / "bench"
RESULTS = BENCH / "results"


def names(wanted: list[str], folder: Path = BENCH) -> list[str]:
    """Benchmarks to run: those wanted, or all."""
    known = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise SystemExit(say("bench.unknown", names=", ".join(unknown), known=", ".join(known)))
    return wanted or known


def flat(document: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of everything in ``document``, nested names joined by dots."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from flat(value, f"{path}.{name}" if path else str(name))
    elif isinstance(document, list):
        for place, value in enumerate(document):
            yield from flat(value, f"{path}[{place}]")
    else:
        number = isinstance(document, int | float) and not isinstance(document, bool)
        yield path, f"{document:,.6g}" if number else str(document)


def run(name: str) -> bool:
    """Run one benchmark, show and keep its numbers; whether its claims hold."""
    began = time.monotonic()
    sys.stdout.write(f"== {name}\n")
    sys.stdout.flush()
    argv = [sys.executable, str(BENCH / f"{name}.py")]
    done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    try:
        document = json.loads(done.stdout)
    except ValueError:
        sys.stdout.write(done.stdout)
    else:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
        sys.stdout.writelines(f"  {what:<52} {value:>14}\n" for what, value in flat(document))
    held = say("bench.met" if done.returncode == 0 else "bench.missed")
    sys.stdout.write(f"== {name}: {held} ({time.monotonic() - began:.1f} s)\n")
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    """Run them; 0 when every claim holds."""
    missed = [name for name in names(arguments) if not run(name)]
    if missed:
        sys.stdout.write(say("bench.failed", names=", ".join(missed)) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
