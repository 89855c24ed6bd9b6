"""From gates on nets to instances of a library's cells: flip-flops, scan, buffers, ports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.mapping import Gate, Mapper

if TYPE_CHECKING:
    from random import Random

    from kaname.hardware.netlist.corpus.libraries import FlopCell
    from kaname.hardware.netlist.corpus.logic import Flop, Logic
    from kaname.hardware.netlist.corpus.technology import Technology

__all__ = ["Binder", "Bound", "Stored"]


@dataclass(slots=True)
class Stored:
    """A flip-flop on nets (-1: the pin is absent or open)."""

    cell: FlopCell
    flop: Flop
    pins: dict[str, int]
    foreign: bool


@dataclass(slots=True)
class Bound:
    """A design in cells: what is written as Verilog. Nets 0 and 1 are the constants."""

    gates: list[Gate]
    stored: list[Stored]
    inputs: list[int]
    outputs: list[int]
    #: How gates of the host and of the Trojan are named.
    host: Technology
    guest: Technology
    nets: int = 0
    #: Clock and reset inputs, -1 if there is none.
    clock: int = -1
    reset: int = -1
    #: What the reset input is outside reset.
    idle: int = 0
    scan: list[int] = field(default_factory=list)

    def foreign(self) -> int:
        """Count the Trojan's cells."""
        return sum(g.foreign for g in self.gates) + sum(s.foreign for s in self.stored)


class Binder:
    """Maps a network, in one or two steps, and binds what came out."""

    def __init__(self, logic: Logic, host: Technology, rng: Random) -> None:
        self.logic = logic
        self.host = host
        self.guest = host
        self.rng = rng
        self.mapper = Mapper(logic, host.prefer)
        self.stored: list[Stored] = []
        self.plans: dict[int, tuple[FlopCell, dict[str, int]]] = {}

    def map(self, tool: Technology, since: int = 0, noise: float = 0.0) -> None:
        """Map nodes from number `since` on in a tool's way."""
        logic, mapper = self.logic, self.mapper
        fresh = set()
        if since:
            self.guest = tool
        for flop in logic.flops:
            if flop.node < since or flop.node in self.plans:
                continue
            cell, pins = _plan(logic, flop, tool)
            self.plans[flop.node] = (cell, pins)
            fresh.add(flop.node)
            mapper.pins[flop.node] = list(pins.values())
            if cell.complement and tool.complements:
                mapper.complemented.add(flop.node)
        mapper.noise, mapper.rng = noise, self.rng
        mapper.map(tool.prefer, since)
        for gate in mapper.finish():
            while gate.form not in tool.library.cells and gate.form[1]:
                # A kept gate with tied pins, wider than the library has.
                gate.inputs = gate.inputs[:-1]
                gate.form = (gate.form[0], (len(gate.inputs),))
        self.stored += [self._stored(flop) for flop in logic.flops if flop.node in fresh]

    def _stored(self, flop: Flop) -> Stored:
        net = self.mapper.net
        cell, literals = self.plans[flop.node]
        pins = {pin: net[literal] for pin, literal in literals.items()}
        pins[cell.true] = net[flop.node * 2]
        return Stored(cell, flop, pins, self.logic.foreign[flop.node])

    def bound(self, outputs: list[int] | None = None, *, scan_guest: bool = False) -> Bound:
        """Put flip-flops and ports to the gates; `outputs` are nets, if not the network's."""
        logic, mapper = self.logic, self.mapper
        for kept in self.stored:
            if kept.flop.node in mapper.complemented:
                kept.pins[kept.cell.complement] = mapper.net.get(kept.flop.node * 2 + 1, -1)
        net = mapper.net
        bound = Bound(
            mapper.gates,
            self.stored,
            [net[node * 2] for node in logic.inputs],
            [net[out] for out in logic.outputs] if outputs is None else outputs,
            self.host,
            self.guest,
            mapper.nets,
            net[logic.clock] if logic.clock >= 0 else -1,
            net[logic.reset & ~1] if logic.reset >= 0 else -1,
            logic.reset & 1 if logic.reset >= 0 else 0,
        )
        _own_inverters(bound)
        if self.host.half_adders:
            _half_adders(bound)
        if self.host.scan:
            _stitch(bound, self.rng, scan_guest=scan_guest)
        if self.host.buffered:
            _buffer(bound, self.host.buffered)
        return bound


def _plan(logic: Logic, flop: Flop, tool: Technology) -> tuple[FlopCell, dict[str, int]]:
    cell = tool.flop(flop)
    pins = {cell.data: flop.data, cell.clock: flop.clock if flop.clock >= 0 else logic.clock}
    for pin, wanted in ((cell.clear, not flop.value), (cell.preset, bool(flop.value))):
        if pin:
            low = pin in cell.low
            used = flop.reset >= 0 and wanted
            pins[pin] = flop.reset ^ low if used else int(low)
    if cell.enable:
        pins[cell.enable] = (flop.enable if flop.enable >= 0 else 1) ^ (cell.enable in cell.low)
    return cell, pins


def _own_inverters(bound: Bound) -> None:
    """An inverter on a host net that only the Trojan reads is the Trojan's."""
    host_reads = set(bound.outputs)
    for gate in bound.gates:
        if not gate.foreign:
            host_reads.update(gate.inputs)
    for flop in bound.stored:
        if not flop.foreign:
            host_reads.update(flop.pins.values())
    for gate in bound.gates:
        if gate.form[0] == "INV" and not gate.foreign and gate.outputs[0] not in host_reads:
            gate.foreign = True


def _half_adders(bound: Bound) -> None:
    """Join a XOR and an AND over the same nets into one cell."""
    pairs: dict[tuple[frozenset[int], bool], list[Gate]] = {}
    for gate in bound.gates:
        if gate.form in (("AND", (2,)), ("XOR", (2,))):
            pairs.setdefault((frozenset(gate.inputs), gate.foreign), []).append(gate)
    gone = set()
    for gates in pairs.values():
        if len(gates) == 2 and gates[0].form != gates[1].form:
            both, differ = sorted(gates, key=lambda gate: gate.form[0])
            both.form = ("HA", ())
            both.outputs = [both.outputs[0], differ.outputs[0]]
            gone.add(id(differ))
    bound.gates = [gate for gate in bound.gates if id(gate) not in gone]


def _stitch(bound: Bound, rng: Random, *, scan_guest: bool) -> None:
    """Chain scan flip-flops in random order, with ports for the chain."""
    chain = [
        flop for flop in bound.stored if flop.cell.scan_in and (scan_guest or not flop.foreign)
    ]
    alone = [flop for flop in bound.stored if flop.cell.scan_in and not scan_guest]
    for flop in alone:
        flop.pins.update({flop.cell.scan_in: 0, flop.cell.scan_enable: 0})
    if not chain:
        return
    rng.shuffle(chain)
    enable, last = bound.nets, bound.nets + 1
    bound.nets += 2
    bound.scan = [enable, last]
    bound.inputs += bound.scan
    for flop in chain:
        flop.pins.update({flop.cell.scan_in: last, flop.cell.scan_enable: enable})
        last = flop.pins[flop.cell.true]
    if last not in bound.outputs:
        bound.outputs.append(last)


def _buffer(bound: Bound, limit: int) -> None:
    """Split nets with many readers by buffers."""
    readers: dict[int, list[tuple[Gate, int]]] = {}
    for gate in bound.gates:
        if not gate.foreign:
            for at, net in enumerate(gate.inputs):
                readers.setdefault(net, []).append((gate, at))
    special = {0, 1, bound.clock}
    for net, uses in sorted(readers.items()):
        if net in special or len(uses) <= limit:
            continue
        for at in range(0, len(uses), limit):
            out = bound.nets
            bound.nets += 1
            for gate, pin in uses[at : at + limit]:
                gate.inputs[pin] = out
            bound.gates.append(Gate(("BUF", ()), [net], [out]))
