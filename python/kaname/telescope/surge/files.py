"""Port counts from files: Parquet or CSV, one row for each bin and port.

Columns are ``bin`` (10 minutes, from 0), ``port``, ``uniq_src``, ``uniq_src16`` and ``pkts``
(or ``packets``); or ``ts`` and ``ptype`` as in the table ``port_counts``. A missing row
counts as 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kaname.model.errors import InputError
from kaname.model.instant import DAY, floor
from kaname.telescope.surge.grid import BIN, Grid, gridded

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_counts"]

_MOST = 1 << 28  # cells of a grid: what a machine of 16 GiB holds several of


def read_counts(path: Path, start: int = 0) -> Grid:
    """The counts in ``path``; ``start`` is the instant of bin 0, where bins are numbers.

    Raises:
        InputError: it cannot be read, or has not the columns.
    """
    table = _whole(path, _table(path), start)
    if not table.num_rows:
        return gridded(table, floor(start, BIN), floor(start, BIN) + BIN)
    import pyarrow.compute as pc

    span = pc.min_max(table["ts"])
    first, last = (floor(int(span[name].as_py()), BIN) for name in ("min", "max"))
    begin = min(first, floor(start, BIN)) if 0 <= first - start < 60 * DAY else first
    series = table.group_by(["ptype", "port"]).aggregate([]).num_rows
    if ((last - begin) // BIN + 1) * series > _MOST:
        raise InputError("telescope.error.counts_size", path=path, series=series)
    return gridded(table, begin, last + BIN)


def _table(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        return pq.read_table(path) if parquet else pa.csv.read_csv(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError("telescope.error.counts_read", path=path, reason=error) from None


def _whole(path: Path, table: pa.Table, start: int) -> pa.Table:
    """The table with instants, packet types and the names of the lake."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = ["packets" if name == "pkts" else name for name in table.column_names]
    table = table.rename_columns(names)
    missing = {"port", "uniq_src", "uniq_src16", "packets"} - set(names)
    if missing or not {"bin", "ts"} & set(names):
        lacking = ", ".join(sorted(missing) or ["bin"])
        raise InputError("telescope.error.counts_columns", path=path, missing=lacking)
    try:
        if "ts" in names:
            ts = pc.cast(table["ts"], pa.int64())
        else:
            ts = pc.add(pc.multiply(table["bin"].cast(pa.int64()), BIN), start)
        columns = {
            name: table[name].cast(pa.int64()).fill_null(0)
            for name in ("port", "uniq_src", "uniq_src16", "packets", "wide_src")
            if name in names
        }
    except pa.ArrowException as error:
        raise InputError("telescope.error.counts_read", path=path, reason=error) from None
    kinds = table["ptype"].cast(pa.string()) if "ptype" in names else None
    columns["ptype"] = pa.repeat("tcp_syn", table.num_rows) if kinds is None else kinds
    return pa.table({"ts": ts, **columns})
