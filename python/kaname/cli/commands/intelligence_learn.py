"""`kaname intelligence learn`: fit the weights of the score to what analysts judged."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say

__all__ = ["learn"]


@command("intelligence learn")
@option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, key="model_file"
)
@option("--name", metavar="NAME", default="score-learned", key="model_name")
@option("--penalty", type=click.FloatRange(0.01, 1000), default=1.0, key="penalty")
def learn(session: Session, *, output: Path, name: str, penalty: float) -> None:
    """Write a model of weights that fits the verdicts, and its evaluation beside it."""
    from kaname.intelligence.score.learning import run
    from kaname.intelligence.service import Intelligence

    with Intelligence(session.settings.data, session.knowledge, read_only=True) as fusion:
        learned = run(fusion, name, output, penalty=penalty)
    if session.as_json:
        put_json(msgspec.to_builtins(msgspec.structs.replace(learned, model=str(output))))
        return
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("measure", "before", "after")),
        (
            (field, getattr(learned.before, field), getattr(learned.after, field))
            for field in learned.before.__struct_fields__
        ),
        empty="",
    )
    note(say("cli.intelligence.learned", path=output, cases=learned.cases, hostile=learned.hostile))
