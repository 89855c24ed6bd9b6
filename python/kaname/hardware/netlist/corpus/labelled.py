"""Labelled designs as a stream: made here, or read from a folder of Verilog and labels."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.making import Labelled, Mixture, make, spell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Labelled", "generate", "labelled"]


def generate(seed: int, *, hosts: int, mixture: Mixture | None = None) -> Iterator[Labelled]:
    """Make so many designs; the same seed gives the same designs, on any machine."""
    used = mixture or Mixture()
    for number in range(hosts):
        yield spell(make(seed * 1_000_003 + number, used))


def labelled(folder: Path) -> Iterator[Labelled]:
    """Read `NAME.v` or `NAME.v.gz` with `NAME.labels.json` beside it, in order of names.

    The labels hold `trojan_instances` (names), and may hold `host`, `set` and `kind`. Designs
    without labels are passed over: nothing is known of them.
    """
    for path in sorted(folder.glob("*.labels.json")):
        name = path.name.removesuffix(".labels.json")
        text = _text(folder, name)
        if text is None:
            continue
        labels = json.loads(path.read_text("utf-8"))
        trojan = frozenset(labels.get("trojan_instances", ()))
        kind = labels.get("kind") or ("trojan" if trojan else "clean")
        yield Labelled(
            name,
            str(labels.get("host", name)),
            text,
            trojan,
            str(kind),
            str(labels.get("set", "")),
            int(labels.get("instances", 0)),
        )


def _text(folder: Path, name: str) -> str | None:
    packed, plain = folder / f"{name}.v.gz", folder / f"{name}.v"
    if packed.exists():
        return gzip.decompress(packed.read_bytes()).decode("utf-8", "replace")
    return plain.read_text("utf-8", "replace") if plain.exists() else None
