"""Make one labelled design from a number: host, library, tool, Trojan or none, text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.chance import drawn
from kaname.hardware.netlist.corpus.hosts import RECIPES, compose
from kaname.hardware.netlist.corpus.insertion import (
    Plan,
    clean_twin,
    insert_after,
    insert_before,
)
from kaname.hardware.netlist.corpus.libraries import LIBRARIES
from kaname.hardware.netlist.corpus.restructuring import rebuild
from kaname.hardware.netlist.corpus.technology import Technology, technology
from kaname.hardware.netlist.corpus.writing import write

if TYPE_CHECKING:
    from random import Random

    from kaname.hardware.netlist.corpus.binding import Bound
    from kaname.hardware.netlist.corpus.logic import Logic
    from kaname.hardware.netlist.corpus.triggers import Moment

__all__ = ["Labelled", "Made", "Mixture", "make", "spell"]

#: Trojans: trigger, payload, weight. Classes of the published taxonomies, none left out.
_TROJANS: tuple[tuple[str, str, float], ...] = (
    ("small", "flip", 26),
    ("small", "force", 5),
    ("small", "swap", 5),
    ("combinational", "flip", 20),
    ("combinational", "force", 5),
    ("combinational", "swap", 5),
    ("combinational", "corrupt_state", 2),
    ("combinational", "leak_port", 2),
    ("combinational", "deny", 2),
    ("combinational", "oscillator", 1.5),
    ("combinational", "leak_serial", 1),
    ("compare", "flip", 3),
    ("compare", "force", 4),
    ("compare", "leak_port", 3),
    ("compare", "deny", 1),
    ("compare", "leak_serial", 2),
    ("compare", "spread_spectrum", 1),
    ("compare", "toggle_bank", 0.5),
    ("counter", "flip", 20),
    ("counter", "force", 2),
    ("counter", "swap", 2),
    ("counter", "leak_port", 1),
    ("counter", "toggle_bank", 0.5),
    ("ripple_counter", "flip", 2),
    ("ripple_counter", "swap", 2),
    ("latched", "swap", 4),
    ("latched", "force", 2),
    ("latched", "oscillator", 1.5),
    ("latched", "leak_port", 1),
    ("sequence", "flip", 5),
    ("sequence", "force", 1),
    ("sequence", "leak_port", 1),
    ("sequence", "toggle_bank", 0.5),
    ("machine", "flip", 10),
    ("machine", "swap", 1),
    ("machine", "deny", 1),
    ("machine", "corrupt_state", 1),
    ("time_bomb", "flip", 2),
    ("time_bomb", "deny", 2),
    ("time_bomb", "swap", 1),
    ("time_bomb", "toggle_bank", 0.5),
    ("bank_of_timers", "swap", 1.5),
    ("bank_of_timers", "deny", 0.5),
    ("always", "spread_spectrum", 7),
    ("always", "oscillator", 1),
    ("net", "oscillator", 6),
    ("always", "delay", 1.5),
    ("always", "toggle_bank", 1),
    ("net", "toggle_bank", 1.5),
    ("net", "spread_spectrum", 4),
    ("net", "leak_port", 1),
    ("always", "leak_serial", 1),
    ("always", "block", 2.5),
    ("combinational", "toggle_bank", 0.5),
    ("combinational", "spread_spectrum", 1),
    ("combinational", "delay", 1),
    ("combinational", "block", 1),
    ("compare", "block", 1),
    ("machine", "block", 0.5),
    ("latched", "flip", 3),
    ("always", "intercept", 14),
    ("net", "intercept", 4),
    ("combinational", "intercept", 2),
    ("counter", "intercept", 1),
    ("machine", "intercept", 1),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A design with the truth about it."""

    name: str
    #: Designs of one host share this (leave it out as a whole).
    host: str
    #: Structural Verilog.
    text: str
    #: Names of the Trojan's instances; empty in a clean design.
    trojan: frozenset[str]
    #: `trigger/payload` or `clean`.
    kind: str
    library: str
    instances: int = 0


@dataclass(frozen=True, slots=True)
class Mixture:
    """What designs are made of."""

    libraries: tuple[str, ...] = tuple(sorted(LIBRARIES))
    recipes: tuple[str, ...] = tuple(sorted(RECIPES))
    #: Cells of a host: smallest, largest (log-uniform between them).
    smallest: int = 150
    largest: int = 8000
    #: Share of designs without a Trojan, and (about) of Trojans mapped with their host.
    clean: float = 0.25
    together: float = 0.4


@dataclass(slots=True)
class Made:
    """A design before it is spelled: for proofs and tests."""

    bound: Bound
    kind: str
    library: str
    host: str
    seed: int
    #: Net that wakes the Trojan, and when it was seen to fire; -1 in clean designs.
    trigger: int = -1
    moment: Moment | None = None
    #: The trigger's net is 0 when it fires.
    low: bool = False


#: Gates of the network per cell that mapping leaves, about.
_NODES_PER_CELL = 1.25
_SMALLEST_TROJAN = 3
_SCRIPTED = ("small", "combinational", "counter", "ripple_counter", "latched", "machine")
_ATTEMPTS = 8
#: Recipes in proportion to what designs are made of: mostly control, little pure arithmetic.
#: Libraries in proportion to what is scanned.
_LIKELY = {
    "sky130": 1.6,
    "primitive": 1.5,
    "saed90": 1.2,
    "leda": 1.2,
    "nangate": 0.8,
    "artisan": 0.8,
    "yosys": 0.6,
    "controller": 4.0,
    "timing": 2.0,
    "bus": 2.0,
    "serial": 2.0,
    "anything": 2.5,
    "repeated": 2.0,
    "glue": 2.0,
    "multiplier": 0.6,
}


def make(seed: int, mixture: Mixture, *, twin: bool = False) -> Made:
    """Make design number `seed`; `twin` gives its host without the Trojan."""
    made: Made | None = None
    attempt = 0
    for attempt in range(_ATTEMPTS):
        start = _start(seed, attempt, mixture)
        made = _trojaned(start)
        if start.plan is None or made is not None:
            break
    # A Trojan may have been put in already: the twin begins anew.
    return made if made is not None and not twin else _clean(_start(seed, attempt, mixture))


@dataclass(slots=True)
class _Start:
    """A host, and what is to be done with it."""

    seed: int
    name: str
    library: str
    logic: Logic
    tool: Technology
    rng: Random
    #: None: the design stays clean.
    plan: Plan | None
    #: Seed of a second optimisation, with the Trojan inside; none: the Trojan comes later.
    after: int | None


def _drawn(rng: Random, names: tuple[str, ...]) -> str:
    return rng.choices(names, weights=[_LIKELY.get(name, 1.0) for name in names], k=1)[0]


def _start(seed: int, attempt: int, mixture: Mixture) -> _Start:
    rng = drawn(f"{seed}/{attempt}")
    library = LIBRARIES[_drawn(rng, mixture.libraries)]
    recipe = _drawn(rng, mixture.recipes)
    cells = mixture.smallest * (mixture.largest / mixture.smallest) ** rng.random()
    tool = technology(library, rng)
    host = compose(drawn(rng.getrandbits(64)), recipe, int(cells * _NODES_PER_CELL))
    tool.style.rng = drawn(rng.getrandbits(64))
    logic = rebuild(host, tool.style).logic
    clean = rng.random() < mixture.clean
    weights = [weight for _, _, weight in _TROJANS]
    trigger, payload, _ = rng.choices(_TROJANS, weights=weights, k=1)[0]
    # What inserters do, they do to finished cells; whole blocks come through synthesis.
    chance = mixture.together * (0.4 if trigger in _SCRIPTED else 1.5)
    together = rng.random() < chance
    after = rng.getrandbits(64)
    return _Start(
        seed,
        f"{recipe}-{seed}",
        library.name,
        logic,
        tool,
        drawn(rng.getrandbits(64)),
        None if clean else Plan(trigger, payload),
        after if together else None,
    )


def _clean(start: _Start) -> Made:
    bound = clean_twin(start.logic, start.tool, start.rng, start.after)
    return Made(bound, "clean", start.library, start.name, start.seed)


def _trojaned(start: _Start) -> Made | None:
    plan = start.plan
    if plan is None:
        return None
    logic, tool, rng = start.logic, start.tool, start.rng
    if start.after is None:
        done = insert_after(logic, tool, plan, rng)
    else:
        done = insert_before(logic, tool, plan, rng, start.after)
    if done is None or done.bound.foreign() < _SMALLEST_TROJAN:
        return None
    return Made(
        done.bound, done.kind, start.library, start.name, start.seed,
        done.trigger, done.moment, done.low,
    )  # fmt: skip


def spell(made: Made) -> Labelled:
    """Write a design out, with names that say nothing."""
    text, guilty = write(made.bound, drawn(f"{made.seed}/names"))
    count = len(made.bound.gates) + len(made.bound.stored)
    return Labelled(
        f"d{made.seed}", made.host, text, frozenset(guilty), made.kind, made.library, count
    )
