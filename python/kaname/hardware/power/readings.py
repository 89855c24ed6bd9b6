"""Reading power traces: text of meters, NumPy, WAV and HDF5, told by their first bytes."""

from __future__ import annotations

from pathlib import Path

from kaname.hardware.power.source import Piece, Source, Wanted
from kaname.hardware.power.trace import Gap, Problem, Trace
from kaname.model.errors import InputError

__all__ = ["Gap", "Piece", "Problem", "Source", "Trace", "Wanted", "open_trace", "read"]

_HDF5 = b"\x89HDF\r\n\x1a\n"


def open_trace(path: Path | str, wanted: Wanted | None = None) -> Source:
    """A trace whose readings are gone through piece by piece.

    Raises:
        InputError: the file can't be read, holds no readings, or does not say enough.
        UnavailableError: it is HDF5, and the extra for that is not installed.
    """
    place, wanted = Path(path), wanted or Wanted()
    try:
        with place.open("rb") as source:
            head = source.read(16)
        return _opened(place, head, wanted)
    except OSError as error:
        raise InputError(
            "hardware.power.error.open", path=place, reason=error.strerror or error
        ) from None


def _opened(path: Path, head: bytes, wanted: Wanted) -> Source:
    from kaname.hardware.power import arrays, hdf5, text, wave

    if not head:
        raise InputError("hardware.power.error.empty", path=path)
    if head.startswith(b"\x93NUMPY"):
        return arrays.open_npy(path, wanted)
    if head.startswith(b"PK\x03\x04"):
        return arrays.open_npz(path, wanted)
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return wave.open_wave(path, wanted)
    if head.startswith(_HDF5):
        return hdf5.open_hdf5(path, wanted)
    return text.open_text(path, wanted)


def read(path: Path | str, wanted: Wanted | None = None) -> Trace:
    """A whole trace at once; see `open_trace` for files that may not fit into memory."""
    return open_trace(path, wanted).trace()
