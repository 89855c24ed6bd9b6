"""The shipped mapper: sentences in, techniques out, each with its sentence and reasons."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname._native import GramModel
from kaname.intelligence.attack.decision import Decision
from kaname.intelligence.attack.pieces import LEAST, pieces
from kaname.model.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SHIPPED", "Card", "Mapper", "TechniqueClaim", "techniques"]

SHIPPED = "techniques-1.npz"
_ARRAYS = ("rarity", "starts", "classes", "weights", "scales", "biases")
_TYPES = ("<f4", "<u4", "<u2", "i1", "<f4", "<f4")
_REASONS = 5


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is: its classes, what it was trained on, and how it was measured."""

    name: str
    labels: tuple[str, ...]
    sources: tuple[str, ...]
    measures: dict[str, float]
    decision: Decision


class TechniqueClaim(msgspec.Struct, frozen=True):
    """A technique that a report shows: how sure, in which sentence, because of which grams."""

    id: str
    score: float
    sentence: int
    reasons: tuple[str, ...]


class Mapper:
    """A trained model.

    Raises:
        InputError: the file is not a model.
    """

    def __init__(self, data: bytes) -> None:
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as found:
                self.card = msgspec.json.decode(found["card"].tobytes(), type=Card)
                arrays = [
                    np.ascontiguousarray(found[name], kind).tobytes()
                    for name, kind in zip(_ARRAYS, _TYPES, strict=True)
                ]
            self._model = GramModel(*arrays)
        except (
            ValueError,
            KeyError,
            OSError,
            EOFError,
            zipfile.BadZipFile,
            msgspec.MsgspecError,
        ) as error:
            raise InputError("intelligence.error.technique_model", reason=str(error)) from error

    @classmethod
    def shipped(cls) -> Mapper:
        """The model that ships with this package."""
        folder = resources.files("kaname.intelligence.attack") / "models"
        return cls((folder / SHIPPED).read_bytes())

    @classmethod
    def read(cls, path: Path) -> Mapper:
        """A model that somebody trained."""
        return cls(path.read_bytes())

    def values(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """The value of each class for each sentence: (sentences, classes)."""
        raw = self._model.score(list(sentences))
        return np.frombuffer(raw, "<f4").reshape(len(sentences), len(self.card.labels))

    def techniques(self, sentences: Sequence[str]) -> list[TechniqueClaim]:
        """What the report of these sentences shows, the surest first."""
        cut = [
            (number, text[start:end].strip())
            for number, text in enumerate(sentences)
            for start, end in pieces(text)
            if end - start >= LEAST
        ]
        values = self.values([text for _, text in cut])
        sure = self.card.decision.probabilities(values)
        chosen = np.flatnonzero(sure >= self.card.decision.threshold)
        order = sorted(chosen, key=lambda one: (-sure[one], self.card.labels[one]))
        return [self._claim(cut, values, int(one), float(sure[one])) for one in order]

    def _claim(
        self, cut: Sequence[tuple[int, str]], values: NDArray[Any], one: int, sure: float
    ) -> TechniqueClaim:
        number, text = cut[int(values[:, one].argmax())]
        return TechniqueClaim(
            self.card.labels[one], round(sure, 3), number, tuple(self._reasons(text, one))
        )

    def _reasons(self, sentence: str, one: int) -> list[str]:
        """The words that speak most for it; runs of characters say little to a reader."""
        found = [
            gram
            for gram, value in self._model.reasons(sentence, one)
            if value > 0 and not gram.startswith(" ") and not gram.endswith(" ")
        ]
        words = set(sentence.lower().replace(",", " ").split())
        whole = [gram for gram in found if " " in gram or gram in words]
        return (whole or found)[:_REASONS]


@functools.cache
def _shipped() -> Mapper:
    return Mapper.shipped()


def techniques(sentences: Sequence[str], language: str = "en") -> list[TechniqueClaim]:
    """What a report shows by the shipped model; it reads English."""
    return _shipped().techniques(sentences) if language == "en" and sentences else []
