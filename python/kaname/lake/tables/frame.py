"""What a table of the lake is: its columns, how they are stored, what they mean.

A table is one module in this folder that ends with ``TABLE = Table(...)`` and is
announced by an entry point of the group ``kaname.tables``. Every table begins with the
same columns (`COMMON`); integers are signed, because the engines that may read the
files disagree about unsigned ones.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COMMON", "Column", "Encoding", "Kind", "Mention", "Table"]


class Kind(enum.StrEnum):
    """Stored type of a column."""

    TIMESTAMP = "timestamp"  # microseconds, UTC
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT64 = "float64"
    BOOL = "bool"
    STRING = "string"
    LABEL = "label"  # a string of few distinct values, dictionary-encoded
    INT16_LIST = "int16_list"
    STRING_LIST = "string_list"
    BINARY = "binary"


class Encoding(enum.StrEnum):
    """Parquet encoding that measured best for the column's shape."""

    DICTIONARY = "dictionary"
    DELTA = "delta"
    SPLIT = "byte_stream_split"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, stored type, encoding, and its meaning in both languages."""

    name: str
    kind: Kind
    en: str
    ja: str
    encoding: Encoding = Encoding.DICTIONARY
    nullable: bool = False


COMMON: tuple[Column, ...] = (
    Column("ts", Kind.TIMESTAMP, "event time, UTC", "発生時刻(UTC)", Encoding.DELTA),
    Column("sensor", Kind.LABEL, "sensor that observed it", "観測したセンサー"),
    Column("kind", Kind.LABEL, "format of the source", "入力の形式"),
    Column("tlp", Kind.LABEL, "TLP 2.0 marking of the source", "入力の TLP 2.0 区分"),
    Column("batch", Kind.INT64, "ingested source (see `sources`)", "取り込み単位(`sources` 参照)"),
    Column(
        "row_in_src",
        Kind.INT64,
        "position in the source: byte offset in the decompressed stream",
        "入力内の位置(展開後のバイト位置)",
        Encoding.DELTA,
    ),
    Column("src_hi", Kind.INT64, "source address, high 64 bits", "送信元アドレス上位 64 ビット"),
    Column(
        "src_lo",
        Kind.INT64,
        "source address, low 64 bits",
        "送信元アドレス下位 64 ビット",
        Encoding.DELTA,  # rows of a minute are sorted by it
    ),
    Column("ext", Kind.STRING, "unmapped fields, JSON", "対応外の項目(JSON)", nullable=True),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Columns of a table that name an artifact, so that it can be looked for in all tables.

    ``kind`` is ip, domain, url, sha256, md5, email, asn, host, user or text (whatever the
    value looks like). An ip is a pair of columns, high and low; everything else is one
    column of texts or of lists of texts.
    """

    kind: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, columns after the common ones, and the order rows are kept in.

    ``order`` names the columns that files are sorted by when they are compacted; with
    ``batch`` and ``row_in_src`` appended it is a total order, so compaction has one
    possible result. ``encodings`` are of common columns whose shape is another here.
    Where a row has no address, it is the unspecified one, ``::`` (RFC 4291, 2.5.2): 0, 0.
    """

    name: str
    version: int
    en: str
    ja: str
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ("ts",)
    retention_days: int | None = None
    encodings: Mapping[str, Encoding] = field(default_factory=dict)
    mentions: tuple[Mention, ...] = (Mention("ip", ("src_hi", "src_lo")),)
    all_columns: tuple[Column, ...] = field(init=False)

    def __post_init__(self) -> None:
        common = (replace(c, encoding=self.encodings.get(c.name, c.encoding)) for c in COMMON)
        object.__setattr__(self, "all_columns", (*common, *self.columns))

    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema of the table, common columns first."""
        import pyarrow as pa

        kinds: dict[Kind, pa.DataType] = {
            Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
            Kind.INT16: pa.int16(),
            Kind.INT32: pa.int32(),
            Kind.INT64: pa.int64(),
            Kind.FLOAT64: pa.float64(),
            Kind.BOOL: pa.bool_(),
            Kind.STRING: pa.string(),
            Kind.LABEL: pa.dictionary(pa.int8(), pa.string()),
            Kind.INT16_LIST: pa.list_(pa.int16()),
            Kind.STRING_LIST: pa.list_(pa.string()),
            Kind.BINARY: pa.binary(),
        }
        return pa.schema(
            [pa.field(c.name, kinds[c.kind], nullable=c.nullable) for c in self.all_columns]
        )
