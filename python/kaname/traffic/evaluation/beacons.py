"""Beacons in a day of ordinary contacts: how many are found where one in a hundred is wrong.

The table of the reference of the lake, 3.8: the threshold of each measure is set so that
one of a hundred ordinary pairs exceeds it; of forty beacons a row tells how many do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kaname._native import rhythm
from kaname.analysis.evaluation import Evaluation, Scores
from kaname.traffic.flows import arrays
from kaname.traffic.simulator.rhythms import DAY, Beacon, background, beacon

__all__ = ["SHAPES", "evaluate", "measured"]

Floats = NDArray[np.float64]

SEED, BEACONS = 20_260_101, 40
ALLOWED = 0.01  # ordinary pairs above the threshold
SHAPES = (
    Beacon(60, 0.5, 0.0, 0),
    Beacon(60, 0.2, 0.3, 0),
    Beacon(60, 0.2, 0.0, 1),
    Beacon(60, 0.2, 0.3, 2),
    Beacon(300, 0.2, 0.0, 1),
    Beacon(600, 0.2, 0.0, 1),
    Beacon(600, 0.2, 0.3, 2),
    Beacon(3600, 0.5, 0.0, 0),
    Beacon(3600, 0.2, 0.3, 0),
    Beacon(3600, 0.2, 0.0, 1),
    Beacon(3600, 0.2, 0.3, 2),
)


def measured(series: Sequence[Floats], rng: np.random.Generator) -> dict[str, Floats]:
    """The measures of each of ``series`` (seconds in a day); sizes are those of people."""
    numbers = np.repeat(np.arange(len(series)), [len(one) for one in series])
    times = (np.concatenate(series) * 1e6).astype(np.int64)
    sizes = rng.lognormal(6.5, 1.2, len(times)).astype(np.int64)
    batch = pa.RecordBatch.from_arrays(
        [pa.array(numbers), pa.array(times), pa.array(sizes)], names=["series", "us", "octets"]
    )
    found = pa.table(pa.record_batch(rhythm(batch, 0, int(DAY * 1e6))))
    return arrays(found)


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """The share of beacons found at the threshold that one ordinary pair in 100 exceeds.

    ``paths`` are not used: days are simulated.
    """
    del paths, params
    rng = np.random.default_rng(SEED)
    ordinary = measured(list(background(rng)), rng)
    limits = {name: _limit(ordinary[name]) for name in ("evidence", "rita")}
    rows = [_row(shape, limits, rng) for shape in SHAPES]
    mixed = [row[4] for row, shape in zip(rows, SHAPES, strict=True) if shape.mixed == 1]
    header = ("period s", "jitter %", "loss %", "mixed", "run test", "RITA")
    return Evaluation(
        analysis="flow.beacons",
        measures={
            "tpr_mixed_1_to_1_least": min(mixed),
            "threshold_evidence": round(limits["evidence"], 2),
            "threshold_rita": round(limits["rita"], 3),
        },
        tables=(Scores("true positives at 1 % false positives", header, tuple(rows)),),
        notes=(
            "566 ordinary pairs of a simulated day: a third each of people, Poisson, diurnal",
            "40 beacons a row; mixed: ordinary contacts of the same pair, per contact",
        ),
    )


def _limit(values: Floats) -> float:
    """The value that `ALLOWED` of ``values`` exceed."""
    ordered = np.sort(values)
    return float(ordered[-1 - int(ALLOWED * len(ordered))])


def _row(
    shape: Beacon, limits: Mapping[str, float], rng: np.random.Generator
) -> tuple[float | int | str, ...]:
    found = measured([beacon(rng, shape) for _ in range(BEACONS)], rng)
    right = [round(float((found[name] > limits[name]).mean()), 3) for name in limits]
    shares = (round(100 * shape.jitter), round(100 * shape.loss), shape.mixed)
    return (shape.period, *shares, *right)
