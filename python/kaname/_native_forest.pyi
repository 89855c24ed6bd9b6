"""Types of `kaname._native` for ensembles of trees; no module of this name is run."""

from collections.abc import Sequence
from typing import final

from kaname._native import ArrowColumn

@final
class TreeEnsemble:
    """Trees whose answers are averaged, out of plain arrays.

    ``arrays`` are: nodes in each tree (uint32), and by node the feature (uint16), threshold
    (float32: at most goes left), left child within the tree, its sibling behind it, 0 for a
    leaf (uint32), and value (float32, 0 to 1).

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
        early: tuple[int, float] | None = None,
        threads: int = 2,
    ) -> ArrowColumn:
        """The average answer for each row, float32.

        ``blocks`` (float32) lie beside each other; each says whether it is stored column by
        column rather than row by row.

        With ``early`` (trees, below), an answer of the first trees below the limit stands.
        """

    def contributions(self, row: object) -> tuple[ArrowColumn, float]:
        """What each column adds to the answer for ``row``, and the answer without a row."""

def grow_trees(
    rows: int,
    blocks: Sequence[tuple[object, bool]],
    weight: object,
    edges: Sequence[object],
    growth: tuple[int, int, int, int],
    threads: int = 2,
) -> tuple[ArrowColumn, ArrowColumn, ArrowColumn, ArrowColumn]:
    """Extremely randomised trees, level by level.

    ``weight`` (float32) is negative for rows that are not what is looked for; ``edges``
    (float32, ascending, at most 255) are where each column may be cut; ``growth`` is the
    number of trees, of features that a node tries, of rows in a leaf, and the seed. Gives
    nodes in each tree (uint32), features (uint16, 65,535 for a leaf), thresholds of inner
    nodes (float32), and values in 65,535ths (uint16).

    Raises:
        NativeError: "forest": the parts do not fit each other.
    """
