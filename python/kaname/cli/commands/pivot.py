"""`kaname pivot`: what is near artifacts, and which hubs were not passed through."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.commands.lookup import sources_of, values_of
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.intelligence.store import Pivot

__all__ = ["pivot"]

_GATE = 10_000
_CAP = 50_000


@command("pivot")
@click.argument("values", nargs=-1, metavar="[VALUE...]")
@option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    key="lookup_file",
)
@option("--hops", type=click.IntRange(1, 3), default=1, key="pivot_hops")
@option("--gate", type=click.IntRange(1), default=_GATE, key="pivot_gate")
@option("--cap", type=click.IntRange(1), default=_CAP, key="pivot_cap")
def pivot(
    session: Session, values: tuple[str, ...], *, file: Path | None, hops: int, gate: int, cap: int
) -> int | None:
    """Show what was seen beside each VALUE, and beside that, up to three steps away."""
    from kaname.model.artifact import guess_many
    from kaname.model.errors import UsageError

    texts = values_of(values, file)
    if not texts:
        raise click.UsageError(say("cli.lookup.nothing"))
    seeds = []
    for text, meant in zip(texts, guess_many(texts), strict=True):
        if meant is None:
            raise UsageError("cli.error.no_artifact", found=text)
        seeds.append(meant)
    store = sources_of(session).store
    if session.as_json:
        found = msgspec.json.decode(store.pivot_json(seeds, hops=hops, gate=gate, cap=cap))
        put_json(found)
        return None if found["nodes"] else 1
    return _show(store.pivot(seeds, hops=hops, gate=gate, cap=cap), cap)


def _show(found: Pivot, cap: int) -> int | None:
    """A table of what is near, and a line for every hub."""
    put_table(
        tuple(say(f"cli.head.pivot_{head}") for head in ("distance", "kind", "value", "observed")),
        ((distance, kind, value, count) for kind, value, distance, count in found.nodes),
        empty=say("cli.empty.pivot"),
    )
    for kind, value, neighbours in found.gated:
        note(say("cli.pivot.gated", kind=kind, value=value, neighbours=neighbours))
    if found.truncated:
        note(say("cli.pivot.capped", cap=cap))
    return None if found.nodes else 1
