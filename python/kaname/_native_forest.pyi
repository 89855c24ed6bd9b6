"""Types of `kaname._native` for ensembles of trees; no module of this name is run."""

from collections.abc import Sequence
from typing import final

from kaname._native import ArrowColumn

@final
class TreeEnsemble:
    """Trees whose answers are added, out of plain arrays.

    ``arrays`` are: nodes in each tree (uint32), and by node the feature (uint16), threshold
    (float32: at most goes left), left child within the tree, its sibling behind it, 0 for a
    leaf (uint32), and value (float32). A tree has 32 leaves at most, a column 255 thresholds.

    Raises:
        NativeError: "forest": the arrays do not describe trees.
    """

    trees: int
    columns: int

    def __new__(cls, columns: int, arrays: Sequence[object]) -> TreeEnsemble: ...
    def score(
        self,
        rows: int,
        blocks: Sequence[tuple[object, bool]],
        threads: int = 2,
    ) -> ArrowColumn:
        """What the trees add up to for each row, float32.

        ``blocks`` (float32) lie beside each other; each says whether it is stored column by
        column rather than row by row.
        """

    def contributions(self, row: object) -> tuple[ArrowColumn, float]:
        """What each column adds to the answer for ``row``, and the answer without a row."""
