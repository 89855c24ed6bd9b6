"""Heavy hitters: equality with agurim's text, and new traffic that is to be told."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.analysis.frame import Window
from kaname.model.address import IPv4_LOW
from kaname.model.errors import UsageError
from kaname.model.instant import DAY, HOUR, SECOND
from kaname.traffic.aguri import text
from kaname.traffic.analyses.heavy_hitters import HeavyHitters
from kaname.traffic.evaluation.bench import Scene
from kaname.traffic.heavy_hitters import hierarchy
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import Records, joined, records, table, v4

__all__ = ["RECORD", "START", "evaluate", "lines", "of_agurim"]

SEED, START = 20_260_105, 1_767_225_600_000_000

# `struct aguri_flow` of agurim's src/aguri_flow.h, all in network byte order
RECORD = np.dtype(
    [
        ("src", "u1", 16), ("dst", "u1", 16), ("sport", ">u2"), ("dport", ">u2"),
        ("version", "u1"), ("proto", "u1"), ("pad", ">u2"), ("packets", ">u4"),
        ("octets", ">u4"), ("first", ">u4"), ("last", ">u4"),
    ]
)  # fmt: skip
_TITLE = re.compile(r"\[ *\d+\] (\S+ \S+): (\d+) \([\d.]+%\)\t(\d+) ")
_PART = re.compile(r"\[(\S+?)\] (\S+)% (\S+)%")


def of_agurim(path: Path) -> Records:
    """Binary flows of agurim, gzip'd or not, in their order from `START` on.

    Raises:
        UsageError: the file cannot be read or has no whole records.
    """
    try:
        data = path.read_bytes()
        whole = gzip.decompress(data) if path.suffix == ".gz" else data
        found = np.frombuffer(whole, RECORD)
    except (OSError, EOFError, ValueError) as error:
        raise UsageError("traffic.error.agurim", path=path, reason=error) from None
    columns: dict[str, Any] = {"us": np.arange(len(found)) + START}
    old = found["version"] == 4
    for side in ("src", "dst"):
        words = found[side].copy().view(">u8").astype(np.int64)
        first = found[side][:, :4].copy().view(">u4")[:, 0].astype(np.int64)
        columns[f"{side}_hi"] = np.where(old, 0, words[:, 0])
        columns[f"{side}_lo"] = np.where(old, IPv4_LOW | first, words[:, 1])
    for name in ("sport", "dport", "proto", "packets", "octets"):
        columns[name] = found[name].astype(np.int64)
    return records(len(found), **columns)


def lines(output: str) -> list[tuple[str, ...]]:
    """Aggregates and parts in AGURI-2.0, sorted; without ranks, which ties leave open."""
    found: list[tuple[str, ...]] = []
    title: tuple[str, ...] = ()
    for line in output.splitlines():
        if match := _TITLE.match(line):
            title = match.groups()
            found.append(title)
        elif line.startswith("\t"):
            found += [(title[0], *part) for part in _PART.findall(line) if part[0] != "*:*:*"]
    return sorted(found)


def _compared(paths: Sequence[Path]) -> Iterator[tuple[str, int, int]]:
    for path in paths:
        beside = path.with_name(path.name.partition(".")[0] + ".txt")
        expected = lines(beside.read_text(encoding="utf-8"))
        with Scene(flows=table(of_agurim(path))) as scene:
            (found,) = hierarchy(scene.table("flows"), START, START + HOUR, HOUR // SECOND, 2)
        ours = lines(text(found, 2))
        yield path.name, len(expected), len(set(ours) ^ set(expected))


def _new(params: Mapping[str, Any]) -> tuple[int, int]:
    """Of five new transfers in an hour how many are told, and how much else."""
    rng = np.random.default_rng(SEED)
    whole = background(rng, Link(rate=1.0), START, 25)
    last = whole["us"] >= START + DAY
    each = int(whole["octets"][last].sum() * 0.12 / 60)
    pairs = [(f"10.0.2.{n + 1}", f"203.0.113.{n + 1}") for n in range(5)]
    transfers = [
        records(60, us=START + DAY + np.arange(60) * 60 * SECOND, src_lo=v4(src), dst_lo=v4(dst),
                sport=50_000, dport=22, packets=each // 1400 + 1, octets=each)
        for src, dst in pairs
    ]  # fmt: skip
    with Scene(flows=table(joined([whole, *transfers]))) as scene:
        window = Window(START + DAY, START + DAY + HOUR)
        drafts = scene.drafts(HeavyHitters(), window, {"least_mbps": 0.0, **params})
    told = {draft.subject for draft in drafts}
    return len(told & set(pairs)), len(told - set(pairs))


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """New transfers told; ``paths`` are flows of agurim with its output at 2 % beside."""
    right, others = _new(params)
    tables = []
    measures: dict[str, float | int | str] = {"new_told_of_5": right, "others_told": others}
    if paths:
        rows = tuple(_compared(paths))
        tables.append(Scores("against agurim", ("file", "lines", "different"), rows))
        measures["lines_different_from_agurim"] = sum(row[2] for row in rows)
    return Evaluation(
        analysis="flow.heavy_hitters",
        measures=measures,
        tables=tuple(tables),
        notes=("files of agurim: NAME.flows or NAME.flows.gz, with NAME.txt beside",),
    )
