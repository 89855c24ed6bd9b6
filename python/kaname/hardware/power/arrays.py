"""Power in NumPy's files: one array, or several by name in a NPZ.

The header of an array is believed only as far as the bytes go: readings are taken piece by
piece from what is there, so neither a header that promises the moon nor a packed file that
unpacks to it fills the memory.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tokenize import TokenError
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib import format as npy

from kaname.hardware.power import units
from kaname.hardware.power.regular import Tally, rate_of
from kaname.hardware.power.source import Rows, Source, Wanted
from kaname.model.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Named", "choose", "open_npy", "open_npz", "scaled"]

_READINGS = 1 << 18  # at a time
_MAX_HEADER = 10_000
_SMALL = 16  # values of an array that says something of the others
_DAMAGE = (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, NotImplementedError)
# What NumPy lets through of a header that is no literal.
_NO_HEADER = (*_DAMAGE, SyntaxError, TokenError, RecursionError, MemoryError, TypeError)


class Named(NamedTuple):
    """An array by name: its shape, and a way to its values in pieces, as float64."""

    name: str
    shape: tuple[int, ...]
    pieces: Callable[[], Iterator[Floats]]


def open_npy(path: Path, wanted: Wanted) -> Source:
    """One array: readings, or rows of (time [s], reading)."""
    tally = Tally()
    named = _named("", path.name, lambda: path.open("rb"), tally)
    return choose(path, [named], wanted, tally)


def open_npz(path: Path, wanted: Wanted) -> Source:
    """Arrays by name: readings (``power_mw`` ...), ``fs``, maybe times."""
    tally = Tally()
    try:
        with zipfile.ZipFile(path) as packed:
            members = [one for one in packed.namelist() if one.endswith(".npy")]
        arrays = [
            _named(one.removesuffix(".npy"), path.name, _member(path, one), tally)
            for one in members[:64]
        ]
    except _DAMAGE as error:
        raise InputError("hardware.power.error.array", path=path, reason=error) from None
    return choose(path, arrays, wanted, tally)


def _member(path: Path, name: str) -> Callable[[], IO[bytes]]:
    return lambda: zipfile.ZipFile(path).open(name)


def _named(name: str, path: str, opened: Callable[[], IO[bytes]], tally: Tally) -> Named:
    try:
        with closing(opened()) as source:
            shape, fortran, kind = _header(source)
    except _NO_HEADER as error:
        raise InputError("hardware.power.error.array", path=path, reason=error) from None
    if kind.kind not in "iuf" or (fortran and len(shape) > 1):
        reason = f"{name or 'array'}: {kind}, {'columns first' if fortran else shape}"
        raise InputError("hardware.power.error.array", path=path, reason=reason)
    return Named(name, shape, lambda: _pieces(opened, shape, kind, tally))


def _header(source: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    version = npy.read_magic(source)
    reads = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in reads:
        raise ValueError(f"version {version} of NPY")
    shape, fortran, kind = reads[version](source, max_header_size=_MAX_HEADER)
    if any(size < 0 for size in shape):
        raise ValueError("a negative size")
    return shape, fortran, kind


def _pieces(
    opened: Callable[[], IO[bytes]],
    shape: tuple[int, ...],
    kind: np.dtype[np.generic],
    tally: Tally,
) -> Iterator[Floats]:
    """Values in rows of the last axis, as far as the bytes go."""
    width = math.prod(shape[1:]) if shape else 1
    left = math.prod(shape)
    read = 0
    with closing(opened()) as source:
        _header(source)
        kept = b""
        while left:
            size = min(left, _READINGS * max(1, width)) * kind.itemsize
            try:
                data = source.read(size - len(kept))
            except _DAMAGE:
                data = b""
            if not data:
                tally.add("truncated", [read + 1])
                return
            data = kept + data
            whole = len(data) // (kind.itemsize * width) * kind.itemsize * width
            kept = data[whole:]
            values = np.frombuffer(data[:whole], kind).astype(np.float64)
            left -= len(values)
            read += len(values) // max(1, width)
            yield values


def choose(path: Path, arrays: list[Named], wanted: Wanted, tally: Tally) -> Source:
    """Which of the arrays are readings, times and the rate.

    Raises:
        InputError: none of them are readings, or nothing says how fast they are.
    """
    found = _values_of(path, arrays, wanted)
    unit = units.unit_named(wanted.unit) if wanted.unit else units.quantity(found.name)
    factor = scaled(unit, wanted, path, found.name)
    small = {one.name: one for one in arrays if math.prod(one.shape) <= _SMALL}
    fs = wanted.fs or next((_first(one) for name, one in small.items() if units.is_fs(name)), None)
    columns = found.shape[1] if len(found.shape) == 2 else 1
    times = next(
        (one for one in arrays if one is not found and units.is_time(one.name)
         and one.shape == found.shape), None,
    )  # fmt: skip
    make = _Maker(found, times, columns, factor)
    if fs is None:
        first = next(make.rows(), None)
        if first is None or first.times is None:
            raise InputError("hardware.power.error.rate_unknown")
        fs = rate_of(first.times)
    if not (math.isfinite(fs) and fs > 0):
        raise InputError("hardware.power.error.rate_unknown")
    return Source(
        device=wanted.device or path.name.split(".")[0], fs=fs, unit=unit.name or "W",
        start=None, rows=make.rows(), tally=tally,
    )  # fmt: skip


def _values_of(path: Path, arrays: list[Named], wanted: Wanted) -> Named:
    known = ", ".join(one.name or "array" for one in arrays)
    if wanted.column and not (len(arrays) == 1 and not arrays[0].name):
        found = next((one for one in arrays if one.name == wanted.column), None)
        if found is None:
            raise InputError(
                "hardware.power.error.column", path=path, column=wanted.column, known=known
            )
        return found
    long = [
        one for one in arrays
        if math.prod(one.shape) > _SMALL or len(arrays) == 1
        if len(one.shape) == 1 or (len(one.shape) == 2 and one.shape[1] in {1, 2})
    ]  # fmt: skip
    for of in ("W", "A"):
        for one in long:
            if units.quantity(one.name).of == of and not units.is_time(one.name):
                return one
    rest = [one for one in long if not units.is_time(one.name) and not units.is_fs(one.name)]
    if not rest:
        raise InputError("hardware.power.error.no_array", path=path, known=known or "-")
    return rest[0]


def scaled(unit: units.Unit, wanted: Wanted, path: Path, name: str) -> float:
    """Factor from readings to watts.

    Raises:
        InputError: they are currents, and nobody said the voltage.
    """
    if unit.of == "V" or (unit.of == "A" and wanted.volts is None):
        raise InputError("hardware.power.error.volts", path=path, column=name or "-")
    return unit.factor * (wanted.volts or 1.0) if unit.of == "A" else unit.factor


def _first(one: Named) -> float | None:
    values = next(one.pieces(), None)
    return float(values[0]) if values is not None and len(values) else None


class _Maker(NamedTuple):
    """Rows of readings from an array, with times from its first column or another array."""

    values: Named
    times: Named | None
    columns: int
    factor: float

    def rows(self) -> Iterator[Rows]:
        """All of them, from the start."""
        times = self.times.pieces() if self.times else None
        line = 1
        for piece in self.values.pieces():
            table = piece.reshape(-1, self.columns)
            lines = np.arange(line, line + len(table))
            line += len(table)
            at = table[:, 0] if self.columns == 2 else None
            values = table[:, -1] * self.factor
            if times is not None:
                at = next(times, np.empty(0))
                size = min(len(at), len(values))
                at, values, lines = at[:size], values[:size], lines[:size]
            yield Rows(at, values, lines)
