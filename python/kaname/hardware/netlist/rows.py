"""A verdict as rows of the lake: the design, and the nets that a verifier looks at."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kaname.hardware.netlist.circuits import Circuit, Drawn, edges
from kaname.hardware.netlist.overview import overview

if TYPE_CHECKING:
    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.explaining import Explanation
    from kaname.hardware.netlist.model import Model
    from kaname.hardware.netlist.verdicts import Region, Verdict

__all__ = ["Judgement", "design_row", "net_rows", "shipped_digest"]

EXPLAINED = 200  # nets of a design whose reasons and surroundings are kept
MOST_NETS = 5000
BESIDE = 20  # nets below the threshold that are kept as well
_MAP = 240  # cells of the picture of all regions
_PROBLEMS = 200

Row = dict[str, Any]


class Judgement(NamedTuple):
    """A design, what was said of it, and by which model."""

    netlist: Netlist
    name: str
    model: Model
    verdict: Verdict
    model_digest: str


@functools.cache
def shipped_digest() -> str:
    """SHA-256 of the file of the model that comes with kaname."""
    stored = files("kaname.hardware.netlist") / "models" / "trojans.npz"
    return hashlib.sha256(stored.read_bytes()).hexdigest()


def design_row(of: Judgement) -> Row:
    """The row of ``netlists``."""
    netlist, verdict = of.netlist, of.verdict
    regions = verdict.regions
    ranked = verdict.ranked(1)
    return {
        "digest": netlist.digest,
        "name": of.name,
        "format": netlist.format,
        "cells": netlist.cells,
        "nets": netlist.nets,
        "problems": len(netlist.problems),
        "suspicious": bool(verdict.suspicious),
        "probability": round(float(verdict.design_probability), 4),
        "threshold": round(float(verdict.threshold), 4),
        "top": round(float(verdict.probability[ranked[0]]), 4) if len(ranked) else 0.0,
        "flagged": len(verdict.flagged),
        "regions": len(verdict.components),
        "components": _json([_region(one) for one in regions]),
        "picture": _json(_together(of, regions)),
        "account": _json(_account(of, regions)),
        "model": of.model.head.name,
        "model_digest": of.model_digest,
    }


def net_rows(of: Judgement) -> Iterator[Row]:
    """The rows of ``suspect_nets``, the surest first."""
    netlist, verdict = of.netlist, of.verdict
    count = min(len(verdict.flagged), MOST_NETS) + BESIDE
    ranked = [int(cell) for cell in verdict.ranked(count)]
    explained = of.model.explain_all(netlist, verdict, ranked[:EXPLAINED])
    sure = {one.number: one.probability for one in verdict.regions}
    sizes = {number: one.size for number, one in enumerate(verdict.components, 1)}
    told = verdict.told(netlist, ranked)
    for at, (cell, about) in enumerate(zip(ranked, told, strict=True)):
        region = verdict.region_of(cell)
        probability = round(float(verdict.probability[cell]), 4)
        yield {
            "row_in_src": cell,
            "digest": netlist.digest,
            "design": of.name,
            "suspicious": bool(verdict.suspicious),
            "design_probability": round(float(verdict.design_probability), 4),
            "place": cell,
            "rank": at + 1,
            "net": about.net,
            "instance": about.instance,
            "cell": about.cell,
            "family": about.family,
            "probability": probability,
            "threshold": round(float(verdict.threshold), 4),
            "flagged": bool(verdict.probability[cell] >= verdict.threshold),
            "region": region,
            "region_cells": sizes.get(region, 0),
            "region_probability": sure.get(region, probability if region else 0.0),
            "role": _role(of, cell, explained[at] if at < len(explained) else None),
            "reasons": _json(explained[at].reasons if at < len(explained) else []),
            "around": _json(explained[at].circuit if at < len(explained) else Circuit([], [])),
            "model": of.model.head.name,
        }


def _role(of: Judgement, cell: int, explained: Explanation | None) -> str:
    if explained is not None:
        return explained.role
    return of.verdict.role_of(of.netlist, cell) if of.verdict.region_of(cell) else ""


def _region(one: Region) -> Row:
    told: Row = msgspec.to_builtins(one)
    told["cells"] = one.size
    del told["size"]
    return told


def _together(of: Judgement, regions: Sequence[Region]) -> Circuit:
    """All regions in one picture, as far as there is room."""
    nodes: dict[int, Drawn] = {}
    for one in regions:
        for node in one.circuit.nodes:
            if len(nodes) < _MAP:
                nodes.setdefault(node.id, node)
    return Circuit(list(nodes.values()), edges(nodes, of.verdict.graph))


def _account(of: Judgement, regions: Sequence[Region]) -> Row:
    import numpy as np

    netlist, verdict = of.netlist, of.verdict
    counts, _ = np.histogram(verdict.probability, bins=10, range=(0, 1))
    return {
        "families": _families(netlist),
        "histogram": counts.tolist(),
        "density": overview(
            netlist.edges(), netlist.cells, [one.cells for one in regions], verdict.probability
        ),
        "problems": [
            {"line": one.line, "column": one.column, "message": one.message}
            for one in netlist.problems[:_PROBLEMS]
        ],
    }


def _families(netlist: Netlist) -> dict[str, int]:
    counted = netlist.table().column("family").value_counts().to_pylist()
    pairs = ((str(one["values"]), int(one["counts"])) for one in counted)
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
