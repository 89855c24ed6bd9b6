"""Types of `kaname._native` for rewriting designs; no module of this name is run."""

from typing import Final, final

from kaname._native import ArrowBatch, Netlist

REWRITINGS: Final[list[str]]
"""Names of the rules, in the order of their numbers."""

@final
class Rewriter:
    """A design whose Trojan cells are rewritten step by step.

    ``trojan`` has a byte for each instance; those that are not 0 may be rewritten.
    """

    def __new__(cls, netlist: Netlist, trojan: bytes, seed: int) -> Rewriter: ...
    def copy(self) -> Rewriter:
        """One that goes on from here by itself."""

    def __len__(self) -> int:
        """How many cells there are now."""

    def moves(self) -> ArrowBatch:
        """What can be done now, a row each.

        ``rule`` (its number), ``origin`` (the instance of the first design that it is about)
        and ``added`` (gates). Nets to tap are drawn anew each time.
        """

    def apply(self, places: list[int]) -> list[int | None]:
        """Make moves by their places in what `moves` gave last.

        Gates that each has added; None where it does not apply any more and was passed over.
        """

    def netlist(self) -> tuple[Netlist, ArrowBatch]:
        """The design as it is now, and a row for each of its instances.

        ``origin`` (the instance of the first design that it comes from), ``trojan``, and
        ``inverted`` (it keeps the opposite of what it kept).
        """

def netlists_equal(
    first: Netlist, second: Netlist, inverted: set[str], vectors: int, seed: int
) -> tuple[int, int, int, int, int, list[str]]:
    """Prove two designs equal: vectors, points, exact points, cones, widest cone.

    The last are names of some of the points that are not exact.

    Raises:
        NativeError: "different" and what differs, "unpaired" and what only one has, "loop".
    """

def netlist_verilog(netlist: Netlist, seed: int | None = None) -> str:
    """A design as flat structural Verilog; with a seed its instances come in another order."""

def rewriting_of(
    rule: str, inputs: int, bits: int, pin: int
) -> tuple[list[tuple[int, list[int]]], list[int]] | None:
    """What a rule makes of a cell that says ``bits`` of its inputs, or puts around a net.

    Gates as (bits, places they read), and the places of outputs; places from ``inputs`` on
    are gates before. None where the rule does not apply.

    Raises:
        ValueError: there is no such rule, or there are no or more than six inputs.
    """
