"""`kaname crypto bench`: packet ciphers beside OpenSSL's, on the machine at hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaname.cryptography.aead.speeds import Comparison, Speed

__all__ = ["bench_"]

_SIZES = "64,1350,16384"
_MOST_BYTES, _MOST_SIZES = 65_536, 12
_PEER, _OURS = "AES-256-GCM", "Rocca-S"
_NUMBER = re.compile(r"[0-9]{1,5}")


@command("crypto bench")
@option("--sizes", metavar="BYTES", default=_SIZES, key="aead_sizes")
@option("--seconds", type=click.FloatRange(1, 600), default=12.0, key="aead_seconds")
@option("--threads", type=click.IntRange(1, 256), default=1, key="aead_threads")
@option("--best-paths", is_flag=True, key="aead_best_paths")
@option("--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", key="aead_svg")
def bench_(
    session: Session, *, sizes: str, seconds: float, threads: int, best_paths: bool,
    svg: Path | None,
) -> None:  # fmt: skip
    """Measure Rocca-S, AEGIS and OpenSSL's ciphers on packets, encrypting and decrypting."""
    lengths = _lengths(sizes)
    if svg is not None:
        _ready(svg)
    from kaname.cryptography.aead.speeds import compare

    if not session.as_json:
        note(say("cli.crypto.bench.experimental"))
    with progress_bar("cli.progress.crypto_bench") as show:
        found = compare(
            lengths, seconds=seconds, threads=threads, all_paths=not best_paths,
            progress=lambda done, of: show("", done, of),
        )  # fmt: skip
    if svg is not None:
        _draw(svg, found, session)
    if session.as_json:
        import msgspec

        put_json({"experimental": True, **msgspec.to_builtins(found)})
        return
    _show(found, lengths)


def _lengths(told: str) -> list[int]:
    """The sizes of "64,1350".

    Raises:
        UsageError: they are none, or too large.
    """
    pieces = [piece.strip() for piece in told.split(",")]
    found = [int(piece) for piece in pieces if _NUMBER.fullmatch(piece)]
    fit = all(1 <= size <= _MOST_BYTES for size in found)
    if len(found) != len(pieces) or not fit or len(found) > _MOST_SIZES:
        raise UsageError("cli.error.crypto_bench_sizes", found=told, most=_MOST_BYTES)
    return sorted(set(found))


def _ready(path: Path) -> None:
    """Find out that a picture cannot be written before anything is measured.

    Raises:
        UsageError: its name does not end with .svg.
        StoreError: its folder is not there, or nothing can be written to it.
    """
    from kaname.lake.faults import clear_errors

    if path.suffix != ".svg":
        raise UsageError("cli.error.crypto_bench_picture", path=path)
    with clear_errors(path.parent):
        part = path.with_name(f".{path.name}.part")
        part.touch()
        part.unlink()


def _draw(path: Path, found: Comparison, session: Session) -> None:
    """Write the picture whole or not at all."""
    from kaname.cryptography.aead.speed_plot import draw
    from kaname.lake.faults import clear_errors

    part = path.with_name(f".{path.name}.part")
    with clear_errors(path.parent):
        try:
            part.write_text(draw(found, session.language), encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    if not session.as_json:
        note(say("cli.crypto.bench.drawn", path=path))


def _show(found: Comparison, sizes: Sequence[int]) -> None:
    """Gbit/s, encrypting and decrypting, sizes beside each other."""
    calls = {"each": say("cli.crypto.bench.each"), "batch": say("cli.crypto.bench.batch")}
    rows: dict[tuple[str, ...], dict[int, Speed]] = {}
    for one in found.speeds:
        where = one.path or one.by.split(",")[0]
        rows.setdefault((calls[one.calls], one.cipher, where), {})[one.size] = one
    put_table(
        (
            say("cli.head.bench_calls"), say("cli.head.bench_cipher"), say("cli.head.bench_path"),
            *(say("cli.head.bench_size", size=size) for size in sizes),
        ),
        (
            (*row, *(f"{cell.encrypt:.1f} / {cell.decrypt:.1f}" for cell in cells.values()))
            for row, cells in sorted(rows.items(), key=lambda row: row[0][0] != calls["each"])
        ),
        empty="",
    )  # fmt: skip
    note(say("cli.crypto.bench.units", processor=found.processor, threads=found.threads))
    for ratio in found.ratios:
        if (ratio.cipher, ratio.peer) == (_OURS, _PEER):
            note(
                say(
                    "cli.crypto.bench.ratio",
                    calls=calls[ratio.calls], size=ratio.size, cipher=ratio.cipher, path=ratio.path,
                    peer=ratio.peer, encrypt=ratio.encrypt, decrypt=ratio.decrypt,
                )
            )  # fmt: skip
