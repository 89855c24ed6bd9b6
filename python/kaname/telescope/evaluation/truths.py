"""Labelled sets of the telescope: what forms of truth there are, and how each is read.

Who makes labelled traffic writes its truth down in his own way. Read are: the truth file
of ``kaname simulate telescope``; a table of sources (``src,label,event,note``); a table of
tools (``src,...,expected_label``). Words of other sets for the same thing are ours here.
The capture lies beside the truth, unless one is named.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from kaname.model.errors import InputError

__all__ = ["ODD", "OURS", "LabelledSet", "read", "subject"]

OURS = {
    "tool_unknown": "tool_unnamed",
    "bot_other": "bot_unnamed",
    "worm445": "worm_scan",
    "os_scan": "host_scan",
    "os-stack": "host_scan",
    "icmp_echo": "ping_scan",
}
"""Labels of other sets, by what they are called here."""

ODD = frozenset({"bogon", "vlan", "ipv6", "fragment", "malformed", "nonip", "truncated"})
"""What the labels of packets name beside behaviour: no label of a source."""

_DAMAGE = (OSError, EOFError, zlib.error, csv.Error, ValueError, KeyError, TypeError)
_CAPTURES = (".pcap.gz", ".pcap", ".pcapng.gz", ".pcapng", ".pcap.zst")
_ENDS = (
    ".source_truth.csv.gz",
    ".source_truth.csv",
    ".packet_labels.csv.gz",
    ".packet_labels.csv",
    ".labels.csv",
    ".truth.json",
)


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """``labels`` of each source (text); ``events``: (source, label) -> event.

    ``packets``: (source, label) -> packets, where the truth says so; ``odd``: sources of
    damaged or unusual packets, which have no label.
    """

    name: str
    capture: Path
    labels: dict[str, set[str]]
    events: dict[tuple[str, str], str] = field(default_factory=dict)
    packets: dict[tuple[str, str], int] = field(default_factory=dict)
    odd: frozenset[str] = frozenset()


def subject(path: Path) -> str:
    """What a truth is about: ``sources``, ``port_counts`` or ``changes``.

    Raises:
        InputError: it is in no known form.
    """
    name = path.name
    if name.endswith(".parquet"):
        return "port_counts"
    if name.endswith(("_alerts.txt", "_count.csv")):
        return "changes"
    if name.endswith(".truth.json"):
        return "port_counts" if "bins" in _json(path) else "sources"
    if name.endswith(_ENDS):
        return "sources"
    raise InputError("telescope.error.truth", path=path, reason=", ".join(_ENDS))


def read(path: Path, capture: Path | None = None) -> LabelledSet:
    """The labelled set that a file of truth belongs to.

    Raises:
        InputError: it is damaged, in no known form, or its capture is not there.
    """
    try:
        return _read(path, capture)
    except _DAMAGE as error:
        raise InputError("telescope.error.truth", path=path, reason=error) from None


def _read(path: Path, capture: Path | None) -> LabelledSet:
    stem = _stem(path)
    where = capture or _beside(path, stem)
    if path.name.endswith(".truth.json"):
        document = _json(path)
        if "sources" in document and isinstance(document["sources"], list):
            return _simulated(stem, where, document["sources"])
    table = _table(path, stem)
    with _opened(table) as lines:
        rows = list(csv.DictReader(lines))
    if rows and "expected_label" in rows[0]:
        labels = {
            row["src"]: {OURS.get(row["expected_label"], row["expected_label"])} for row in rows
        }
        events = {(row["src"], next(iter(labels[row["src"]]))): row["tool"] for row in rows}
        return LabelledSet(stem, where, labels, events)
    return _listed(stem, where, rows)


def _stem(path: Path) -> str:
    for end in _ENDS:
        if path.name.endswith(end):
            return path.name.removesuffix(end)
    raise ValueError(", ".join(_ENDS))


def _beside(path: Path, stem: str) -> Path:
    for end in _CAPTURES:
        if (found := path.with_name(stem + end)).is_file():
            return found
    raise FileNotFoundError(f"{stem}({'|'.join(_CAPTURES)})")


def _table(path: Path, stem: str) -> Path:
    """The table of sources that belongs to a truth file."""
    if path.name.endswith((".source_truth.csv", ".source_truth.csv.gz")):
        return path
    for end in (".source_truth.csv.gz", ".source_truth.csv"):
        if (found := path.with_name(stem + end)).is_file():
            return found
    if path.name.endswith(".labels.csv"):
        return path
    raise FileNotFoundError(f"{stem}.source_truth.csv")


def _opened(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise InputError("telescope.error.truth", path=path, reason=error) from None
    if not isinstance(found, dict):
        raise InputError("telescope.error.truth", path=path, reason="{…}")
    return found


def _simulated(stem: str, capture: Path, sources: list[dict[str, Any]]) -> LabelledSet:
    labels: dict[str, set[str]] = defaultdict(set)
    found = LabelledSet(stem, capture, labels, odd=_odd(sources, "source"))
    for row in sources:
        if row["label"] not in ODD:
            key = (row["source"], row["label"])
            labels[row["source"]].add(row["label"])
            found.events[key] = row["event"]
            found.packets[key] = found.packets.get(key, 0) + int(row["packets"])
    return found


def _tools(stem: str, capture: Path, rows: list[dict[str, Any]]) -> LabelledSet:
    named = [(row["src"], row["expected_label"], row.get("tool", "")) for row in rows]
    own = [(source, OURS.get(label, label), tool) for source, label, tool in named]
    labels: dict[str, set[str]] = defaultdict(set)
    for source, label, _ in own:
        labels[source].add(label)
    return LabelledSet(stem, capture, labels, {(s, label): tool for s, label, tool in own})


def _listed(stem: str, capture: Path, rows: list[dict[str, Any]]) -> LabelledSet:
    labels: dict[str, set[str]] = defaultdict(set)
    found = LabelledSet(stem, capture, labels, odd=_odd(rows, "src"))
    for row in rows:
        if row["label"] not in ODD:
            label = OURS.get(row["label"], row["label"])
            labels[row["src"]].add(label)
            found.events[row["src"], label] = row["event"]
    if not labels:
        raise ValueError("src,label,event,note")
    return found


def _odd(rows: list[dict[str, Any]], column: str) -> frozenset[str]:
    return frozenset(row[column] for row in rows if row["label"] in ODD)
