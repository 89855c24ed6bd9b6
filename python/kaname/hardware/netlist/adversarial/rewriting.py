"""One design rewritten: the Trojan's gates become others, within a budget of added gates."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kaname._native import REWRITINGS, Rewriter, netlist_verilog
from kaname.hardware.netlist.adversarial.proving import VECTORS, Proof, equal
from kaname.hardware.netlist.adversarial.searching import Search, Step, drawn, guided
from kaname.hardware.netlist.design import Netlist

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.adversarial.concealment import Score

__all__ = ["EVALUATIONS", "Rewritten", "copies", "marked", "rewrite", "stages"]

EVALUATIONS = 48
"""How often a guided rewriting asks the detector."""
_TRAINING_VECTORS = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A rewritten design and the proof that it is the first one in other gates.

    ``trojan`` and ``origin`` are by cell: whether it is of the Trojan (new gates of a Trojan
    are), and the cell of the first design that it comes from. ``added`` is the number of
    gates more than before (MEV of Nozawa et al.), ``rules`` how often each rule was used,
    ``inverted`` the flip-flops that keep the opposite of what they kept.
    """

    netlist: Netlist
    trojan: NDArray[np.bool_]
    origin: NDArray[np.uint32]
    inverted: frozenset[str]
    added: int
    rules: dict[str, int]
    evaluations: int
    proof: Proof

    def names(self) -> set[str]:
        """Names of the Trojan's instances."""
        names = self.netlist.cell_names
        return {names[int(at)].as_py() for at in np.flatnonzero(self.trojan)}

    def text(self, seed: int = 0) -> str:
        """As flat Verilog; its instances are shuffled, so that their place says nothing."""
        return netlist_verilog(self.netlist.native, seed)


def rewrite(
    netlist: Netlist,
    trojan: Collection[str] | NDArray[np.bool_],
    *,
    seed: int,
    budget: int,
    score: Score | None = None,
    evaluations: int = EVALUATIONS,
) -> Rewritten:
    """Rewrite the Trojan of a design with at most ``budget`` gates more.

    Without ``score`` the rewritings are drawn at random; with it they are those that lower
    the scores of the Trojan's cells most per gate, among those that are tried. The same
    arguments give the same design.

    Raises:
        IntegrityError: a rewritten design is not equal; no such design is ever returned.
    """
    *_, last = stages(
        netlist, trojan, seed=seed, budgets=(budget,), score=score, evaluations=evaluations
    )
    return last


def stages(
    netlist: Netlist,
    trojan: Collection[str] | NDArray[np.bool_],
    *,
    seed: int,
    budgets: Collection[int],
    score: Score | None = None,
    evaluations: int = EVALUATIONS,
    vectors: int = VECTORS,
) -> Iterator[Rewritten]:
    """`rewrite` for growing budgets, each going on from the one before."""
    own = marked(netlist, trojan)
    rewriter = Rewriter(netlist.native, own.astype(np.uint8).tobytes(), seed)
    search = Search.of(rewriter, netlist, own, seed, score)
    share = max(1, evaluations // max(1, len(budgets)))
    for budget in sorted(budgets):
        if score is None:
            drawn(search, budget)
        else:
            guided(search, budget, share)
        yield _proved(netlist, search, vectors)


def copies(
    netlist: Netlist,
    trojan: Collection[str] | NDArray[np.bool_],
    *,
    seed: int,
    count: int = 2,
    budget: int | None = None,
    score: Score | None = None,
) -> Iterator[Rewritten]:
    """Rewritten designs to train on; each goes as far as a random share of ``budget``.

    Small shares are as likely as large ones (log-uniform from a tenth on), since an attack
    may add few gates or many. ``budget`` None: twice the gates of the Trojan, at least 100
    and at most 400.
    """
    own = marked(netlist, trojan)
    random = np.random.default_rng(seed)
    most = budget if budget is not None else int(np.clip(2 * own.sum(), 100, 400))
    for _ in range(count if own.any() else 0):
        part = max(1, int(most * 10 ** random.uniform(-1, 0)))
        each = int(random.integers(1 << 62))
        yield from stages(
            netlist,
            own,
            seed=each,
            budgets=(part,),
            score=score,
            evaluations=EVALUATIONS // 4,
            vectors=_TRAINING_VECTORS,
        )


def marked(netlist: Netlist, trojan: Collection[str] | NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The Trojan's cells as flags by cell."""
    if isinstance(trojan, np.ndarray):
        return trojan.astype(np.bool_)
    names = netlist.cell_names.to_pylist()
    return np.fromiter((name in trojan for name in names), np.bool_, len(names))


def _proved(netlist: Netlist, search: Search, vectors: int) -> Rewritten:
    made: Step = search.best
    names = made.netlist.cell_names
    inverted = frozenset(names[int(at)].as_py() for at in np.flatnonzero(made.inverted))
    proof = equal(netlist, made.netlist, inverted=inverted, vectors=vectors, seed=search.seed)
    return Rewritten(
        netlist=made.netlist,
        trojan=made.trojan,
        origin=made.origin,
        inverted=inverted,
        added=made.netlist.cells - netlist.cells,
        rules={REWRITINGS[rule]: count for rule, count in sorted(made.rules.items())},
        evaluations=search.evaluations,
        proof=proof,
    )
