"""Segments and envelopes as rows of the lake, and segments again from rows.

In the lake powers are mW, energies µJ and times µs, whole where that loses nothing; so what
is said of rows is said of what was measured, wherever the rows came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kaname.hardware.power.segments import Segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kaname.hardware.power.trace import Trace

__all__ = ["SECOND_US", "Envelopes", "Subject", "envelopes", "segment_of", "segment_row"]

SECOND_US = 1_000_000
_MOST_SHAPE = 32_767  # thousandths in 16 bits


class Subject(msgspec.Struct, frozen=True):
    """Whose power it is: a device, the group of its like, where its trace begins [µs, UTC]."""

    device: str
    fleet: str
    start_us: int
    rate_hz: float

    def at(self, second: float) -> int:
        """The instant of a second of the trace."""
        return self.start_us + round(second * SECOND_US)


def segment_row(segment: Segment, subject: Subject) -> dict[str, Any]:
    """The row of a segment, without scores."""
    start, end = subject.at(segment.start), subject.at(segment.end)
    return {
        "ts": start,
        "row_in_src": max(0, round(segment.start * subject.rate_hz)),
        "device": subject.device,
        "fleet": subject.fleet,
        "mode": segment.mode,
        "duration_us": max(0, end - start),
        "energy_uj": round(segment.energy * 1e6),
        "mean_mw": round(segment.mean * 1e3, 4),
        "peak_mw": round(segment.peak * 1e3, 4),
        "base_mw": round(segment.baseline * 1e3, 4),
        "level_mw": round(segment.level * 1e3, 4),
        "shape": [_thousandths(part) for part in segment.shape],
        "whole": segment.whole,
        "rate_hz": float(subject.rate_hz),
        "score_energy": None,
        "score_duration": None,
        "score_shape": None,
        "score_rate": None,
        "score": None,
        "anomaly": False,
        "fired": "",
        "application": "",
        "profile": "",
    }


def _thousandths(part: float) -> int:
    return max(-_MOST_SHAPE, min(_MOST_SHAPE, round(1000 * part)))


def segment_of(row: Mapping[str, Any], origin_us: int = 0) -> Segment:
    """The segment of a row; its times count from ``origin_us``."""
    start = (row["ts"] - origin_us) / SECOND_US
    return Segment(
        start=start,
        end=start + row["duration_us"] / SECOND_US,
        mode=row["mode"],
        energy=row["energy_uj"] / 1e6,
        mean=row["mean_mw"] / 1e3,
        peak=row["peak_mw"] / 1e3,
        baseline=row["base_mw"] / 1e3,
        level=row["level_mw"] / 1e3,
        shape=tuple(part / 1000 for part in row["shape"]),
        whole=row["whole"],
    )


class _Second(NamedTuple):
    low: float
    total: float
    high: float
    samples: int


class Envelopes:
    """Lowest, mean and highest power of every second, from readings as they come."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._open: dict[int, _Second] = {}

    def push(self, second: float, values: NDArray[np.float32]) -> None:
        """Readings [W], the first of them at ``second`` of the trace."""
        import numpy as np

        if not len(values):
            return
        rate = self._subject.rate_hz
        first = self._subject.at(second)
        at = (first + np.arange(len(values)) * (SECOND_US / rate)) // SECOND_US
        edges = np.flatnonzero(np.diff(at, prepend=at[0] - 1))
        low = np.minimum.reduceat(values, edges)
        high = np.maximum.reduceat(values, edges)
        total = np.add.reduceat(values.astype(np.float64), edges)
        counts = np.diff(np.append(edges, len(values)))
        for key, *numbers in zip(at[edges].tolist(), low.tolist(), total.tolist(),
                                 high.tolist(), counts.tolist(), strict=True):  # fmt: skip
            self._join(int(key), _Second(*numbers))

    def _join(self, key: int, more: _Second) -> None:
        old = self._open.get(key)
        if old is not None:
            more = _Second(
                min(old.low, more.low),
                old.total + more.total,
                max(old.high, more.high),
                old.samples + more.samples,
            )
        self._open[key] = more

    def rows(self, until: int | None = None) -> Iterator[dict[str, Any]]:
        """Rows of the seconds that end at or before ``until`` [µs]; they are let go of."""
        for key in sorted(self._open):
            if until is not None and (key + 1) * SECOND_US > until:
                return
            one = self._open.pop(key)
            yield {
                "ts": key * SECOND_US,
                "row_in_src": max(0, key * SECOND_US - self._subject.start_us),
                "device": self._subject.device,
                "fleet": self._subject.fleet,
                "low_mw": round(one.low * 1e3, 4),
                "mean_mw": round(one.total / one.samples * 1e3, 4),
                "high_mw": round(one.high * 1e3, 4),
                "samples": one.samples,
            }


_CHUNK = 1 << 22


def envelopes(trace: Trace, subject: Subject) -> Iterable[dict[str, Any]]:
    """Rows of all seconds of a trace."""
    made, second = Envelopes(subject), 0.0
    for missing, values in trace.pieces():
        second += missing
        for at in range(0, len(values), _CHUNK):
            made.push(second + at / trace.fs, values[at : at + _CHUNK])
            yield from made.rows(subject.at(second + at / trace.fs) - SECOND_US)
        second += len(values) / trace.fs
    yield from made.rows()
