"""Files of the native Parquet writer, read by pyarrow and DuckDB."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaname._native import NativeError, ParquetWriter

ENCODINGS = ("dictionary", "delta", "byte_stream_split", "plain")


def written(table: pa.Table, encoding: str, **over: Any) -> bytes:
    settings = {"metadata": {}, "group_rows": 1_000_000, "level": 1, "threads": 1} | over
    size = settings.pop("batch", None)
    sink = io.BytesIO()
    names = dict.fromkeys(table.column_names, encoding)
    writer = ParquetWriter(sink, table.schema, names, **settings)
    for batch in table.to_batches(max_chunksize=size):
        writer.write(batch)
    rows, size_told, _ = writer.close()
    assert (rows, size_told) == (table.num_rows, sink.tell())
    return sink.getvalue()


def numbers(rng: random.Random, count: int, bits: int) -> list[int]:
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    shapes = [
        lambda: rng.randint(low, high),
        lambda: rng.choice([low, high, 0, -1, 1]),
        lambda: rng.randint(0, 9),
        lambda: rng.randint(0, min(high, 70_000)),
    ]
    shape = rng.choice(shapes)
    found = [shape() for _ in range(count)]
    return sorted(found) if rng.random() < 0.3 else found


def with_nulls(rng: random.Random, values: list[Any], share: float) -> list[Any]:
    return [None if rng.random() < share else value for value in values]


def table(rng: random.Random, rows: int) -> pa.Table:
    words = ["a", "要", "x" * 100, ""]
    lists = [[rng.randint(0, 255) for _ in range(rng.choice([0, 1, 3]))] for _ in range(rows)]
    columns = {
        "time": (pa.timestamp("us", tz="UTC"), [abs(n) >> 12 for n in numbers(rng, rows, 64)]),
        "long": (pa.int64(), numbers(rng, rows, 64)),
        "int": (pa.int32(), numbers(rng, rows, 32)),
        "short": (pa.int16(), numbers(rng, rows, 16)),
        "same": (pa.int64(), [7] * rows),
        "some": (pa.int32(), with_nulls(rng, numbers(rng, rows, 32), 0.5)),
        "none": (pa.int64(), [None] * rows),
        "real": (pa.float64(), [rng.random() for _ in range(rows)]),
        "yes": (pa.bool_(), with_nulls(rng, [rng.random() < 0.5 for _ in range(rows)], 0.2)),
        "text": (pa.string(), with_nulls(rng, [rng.choice(words) for _ in range(rows)], 0.2)),
        "bytes": (pa.binary(), [rng.randbytes(rng.randrange(4)) for _ in range(rows)]),
        "list": (pa.list_(pa.int16()), with_nulls(rng, lists, 0.8)),
        "words": (pa.list_(pa.string()), [[rng.choice(words)] for _ in range(rows)]),
    }
    label = pa.array([rng.choice(words) for _ in range(rows)], pa.string())
    arrays = {name: pa.array(values, kind) for name, (kind, values) in columns.items()}
    small = pa.DictionaryArray.from_arrays(
        label.dictionary_encode().indices.cast(pa.int8()), label.dictionary_encode().dictionary
    )
    return pa.table({**arrays, "label": small, "label32": label.dictionary_encode()})


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("rows", [0, 1, 7, 8, 33, 129, 3000])
def test_what_was_written_is_read_back(encoding: str, rows: int, tmp_path: Path) -> None:
    rng = random.Random(rows)
    for _ in range(3):
        expected = table(rng, rows)
        data = written(expected, encoding, group_rows=1000)
        found = pq.read_table(io.BytesIO(data), read_dictionary=["label", "label32"])
        for name in expected.column_names:
            kind = pa.string() if name.startswith("label") else expected[name].type
            assert found[name].cast(kind).equals(expected[name].cast(kind)), name
        path = tmp_path / "file.parquet"
        path.write_bytes(data)
        flat = [name for name in expected.column_names if name not in {"time", "bytes"}]
        words = ", ".join(f'"{name}"' for name in flat)
        seen = duckdb.sql(f"SELECT {words} FROM read_parquet('{path}')").fetchall()  # noqa: S608
        assert seen == [tuple(row.values()) for row in expected.select(flat).to_pylist()]


def test_cuts_and_threads_do_not_show() -> None:
    expected = table(random.Random(5), 5000)
    once = written(expected, "dictionary", group_rows=2000)
    assert once == written(expected, "dictionary", group_rows=2000, batch=7)
    assert once == written(expected, "dictionary", group_rows=2000, batch=999, threads=3)


def test_statistics_bound_the_values() -> None:
    column = pa.table({"n": pa.array([5, -3, 70_000, None], pa.int64())})
    for encoding in ENCODINGS:
        group = pq.ParquetFile(io.BytesIO(written(column, encoding))).metadata.row_group(0)
        statistics = group.column(0).statistics
        assert (statistics.min, statistics.max, statistics.null_count) == (-3, 70_000, 1)


def test_metadata_is_kept() -> None:
    data = written(pa.table({"n": [1]}), "plain", metadata={"batch": "7"})
    assert pq.ParquetFile(io.BytesIO(data)).metadata.metadata == {b"batch": b"7"}


def test_what_the_sink_raises_comes_out() -> None:
    class Full(io.RawIOBase):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    writer = ParquetWriter(
        Full(), pa.schema([("n", pa.int64())]), {}, metadata={}, group_rows=1, level=1, threads=1
    )
    with pytest.raises(OSError, match="No space left"):
        writer.close()


def test_a_type_that_the_lake_does_not_have_is_refused() -> None:
    with pytest.raises(NativeError) as caught:
        written(pa.table({"when": pa.array([1], pa.date32())}), "plain")
    assert caught.value.args[0] == "column"
