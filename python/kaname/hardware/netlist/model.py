"""The model of Trojan cells: its file, and what it says of a design.

A file is a zip of plain arrays (`numpy.savez`) with a head in JSON, never a pickle: what
is loaded can be wrong, but it cannot run. It is checked whole before anything is judged.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import zipfile
import zlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.hardware.netlist.card import Card
from kaname.hardware.netlist.census import described
from kaname.hardware.netlist.graph import Graph, graph_of
from kaname.hardware.netlist.judging import FALSE_ALARMS, GOAL, GOALS, Decision, judged
from kaname.hardware.netlist.neighbours import COLUMNS, surroundings
from kaname.hardware.netlist.sweeping import Swept, swept
from kaname.hardware.netlist.trees import Packed, Trees
from kaname.hardware.netlist.values import Values
from kaname.hardware.netlist.verdicts import Verdict
from kaname.model.errors import IntegrityError, StoreAccessError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.analysis.evaluation import Evaluation
    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.examples import Example
    from kaname.hardware.netlist.explaining import Explanation
    from kaname.hardware.netlist.features import Features

__all__ = ["FALSE_ALARMS", "FORMAT", "GOAL", "Head", "Model"]

FORMAT = 2
_LARGEST = 256 << 20  # bytes of arrays; a file that claims more is refused unread
_BROKEN = (
    ValueError,
    KeyError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    msgspec.MsgspecError,
    NotImplementedError,
)


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a model beside its arrays."""

    format: int
    name: str
    features: tuple[str, ...]
    second: tuple[str, ...]
    decision: Decision
    card: Card


@dataclass(frozen=True, slots=True)
class Model:
    """Two stages of trees, what turns scores into verdicts, and an account of it all.

    ``clean`` has, for each feature, values that shares 0, 1/(n-1), ... 1 of the clean
    cells learnt from are at most.
    """

    head: Head
    first: Trees
    second: Trees
    packed: tuple[Packed, Packed]
    clean: NDArray[np.float32]

    @classmethod
    def load(cls, path: Path | None = None) -> Model:
        """The model stored at ``path``, or the one that comes with kaname.

        Raises:
            IntegrityError: it is none, or one of another format.
            StoreAccessError: the file cannot be read.
        """
        if path is None:
            return _shipped()
        try:
            return cls.read(path.read_bytes(), str(path))
        except OSError as error:
            raise StoreAccessError("hardware.error.model_file", path=path, reason=error) from None

    @classmethod
    def read(cls, data: bytes, origin: str) -> Model:
        """The model stored in ``data``; ``origin`` is named in errors.

        Raises:
            IntegrityError: it is none, or one of another format.
        """
        try:
            _sized(data)
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                head = msgspec.json.decode(stored["head"].tobytes(), type=Head)
                packed = Packed.of(stored, "first"), Packed.of(stored, "second")
                clean = stored["clean"].astype(np.float32)
            _agrees(head, clean)
        except _BROKEN as error:
            raise IntegrityError("hardware.error.model", path=origin, reason=error) from None
        return cls.of(head, packed, clean, origin)

    @classmethod
    def of(
        cls,
        head: Head,
        packed: tuple[Packed, Packed],
        clean: NDArray[np.float32],
        origin: str = "-",
    ) -> Model:
        """A model out of its parts."""
        width = len(head.features)
        first = Trees(packed[0], width, origin)
        return cls(head, first, Trees(packed[1], width + len(head.second), origin), packed, clean)

    def encode(self) -> bytes:
        """The bytes of its file; the same model gives the same bytes."""
        arrays: dict[str, NDArray[Any]] = {
            "head": np.frombuffer(msgspec.json.encode(self.head), np.uint8),
            "clean": self.clean,
            **self.packed[0].arrays("first"),
            **self.packed[1].arrays("second"),
        }
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, array in sorted(arrays.items()):
                member = io.BytesIO()
                np.lib.format.write_array(member, array, allow_pickle=False)
                info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.getvalue(), compresslevel=9)
        return packed.getvalue()

    def save(self, path: Path) -> None:
        """Store it; the old file stays until the new one is whole.

        Raises:
            StoreAccessError: it cannot be written.
        """
        beside = path.with_name(f".{path.name}.part")
        try:
            beside.write_bytes(self.encode())
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise StoreAccessError("hardware.error.model_file", path=path, reason=error) from None

    def measured_on(self, name: str, found: Evaluation) -> Model:
        """The same model with figures on its card, of data called ``name``, not learnt."""
        figures = {
            key.removeprefix("unseen_hosts_"): float(value)
            for key, value in found.measures.items()
            if key.startswith("unseen_hosts_") and not isinstance(value, str)
        }
        elsewhere = {**self.head.card.elsewhere, name: figures}
        card = msgspec.structs.replace(self.head.card, elsewhere=elsewhere)
        head = msgspec.structs.replace(self.head, card=card)
        return dataclasses.replace(self, head=head)

    def scores(
        self, values: Values | NDArray[np.float32], graph: Graph
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The score of each cell, and the second stage's columns."""
        blocks = values.blocks if isinstance(values, Values) else [values]
        first = self.first.score(blocks)
        around = surroundings(first, graph)
        second = self.second.score([*blocks, around])
        return second, around

    def scored_example(self, one: Example) -> NDArray[np.float32]:
        """The score of each cell of a labelled design, as `judge` has it."""
        values = self.aligned(one.features, one.values)
        return one.whole(self.scores(values, one.links)[0])

    def judge(
        self,
        netlist: Netlist,
        features: Features | None = None,
        *,
        goal: str = GOAL,
        false_alarms: float = FALSE_ALARMS,
    ) -> Verdict:
        """The verdict on a design.

        ``goal`` says where the line between cells is (`GOALS`), ``false_alarms`` how many
        of clean designs may be said to hold a Trojan.

        Raises:
            IntegrityError: the model wants features that are not computed.
        """
        graph = graph_of(netlist)
        if features is None:
            values, around, score, rest = self._of_netlist(netlist, graph)
        else:
            values = Values([self.aligned(tuple(features.names), features.values)])
            score, around = self.scores(values, graph)
            rest = None
        whole = score if rest is None else rest.whole(score, graph)
        found = judged(whole, graph, self.head.decision, goal, false_alarms)
        rows = None if rest is None else functools.partial(rest.row, score=score, graph=graph)
        return Verdict(netlist, values, around, graph, goal, self.head, found, rows)

    def _of_netlist(
        self, netlist: Netlist, graph: Graph
    ) -> tuple[Values, NDArray[np.float32], NDArray[np.float32], Swept | None]:
        """Features, the second stage's columns and scores of the cells that are left."""
        rest = swept(netlist)
        seen, links = (netlist, graph) if rest is None else (rest.netlist, rest.graph)
        names, values = described(seen, links, self.head.features)
        if names != self.head.features:
            values = Values([self.aligned(names, values.joined())])
        score, around = self.scores(values, links)
        return values, around, score, rest

    def explain(self, netlist: Netlist, verdict: Verdict, cell: int) -> Explanation:
        """Why one cell of a verdict is as suspicious as it is."""
        return self.explain_all(netlist, verdict, [cell])[0]

    def explain_all(
        self, netlist: Netlist, verdict: Verdict, cells: list[int]
    ) -> list[Explanation]:
        """`explain` for several cells, which costs less than one by one."""
        from kaname.hardware.netlist.explaining import explanations

        return explanations(self, netlist, verdict, cells)

    def aligned(self, names: tuple[str, ...], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The columns that the model wants out of columns called ``names``.

        Raises:
            IntegrityError: one is missing: the model belongs to another version.
        """
        wanted = self.head.features
        if wanted == names:
            return values
        place = {name: at for at, name in enumerate(names)}
        missing = [name for name in wanted if name not in place]
        if missing:
            raise IntegrityError(
                "hardware.error.model_features", path=self.head.name, missing=", ".join(missing[:5])
            )
        return np.ascontiguousarray(values[:, [place[name] for name in wanted]])


def _sized(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > _LARGEST:
        raise ValueError(size)


def _agrees(head: Head, clean: NDArray[np.float32]) -> None:
    """Refuse what another version wrote, and parts that do not fit each other."""
    curve, design = head.decision.curve, head.decision.design
    fits = (
        head.format == FORMAT
        and head.second == COLUMNS
        and len(set(head.features)) == len(head.features)
        and clean.shape[:1] == (len(head.features),)
        and clean.ndim == 2
        and clean.shape[1] > 1
        and set(GOALS) <= set(head.decision.lines)
        and len(curve.at) == len(curve.says) > 1
        and list(curve.at) == sorted(curve.at)
        and len(design.means) == len(design.spreads) == len(design.weights)
        and list(design.clean) == sorted(design.clean)
    )
    if not fits:
        raise ValueError(f"format {head.format}")


@functools.cache
def _shipped() -> Model:
    stored = files("kaname.hardware.netlist") / "models" / "trojans.npz"
    return Model.read(stored.read_bytes(), "trojans.npz")
