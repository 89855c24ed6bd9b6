"""Takes made-up sources into a lake, one after the other; run to be killed.

Usage: python -m tests.crash.lake_ingest DATA ingest|compact
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from kaname.lake import Lake
from kaname.lake.tables import table
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

SOURCES = 6
BATCHES = 4
ROWS = 4_000
START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z
SPAN = 2 * 86_400_000_000


def rows(source: int) -> Iterator[pa.RecordBatch]:
    """The batches of one source: two days, some noise, the same at every call."""
    random = np.random.default_rng(source)
    schema = table("packets").arrow_schema()
    for number in range(BATCHES):
        columns = [_column(field, random, number) for field in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(field: pa.Field, random: np.random.Generator, number: int) -> pa.Array:
    if field.name == "ts":
        return pa.array(START + random.integers(0, SPAN, ROWS)).cast(field.type)
    if field.name == "row_in_src":
        return pa.array(np.arange(number * ROWS, (number + 1) * ROWS))
    if field.nullable:
        return pa.nulls(ROWS, field.type)
    if pa.types.is_dictionary(field.type):
        codes = pa.array(random.integers(0, 2, ROWS, dtype=np.int8))
        return pa.DictionaryArray.from_arrays(codes, pa.array(["tcp-syn", "udp"]))
    return pa.array(random.integers(0, 1000, ROWS)).cast(field.type)


def ingest(lake: Lake) -> None:
    """Take in all sources that are not there yet."""
    for number in range(SOURCES):
        identity = hashlib.sha256(b"source %d" % number).hexdigest()
        if lake.known(identity) is not None:
            continue
        with lake.writer(
            identity=identity,
            path=f"{number}.pcap",
            size=number,
            sensor=f"s{number % 2}",
            tlp=Tlp.GREEN,
            reader="pcap",
            reader_version=1,
        ) as writer:
            for batch in rows(number):
                writer.write("packets", batch)
            writer.commit(ReadReport(records=BATCHES * ROWS))


def main(data: str, step: str) -> None:
    with Lake.open(Path(data)) as lake:
        lake.sweep()
        print("begun", flush=True)  # noqa: T201 - tells the test when to start its clock
        if step == "ingest":
            ingest(lake)
        else:
            lake.compact()
        lake.sweep()


if __name__ == "__main__":
    main(*sys.argv[1:])
