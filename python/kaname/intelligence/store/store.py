"""The open fusion store: one process adds, many read.

Below its folder lies a log of observations (``00000001.log`` ...), of which every record is
checked when it is read. What the core holds in memory is made from the log when the store
is opened, or from the ``snapshot`` of its arrays and what the log holds behind that.
Whoever opens it to read sees what was durable then, and follows with `refresh`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from kaname._native import FusionCore
from kaname.intelligence.records import Item, Observation
from kaname.intelligence.store.facts import (
    Added,
    Edges,
    Facts,
    Found,
    Key,
    Mentions,
    Pivot,
    Relation,
    SourceFacts,
)
from kaname.intelligence.store.faults import clear_errors
from kaname.model.errors import StoreAccessError
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

__all__ = ["CAP", "GATE", "FusionStore", "Groups"]

Groups = frozenset[str] | None  # that somebody belongs to; None: whoever asks is us

GATE = 10_000  # an artifact with more mentions beside it is a hub
CAP = 50_000  # artifacts of a pivot
_MOST = 200  # artifacts of an observation that still says which belong together

_SCAN = 20_000  # latest observations that relations are counted in

_LOG = logging.getLogger(__name__)
_MARKINGS = [level.value for level in Tlp]
_KINDS = {kind.value: kind for kind in ArtifactKind}
_CODES = list(_KINDS)
_BY_CODE: list[ArtifactKind | None] = [*_KINDS.values(), *[None] * (256 - len(_KINDS))]
_encoder = msgspec.msgpack.Encoder()
_observation = msgspec.msgpack.Decoder(Observation)
_items = msgspec.msgpack.Decoder(list[Item])


class FusionStore:
    """Observations by artifact. Thread-safe.

    Every question says who asks: what is marked above ``clearance``, or limited to sharing
    groups other than ``groups``, is neither shown nor counted.
    """

    def __init__(self, folder: Path, core: FusionCore) -> None:
        self.folder = folder
        self._core = core

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> FusionStore:
        """Open the store in ``folder``, making a new one unless it is only read.

        Raises:
            ConflictError: another process writes there.
            StoreAccessError: there is none, or the folder cannot be used.
            IntegrityError: a record in the middle of the log is not what was written.
        """
        if read_only and not folder.is_dir():
            raise StoreAccessError("intelligence.error.no_store", path=folder)
        with clear_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            core = FusionCore(folder, _MARKINGS, read_only)
        file, offset, torn = core.end
        if torn and not read_only:
            _LOG.warning(
                "cut off an unfinished record",
                extra={"folder": str(folder), "file": file, "offset": offset, "bytes": torn},
            )
        return cls(folder, core)

    def close(self) -> None:
        """Let go of the log."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- writing ---

    def add(self, observations: Sequence[Observation]) -> Added:
        """Add observations; they outlast a crash when this returns, all or none of them.

        Raises:
            StoreFullError, StoreAccessError: nothing was added.
            LimitError: one of them is too long, or the store is full; nothing was added.
        """
        with clear_errors(self.folder):
            new, duplicates, conflicts, touched, met = self._core.add(_encoder.encode(observations))
        return Added(new, duplicates, conflicts, touched, met, self._names)

    def retract(self, ids: Iterable[str]) -> list[Key]:
        """Their sources no longer stand by them: no evidence any more, the log keeps both.

        An identifier that is unknown or was retracted before is passed over; it may be
        added again. Gives the artifacts that they mention.
        """
        with clear_errors(self.folder):
            _, touched = self._core.retract(list(ids))
        return self._names(touched)

    def seal(self) -> list[Path]:
        """Log files that change no more; the one in use becomes one of them."""
        with clear_errors(self.folder):
            return [self.folder / f"{number:08d}.log" for number in self._core.seal()]

    def snapshot(self) -> None:
        """Write the arrays down, so that the next start reads only what the log holds behind.

        Additions wait meanwhile, questions do not. A snapshot that is damaged is not used.
        """
        with clear_errors(self.folder):
            self._core.snapshot()

    def refresh(self) -> int:
        """Read what another process added meanwhile; the number of records."""
        with clear_errors(self.folder):
            return self._core.refresh()

    # --- one artifact ---

    def known(
        self, kind: ArtifactKind, value: str, *, clearance: Tlp = Tlp.RED, groups: Groups = None
    ) -> Facts | None:
        """Everything countable about an artifact; None where nothing may be seen."""
        found = self._core.facts(kind, value, clearance.rank, _list(groups))
        if found is None:
            return None
        (first, last, observations, _), degree, rank, sources, roles, days = found
        return Facts(
            first_seen=first,
            last_seen=last,
            observations=observations,
            days=len(days),
            degree=degree,
            tlp_min=Tlp(_MARKINGS[rank]),
            hub=degree > GATE,
            sources=tuple(SourceFacts(*source) for source in sources),
            roles=tuple(roles),
            timeline=tuple((day * DAY, count) for day, count in days),
        )

    def brief(
        self, kind: ArtifactKind, value: str, *, clearance: Tlp = Tlp.RED, groups: Groups = None
    ) -> tuple[int, int, int, int] | None:
        """First and last seen, observations, sources: the fastest question."""
        return self._core.lookup(kind, value, clearance.rank, _list(groups))

    def lookup(
        self, keys: Sequence[Key], *, clearance: Tlp = Tlp.RED, groups: Groups = None
    ) -> Found:
        """The same of many, by column."""
        kinds: list[str] = [kind for kind, _ in keys]
        values = [value for _, value in keys]
        return Found(*self._core.lookup_many(kinds, values, clearance.rank, _list(groups)))

    def told(
        self, texts: list[str], *, clearance: Tlp = Tlp.RED, groups: Groups = None
    ) -> tuple[list[ArtifactKind | None], list[str], Found]:
        """What each text is, in whatever spelling, and what a look-up of it tells."""
        codes, values, columns = self._core.lookup_texts(
            _CODES, texts, clearance.rank, _list(groups)
        )
        return [_BY_CODE[code] for code in codes], values, Found(*columns)

    def items(
        self,
        kind: ArtifactKind,
        value: str,
        *,
        limit: int = 10_000,
        clearance: Tlp = Tlp.RED,
        groups: Groups = None,
    ) -> list[Item]:
        """Evidence about an artifact from the latest observations that mention it."""
        with clear_errors(self.folder):
            found = self._core.items(kind, value, limit, clearance.rank, _list(groups))
        return [] if found is None else _items.decode(found)

    def observation(
        self, key: str, *, clearance: Tlp = Tlp.RED, groups: Groups = None
    ) -> Observation | None:
        """The observation with an identifier, if it stands and may be seen."""
        with clear_errors(self.folder):
            record = self._core.record(key)
        if record is None:
            return None
        found = _observation.decode(record)
        seen = found.tlp.visible_to(clearance) and _allowed(found, groups)
        return found if seen else None

    def observations(
        self,
        kind: ArtifactKind,
        value: str,
        *,
        before: tuple[int, int] | None = None,
        limit: int = 100,
        clearance: Tlp = Tlp.RED,
        groups: Groups = None,
    ) -> list[tuple[tuple[int, int], Observation]]:
        """Observations that mention an artifact, the latest first, each with its place.

        ``before`` is the place of the last one of the page before.
        """
        with clear_errors(self.folder):
            found = self._core.records(kind, value, before, limit, clearance.rank, _list(groups))
        return [(place, _observation.decode(record)) for place, record in found]

    # --- many artifacts ---

    def neighbours(
        self,
        kind: ArtifactKind,
        value: str,
        limit: int = 1000,
        *,
        clearance: Tlp = Tlp.RED,
        groups: Groups = None,
    ) -> list[tuple[ArtifactKind, str, int]]:
        """What is mentioned beside an artifact, and in how many observations; most first."""
        near = self.pivot([(kind, value)], hops=1, clearance=clearance, groups=groups).near
        kinds, values = near.kinds, near.values  # each a list made anew
        rows = [(kinds[b], values[b], count) for a, b, count in near.edges if a == 0]
        rows.sort(key=lambda row: (-row[2], row[0], row[1]))
        return [(_KINDS[word], text, count) for word, text, count in rows[:limit]]

    def relations(
        self,
        kind: ArtifactKind,
        value: str,
        limit: int = 200,
        *,
        clearance: Tlp = Tlp.RED,
        groups: Groups = None,
    ) -> list[Relation]:
        """What is mentioned beside an artifact in its latest observations, most first.

        The weight is the inverse frequency ln(1 + N/df) of the other one, where N counts
        all observations and df those that mention it.
        """
        rows = self._core.relations(str(kind), value, _SCAN, limit, clearance.rank, _list(groups))
        every = self.counts[1]
        keys = self._names([number for number, *_ in rows])
        return [
            Relation(other, text, role, count, df, math.log1p(every / max(1, df)), degree)
            for (other, text), (_, role, count, degree, df) in zip(keys, rows, strict=True)
        ]

    def overview(
        self, cap: int, *, clearance: Tlp = Tlp.RED, groups: Groups = None
    ) -> tuple[Pivot, int]:
        """The most observed artifacts and what joins them, and how many there are in all."""
        near, total = self._core.overview(cap, _MOST, clearance.rank, _list(groups))
        return Pivot(near), total

    def pivot(
        self,
        seeds: Sequence[Key],
        *,
        hops: int = 1,
        gate: int = GATE,
        cap: int = CAP,
        clearance: Tlp = Tlp.RED,
        groups: Groups = None,
    ) -> Pivot:
        """What is near ``seeds``: through observations, not through hubs, at most ``cap``."""
        pairs = [(str(kind), value) for kind, value in seeds]
        near = self._core.pivot(pairs, hops, gate, cap, clearance.rank, _list(groups))
        return Pivot(near)

    def pivot_json(
        self,
        seeds: Sequence[Key],
        *,
        hops: int = 1,
        gate: int = GATE,
        cap: int = CAP,
        clearance: Tlp = Tlp.RED,
        groups: Groups = None,
    ) -> bytes:
        """The same as a JSON object: nodes, edges, gated, total, truncated."""
        pairs = [(str(kind), value) for kind, value in seeds]
        return self._core.pivot_json(pairs, hops, gate, cap, clearance.rank, _list(groups))

    def edges(self, *, clearance: Tlp = Tlp.RED, groups: Groups = None) -> Edges:
        """Which artifacts were mentioned together, over the whole store.

        Observations of more than 200 artifacts are left out: they are lists.
        """
        import numpy as np

        columns, words = self._core.pairs(_MOST, clearance.rank, _list(groups))
        small = [np.frombuffer(column, np.uint32) for column in columns[:6]]
        large = [np.frombuffer(column, np.int64) for column in columns[6:]]
        a, b, role_a, role_b, kind, observations = small
        first, last = large
        return Edges(a, b, role_a, role_b, kind, observations, first, last, words)

    def mentions(self, *, clearance: Tlp = Tlp.RED, groups: Groups = None) -> Mentions:
        """How often each artifact was mentioned in which role, by whom."""
        import numpy as np

        columns, words = self._core.mentions(clearance.rank, _list(groups))
        artifact, role, kind, source, observations = (
            np.frombuffer(column, np.uint32) for column in columns
        )
        return Mentions(artifact, role, kind, source, observations, words)

    def number(self, kind: ArtifactKind, value: str) -> int | None:
        """The number of an artifact in `edges` and `mentions`; the same until reopened."""
        return self._core.find(kind, value)

    def name(self, number: int) -> Key:
        """The artifact of a number."""
        return self._names([number])[0]

    # --- itself ---

    @property
    def counts(self) -> tuple[int, int]:
        """Artifacts and standing observations."""
        return self._core.counts

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return self._core.bytes

    def _names(self, numbers: Sequence[int]) -> list[Key]:
        return [(_KINDS[kind], value) for kind, value in self._core.names(list(numbers))]


def _list(groups: Groups) -> list[str] | None:
    return None if groups is None else sorted(groups)


def _allowed(observation: Observation, groups: Groups) -> bool:
    return groups is None or not observation.groups or not groups.isdisjoint(observation.groups)
