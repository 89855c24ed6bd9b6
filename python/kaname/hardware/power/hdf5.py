"""Power in HDF5: data sets by name, the rate among them or as an attribute.

Needs the extra ``kaname[hdf5]``, which brings h5py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.hardware.power import units
from kaname.hardware.power.arrays import Named, choose
from kaname.hardware.power.regular import Tally
from kaname.hardware.power.source import Source, Wanted
from kaname.model.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["open_hdf5"]

_READINGS = 1 << 18
_MOST = 1000  # data sets that are looked at


def open_hdf5(path: Path, wanted: Wanted) -> Source:
    """An HDF5 file of readings.

    Raises:
        UnavailableError: the extra is not installed.
        InputError: it is damaged, or holds no readings.
    """
    try:
        import h5py
    except ImportError:
        raise UnavailableError("hardware.power.error.hdf5_missing", path=path) from None
    try:
        with h5py.File(path, "r") as opened:
            arrays, fs = _looked_at(path, opened, h5py)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise InputError("hardware.power.error.array", path=path, reason=error) from None
    return choose(path, arrays, _with_rate(wanted, fs), Tally())


def _with_rate(wanted: Wanted, fs: float | None) -> Wanted:
    from msgspec.structs import replace

    return replace(wanted, fs=fs) if wanted.fs is None and fs else wanted


def _looked_at(path: Path, opened: Any, h5py: Any) -> tuple[list[Named], float | None]:
    """Data sets of numbers, and a rate that is an attribute of the file or of one of them."""
    arrays: list[Named] = []
    rates = _rates(opened.attrs)

    def visit(name: str, one: Any) -> None:
        # Links to other files are not followed: `visititems` goes through hard links only.
        if isinstance(one, h5py.Dataset) and one.dtype.kind in "iuf" and len(arrays) < _MOST:
            arrays.append(Named(name, one.shape, lambda: _pieces(path, name)))
            rates.extend(_rates(one.attrs))

    opened.visititems(visit)
    return arrays, next(iter(rates), None)


def _rates(attributes: Any) -> list[float]:
    return [
        float(np.ravel(value)[0])
        for name, value in attributes.items()
        if units.is_fs(name) and np.size(value) and np.asarray(value).dtype.kind in "iuf"
    ]


def _pieces(path: Path, name: str) -> Iterator[NDArray[np.float64]]:
    import h5py

    with h5py.File(path, "r") as opened:
        data = opened[name]
        if not data.shape:
            yield np.array([float(data[()])])
            return
        for at in range(0, data.shape[0], _READINGS):
            yield np.asarray(data[at : at + _READINGS], np.float64).ravel()
