"""Artifacts in texts: speed and recall, beside ioc-finder and iocextract on the same text.

    python bench/extraction.py TEXT... [--peers PYTHON]

A text with ``NAME.truth.json`` beside it (a list of ``type`` and ``value``) is measured for
recall. The peers are run by the interpreter PYTHON, an environment of its own into which
somebody has installed them: their licences (LGPL, GPL) keep them out of this one. They are
far slower, so they read the texts once; kaname reads them as often as 20 MB need.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "extraction.json"

PEER = """
import json, sys, time
name, *paths = sys.argv[1:]
texts = [open(path, encoding="utf-8").read() for path in paths]
def finder(text):
    from ioc_finder import find_iocs
    found = find_iocs(text)
    lists = [values for values in found.values() if isinstance(values, (list, set))]
    return {str(value).lower() for values in lists for value in values}
def extract(text):
    import iocextract
    return {str(v).lower() for v in iocextract.extract_iocs(text, refang=True)}
run = finder if name == "ioc-finder" else extract
run("warm up 198.51.100.7")
started = time.process_time()
found = [sorted(run(text)) for text in texts]
print(json.dumps({"seconds": time.process_time() - started, "found": found}))
"""


def truth(path: Path) -> set[str]:
    """What has to be found in a text, in lower case."""
    beside = path.with_name(f"{path.stem}.truth.json")
    rows = json.loads(beside.read_text("utf-8")) if beside.exists() else []
    return {str(row["value"]).lower() for row in rows}


def recall(paths: list[Path], found: list[set[str]]) -> float | None:
    """The share of what has to be found."""
    pairs = [(truth(path), values) for path, values in zip(paths, found, strict=True)]
    asked = sum(len(wanted) for wanted, _ in pairs)
    return sum(len(wanted & values) for wanted, values in pairs) / asked if asked else None


def ours(paths: list[Path]) -> dict[str, Any]:
    """kaname: every value that it finds, and the speed."""
    from kaname._native import extract_artifacts

    texts = [path.read_text("utf-8") for path in paths]
    found = [{row[1].lower() for row in extract_artifacts(text)} for text in texts]
    whole = "\n".join(texts)
    size = len(whole.encode())
    times = 1 + 20_000_000 // size
    started = time.process_time()
    for _ in range(times):
        extract_artifacts(whole)
    spent = time.process_time() - started
    return {"mb_per_s": size * times / spent / 1e6, "recall": recall(paths, found)}


def peer(python: str, name: str, paths: list[Path]) -> dict[str, Any]:
    """A peer, in a process of its own environment."""
    argv = [python, "-c", PEER, name, *map(str, paths)]
    answer = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    size = sum(path.stat().st_size for path in paths)
    found = [set(values) for values in answer["found"]]
    return {"mb_per_s": size / answer["seconds"] / 1e6, "recall": recall(paths, found)}


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--peers", default="", help="interpreter that has the peers")
    options = parser.parse_args()
    rows = {"kaname": ours(options.texts)}
    for name in ("ioc-finder", "iocextract") if options.peers else ():
        rows[name] = peer(options.peers, name, options.texts)
    for row in rows.values():
        row["ratio"] = rows["kaname"]["mb_per_s"] / row["mb_per_s"]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n")
    for name, row in rows.items():
        share = "-" if row["recall"] is None else f"{row['recall']:.4f}"
        line = f"{name:12} {row['mb_per_s']:9.3f} MB/s  recall {share}  x{row['ratio']:.0f}\n"
        sys.stdout.write(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
