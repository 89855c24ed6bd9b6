"""What is told of a model: what it learnt from, what was measured, what it cannot do."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["Card", "Source"]


class Source(msgspec.Struct, frozen=True):
    """Designs of one kind that a model learnt from."""

    origin: str  # given, synthetic, rewritten
    group: str
    designs: int
    trojaned: int
    hosts: int
    cells: int
    trojan_cells: int


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The account of a model, kept in its file.

    ``digest`` is over the bytes of the designs; ``hosts`` are their circuits, by which an
    evaluation tells what was unseen. ``measures`` come from models that had not seen the
    host; ``calibrated`` are designs that the lines were chosen on, where these were not
    learnt; ``elsewhere`` from data that the model did not learn, by the name of the data.
    """

    digest: str
    sources: tuple[Source, ...]
    hosts: tuple[str, ...]
    settings: dict[str, float]
    measures: dict[str, float]
    calibrated: Source | None = None
    elsewhere: dict[str, dict[str, float]] = {}
    limits: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found
