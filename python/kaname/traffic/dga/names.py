"""The name model: how much a label looks as if it had been generated.

Logistic regression over hashed n-grams (`kaname.traffic.dga.ngrams`). The logit of a label is

    bias[length] + sum(weight[bucket]) / sqrt(number of n-grams)

in natural units: 0 where the training sets cross, above it generated. Weights are stored
as whole numbers of one step each, which makes the shipped model small and its scores the
same on every machine.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from kaname.model.errors import IntegrityError
from kaname.traffic.dga.ngrams import BUCKETS, bucket, grams, pieces

__all__ = ["LENGTHS", "NameModel", "shipped"]

LENGTHS = 64  # a label has 63 bytes at most
FORMAT = 1
_CHUNK = 50_000  # labels in one pass, which bounds the memory


@dataclass(frozen=True, slots=True)
class NameModel:
    """Weights by bucket, a bias by length, and what is known of how they came about."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    card: dict[str, Any]

    def score(self, labels: Sequence[str]) -> NDArray[np.float64]:
        """The logit of each label; an empty one is as likely as not."""
        parts = [self._score(labels[at : at + _CHUNK]) for at in range(0, len(labels), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _score(self, labels: Sequence[str]) -> NDArray[np.float64]:
        filled = [label or "-" for label in labels]
        found = grams(filled)
        lengths = np.minimum([len(label) for label in filled], LENGTHS - 1)
        logits = found.sums(self.weights) / np.sqrt(np.diff(found.starts)) + self.bias[lengths]
        logits[[not label for label in labels]] = 0.0
        return logits

    def explain(self, label: str, count: int) -> list[tuple[str, float]]:
        """The n-grams that add most to the logit of ``label``, with what they add."""
        found = pieces(label)
        each = {piece: float(self.weights[bucket(piece)]) for piece in found}
        top = sorted(each.items(), key=lambda item: (-item[1], item[0]))[:count]
        return [(piece, round(weight / len(found) ** 0.5, 3)) for piece, weight in top]

    def write(self, path: Path) -> None:
        """Store the model, quantised to a byte for each weight."""
        step = float(np.abs(self.weights).max()) / 127 or 1.0
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            weights=np.rint(self.weights / step).astype(np.int8),
            step=np.float64(step),
            bias=np.rint(self.bias * 1000).astype(np.int32),
            card=np.frombuffer(json.dumps(self.card, sort_keys=True).encode(), np.uint8),
        )
        path.write_bytes(buffer.getvalue())

    @classmethod
    def read(cls, data: bytes, origin: str) -> NameModel:
        """The model stored in ``data``; ``origin`` is named in errors.

        Raises:
            IntegrityError: it is not one, or one of another format.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                card = json.loads(stored["card"].tobytes())
                weights = stored["weights"].astype(np.float32) * np.float32(stored["step"])
                bias = stored["bias"].astype(np.float32) / 1000
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise IntegrityError("traffic.error.model", path=origin, reason=error) from None
        if card.get("format") != FORMAT or len(weights) != BUCKETS or len(bias) != LENGTHS:
            raise IntegrityError("traffic.error.model", path=origin, reason="format")
        return cls(weights, bias, card)


@functools.cache
def shipped() -> NameModel:
    """The model that comes with kaname."""
    stored = files("kaname.traffic") / "models" / "dga_names.npz"
    return NameModel.read(stored.read_bytes(), "dga_names.npz")
