"""Stages: how the input is cut does not show; a snapshot goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from kaname.analysis.stage import Stage, feed


class Pairs:
    """Gives sums of two values; a value alone waits for the next."""

    table = "sums"

    def __init__(self) -> None:
        self.waiting: list[int] = []

    def push(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        self.waiting += batch.column(0).to_pylist()
        whole = len(self.waiting) // 2 * 2
        sums = [sum(self.waiting[i : i + 2]) for i in range(0, whole, 2)]
        self.waiting = self.waiting[whole:]
        if sums:
            yield pa.record_batch({"sum": sums})

    def finish(self) -> Iterator[pa.RecordBatch]:
        if self.waiting:
            yield pa.record_batch({"sum": self.waiting})
        self.waiting = []

    def snapshot(self) -> bytes:
        return bytes(self.waiting)

    def restore(self, snapshot: bytes) -> None:
        self.waiting = list(snapshot)


def _batches(*sizes: int) -> Iterator[pa.RecordBatch]:
    values = iter(range(1, 100))
    for size in sizes:
        yield pa.record_batch({"value": [next(values) for _ in range(size)]})


def _sums(batches: Iterator[pa.RecordBatch]) -> list[int]:
    return [value for batch in batches for value in batch.column(0).to_pylist()]


def test_feeding_gives_everything_whatever_the_batches() -> None:
    assert isinstance(Pairs(), Stage)
    assert _sums(feed(Pairs(), _batches(7))) == [3, 7, 11, 7]
    assert _sums(feed(Pairs(), _batches(1, 3, 1, 2))) == [3, 7, 11, 7]


def test_a_restored_stage_goes_on() -> None:
    first = Pairs()
    start = _sums(first.push(next(_batches(3))))
    second = Pairs()
    second.restore(first.snapshot())
    rest = _sums(feed(second, iter([pa.record_batch({"value": [4, 5, 6, 7]})])))
    assert start + rest == [3, 7, 11, 7]
