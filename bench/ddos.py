"""Floods: vectors told right, delay, and false alarms of a week.

    python bench/ddos.py

This is ``kaname analyses evaluate flow.ddos``: every means of attack injected into its own
hour at shares of the link from one to a twentieth, a week without attacks, and the captures
of real attacks where they lie beside the repository.
"""

from __future__ import annotations

import json
from pathlib import Path

from kaname.traffic.evaluation.ddos import evaluate

CAPTURES = Path(__file__).parents[2] / "shared" / "data" / "lake" / "ddos"
RIGHT, LATEST, FALSE = 0.98, 2.0, 1  # share, minutes, alarms a week


def main() -> int:
    """Print what was measured; 1 when a claim does not hold."""
    found = evaluate(sorted(CAPTURES.glob("*.pcap*")), {})
    tables = {one.title: [dict(zip(one.header, r, strict=True)) for r in one.rows]
              for one in found.tables}  # fmt: skip
    print(json.dumps({**found.measures, **tables}))
    measured = found.measures
    return int(
        float(measured["vector_right"]) < RIGHT
        or float(measured["latest_minutes"]) > LATEST
        or float(measured["false_alarms_a_week"]) > FALSE
    )


if __name__ == "__main__":
    raise SystemExit(main())
