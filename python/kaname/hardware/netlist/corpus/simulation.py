"""Bit-parallel simulation of a network: 64 runs a word, all gates of a level at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.corpus.logic import Kind, Logic

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Run", "Simulator", "simulate", "stimuli"]

_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(slots=True)
class Run:
    """What a simulation saw: values [clocks, nodes, words] and the share of ones per node."""

    values: NDArray[np.uint64]
    ones: NDArray[np.float64]
    #: Seed of the stimuli.
    seed: int

    def literal(self, literal: int) -> NDArray[np.uint64]:
        """Values of a literal, [clocks, words]."""
        values = self.values[:, literal >> 1]
        return ~values if literal & 1 else values


class Simulator:
    """A network made ready: gates by level and kind, as arrays."""

    def __init__(self, logic: Logic) -> None:
        self.logic = logic
        self.steps = _steps(logic)
        self.flops = np.array([flop.node for flop in logic.flops], dtype=np.int64)
        self.data = np.array([flop.data for flop in logic.flops], dtype=np.int64)
        self.enable = np.array([flop.enable for flop in logic.flops], dtype=np.int64)
        #: Flip-flops on a clock of their own: their previous clock value decides.
        self.gated = [
            (at, flop.clock)
            for at, flop in enumerate(logic.flops)
            if flop.clock >= 0 and flop.clock != logic.clock
        ]

    def settle(self, values: NDArray[np.uint64]) -> None:
        """Bring every gate up to date, in place; `values` is [nodes, words]."""
        for nodes, kind, pins, signs in self.steps:
            a = values[pins[0]] ^ signs[0]
            b = values[pins[1]] ^ signs[1]
            if kind == Kind.AND:
                values[nodes] = a & b
            elif kind == Kind.XOR:
                values[nodes] = a ^ b
            else:
                c = values[pins[2]] ^ signs[2]
                values[nodes] = (a & b) | (~a & c)

    def read(self, values: NDArray[np.uint64], literals: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Values of literals, [literals, words]."""
        signs = np.where(literals & 1, _FULL, np.uint64(0)).astype(np.uint64)
        return np.asarray(values[literals >> 1] ^ signs[:, None])

    def clocked(
        self, values: NDArray[np.uint64], clocks: list[NDArray[np.uint64]]
    ) -> NDArray[np.uint64]:
        """Next values of the flip-flops; `clocks` are what gated clocks were (kept here)."""
        new = self.read(values, self.data)
        held = np.flatnonzero(self.enable >= 0)
        if held.size:
            open_ = self.read(values, self.enable[held])
            new[held] = (new[held] & open_) | (values[self.flops[held]] & ~open_)
        for turn, (at, clock) in enumerate(self.gated):
            now = self.read(values, np.array([clock]))[0]
            rose = now & ~clocks[turn]
            new[at] = (new[at] & rose) | (values[self.flops[at]] & ~rose)
            clocks[turn] = now
        return new


def _steps(
    logic: Logic,
) -> list[tuple[NDArray[np.int64], int, list[NDArray[np.int64]], list[NDArray[np.uint64]]]]:
    level = [0] * len(logic)
    groups: dict[tuple[int, int], list[int]] = {}
    for node in range(len(logic)):
        kind = logic.kind[node]
        if kind in (Kind.AND, Kind.XOR, Kind.MUX):
            level[node] = 1 + max(level[pin >> 1] for pin in logic.fanins(node))
            groups.setdefault((level[node], kind), []).append(node)
    steps = []
    for (_, kind), nodes in sorted(groups.items()):
        columns = np.array([logic.fanins(node) for node in nodes], dtype=np.int64).T
        signs = [
            np.where(column & 1, _FULL, np.uint64(0)).astype(np.uint64)[:, None]
            for column in columns
        ]
        steps.append((np.array(nodes), kind, [column >> 1 for column in columns], signs))
    return steps


def stimuli(inputs: int, seed: int, clocks: int, words: int) -> NDArray[np.uint64]:
    """Random input values, [clocks, inputs, words]."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 1 << 64, (clocks, inputs, words), dtype=np.uint64)


def simulate(
    logic: Logic,
    seed: int,
    *,
    clocks: int = 24,
    words: int = 4,
) -> Run:
    """Run from reset (held off) with the `stimuli` of a seed.

    Where there are no flip-flops, one clock sees as many runs as all clocks would have.
    """
    ready = Simulator(logic)
    if not logic.flops:
        words, clocks = words * clocks, 1
    driven = stimuli(len(logic.inputs), seed, clocks, words)
    values = np.zeros((len(logic), words), dtype=np.uint64)
    values[ready.flops] = np.array(
        [_FULL if flop.value else 0 for flop in logic.flops], dtype=np.uint64
    )[:, None]
    inputs = np.array(logic.inputs, dtype=np.int64)
    state = [np.zeros(words, dtype=np.uint64) for _ in ready.gated]
    kept = np.zeros((clocks, len(logic), words), dtype=np.uint64)
    ones = np.zeros(len(logic))
    for clock in range(clocks):
        values[inputs] = driven[clock]
        if logic.reset >= 0:
            values[logic.reset >> 1] = _FULL if logic.reset & 1 else np.uint64(0)
        ready.settle(values)
        kept[clock] = values
        ones += np.bitwise_count(values).sum(axis=1)
        if logic.flops:
            values[ready.flops] = ready.clocked(values, state)
    return Run(kept, ones / (64 * words * clocks), seed)
