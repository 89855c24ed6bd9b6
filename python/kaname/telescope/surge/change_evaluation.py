"""How well ChangeFinder repeats the alerts that its authors published.

``paths`` name a table of counts (``JST,packetnum,hostnum``, ``..._count.csv``) and the
alerts of the reference program on it (``..._changefinder_alerts.txt``); one of both is
enough when the other lies beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kaname.analysis.evaluation import Evaluation
from kaname.model.errors import InputError
from kaname.telescope.changefinder import alerts, scores

__all__ = ["evaluate"]

_COUNTS, _ALERTS = "_count.csv", "_changefinder_alerts.txt"


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:  # noqa: ARG001 - the frame's form
    """The alerts on published counts, held against the published alerts."""
    if not paths:
        raise InputError("telescope.error.counts_columns", path="-", missing=_COUNTS)
    counts, published = _both(paths[0], paths[1:])
    try:
        with counts.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        series = [np.array([float(row[name]) for row in rows]) for name in ("packetnum", "hostnum")]
        bins = [row["JST"] for row in rows]
        expected = set(published.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, KeyError, TypeError) as error:
        raise InputError("telescope.error.counts_read", path=counts, reason=error) from None
    over = np.logical_or.reduce([alerts(scores(values)) for values in series])
    found = {bins[at] for at in np.flatnonzero(over)}
    return Evaluation(
        analysis="telescope.changefinder",
        measures={
            "bins": len(bins),
            "published": len(expected),
            "equal": len(found & expected),
            "missing": len(expected - found),
            "invented": len(found - expected),
        },
    )


def _both(given: Path, more: Sequence[Path]) -> tuple[Path, Path]:
    """The counts and the alerts."""
    every = [given, *more]
    counts = [path for path in every if path.suffix == ".csv"]
    published = [path for path in every if path.suffix == ".txt"]
    if not counts:
        stem = published[0].name.removesuffix(_ALERTS)
        counts = [published[0].with_name(stem + _COUNTS)]
    if not published:
        stem = counts[0].name.removesuffix(_COUNTS)
        published = [counts[0].with_name(stem + _ALERTS)]
    return counts[0], published[0]
