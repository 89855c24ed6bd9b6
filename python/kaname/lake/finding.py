"""Where in the files of the lake an artifact is mentioned, from their indexes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname._native import MentionedRows
from kaname.lake.artifact import Artifact
from kaname.lake.mentions import mentions
from kaname.lake.records import Cancel, LakeFile
from kaname.lake.sidecar import open_sidecar
from kaname.model.errors import CancelledError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Block", "FileHits", "Span", "Watch", "hits"]

Span = tuple[int, int]  # rows of a file: first, end


@dataclass(frozen=True, slots=True)
class Watch:
    """When to stop: a moment (monotonic seconds), and whether somebody asked to."""

    end: float
    cancel: Cancel | None

    def over(self) -> bool:
        """Whether time is up.

        Raises:
            CancelledError: somebody asked to stop.
        """
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError("lake.error.cancelled")
        return time.monotonic() >= self.end


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a file that lie side by side, ``rows`` of which mention the artifact.

    ``low`` and ``high`` are the least and greatest time of all rows of the block.
    """

    span: Span
    rows: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class FileHits:
    """A file, and its blocks that mention the artifact."""

    file: LakeFile
    artifact: Artifact
    blocks: list[Block]

    def rows(self, blocks: Sequence[Block]) -> pa.RecordBatch:
        """Rows of ``blocks`` that mention it, with ``role`` and ``file_row``.

        Raises:
            OSError: the file cannot be read.
        """
        import pyarrow as pa

        return pa.record_batch(self._opened().find([block.span for block in blocks]))

    def times(self, blocks: Sequence[Block], since: int, until: int) -> list[int]:
        """Times of rows of ``blocks`` that mention it and lie in [since, until)."""
        found = self._opened().times([block.span for block in blocks])
        return [at for at in found if since <= at < until]

    def _opened(self) -> MentionedRows:
        return MentionedRows(self.file.path, mentions(self.file.table), self.artifact.ranges)


def hits(
    files: Iterable[LakeFile], artifact: Artifact, since: int, until: int, watch: Watch
) -> Iterator[FileHits]:
    """Files that may mention ``artifact`` in [since, until), until time is up.

    Raises:
        OSError: a file cannot be read.
    """
    for file in files:
        if watch.over():
            return
        with open_sidecar(file) as sidecar:
            found: dict[int, int] = {}
            for wanted in artifact.ranges:
                for block, rows in sidecar.find(*wanted):
                    found[block] = found.get(block, 0) + rows
            if not found:
                continue
            times, size = sidecar.times, sidecar.block_rows
        blocks = [
            Block((number * size, min((number + 1) * size, file.rows)), rows, *times[number])
            for number, rows in sorted(found.items())
            if times[number][0] < until and times[number][1] >= since
        ]
        if blocks:
            yield FileHits(file, artifact, blocks)
