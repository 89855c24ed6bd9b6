"""Features of cells that lie in several blocks, asked as if they were one table.

Joining the blocks of a million cells would hold all of them twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Values"]


class Values:
    """Blocks of columns side by side: ``values[cell]``, ``values[cells, column]``."""

    def __init__(self, blocks: Sequence[NDArray[np.float32]]) -> None:
        self.blocks = [block for block in blocks if block.shape[1]] or list(blocks[:1])
        self._ends = np.cumsum([block.shape[1] for block in self.blocks])

    def __len__(self) -> int:
        return len(self.blocks[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Cells and columns."""
        return len(self), int(self._ends[-1])

    def __getitem__(self, key: Any) -> NDArray[np.float32]:
        if not isinstance(key, tuple):
            return np.concatenate([block[key] for block in self.blocks], axis=-1)
        cells, column = key
        at = int(np.searchsorted(self._ends, column, "right"))
        block = self.blocks[at]
        found: NDArray[np.float32] = block[cells, column - self._ends[at] + block.shape[1]]
        return found

    def joined(self) -> NDArray[np.float32]:
        """One table, column by column in memory."""
        if len(self.blocks) == 1:
            return self.blocks[0]
        return np.concatenate([block.T for block in self.blocks]).T
