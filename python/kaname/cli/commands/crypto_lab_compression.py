"""`kaname crypto lab compression`: what shorter ciphertexts cost in decryption failures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaname.cli.commands.crypto_lab import begin, drawn, put_laboratory
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaname.cryptography.laboratory.compression import Row
    from kaname.cryptography.laboratory.parameters import Parameters

__all__ = ["compression", "numbers"]

_HEADS = ("lab_rank", "lab_compression", "lab_bytes", "lab_saved", "lab_failure", "lab_remark")
_MOST = 2000  # rows
_NUMBER = re.compile(r"[0-9]{1,3}")


def numbers(told: str) -> list[int]:
    """The numbers of "2,3" or "8-12".

    Raises:
        UsageError: it is neither.
    """
    found: list[int] = []
    for piece in told.split(","):
        ends = [int(end) for end in piece.split("-") if _NUMBER.fullmatch(end.strip())]
        if len(ends) != piece.count("-") + 1 or len(ends) > 2 or ends[0] > ends[-1]:
            raise UsageError("cryptography.error.lab_numbers", found=told)
        found += range(ends[0], ends[-1] + 1)
    return sorted(dict.fromkeys(found))


@command("crypto lab compression")
@option("--rank", metavar="NUMBERS", key="lab_rank")
@option("--eta1", metavar="NUMBERS", key="lab_eta1")
@option("--eta2", metavar="NUMBERS", key="lab_eta2")
@option("--du", metavar="NUMBERS", key="lab_du")
@option("--dv", metavar="NUMBERS", key="lab_dv")
@option("--trials", type=click.IntRange(0, 100_000), default=0, key="lab_trials")
@option("--best", "best_only", is_flag=True, key="lab_best")
@option("--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", key="lab_svg")
def compression(
    session: Session, *, trials: int, best_only: bool, svg: Path | None, **asked: str | None
) -> None:
    """Compare compressions of the ML-KEM construction by bytes and failure rate."""
    from kaname.cryptography.laboratory.compression import compare

    begin(session, svg)
    choices = _choices(asked)
    with progress_bar("cli.progress.crypto_lab") as show:
        rows = compare(choices, trials, lambda done, of: show("", done, of))
    if best_only:
        rows = [row for row in rows if row.best or row.standard]
    if svg is not None:
        drawn(svg, _picture(rows, session.language), quiet=session.as_json)
    if session.as_json:
        import msgspec

        put_laboratory({"rows": [_plain(msgspec.to_builtins(row)) for row in rows]})
        return
    _show(rows)


def _choices(asked: dict[str, str | None]) -> list[Parameters]:
    """The standard sets and their neighbours, or what the options name."""
    from itertools import product

    from kaname.cryptography.laboratory.compression import around_standard
    from kaname.cryptography.laboratory.parameters import STANDARD, Parameters

    given = {name: numbers(told) for name, told in asked.items() if told is not None}
    if not given.keys() - {"rank"}:
        found = around_standard()
        ranks = given.get("rank", [one.k for one in STANDARD.values()])
        if unknown := [rank for rank in ranks if rank not in {one.k for one in found}]:
            raise UsageError("cryptography.error.lab_rank", found=unknown[0])
        return [one for one in found if one.k in ranks]
    base = {one.k: one for one in STANDARD.values()}
    choices = []
    for k in given.get("rank", sorted(base)):
        of = base.get(k, Parameters(k, 3 if k < 3 else 2, 2, 10, 4))
        choices += [
            Parameters(k, *rest).checked()
            for rest in product(
                *(given.get(name, [getattr(of, name)]) for name in ("eta1", "eta2", "du", "dv"))
            )
        ]
        if len(choices) > _MOST:
            raise UsageError("cryptography.error.lab_rows", most=_MOST)
    return choices


def _plain(row: dict[str, object]) -> dict[str, object]:
    """Infinity has no name in JSON: None where failure is impossible."""
    return {
        name: None if value == float("-inf") else round(value, 4)
        if isinstance(value, float) else value
        for name, value in row.items()
    }  # fmt: skip


def _show(rows: Sequence[Row]) -> None:
    put_table(
        tuple(say(f"cli.head.{head}") for head in _HEADS),
        (
            (
                f"{row.k} ({row.eta1}, {row.eta2})", f"{row.du}, {row.dv}", row.ciphertext,
                "-" if row.saved is None else row.saved, _power(row.failure), _remark(row),
            )
            for row in rows
        ),
        empty=say("cli.empty.crypto_lab"),
    )  # fmt: skip
    note(say("cli.crypto.lab.compression"))


def _power(exponent: float) -> str:
    return "0" if exponent == float("-inf") else f"2^{exponent:.1f}"


def _remark(row: Row) -> str:
    told = []
    if row.standard:
        told.append(row.name)
    if row.best:
        told.append(say("cli.crypto.lab.best"))
    if row.trials:
        told.append(say("cli.crypto.lab.trials", failed=row.failed, trials=row.trials))
    return "; ".join(told)


def _picture(rows: Sequence[Row], language: str) -> str:
    from kaname.cryptography.laboratory.plot import Series, chart
    from kaname.model.messages import text

    series = []
    for rank in sorted({row.k for row in rows}):
        here = [row for row in rows if row.k == rank and row.failure != float("-inf")]
        if here:
            series.append(
                Series(
                    text("cryptography.lab.plot.rank", language, rank=rank),
                    tuple((float(row.ciphertext), -row.failure) for row in here),
                    joined=False,
                    labels=tuple(row.name if row.standard else "" for row in here),
                )
            )
    if not series:
        raise UsageError("cryptography.error.lab_nothing_to_draw")
    return chart(
        series, title=text("cryptography.lab.plot.compression", language), language=language,
        axes=(
            text("cryptography.lab.plot.bytes", language),
            text("cryptography.lab.plot.failure", language),
        ),
    )  # fmt: skip
