"""Log files that change no more, kept in the lake as rows of ``observations`` for cold questions.

A file becomes one source of the lake for each marking in it, identified by what it holds:
doing it again, or after a crash in between, adds nothing. What was retracted later stays;
the store says what still stands.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname._native import FusionCore
from kaname.intelligence.records import Observation
from kaname.intelligence.store.store import FusionStore
from kaname.lake.tables import table
from kaname.model.address import from_text
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import Lake

__all__ = ["keep_segments"]

_TABLE = "observations"
_READER = "fusion"
_VERSION = 1
_PART = 20_000  # rows made at once

_decoder = msgspec.msgpack.Decoder(Observation)
_Row = tuple[int, Observation]  # offset in the file, and what lies there


@dataclass
class _Report:
    """What the lake keeps of a reading."""

    records: int
    first_us: int | None
    last_us: int | None
    bad_records: int = 0
    damaged: bool = False
    counters: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    problems: tuple[object, ...] = ()


def keep_segments(store: FusionStore, lake: Lake) -> int:
    """Seal the log and bring into the lake what is not there yet; the number of rows.

    The arrays are written down as well, for a faster start.
    """
    sealed = store.seal()
    store.snapshot()
    return sum(_keep(path, lake) for path in sealed)


def _keep(path: Path, lake: Lake) -> int:
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    rows: dict[Tlp, list[_Row]] = defaultdict(list)
    for offset, payload in FusionCore.observations(data):
        one = _decoder.decode(payload)
        rows[Tlp.RED if one.groups else one.tlp].append((offset, one))
    return sum(_commit(path, digest, tlp, rows[tlp], lake) for tlp in sorted(rows))


def _commit(path: Path, digest: str, tlp: Tlp, rows: Sequence[_Row], lake: Lake) -> int:
    identity = hashlib.sha256(f"{digest}/{tlp.value}".encode()).hexdigest()
    if lake.known(identity) is not None:
        return 0
    with lake.writer(
        identity=identity,
        path=path.name,
        size=path.stat().st_size,
        sensor=_READER,
        tlp=tlp,
        reader=_READER,
        reader_version=_VERSION,
    ) as writer:
        for start in range(0, len(rows), _PART):
            writer.write(_TABLE, _batch(rows[start : start + _PART]))
        times = [one.at for _, one in rows]
        writer.commit(_Report(len(rows), min(times), max(times), counters={"rows": len(rows)}))
    return len(rows)


def _batch(rows: Sequence[_Row]) -> pa.RecordBatch:
    """Rows of the table; the lake puts marking, sensor and batch on them."""
    import pyarrow as pa

    schema = table(_TABLE).arrow_schema()
    cells = [_cells(offset, one) for offset, one in rows]
    columns = [pa.array([row[f.name] for row in cells], _plain(f.type)) for f in schema]
    fitted = [column.cast(f.type) for column, f in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(fitted, schema=schema)


def _plain(kind: pa.DataType) -> pa.DataType:
    """What cells are made as: dictionaries come of texts."""
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _cells(offset: int, one: Observation) -> dict[str, Any]:
    high, low = _address(one)
    return {
        "ts": one.at,
        "sensor": _READER,
        "kind": _READER,
        "tlp": one.tlp.value,
        "batch": 0,
        "row_in_src": offset,
        "src_hi": high,
        "src_lo": low,
        "ext": None,
        "id": one.id,
        "source": one.source,
        "what": one.kind,
        "received": one.received,
        "org": one.org or None,
        "groups": list(one.groups),
        "pap": one.pap.value,
        "weight": one.weight,
        "behaviours": list(one.behaviours),
        "finding": one.finding or None,
        "artifacts": [mention.value for mention in one.mentions],
        "artifact_kinds": [mention.kind.value for mention in one.mentions],
        "roles": [mention.role for mention in one.mentions],
        "body": msgspec.json.encode(one.body).decode() if one.body else None,
    }


def _address(one: Observation) -> tuple[int, int]:
    for mention in one.mentions:
        if mention.kind is ArtifactKind.IP and mention.role == "src":
            try:
                return from_text(mention.value)
            except UsageError:
                continue
    return 0, 0
