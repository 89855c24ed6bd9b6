"""The explainable score: terms made of evidence, for each audience from what it may see."""

from __future__ import annotations

from kaname.intelligence.score.context import Basis, Context, Listed, Match, Tie
from kaname.intelligence.score.copying import Copying
from kaname.intelligence.score.derivation import BENIGN_LABEL, derive, derived
from kaname.intelligence.score.weights import Weights, read, shipped

__all__ = [
    "BENIGN_LABEL",
    "Basis",
    "Context",
    "Copying",
    "Listed",
    "Match",
    "Tie",
    "Weights",
    "derive",
    "derived",
    "read",
    "shipped",
]
