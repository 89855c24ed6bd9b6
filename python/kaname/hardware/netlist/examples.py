"""Labelled designs as numbers: what training and evaluation work on."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.census import described
from kaname.hardware.netlist.graph import Graph, graph_of
from kaname.hardware.netlist.sweeping import swept
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.corpus import Labelled
    from kaname.hardware.netlist.design import Netlist

__all__ = ["Example", "digest", "example", "given", "synthetic"]

#: Generated hosts, by share: most are small, as they teach the same in a fraction of the
#: time; but a model that has seen small ones alone flags too much in clean large ones.
_SMALL, _SMALL_CELLS, _LARGE_CELLS = 0.625, 3000, 8000
_APART = 700  # between the seeds of both
Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Example:
    """A design, its features and which of its cells are a Trojan's.

    ``group`` is the set that a design belongs to in tables. Copies (rewritten designs) are
    learnt from, never measured on. ``netlist`` is there for designs that a model may be
    measured on as it scans them.
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
    netlist: Netlist | None = None

    @property
    def trojan(self) -> bool:
        """Whether it holds a Trojan."""
        return bool(self.truth.any())


def example(netlist: Netlist, truth: NDArray[np.bool_], about: Labelled, origin: str) -> Example:
    """A design whose Trojan is known."""
    graph = graph_of(netlist)
    features, values = described(netlist, graph)
    return Example(
        about.name,
        about.host,
        about.library if origin == "given" and about.library else "synthetic",
        origin,
        netlist.digest,
        features,
        values.joined(),
        truth,
        graph,
        netlist if origin == "given" else None,
    )


def given(
    paths: Sequence[Path], progress: Progress = lambda _: None, *, rewritten: int = 0
) -> Iterator[Example]:
    """The labelled designs of folders, and so many copies of each with its Trojan rewritten.

    Raises:
        UsageError: a folder has no labelled design.
    """
    from kaname.hardware.netlist.corpus import labelled

    for path in paths:
        some = False
        for one in labelled(path):
            some = True
            yield from _examples(one, "given", progress, rewritten)
        if not some:
            raise UsageError("hardware.error.unlabelled", path=path)


def synthetic(
    count: int, seed: int, progress: Progress = lambda _: None, *, rewritten: int = 0
) -> Iterator[Example]:
    """Designs of our own, with and without Trojans, and copies as of `given`."""
    from kaname.hardware.netlist.corpus import Mixture, generate

    small = round(count * _SMALL)
    for first, hosts, largest in (
        (seed, small, _SMALL_CELLS),
        (seed + _APART, count - small, _LARGE_CELLS),
    ):
        for one in generate(first, hosts=hosts, mixture=Mixture(largest=largest)):
            yield from _examples(one, "synthetic", progress, rewritten)


def _examples(one: Labelled, origin: str, progress: Progress, rewritten: int) -> Iterator[Example]:
    from kaname.hardware.netlist.adversarial import copies
    from kaname.hardware.netlist.reading import read

    progress(one.name)
    netlist = read(one.text.encode())
    truth = np.isin(netlist.cell_names.to_numpy(zero_copy_only=False), list(one.trojan))
    yield example(netlist, truth, one, origin)
    seed = zlib.crc32(one.name.encode())
    for copy in copies(netlist, truth, seed=seed, count=rewritten) if rewritten else ():
        yield example(*_left(copy.netlist, copy.trojan), one, "rewritten")


def _left(netlist: Netlist, truth: NDArray[np.bool_]) -> tuple[Netlist, NDArray[np.bool_]]:
    """What a scan would see of a rewritten design: nothing of gates that change nothing."""
    rest = swept(netlist)
    if rest is None:
        return netlist, truth
    found = np.zeros(rest.netlist.cells, np.bool_)
    found[rest.place[truth & (rest.place >= 0)]] = True
    return rest.netlist, found


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 over the digests of designs and their labels, whatever their order."""
    each = sorted(f"{one.digest}:{int(one.truth.sum())}" for one in examples)
    return hashlib.sha256("\n".join(each).encode()).hexdigest()
