"""Flow records as columns, and as rows of the table ``flows``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kaname.lake.tables.flows import TABLE
from kaname.model.address import IPv4_LOW

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Records", "joined", "records", "sampled", "table", "v4"]

Ints = NDArray[np.int64]
Records = dict[str, Ints]  # columns of equal length

_PLAIN: dict[str, int] = {
    "us": 0,
    "src_hi": 0,
    "src_lo": 0,
    "dst_hi": 0,
    "dst_lo": 0,
    "sport": 0,
    "dport": 0,
    "proto": 6,
    "tcp_bits": 0x1B,
    "packets": 1,
    "octets": 60,
    "dur_us": 0,
    "sampling": 1,
}


def records(n: int, **columns: Any) -> Records:
    """``n`` records; columns that are not given have a plain value."""
    return {
        name: np.broadcast_to(np.asarray(columns.get(name, plain), np.int64), n)
        for name, plain in _PLAIN.items()
    }


def joined(parts: Iterable[Records]) -> Records:
    """All records of ``parts`` in order of time."""
    kept = list(parts)
    whole = {name: np.concatenate([part[name] for part in kept]) for name in _PLAIN}
    order = np.argsort(whole["us"], kind="stable")
    return {name: column[order] for name, column in whole.items()}


def sampled(whole: Records, rate: int, rng: np.random.Generator) -> Records:
    """What an exporter tells that looks at one of ``rate`` packets."""
    packets = rng.binomial(whole["packets"], 1 / rate)
    seen = packets > 0
    size = whole["octets"] // np.maximum(1, whole["packets"])
    changed = {"packets": packets, "octets": packets * size, "sampling": np.full(len(seen), rate)}
    return {name: column[seen] for name, column in (whole | changed).items()}


def table(whole: Records, sensor: str = "router", tlp: str = "amber") -> pa.Table:
    """Records as rows of ``flows``, in their order."""
    import pyarrow as pa

    n = len(whole["us"])
    given = {name: column for name, column in whole.items() if name != "us"}
    constants = {"sensor": sensor, "kind": "simulated", "tlp": tlp}
    zeros = ("batch", "packets_rev", "octets_rev", "exporter_lo", "exporter_hi", "obs_domain")
    arrays = []
    for field in TABLE.arrow_schema():
        if field.name == "ts":
            values = pa.array(whole["us"], pa.int64()).cast(field.type)
        elif field.name in given:
            values = pa.array(given[field.name], pa.int64()).cast(field.type)
        elif field.name == "row_in_src":
            values = pa.array(np.arange(n))
        elif field.name in constants:
            indices = pa.array(np.zeros(n, np.int8))
            values = pa.DictionaryArray.from_arrays(indices, [constants[field.name]])
        elif field.name in zeros:
            values = pa.array(np.zeros(n, np.int64)).cast(field.type)
        else:
            values = pa.nulls(n, field.type)
        arrays.append(values)
    return pa.Table.from_arrays(arrays, schema=TABLE.arrow_schema())


def v4(text: str) -> int:
    """The low word of an IPv4 address."""
    a, b, c, d = (int(part) for part in text.split("."))
    return IPv4_LOW | a << 24 | b << 16 | c << 8 | d
