"""That a rewritten design does what the first one does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from kaname._native import NativeError, netlists_equal
from kaname.model.errors import IntegrityError

if TYPE_CHECKING:
    from kaname.hardware.netlist.design import Netlist

__all__ = ["VECTORS", "Proof", "equal"]

VECTORS = 100_000


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How two designs were compared.

    ``points`` are the values that have to agree whatever comes in and is kept: outputs, and
    all that flip-flops, latches and unknown cells take. They agreed on ``vectors`` random
    vectors; ``exact`` of them are proved equal for all values, over ``cones`` whose logic
    differs, the widest of ``widest`` inputs. ``open`` names some of those that are not exact.
    """

    vectors: int
    points: int
    exact: int
    cones: int
    widest: int
    open: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether equality is proved for all values, not only on random vectors."""
        return self.exact == self.points


def equal(
    first: Netlist,
    second: Netlist,
    *,
    inverted: Iterable[str] = (),
    vectors: int = VECTORS,
    seed: int = 0,
) -> Proof:
    """Prove two designs equal; ports are paired by name, flip-flops by the name of the instance.

    ``inverted`` are flip-flops of the second that keep the opposite of the first's.

    Raises:
        IntegrityError: they differ, or do not have the same ports and flip-flops.
    """
    try:
        found = netlists_equal(first.native, second.native, set(inverted), vectors, seed)
    except NativeError as error:
        kind, name = error.args
        key = "hardware.error.netlists_differ"
        raise IntegrityError(key, kind=kind, name=name or "-") from None
    count, points, exact, cones, widest, left = found
    return Proof(
        vectors=count, points=points, exact=exact, cones=cones, widest=widest, open=tuple(left)
    )
