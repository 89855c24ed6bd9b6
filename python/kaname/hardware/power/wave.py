"""Power in WAV, as sound cards and some oscilloscopes record it.

PCM of 8, 16, 24 and 32 bits and float of 32 and 64 bits, RIFF and RF64. Sizes in the file
are believed only as far as its bytes go.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from kaname.hardware.power.regular import Tally
from kaname.hardware.power.source import Rows, Source, Wanted
from kaname.model.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["open_wave"]

_FRAMES = 1 << 18  # at a time
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MAX_CHUNKS = 1000
_HIGHEST = 1e9
_UNKNOWN = 0xFFFFFFFF  # the size of a chunk that was still being written


class _Format(NamedTuple):
    tag: int
    channels: int
    rate: int
    bits: int
    frame: int


def open_wave(path: Path, wanted: Wanted) -> Source:
    """A WAV file; its full scale is ``wanted.full_scale`` watts.

    Raises:
        InputError: it is damaged, or of a coding that is not read.
    """
    tally = Tally()
    try:
        with path.open("rb") as source:
            found, at, size = _chunks(source)
            size = min(size, max(0, os.fstat(source.fileno()).st_size - at))
    except (struct.error, ValueError) as error:
        raise InputError("hardware.power.error.wave", path=path, reason=error) from None
    channel = int(wanted.column) if wanted.column.isdecimal() else 0
    if channel >= found.channels:
        known = ", ".join(map(str, range(found.channels)))
        raise InputError(
            "hardware.power.error.column", path=path, column=wanted.column, known=known
        )
    return Source(
        device=wanted.device or path.name.split(".")[0], fs=wanted.fs or float(found.rate),
        unit="W", start=None,
        rows=_rows(path, found, (at, size), (channel, wanted.full_scale)), tally=tally,
    )  # fmt: skip


def _chunks(source: IO[bytes]) -> tuple[_Format, int, int]:
    """The format, and where the readings lie: offset, bytes."""
    source.read(12)
    found = None
    for _ in range(_MAX_CHUNKS):
        name, size = struct.unpack("<4sI", source.read(8))
        if name == b"fmt ":
            found = _format(source.read(min(size, 64)))
            source.seek(max(0, size - 64) + size % 2, os.SEEK_CUR)
        elif name == b"data":
            if found is None:
                raise ValueError("no format before the data")
            return found, source.tell(), 2**62 if size == _UNKNOWN else size
        else:
            source.seek(size + size % 2, os.SEEK_CUR)
    raise ValueError("no data")


def _format(data: bytes) -> _Format:
    tag, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", data)
    if tag == _EXTENSIBLE:
        tag = struct.unpack_from("<H", data, 24)[0]
    fits = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64)}.get(tag, ())
    if bits not in fits or not channels or frame != channels * bits // 8:
        raise ValueError(f"coding {tag}, {bits} bits, {channels} channels, {frame} bytes")
    if not 0 < rate <= _HIGHEST:
        raise ValueError(f"{rate} Hz")
    return _Format(tag, channels, rate, bits, frame)


def _rows(
    path: Path, found: _Format, place: tuple[int, int], way: tuple[int, float]
) -> Iterator[Rows]:
    left = place[1] // found.frame
    line = 1
    with path.open("rb") as source:
        source.seek(place[0])
        while left:
            data = source.read(min(left, _FRAMES) * found.frame)
            frames = len(data) // found.frame
            if not frames:
                return
            values = _decoded(data[: frames * found.frame], found)[:, way[0]] * way[1]
            yield Rows(None, values, np.arange(line, line + frames))
            line += frames
            left -= frames


def _decoded(data: bytes, found: _Format) -> NDArray[np.float64]:
    """Frames by channels, full scale 1."""
    if found.tag == _FLOAT:
        values = np.frombuffer(data, f"<f{found.bits // 8}").astype(np.float64)
    elif found.bits == 8:  # the only one without a sign
        values = (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 128
    elif found.bits == 24:
        parts = np.frombuffer(data, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(parts), 4), np.uint8)
        wide[:, 1:] = parts  # the sign is in the highest byte
        values = wide.view("<i4")[:, 0] / float(1 << 31)
    else:
        values = np.frombuffer(data, f"<i{found.bits // 8}") / float(1 << (found.bits - 1))
    return values.reshape(-1, found.channels)
