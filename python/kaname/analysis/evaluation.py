"""How good an analysis is, as its evaluation tells it: measures, tables and notes.

An evaluation is a callable ``(paths, params) -> Evaluation``, announced by an entry point
of the group ``kaname.evaluations`` under the name of its analysis. ``paths`` are labelled
data in the form that the analysis documents; without any, data are simulated. It holds
what the analysis says against truth that comes from elsewhere, and never tunes to it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import msgspec

from kaname.model.errors import NotFoundError

__all__ = ["Evaluate", "Evaluation", "Measure", "Scores", "evaluation", "evaluations"]

Measure = float | int | str


class Scores(msgspec.Struct, frozen=True):
    """A table of an evaluation: its title, the names of its columns, and its rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Measure, ...], ...]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation measured.

    ``measures`` are single figures by name, ``tables`` show what is behind them, and
    ``notes`` say how they were come by and what they do not show.
    """

    analysis: str
    measures: dict[str, Measure]
    tables: tuple[Scores, ...] = ()
    notes: tuple[str, ...] = ()


Evaluate = Callable[[Sequence[Path], Mapping[str, Any]], Evaluation]


@functools.cache
def evaluations() -> dict[str, Evaluate]:
    """All known evaluations by the name of their analysis; loading imports their modules."""
    found = {point.name: point for point in entry_points(group="kaname.evaluations")}
    return {name: found[name].load() for name in sorted(found)}


def evaluation(name: str) -> Evaluate:
    """The evaluation of the analysis called ``name``.

    Raises:
        NotFoundError: it has none.
    """
    try:
        return evaluations()[name]
    except KeyError:
        raise NotFoundError(
            "analysis.error.no_evaluation", name=name, known=", ".join(evaluations()) or "–"
        ) from None
