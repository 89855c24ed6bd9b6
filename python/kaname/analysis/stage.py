"""State along time: the protocol of a stage.

A stage turns batches of rows into rows of another table where a question needs memory of
what came before: packets into minutes, queries into pairs with their answers. How the
input was cut into batches never shows in the output, and a stage that is restored from a
snapshot goes on as if nothing had happened. Analyses have no such state (see the ADR
"windows, not streams"); readers and materialisers do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Stage", "feed"]


@runtime_checkable
class Stage(Protocol):
    """Rows in, rows of another table out, with a memory that can be kept."""

    table: str  # of the rows that come out

    def push(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Take rows; give the rows that can no longer change."""
        ...

    def finish(self) -> Iterator[pa.RecordBatch]:
        """Give all rows still held; the stage is empty afterwards."""
        ...

    def snapshot(self) -> bytes:
        """The whole memory, in a form that `restore` of the same version reads."""
        ...

    def restore(self, snapshot: bytes) -> None:
        """Replace the memory.

        Raises:
            IntegrityError: the snapshot is not sound, or of another version.
        """
        ...


def feed(stage: Stage, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Everything that ``stage`` gives for ``batches``, from first to last."""
    for batch in batches:
        yield from stage.push(batch)
    yield from stage.finish()
