"""How good the telescope's labels are, held against truth that others wrote down."""

from __future__ import annotations

from kaname.telescope.evaluation.scores import (
    Prediction,
    Said,
    Score,
    macro_f1,
    predict,
    predicted,
    score,
)

__all__ = ["Prediction", "Said", "Score", "macro_f1", "predict", "predicted", "score"]
