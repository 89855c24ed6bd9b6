"""Labelled designs as numbers: what training and evaluation work on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.hardware.netlist.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.corpus import Labelled

__all__ = ["Example", "digest", "example", "given", "synthetic"]

Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Example:
    """A design, its features and which of its cells are a Trojan's.

    ``group`` is the set that a design belongs to in tables. Copies (rewritten designs) are
    learnt from, never measured on.
    """

    name: str
    host: str
    group: str
    origin: str  # given, synthetic, rewritten
    digest: str
    features: tuple[str, ...]
    values: NDArray[np.float32]
    truth: NDArray[np.bool_]
    graph: Graph

    @property
    def trojan(self) -> bool:
        """Whether it holds a Trojan."""
        return bool(self.truth.any())


def example(one: Labelled, origin: str, *, netlist: Any = None, trojan: Any = None) -> Example:
    """One labelled design; ``netlist`` and ``trojan`` where they are known already."""
    from kaname.hardware.netlist.features import compute
    from kaname.hardware.netlist.reading import read

    if netlist is None:
        netlist = read(one.text.encode())
    features = compute(netlist)
    names = netlist.cell_names
    names = names.to_pylist() if hasattr(names, "to_pylist") else list(names)
    marked = one.trojan if trojan is None else trojan
    truth = np.fromiter((name in marked for name in names), np.bool_, len(names))
    driver, load = netlist.edges()
    return Example(
        one.name,
        one.host,
        str(getattr(one, "group", "") or getattr(one, "kind", "") or "-"),
        origin,
        netlist.digest,
        tuple(features.names),
        np.asarray(features.values, np.float32),
        truth,
        Graph(len(names), driver, load),
    )


def given(paths: Sequence[Path], progress: Progress = lambda _: None) -> Iterator[Example]:
    """The labelled designs of folders."""
    from kaname.hardware.netlist.corpus import labelled

    for path in paths:
        for one in labelled(path):
            progress(one.name)
            yield example(one, "given")


def synthetic(count: int, seed: int, progress: Progress = lambda _: None) -> Iterator[Example]:
    """Designs of our own, with and without Trojans."""
    from kaname.hardware.netlist.corpus import generate

    for one in generate(seed, hosts=count):
        progress(one.name)
        yield example(one, "synthetic")


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 over the digests of designs and their labels, whatever their order."""
    each = sorted(f"{one.digest}:{int(one.truth.sum())}" for one in examples)
    return hashlib.sha256("\n".join(each).encode()).hexdigest()
