"""`kaname crypto lab multi`: one secret for many recipients who share a matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaname.cli.commands.crypto_lab import begin, drawn, put_laboratory
from kaname.cli.frame import Session, command, option
from kaname.cli.output import bytes_text, note, progress_bar, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.cryptography.laboratory.broadcast import Broadcast
    from kaname.cryptography.laboratory.parameters import Parameters

__all__ = ["multi"]


@command("crypto lab multi")
@option("--recipients", type=click.IntRange(1, 100_000), default=1000, key="lab_recipients")
@option("--open", "opened", type=click.IntRange(1, 100_000), default=100, key="lab_open")
@option("--rank", "k", type=click.IntRange(1, 8), default=3, key="lab_one_rank")
@option("--du", type=click.IntRange(1, 12), default=10, key="lab_one_du")
@option("--dv", type=click.IntRange(1, 12), default=4, key="lab_one_dv")
@option("--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", key="lab_svg")
def multi(
    session: Session, *, recipients: int, opened: int, k: int, du: int, dv: int, svg: Path | None
) -> None:
    """Seal one secret for many recipients, and compare its size with separate ciphertexts."""
    import msgspec

    from kaname.cryptography.laboratory.broadcast import broadcast
    from kaname.cryptography.laboratory.parameters import Parameters

    begin(session, svg)
    chosen = Parameters(k, 3 if k < 3 else 2, 2, du, dv).checked()
    with progress_bar("cli.progress.crypto_lab") as show:
        found = broadcast(chosen, recipients, opened, lambda done, of: show("", done, of))
    if svg is not None:
        drawn(svg, _picture(chosen, recipients, session.language), quiet=session.as_json)
    if session.as_json:
        put_laboratory(msgspec.to_builtins(found))
        return
    _show(found)


def _show(found: Broadcast) -> None:
    put_table(
        (say("cli.head.lab_what"), say("cli.head.lab_bytes")),
        (
            (say("cli.crypto.lab.multi.common"), found.common),
            (say("cli.crypto.lab.multi.own"), found.own),
            (say("cli.crypto.lab.multi.whole"), found.octets),
            (say("cli.crypto.lab.multi.whole_ids"), found.octets_with_ids),
            (say("cli.crypto.lab.multi.separate"), found.separate),
        ),
        empty="",
    )
    note(
        say(
            "cli.crypto.lab.multi.told",
            recipients=found.recipients, size=bytes_text(found.octets_with_ids),
            separate=bytes_text(found.separate), opened=found.opened,
            failure=f"{found.failure:.1f}", keys=f"{found.keys_seconds:.2f}",
            seal=f"{found.seal_seconds:.2f}",
            open=f"{1000 * found.open_seconds / found.opened:.1f}",
        )
    )  # fmt: skip
    note(say("cli.crypto.lab.multi.assumes"))


def _picture(chosen: Parameters, recipients: int, language: str) -> str:
    from kaname.cryptography.laboratory.broadcast import octets, separate
    from kaname.cryptography.laboratory.plot import Series, chart
    from kaname.model.messages import text

    most = max(10, recipients)
    at = sorted({round(10 ** (step / 10)) for step in range(51) if 10 ** (step / 10) <= most})
    at = sorted({*at, most})
    return chart(
        (
            Series(
                text("cryptography.lab.plot.separate", language),
                tuple((float(n), float(separate(chosen, n))) for n in at),
            ),
            Series(
                text("cryptography.lab.plot.shared", language),
                tuple((float(n), float(octets(chosen, n))) for n in at),
            ),
        ),
        title=text("cryptography.lab.plot.multi", language), language=language, log=True,
        axes=(
            text("cryptography.lab.plot.recipients", language),
            text("cryptography.lab.plot.all_bytes", language),
        ),
    )  # fmt: skip
