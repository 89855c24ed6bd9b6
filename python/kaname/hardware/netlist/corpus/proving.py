"""Simulate a finished design cell by cell: proof that a sleeping Trojan changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.corpus.binding import Bound
    from kaname.hardware.netlist.corpus.mapping import Gate

__all__ = ["Course", "follow"]


@dataclass(slots=True)
class Course:
    """What outputs and one watched net did, [clocks, outputs, words] and [clocks, words]."""

    outputs: NDArray[np.uint64]
    watched: NDArray[np.uint64]


def follow(bound: Bound, stimuli: dict[int, NDArray[np.uint64]], watched: int) -> Course:
    """Run a design from reset; `stimuli` gives each input net [clocks, words].

    Rings of gates are opened where the walk first meets them (they hold 0): they are loads.
    Flip-flops with a clock of their own take over where that clock rises.
    """
    clocks, words = next(iter(stimuli.values())).shape
    zero = np.zeros(words, dtype=np.uint64)
    value: list[NDArray[np.uint64]] = [zero] * bound.nets
    value[1] = ~zero
    order = _order(bound)
    for flop in bound.stored:
        _drive(flop, value, ~zero if flop.flop.value else zero)
    was = [zero] * len(bound.stored)
    shown = np.zeros((clocks, len(bound.outputs), words), dtype=np.uint64)
    seen = np.zeros((clocks, words), dtype=np.uint64)
    for clock in range(clocks):
        for net, values in stimuli.items():
            value[net] = values[clock]
        for gate in order:
            _settle(gate, value)
        for at, net in enumerate(bound.outputs):
            shown[clock, at] = value[net]
        seen[clock] = value[watched] if watched >= 0 else zero
        following = [_next(bound, at, flop, value, was) for at, flop in enumerate(bound.stored)]
        for flop, new in zip(bound.stored, following, strict=True):
            _drive(flop, value, new)
    return Course(shown, seen)


def _drive(flop: object, value: list[NDArray[np.uint64]], new: NDArray[np.uint64]) -> None:
    cell, pins = flop.cell, flop.pins  # type: ignore[attr-defined]
    value[pins[cell.true]] = new
    if cell.complement and pins.get(cell.complement, -1) >= 0:
        value[pins[cell.complement]] = ~new


def _next(
    bound: Bound,
    at: int,
    flop: object,
    value: list[NDArray[np.uint64]],
    was: list[NDArray[np.uint64]],
) -> NDArray[np.uint64]:
    cell, pins = flop.cell, flop.pins  # type: ignore[attr-defined]
    held = value[pins[cell.true]]
    new = value[pins[cell.data]]
    if cell.enable:
        open_ = value[pins[cell.enable]]
        open_ = ~open_ if cell.enable in cell.low else open_
        new = (new & open_) | (held & ~open_)
    if pins[cell.clock] != bound.clock:
        now = value[pins[cell.clock]]
        rose = now & ~was[at]
        was[at] = now
        new = (new & rose) | (held & ~rose)
    for pin, level in ((cell.clear, 0), (cell.preset, 1)):
        if pin:
            off = value[pins[pin]]
            on = ~off if pin in cell.low else off
            new = (new | on) if level else (new & ~on)
    return np.asarray(new)


def _order(bound: Bound) -> list[Gate]:
    driver = {out: gate for gate in bound.gates for out in gate.outputs}
    done: set[int] = set()
    open_: set[int] = set()
    order: list[Gate] = []
    for start in bound.gates:
        stack = [start]
        while stack:
            gate = stack[-1]
            if id(gate) in done:
                stack.pop()
                continue
            if id(gate) in open_:
                stack.pop()
                done.add(id(gate))
                order.append(gate)
                continue
            open_.add(id(gate))
            for net in gate.inputs:
                below = driver.get(net)
                if below is not None and id(below) not in open_:
                    stack.append(below)
    return order


def _settle(gate: Gate, value: list[NDArray[np.uint64]]) -> None:
    name, sizes = gate.form
    pins = [value[net] for net in gate.inputs]
    if name == "HA":
        value[gate.outputs[0]], value[gate.outputs[1]] = pins[0] & pins[1], pins[0] ^ pins[1]
        return
    value[gate.outputs[0]] = evaluate(name, sizes, pins)


def evaluate(
    name: str, sizes: tuple[int, ...], pins: list[NDArray[np.uint64]]
) -> NDArray[np.uint64]:
    """Output of a cell of some form."""
    inner: np.ufunc
    outer: np.ufunc
    if name in ("INV", "BUF"):
        return ~pins[0] if name == "INV" else pins[0]
    if name == "ANDN":
        return pins[0] & ~pins[1]
    if name in ("MUX", "MUXI"):
        out = (pins[0] & pins[1]) | (~pins[0] & pins[2])
        return ~out if name == "MUXI" else out
    plain = {"AND": np.bitwise_and, "NAND": np.bitwise_and, "OR": np.bitwise_or}
    plain |= {"NOR": np.bitwise_or, "XOR": np.bitwise_xor, "XNOR": np.bitwise_xor}
    if name in plain:
        out = np.asarray(plain[name].reduce(pins))
        return ~out if name in ("NAND", "NOR", "XNOR") else out
    inner, outer = (
        (np.bitwise_and, np.bitwise_or)
        if name.startswith("AO")
        else (np.bitwise_or, np.bitwise_and)
    )
    groups, at = [], 0
    for size in sizes:
        groups.append(inner.reduce(pins[at : at + size]))
        at += size
    out = np.asarray(outer.reduce(groups))
    return ~out if name.endswith("I") else out
