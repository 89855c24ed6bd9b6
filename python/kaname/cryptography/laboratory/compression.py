"""The table of compression: what a ciphertext saves, and how much more often it then fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.cryptography.laboratory.failure import failure
from kaname.cryptography.laboratory.kem import LaboratoryKey, encapsulate
from kaname.cryptography.laboratory.parameters import STANDARD, Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Row", "around_standard", "compare", "failed_trials"]

_BY_RANK = {one.k: one for one in STANDARD.values()}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of compression.

    ``saved``: bytes fewer than the standard of this rank sends, None where there is none;
    ``failure``: base-2 logarithm as FIPS 203 counts; ``zeros``, ``ones``: of a message of
    such bits alone; ``best``: no other row of its rank is both as short and fails as rarely.
    """

    name: str
    k: int
    eta1: int
    eta2: int
    du: int
    dv: int
    ciphertext: int
    saved: int | None
    failure: float
    zeros: float
    ones: float
    standard: bool
    best: bool = False
    trials: int = 0
    failed: int = 0


def around_standard() -> list[Parameters]:
    """The standard sets, and those up to two bits shorter in u and v (one longer in v)."""
    return [
        one._replace(du=du, dv=dv)
        for one in STANDARD.values()
        for du in range(one.du, one.du - 3, -1)
        for dv in range(one.dv + 1, one.dv - 3, -1)
    ]


def compare(
    choices: Sequence[Parameters], trials: int = 0, told: Callable[[int, int], None] | None = None
) -> list[Row]:
    """A row for each choice, by rank and then the longest first.

    ``trials``: encapsulations that are really made and opened with each; ``told``: rows done.
    """
    rows = []
    for at, one in enumerate(choices):
        if told is not None:
            told(at, len(choices))
        rows.append(_row(one.checked(), trials))
    ordered = sorted(rows, key=lambda row: (row.k, -row.ciphertext, row.failure))
    return [msgspec.structs.replace(row, best=_best(row, rows)) for row in ordered]


def _row(one: Parameters, trials: int) -> Row:
    found = failure(one)
    standard = _BY_RANK.get(one.k)
    return Row(
        name=one.name, **one._asdict(), ciphertext=one.ciphertext,
        saved=None if standard is None else standard.ciphertext - one.ciphertext,
        failure=found.bound, zeros=found.zeros, ones=found.ones,
        standard=one.standard is not None, trials=trials, failed=failed_trials(one, trials),
    )  # fmt: skip


def _best(row: Row, rows: Iterable[Row]) -> bool:
    return not any(
        other.k == row.k
        and other.ciphertext <= row.ciphertext
        and other.failure <= row.failure
        and (other.ciphertext, other.failure) != (row.ciphertext, row.failure)
        for other in rows
    )


def failed_trials(one: Parameters, trials: int) -> int:
    """How many of ``trials`` encapsulations, each to a new key, did not open."""
    failed = 0
    for _ in range(trials):
        key = LaboratoryKey(one)
        secret, ciphertext = encapsulate(one, key.public)
        failed += key.decapsulate(ciphertext) != secret
    return failed
