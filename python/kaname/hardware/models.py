"""The models that judge hardware, with what their cards state."""

from __future__ import annotations

from kaname.hardware.netlist.model import Model
from kaname.hardware.netlist.rows import shipped_digest
from kaname.hardware.routes.shapes import ModelOut, ModelPage

__all__ = ["models"]


def models() -> ModelPage:
    """The model of Trojan cells that comes with kaname.

    Profiles of devices are learnt by whoever watches them; what they are called stands with
    the segments that they judged.
    """
    model = Model.load()
    card = model.head.card
    lines = model.head.decision.lines
    found = ModelOut(
        name=model.head.name,
        kind="netlist",
        version=str(model.head.format),
        digest=shipped_digest(),
        shipped=True,
        threshold=lines["f1"].suspicious,
        thresholds={goal: line.suspicious for goal, line in lines.items()},
        scores=dict(card.measures),
        card=card.as_json(),
    )
    return ModelPage([found], 1)
