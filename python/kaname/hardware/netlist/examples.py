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
from kaname.hardware.netlist.sweeping import Swept, swept
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.corpus import Labelled
    from kaname.hardware.netlist.design import Netlist

__all__ = ["Example", "digest", "example", "given", "synthetic"]

#: Generated hosts, by share: most are small, as they teach the same in a fraction of the
#: time; but a model that has seen small ones alone flags too much in clean large ones.
_SMALL, _SMALL_CELLS, _LARGE_CELLS = 5, 3000, 8000  # of eight
_OF = 8
_APART = 700  # between the seeds of both
Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Example:
    """A design whose Trojan is known, and its features.

    ``truth`` and ``graph`` are of all cells: on these a design is judged and measured.
    ``values``, ``marks`` (truth) and ``links`` (graph) are of the cells that a scan looks at,
    which are those that change something (``rest``; None where all do).

    ``group`` is the set that a design belongs to in tables. Copies (rewritten designs) are
    learnt from, never measured on.
    """

    name: str
    host: str
    group: str
    origin: str  # given, synthetic, rewritten
    digest: str
    truth: NDArray[np.bool_]
    graph: Graph
    features: tuple[str, ...]
    values: NDArray[np.float32]
    marks: NDArray[np.bool_]
    links: Graph
    rest: Swept | None

    @property
    def trojan(self) -> bool:
        """Whether it holds a Trojan."""
        return bool(self.truth.any())

    def whole(self, score: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of all cells out of those of the cells that a scan looks at."""
        return score if self.rest is None else self.rest.whole(score, self.graph)


def example(netlist: Netlist, truth: NDArray[np.bool_], about: Labelled, origin: str) -> Example:
    """A design whose Trojan is known."""
    graph = graph_of(netlist)
    rest = swept(netlist)
    seen, links, marks = (
        (netlist, graph, truth) if rest is None else (rest.netlist, rest.graph, rest.marks(truth))
    )
    features, values = described(seen, links)
    return Example(
        name=about.name,
        host=about.host,
        group=about.library if origin == "given" and about.library else "synthetic",
        origin=origin,
        digest=netlist.digest,
        truth=truth,
        graph=graph,
        features=features,
        values=values.joined(),
        marks=marks,
        links=links,
        rest=rest,
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

    each = [
        generate(first, hosts=count, mixture=Mixture(largest=largest))
        for first, largest in ((seed, _SMALL_CELLS), (seed + _APART, _LARGE_CELLS))
    ]
    for number in range(count):
        one = next(each[number % _OF >= _SMALL])
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
        yield example(copy.netlist, copy.trojan, one, "rewritten")


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 over the digests of designs and their labels, whatever their order."""
    each = sorted(f"{one.digest}:{int(one.truth.sum())}" for one in examples)
    return hashlib.sha256("\n".join(each).encode()).hexdigest()
