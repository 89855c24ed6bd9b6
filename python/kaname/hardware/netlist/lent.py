"""Arrays of numpy as Arrow's, for the native core, and back, as they lie.

`pyarrow.array` and `to_numpy` would do, but they import pandas to learn whether they were
given any of that, which takes longer than a million cells take to be summed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["lent", "taken"]


def lent(array: NDArray[Any]) -> pa.Array:
    """The same numbers as an Arrow array; not copied unless they lie apart."""
    plain = np.ascontiguousarray(array)
    kind = pa.from_numpy_dtype(plain.dtype)
    return pa.Array.from_buffers(kind, plain.size, [None, pa.py_buffer(plain)])


def taken(column: Any) -> Any:
    """A column of numbers without gaps as a numpy array; not copied, so not to be written to.

    ``column`` is the native core's, or Arrow's: an array, or a chunked one of one piece.
    """
    found = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks() if found.num_chunks != 1 else found.chunk(0)
    kind = np.dtype(found.type.to_pandas_dtype())
    values = found.buffers()[1]
    if values is None or not len(found):
        return np.zeros(0, kind)
    return np.frombuffer(values, kind, len(found), found.offset * kind.itemsize)
