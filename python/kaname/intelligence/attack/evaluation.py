"""How well the shipped mapper tells what reports show, on annotated reports.

``kaname intelligence evaluate techniques REPORTS.jsonl``: annotated reports as
`kaname.intelligence.attack.corpus` reads them. The measure is the micro-averaged F1 of
(report, technique) over the classes of the model, as published figures on TRAM 2 are.
Without reports the figures of the cross-validation are told that are in the model.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.intelligence.attack.corpus import read
from kaname.intelligence.attack.mapper import Mapper
from kaname.model.errors import UsageError

__all__ = ["evaluate"]

_NAME = "intelligence.techniques"
_NOTE = "Reports that the model was trained on must not be among those that measure it."


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """F1 by report of the shipped model, or of the one that ``model=FILE`` names."""
    mapper = Mapper.read(Path(str(params["model"]))) if "model" in params else Mapper.shipped()
    if not paths:
        notes = ("Cross-validation over the reports of the training, whole reports held out.",)
        return Evaluation(analysis=_NAME, measures=dict(mapper.card.measures), notes=notes)
    labels = mapper.card.labels
    reports = read(paths, labels).reports
    if not reports:
        raise UsageError("intelligence.error.few_reports", least=1)
    started = time.process_time()
    said = [
        {claim.id for claim in mapper.techniques([text for text, _ in report.sentences])}
        for report in reports
    ]
    seconds = time.process_time() - started
    shown = [set().union(*(classes for _, classes in report.sentences)) for report in reports]
    rows = [_row(label, said, shown) for label in labels]
    right, claimed, true = (sum(column) for column in list(zip(*rows, strict=True))[1:4])
    return Evaluation(
        analysis=_NAME,
        measures={
            "reports": len(reports),
            "f1_reports": round(2 * right / max(1, claimed + true), 4),
            "precision": round(right / max(1, claimed), 4),
            "recall": round(right / max(1, true), 4),
            "f1_macro": round(float(np.mean([row[4] for row in rows if row[3]] or [0.0])), 4),
            "sentences_per_second": round(
                sum(len(report.sentences) for report in reports) / max(seconds, 1e-9)
            ),
        },
        tables=(Scores("techniques", ("id", "right", "claimed", "true", "f1"), tuple(rows)),),
        notes=(_NOTE,),
    )


def _row(
    label: str, said: Sequence[set[str]], shown: Sequence[set[str]]
) -> tuple[str, int, int, int, float]:
    right = sum(label in a and label in b for a, b in zip(said, shown, strict=True))
    claimed, true = sum(label in one for one in said), sum(label in one for one in shown)
    return label, right, claimed, true, round(2 * right / max(1, claimed + true), 3)
