"""Which rows a window would be evaluated over, without reading them.

The digest of a window's inputs says what was ingested for it, not in which files it lies:
compaction leaves it as it is, while new data, lost files, another version or other
parameters change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kaname.analysis.frame import Analysis, Window
from kaname.lake.layout import AFTER, BEFORE
from kaname.model.ids import digest
from kaname.model.instant import floor

if TYPE_CHECKING:
    from kaname.lake import Lake, LakeFile, Source

__all__ = ["INPUTS", "Inputs", "version_of", "windows"]

INPUTS = "inputs"
"""Note of a derived source: the first 60 bits of the digest of what it was made from."""

_Version = int | tuple[int, int]


class Inputs:
    """The files of the lake that an analysis reads, looked up once."""

    def __init__(self, lake: Lake, analysis: Analysis, params: Mapping[str, Any]) -> None:
        self._analysis = analysis
        self._settled = [(p.name, params[p.name], p.content(params)) for p in analysis.parameters]
        found = (f for table in analysis.tables for f in lake.files(table))
        # Rows whose time cannot be true belong to no window; two of them may lie ages apart.
        self._files = [f for f in found if f.dt not in {BEFORE, AFTER}]
        batches = {batch for f in self._files for batch in f.batches}
        self._versions = {b: version_of(lake.source(b)) for b in sorted(batches)}

    def windows(self, since: int | None = None, until: int | None = None) -> list[Window]:
        """All windows that have rows between ``since`` and ``until``, by time."""
        spans = ((f.min_ts, f.max_ts) for f in self._files if f.rows)
        return [
            w
            for w in windows(spans, self._analysis.period)
            if (since is None or w.end > since) and (until is None or w.start < until)
        ]

    def digest(self, window: Window) -> str:
        """What the window would be evaluated over, as a digest."""
        parts: dict[tuple[str, str, str], list[LakeFile]] = {}
        for file in self._overlapping(window):
            parts.setdefault((file.table, file.sensor, file.dt), []).append(file)
        account = [(*key, self._batches(files)) for key, files in sorted(parts.items())]
        return digest(self._analysis.version, self._settled, account)

    def sensors(self, window: Window) -> list[str]:
        """The sensors that have rows in the window, by name."""
        return sorted({file.sensor for file in self._overlapping(window)})

    def _overlapping(self, window: Window) -> list[LakeFile]:
        start = window.start - self._analysis.lookback
        return [f for f in self._files if f.rows and f.max_ts >= start and f.min_ts < window.end]

    def _batches(self, files: list[LakeFile]) -> tuple[int, list[tuple[int, _Version]]]:
        batches = sorted({batch for file in files for batch in file.batches})
        return sum(f.rows for f in files), [(b, self._versions[b]) for b in batches]


def version_of(source: Source) -> int | tuple[int, int]:
    """What the rows of a source depend on besides its identity."""
    made_from = source.notes.get(INPUTS)
    return source.reader_version if made_from is None else (source.reader_version, made_from)


def windows(spans: Iterable[tuple[int, int]], period: int) -> list[Window]:
    """The windows that have rows in ``spans`` (first, last; both inside), by time.

    One that only looks back on rows has nothing to say, and is none.
    """
    starts: set[int] = set()
    for first, last in spans:
        starts.update(range(floor(first, period), last + 1, period))
    return [Window(start, start + period) for start in sorted(starts)]
