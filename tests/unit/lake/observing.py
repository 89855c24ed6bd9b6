"""Rows of any table, made by hand: columns not given are 0, empty or null."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa

from kaname.lake import Lake, Source
from kaname.lake.tables import table
from kaname.model.address import from_text
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z
DAY_US = 86_400_000_000
SIDES = ("src", "dst", "hop", "exporter", "prefix", "next_hop", "vic")


def words(row: dict[str, Any]) -> dict[str, Any]:
    """The row with addresses as high and low words."""
    found = dict(row)
    for side in SIDES:
        if side in found:
            found[f"{side}_hi"], found[f"{side}_lo"] = from_text(found.pop(side))
    return found


def observe(
    lake: Lake,
    name: str,
    rows: list[dict[str, Any]],
    *,
    source: str = "a",
    sensor: str = "s1",
    tlp: Tlp = Tlp.GREEN,
    replace: bool = False,
) -> Source:
    """Commit rows of the table ``name`` as one source."""
    schema = table(name).arrow_schema()
    given = [words(row) for row in rows]
    columns = [_column(field, [row.get(field.name) for row in given]) for field in schema]
    with lake.writer(
        identity=hashlib.sha256(f"{name}/{source}".encode()).hexdigest(),
        path=source,
        size=1,
        sensor=sensor,
        tlp=tlp,
        reader="test",
        reader_version=1,
        replace=replace,
    ) as writer:
        writer.write(name, pa.RecordBatch.from_arrays(columns, schema=schema))
        return writer.commit(ReadReport(records=len(rows)))


def _column(field: pa.Field, values: list[Any]) -> pa.Array:
    if not field.nullable:
        empty = "" if pa.types.is_dictionary(field.type) or pa.types.is_string(field.type) else 0
        values = [empty if value is None else value for value in values]
    if pa.types.is_dictionary(field.type):
        encoded = pa.array(values, pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(encoded.indices.cast(pa.int8()), encoded.dictionary)
    if pa.types.is_boolean(field.type):
        values = [None if value is None else bool(value) for value in values]
    return pa.array(values, field.type)
