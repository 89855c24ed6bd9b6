"""Exposed services of known conduct: abused, answering, refusing, silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.analysis.frame import Window
from kaname.lake.tables import table as lake_table
from kaname.model.instant import DAY, SECOND
from kaname.traffic.analyses.amplifiers import Amplifiers
from kaname.traffic.evaluation.bench import Scene
from kaname.traffic.simulator.records import Records, joined, records, sampled, table, v4

__all__ = ["evaluate"]

SEED, START = 20_260_106, 1_767_225_600_000_000
_EACH = 10  # services of each conduct

# Conduct, what is to be told, peers, octets asked and told.
_CONDUCT = (
    ("abused", "amplifier_abused", 200, 64, 3000),
    ("answers many times", "amplifier_answering", 8, 64, 1200),
    ("answers a little", "", 200, 64, 128),
    ("refuses", "", 200, 64, 0),
)


def _service(host: int, peers: int, asked: int, told: int) -> Records:
    n = 40 * peers
    us = START + (np.arange(n) * (80_000 * SECOND // n)) % (600 * SECOND if peers > 50 else DAY)
    peer = v4("203.0.113.0") + np.arange(n) % peers
    own: dict[str, Any] = {"us": us, "proto": 17, "tcp_bits": 0}
    parts = [records(n, src_lo=peer, dst_lo=host, sport=4000, dport=53, octets=asked, **own)]
    if told:
        parts.append(records(n, src_lo=host, dst_lo=peer, sport=53, dport=4000, octets=told,
                             **own))  # fmt: skip
    return joined(parts)


def _exposed(hosts: Sequence[int]) -> pa.Table:
    schema = lake_table("exposure").arrow_schema()
    plain = dict.fromkeys(schema.names) | {
        "ts": START - DAY, "sensor": "reports", "kind": "simulated", "tlp": "amber", "batch": 1,
        "row_in_src": 0, "src_hi": 0, "port": 53, "proto": 17, "service": "dns",
        "report": "scan_dns",
    }  # fmt: skip
    return pa.Table.from_pylist([plain | {"src_lo": host} for host in hosts], schema=schema)


def _right(rate: int, params: Mapping[str, Any]) -> list[int]:
    rng = np.random.default_rng(SEED)
    hosts = [[v4("10.0.0.0") + 256 * kind + n for n in range(_EACH)] for kind in range(4)]
    whole = joined(
        _service(host, *shape[2:])
        for own, shape in zip(hosts, _CONDUCT, strict=True)
        for host in own
    )
    seen = sampled(whole, rate, rng) if rate > 1 else whole
    exposure = _exposed([host for own in hosts for host in own])
    with Scene(flows=table(seen), exposure=exposure) as scene:
        drafts = scene.drafts(Amplifiers(), Window(START, START + DAY), params)
    told = {draft.subject[0]: draft.label for draft in drafts}
    return [
        sum(told.get(f"10.0.{kind}.{n}", "") == shape[1] for n in range(_EACH))
        for kind, shape in enumerate(_CONDUCT)
    ]


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Services told by conduct, of all packets and of samples; ``paths`` are not used."""
    del paths
    whole, few = _right(1, params), _right(16, params)
    rows = tuple(
        (shape[0], plain, thin) for shape, plain, thin in zip(_CONDUCT, whole, few, strict=True)
    )
    return Evaluation(
        analysis="flow.amplifiers",
        measures={
            "right": round(sum(whole) / (4 * _EACH), 4),
            "right_sampled_1_in_16": round(sum(few) / (4 * _EACH), 4),
        },
        tables=(Scores(f"right of {_EACH}", ("conduct", "all packets", "1 in 16"), rows),),
    )
