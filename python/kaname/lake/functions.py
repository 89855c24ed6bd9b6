"""SQL functions that ask the network tables: ``country(hi, lo)`` and ``asn(hi, lo)``.

So that a number by country or network leads to its rows: the condition that made it can
be written down and run again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.lake.networks import Networks

if TYPE_CHECKING:
    import duckdb

__all__ = ["make_functions"]

_WORDS = ["BIGINT", "BIGINT"]


def make_functions(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Define the functions over the tables of the data folder ``data``.

    The tables are looked up at each call, so that fresh ones count at once.
    """
    import pyarrow as pa

    def country(hi: Any, lo: Any) -> Any:
        codes, names = Networks.open(data).countries(_words(hi), _words(lo))
        return pa.DictionaryArray.from_arrays(codes, names).cast(pa.string())

    def asn(hi: Any, lo: Any) -> Any:
        return pa.array(Networks.open(data).asns(_words(hi), _words(lo)))

    define: Any = connection.create_function  # its stub does not know the kind by its name
    define("country", country, _WORDS, "VARCHAR", type="arrow")
    define("asn", asn, _WORDS, "INTEGER", type="arrow")


def _words(column: Any) -> Any:
    import pyarrow as pa

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.to_numpy(zero_copy_only=False)
