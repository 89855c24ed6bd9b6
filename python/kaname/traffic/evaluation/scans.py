"""Scans injected into ordinary traffic, and logs that hold a labelled scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.analysis.frame import Window
from kaname.model.instant import DAY, SECOND
from kaname.traffic.analyses.scans import Scans
from kaname.traffic.evaluation.bench import Scene, read
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import Records, joined, records, table, v4

__all__ = ["evaluate", "injected"]

SEED, START = 20_260_103, 1_767_225_600_000_000
DAYS = 7
_TIMES = 5  # scans of each kind

# Kind as it is to be told: hosts, ports, seconds between probes.
_KINDS = {
    "horizontal_scan": (200, 1, 5),
    "vertical_scan": (1, 150, 2),
    "block_scan": (60, 20, 1),
    "slow_scan": (1, 90, 6000),
    "failing_source": (20, 1, 300),
}


def _scan(number: int, kind: str) -> Records:
    hosts, ports, gap = _KINDS[kind]
    n = np.arange(hosts * ports)
    begin = START + (0 if kind == "slow_scan" else (DAYS - 1) * DAY) + number * 600 * SECOND
    first = v4("10.0.0.0") if kind == "failing_source" else v4("10.0.4.0")
    return records(
        len(n),
        us=begin + n * gap * SECOND,
        src_lo=v4("91.0.0.0") + 256 * list(_KINDS).index(kind) + number,
        dst_lo=first + n % hosts,
        sport=40_000 + number,
        dport=22 + n // hosts,
        tcp_bits=2,
        octets=44,
    )


def injected(params: Mapping[str, Any]) -> tuple[dict[str, int], int]:
    """How many scans of each kind are told as what they are, and sources that are wrong."""
    rng = np.random.default_rng(SEED)
    days = [background(rng, Link(rate=0.5), START + d * DAY, 24) for d in range(DAYS)]
    scans = [_scan(number, kind) for kind in _KINDS for number in range(_TIMES)]
    window = Window(START + (DAYS - 1) * DAY, START + DAYS * DAY)
    with Scene(flows=table(joined([*days, *scans]))) as scene:
        drafts = scene.drafts(Scans(), window, params)
    told = {(draft.values["source"], draft.label) for draft in drafts}
    right = {
        kind: sum((f"91.0.{row}.{n}", kind) in told for n in range(_TIMES))
        for row, kind in enumerate(_KINDS)
    }
    wrong = {source for source, _ in told if not str(source).startswith("91.0.")}
    return right, len(wrong)


def _logs(paths: Sequence[Path], params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path in paths:
        flows: pa.Table = read(path, "zeek", "flows")
        first = pc.min(flows["ts"]).cast(pa.int64()).as_py()
        with Scene(flows=flows) as scene:
            window = Window(first - first % DAY, first - first % DAY + DAY)
            labels = {draft.label for draft in scene.drafts(Scans(), window, params)}
        yield path.name, ", ".join(sorted(labels)) or "–"


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Scans told by kind, and wrong sources; ``paths`` are conn logs of Zeek to look at."""
    right, wrong = injected(params)
    tables = [Scores(f"of {_TIMES} each", ("kind", "told"), tuple(right.items()))]
    if paths:
        tables.append(Scores("logs", ("file", "kinds"), tuple(_logs(paths, params))))
    return Evaluation(
        analysis="flow.scans",
        measures={
            "told": round(sum(right.values()) / (_TIMES * len(_KINDS)), 4),
            "wrong_sources": wrong,
        },
        tables=tuple(tables),
        notes=("a week of simulated traffic, with single probes from many sources outside",),
    )
