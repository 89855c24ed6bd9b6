"""Adds observations to a fusion store until it is killed; tells what is durable.

Usage: python -m tests.crash.fusion_adding FOLDER FIRST
"""

from __future__ import annotations

import sys
from pathlib import Path

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.store import FusionStore
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

BATCH = 50


def observation(number: int) -> Observation:
    """The observation of a number, the same at every call."""
    return Observation(
        id=f"o{number}",
        source=f"s{number % 3}",
        kind="scan",
        at=number,
        received=number,
        mentions=(
            Mention(ArtifactKind.IP, f"192.0.2.{number % 200}", "src"),
            Mention(ArtifactKind.DOMAIN, f"h{number}.example", "query"),
        ),
        tlp=Tlp.GREEN,
        body={"number": number, "padding": "x" * (number % 700)},
    )


def main(folder: str, first: str) -> None:
    """Add batches for ever; print how many observations are durable after each."""
    with FusionStore.open(Path(folder)) as store:
        number = int(first)
        while True:
            store.add([observation(n) for n in range(number, number + BATCH)])
            number += BATCH
            if number % (BATCH * 5) == 0:
                store.snapshot()
            print(number, flush=True)  # noqa: T201 - tells the test what was acknowledged


if __name__ == "__main__":
    main(*sys.argv[1:])
