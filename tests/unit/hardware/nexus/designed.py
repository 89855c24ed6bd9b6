"""Designs that were judged: rows as the reader of netlists makes them, by hand."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pyarrow as pa
from tests.unit.hardware.nexus.powered import START

from kaname.lake import Lake
from kaname.lake.tables import table as table_of
from kaname.model.ids import batch_id
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

__all__ = ["BAD", "CLEAN", "QUIET", "designs"]

BAD, CLEAN, QUIET = (hashlib.sha256(name).hexdigest() for name in (b"bad", b"clean", b"quiet"))
REASONS = [
    {"feature": "surroundings", "value": 0.9, "inside": None, "clean": None, "weight": 0.4},
    {"feature": "in_nearest_pin", "value": 4.0, "inside": 80.0, "clean": 75.5, "weight": 0.2},
]


def _node(place: int, depth: int, probability: float) -> dict[str, Any]:
    return {"id": place, "name": f"n{place}", "cell": "NAND2X1", "family": "and",
            "probability": probability, "depth": depth, "flagged": probability > 0.5}  # fmt: skip


CIRCUIT = {"nodes": [_node(11, 0, 0.97), _node(12, 1, 0.8)], "edges": [[11, 12]]}


def _net(rank: int, region: int, sure: float) -> dict[str, Any]:
    place = 10 + rank
    return {
        "digest": BAD, "design": "uart", "suspicious": True, "design_probability": 0.98,
        "place": place, "rank": rank, "net": f"n{place}", "instance": f"U{place}",
        "cell": "NAND2X1", "family": "and", "probability": sure, "threshold": 0.5,
        "flagged": sure >= 0.5, "region": region, "region_cells": 2 if region else 0,
        "region_probability": {0: 0.0, 1: 0.97, 2: 0.6}[region],
        "role": "trigger" if region else "", "reasons": json.dumps(REASONS),
        "around": json.dumps(CIRCUIT), "model": "trojans",
    }  # fmt: skip


def _region(number: int, probability: float) -> dict[str, Any]:
    return {"number": number, "cells": 2, "probability": probability, "mean": 0.8, "peak": 0.97,
            "role": "trigger", "families": {"and": 2}, "nets": ["n11", "n12"],
            "circuit": CIRCUIT}  # fmt: skip


def _design(digest: str, name: str, sure: float, flagged: int, **more: Any) -> dict[str, Any]:
    account = {
        "families": {"and": 90, "flipflop": 10}, "histogram": [96, 0, 0, 0, 0, 0, 1, 0, 1, 2],
        "density": {"columns": 2, "rows": 1, "levels": 4, "counts": [60, 40],
                    "spots": [{"place": 11, "x": 0.5, "y": 0.5, "region": 1, "probability": 0.97}]},
        "problems": [{"line": 3, "column": 7, "message": "a cell that no table has"}],
    }  # fmt: skip
    return {
        "ts": START, "digest": digest, "name": name, "format": "verilog", "cells": 100,
        "nets": 104, "problems": 1, "suspicious": sure >= 0.5, "probability": sure,
        "threshold": 0.5, "top": 0.97 if flagged else 0.1, "flagged": flagged, "regions": 0,
        "components": "[]", "picture": json.dumps(CIRCUIT), "account": json.dumps(account),
        "model": "trojans", "model_digest": "0" * 64,
    } | more  # fmt: skip


def designs(lake: Lake) -> None:
    """A design with two suspicious regions, a clean one, and one with a lone suspicious net."""
    regions = json.dumps([_region(1, 0.97), _region(2, 0.6)])
    verdicts = [
        _design(BAD, "uart", 0.98, 4, regions=2, components=regions),
        _design(CLEAN, "adder", 0.02, 0),
        _design(QUIET, "timer", 0.2, 1),
    ]
    nets = [_net(1, 1, 0.97), _net(2, 1, 0.8), _net(3, 2, 0.6), _net(4, 2, 0.55), _net(5, 0, 0.2)]
    lone = _net(1, 0, 0.7) | {
        "digest": QUIET, "design": "timer", "suspicious": False, "design_probability": 0.2,
    }  # fmt: skip
    ranked = [{"ts": START, **net} for net in (*nets, lone)]
    _keep(lake, {"netlists": verdicts, "suspect_nets": ranked})


def _keep(lake: Lake, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Rows of several tables as one source, which is what a design is."""
    identity = hashlib.sha256(b"designs").hexdigest()
    common = {"sensor": "weeks", "kind": "netlist", "tlp": "clear", "batch": batch_id(identity),
              "src_hi": 0, "src_lo": 0, "ext": None}  # fmt: skip
    with lake.writer(
        identity=identity, path="designs", size=0, sensor="weeks", tlp=Tlp.CLEAR,
        reader="netlist", reader_version=1,
    ) as writer:  # fmt: skip
        for name, rows in tables.items():
            whole = [common | row | {"row_in_src": n} for n, row in enumerate(rows)]
            made = pa.Table.from_pylist(whole, schema=table_of(name).arrow_schema())
            writer.write(name, made.combine_chunks().to_batches()[0])
        writer.commit(ReadReport(records=len(tables["netlists"])))
