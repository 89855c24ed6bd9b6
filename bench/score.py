"""How fast scores are derived, explained and verified, and what the pair counter holds.

    python bench/score.py [--artifacts N]

There is no peer: what others ship is one number per indicator without terms (see
docs/en/intelligence/score.md). One core; medians of three runs.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from kaname.intelligence.records import Item
from kaname.intelligence.score import Context, Copying, derive
from kaname.intelligence.score.bundle import verify
from kaname.intelligence.score.desk import told
from kaname.model.instant import DAY, parse_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind

RESULTS = Path(__file__).parent / "results" / "score.json"
NOW = parse_us("2026-03-01T00:00:00Z")
SAID = (
    ("honeypot", "download", "src"), ("darknet", "scan", "src"), ("feed-A", "listing", "listed"),
    ("feed-B", "listing", "listed"), ("dns", "resolution", "answer"),
)  # fmt: skip


def items(dice: random.Random, number: int) -> list[Item]:
    """Six observations of one artifact by five sources."""
    found = []
    for place in range(6):
        source, kind, role = dice.choice(SAID)
        found.append(
            Item(
                id=f"obs-{number}-{place}", source=source, kind=kind, role=role,
                at=NOW - dice.randrange(20 * DAY), tlp=Tlp.GREEN, org="isac",
            )
        )  # fmt: skip
    return found


def seconds(function: Callable[[], object]) -> float:
    """The median of three runs."""
    spent = []
    for _ in range(3):
        begun = time.process_time()
        function()
        spent.append(time.process_time() - begun)
    return statistics.median(spent)


def listed() -> Copying:
    """20 sources list 50,000 artifacts, four of them each."""
    copying = Copying()
    for number in range(200_000):
        copying.add(f"feed-{number % 20}", f"ip:{number // 4}", NOW + number, Tlp.GREEN)
    return copying


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--artifacts", type=int, default=10_000)
    count = parser.parse_args().artifacts
    dice = random.Random(1)
    cases = [
        (Artifact(ArtifactKind.IP, f"45.{n >> 16}.{n >> 8 & 255}.{n & 255}"), items(dice, n))
        for n in range(count)
    ]
    context = Context()

    def deriving() -> int:
        return sum(derive(*case, context, NOW) is not None for case in cases)

    given = [one for case in cases[:1_000] if (one := told(*case, context, NOW, Tlp.RED))]
    lines = [json.dumps({"type": "indicator", "explanation": one.evidence(NOW)}) for one in given]
    bundle = "\n".join(lines).encode()
    spent = seconds(listed)
    tracemalloc.start()
    kept = listed()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    found = {
        "artifacts": count,
        "indicators": deriving(),
        "derive_seconds": round(seconds(deriving), 3),
        "explain_ms": round(1000 * seconds(lambda: [o.explanation(NOW, "ja") for o in given])
                            / len(given), 3),
        "verify_ms": round(1000 * seconds(lambda: verify(bundle)) / len(given), 3),
        "bundle_bytes_per_indicator": len(bundle) // len(given),
        "copying_listings_per_second": round(200_000 / spent),
        "copying_bytes_all_clearances": held,
    }  # fmt: skip
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
