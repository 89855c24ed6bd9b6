"""Hierarchical heavy hitters of any span of time, bin by bin, as plain records.

``hierarchy`` is the function behind the console's plot, the API route
``GET /api/v1/traffic/heavy-hitters`` and the analysis ``flow.heavy_hitters``. The search
itself is native (`kaname._native.hierarchy`) and gives what agurim gives for the same
flows; the engine only sums flows by their keys within each bin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kaname._native import hierarchy as search
from kaname.model.address import to_text
from kaname.model.errors import UsageError
from kaname.model.instant import SECOND
from kaname.traffic.aggregates import Aggregate, Axis, Bin, Part
from kaname.traffic.flows import arrays, columns, directed, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["MOST_BINS", "hierarchy"]

MOST_BINS = 1000

_KEYS = ("src_hi", "src_lo", "dst_hi", "dst_lo", "proto", "sport", "dport")
_VALUES = (*_KEYS, "octets", "packets")


def hierarchy(
    table: ir.Table,
    since: int,
    until: int,
    bins: int = 300,
    threshold: int = 1,
    by: Axis = "address",
) -> list[Bin]:
    """Heavy hitters of ``flows`` in [since, until), for each ``bins`` seconds with traffic.

    ``threshold``: per cent of a bin's octets or packets; parts of a heavy hitter must carry
    four times that share of it. What is left over in a bin is the pair ``*``, ``*``.

    Raises:
        UsageError: the span is empty or has more than `MOST_BINS` bins, or a number is off.
    """
    width = bins * SECOND
    if not 1 <= bins <= 86_400 or not 1 <= threshold <= 50 or by not in {"address", "port"}:
        raise UsageError("traffic.error.hierarchy", bins=bins, threshold=threshold, by=by)
    if not 0 < until - since <= MOST_BINS * width:
        raise UsageError("traffic.error.span", most=MOST_BINS, bins=bins)
    rows = directed(within(table, since, until))
    numbered = rows.mutate(bin=rows.us // width)
    summed = numbered.group_by("bin", *_KEYS).aggregate(
        octets=numbered.octets.sum().cast("int64"), packets=numbered.packets.sum().cast("int64")
    )
    found = columns(summed.order_by("bin", *_KEYS))
    return [_bin(number * width, width, own, threshold, by) for number, own in _split(found)]


def _split(found: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    numbers, starts = np.unique(found["bin"], return_index=True)
    ends = [*starts[1:].tolist(), len(found["bin"])][: len(numbers)]
    for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True):
        yield number, {name: found[name][start:end] for name in _VALUES}


def _bin(start: int, width: int, own: dict[str, Any], threshold: int, by: Axis) -> Bin:
    batch = pa.RecordBatch.from_arrays([pa.array(own[name]) for name in _VALUES], names=_VALUES)
    found = arrays(pa.table(pa.record_batch(search(batch, threshold, by))))
    octets, packets = int(own["octets"].sum()), int(own["packets"].sum())
    return Bin(
        start=start,
        end=start + width,
        octets=octets,
        packets=packets,
        pairs=len(own["octets"]),
        aggregates=tuple(_aggregates(found, octets, packets)),
    )


def _aggregates(found: dict[str, Any], octets: int, packets: int) -> Iterator[Aggregate]:
    rows = [
        dict(zip(found, values, strict=True))
        for values in zip(*(column.tolist() for column in found.values()), strict=True)
    ]
    parts: dict[int, list[Part]] = {}
    for row in rows:
        parts.setdefault(row["parent"], []).append(_part(row))
    for number, part in enumerate(parts.get(-1, ())):
        yield Aggregate(
            part=part,
            octets_share=part.octets / max(1, octets),
            packets_share=part.packets / max(1, packets),
            parts=tuple(parts.get(number, ())),
        )


def _part(row: dict[str, int]) -> Part:
    addresses = row["family"] != 0
    return Part(
        family=row["family"],
        source=_prefix(row, "src") if addresses else "",
        destination=_prefix(row, "dst") if addresses else "",
        proto=None if addresses else row["proto"],
        sport=_port(row["sport"]),
        dport=_port(row["dport"]),
        octets=row["octets"],
        packets=row["packets"],
    )


def _port(number: int) -> int | None:
    return None if number < 0 else number


def _prefix(row: dict[str, int], side: str) -> str:
    length, whole = row[f"{side}_len"], 32 if row["family"] == 4 else 128
    if length == 0:
        return "*"
    text = to_text(row[f"{side}_hi"], row[f"{side}_lo"])
    return text if length == whole else f"{text}/{length}"
