"""Lakes with rows made by hand: few, and every value known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kaname.lake import Lake, Source
from kaname.lake.tables import table
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

DAY_US = 86_400_000_000
START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z

RowMaker = Callable[..., pa.RecordBatch]
Ingest = Callable[..., Source]


def packet_rows(times: list[int], **columns: Any) -> pa.RecordBatch:
    """Rows of ``packets`` at ``times``; other columns are 0, empty or as given."""
    count = len(times)
    given: dict[str, Any] = {"ts": times, "row_in_src": [100 * i for i in range(count)], **columns}
    arrays = []
    for field in table("packets").arrow_schema():
        values = given.get(field.name)
        if values is None:
            values = _default(field, count)
        elif not isinstance(values, list):
            values = [values] * count
        arrays.append(_array(values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=table("packets").arrow_schema())


def _default(field: pa.Field, count: int) -> list[Any]:
    if field.nullable:
        return [None] * count
    return ["x" if pa.types.is_dictionary(field.type) else 0] * count


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        encoded = pa.array(values, pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(encoded.indices.cast(pa.int8()), encoded.dictionary)
    return pa.array(values, kind)


@pytest.fixture
def rows() -> RowMaker:
    return packet_rows


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def ingest() -> Ingest:
    def put(
        lake: Lake,
        *batches: pa.RecordBatch,
        name: str = "a",
        sensor: str = "s1",
        tlp: Tlp = Tlp.AMBER,
        replace: bool = False,
        threads: int = 2,
        report: ReadReport | None = None,
    ) -> Source:
        """Commit rows of ``packets`` as the source whose identity is made of ``name``."""
        identity = name.encode().hex().ljust(64, "0")
        with lake.writer(
            identity=identity,
            path=f"/captures/{name}.pcap",
            size=len(name),
            sensor=sensor,
            tlp=tlp,
            reader="pcap",
            reader_version=1,
            replace=replace,
            threads=threads,
        ) as writer:
            for batch in batches:
                writer.write("packets", batch)
            return writer.commit(report or ReadReport())

    return put
