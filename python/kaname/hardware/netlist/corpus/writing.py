"""Write a design as structural Verilog whose names and order say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from kaname.hardware.netlist.corpus.binding import Bound, Stored
    from kaname.hardware.netlist.corpus.mapping import Gate

__all__ = ["write"]

_PER_LINE = 16


def write(bound: Bound, rng: Random) -> tuple[str, set[str]]:
    """Give the text, and the names of the Trojan's instances."""
    return _Writer(bound, rng).write()


class _Writer:
    def __init__(self, bound: Bound, rng: Random) -> None:
        self.bound = bound
        self.rng = rng
        numbers = list(range(bound.nets + len(bound.outputs)))
        rng.shuffle(numbers)
        self.spare = numbers[bound.nets :]
        self.net = [f"n{number}" for number in numbers[: bound.nets]]
        self.net[0:2] = ["1'b0", "1'b1"]
        self.readers: dict[int, int] = {}

    def write(self) -> tuple[str, set[str]]:
        bound, rng = self.bound, self.rng
        self._count()
        ports, aliases = self._ports()
        lines = [(self._gate(gate), gate.foreign) for gate in bound.gates]
        lines += [(self._flop(flop), flop.foreign) for flop in bound.stored]
        rng.shuffle(lines)
        names = list(range(len(lines)))
        text, guilty = [], set()
        for number, ((cell, pins), foreign) in zip(names, lines, strict=True):
            text.append(f"  {cell} g{number} ( {pins} );")
            if foreign:
                guilty.add(f"g{number}")
        inputs = [self.net[net] for net in bound.inputs]
        rng.shuffle(inputs)
        used = self._wires(set(inputs) | set(ports))
        parts = [f"module top ( {', '.join(inputs + ports)} );"]
        for word, nets in (("input", inputs), ("output", ports), ("wire", used)):
            starts = range(0, len(nets), _PER_LINE)
            parts += [f"  {word} {', '.join(nets[at : at + _PER_LINE])};" for at in starts]
        return "\n".join([*parts, *text, *aliases, "endmodule", ""]), guilty

    def _count(self) -> None:
        """Count the readers of nets, for drives."""
        nets = [net for gate in self.bound.gates for net in gate.inputs]
        nets += [net for flop in self.bound.stored for net in flop.pins.values()]
        for net in nets:
            self.readers[net] = self.readers.get(net, 0) + 1

    def _ports(self) -> tuple[list[str], list[str]]:
        """Name outputs; one that is an input, a constant or shown twice becomes an alias."""
        taken = {0, 1, *self.bound.inputs}
        ports, aliases = [], []
        for net in self.bound.outputs:
            if net in taken:
                name = f"n{self.spare.pop()}"
                aliases.append(f"  assign {name} = {self.net[net]};")
                ports.append(name)
            else:
                taken.add(net)
                ports.append(self.net[net])
        self.rng.shuffle(ports)
        return ports, aliases

    def _wires(self, known: set[str]) -> list[str]:
        used = {net for gate in self.bound.gates for net in (*gate.inputs, *gate.outputs)}
        used |= {net for flop in self.bound.stored for net in flop.pins.values() if net >= 0}
        return sorted({self.net[net] for net in used if net > 1} - known)

    def _gate(self, gate: Gate) -> tuple[str, str]:
        tool = self.bound.guest if gate.foreign else self.bound.host
        library = tool.library
        cells = library.cells[gate.form]
        cell = cells[tool.pick % len(cells)]
        drive = library.drive(self.rng, self.readers.get(gate.outputs[0], 0), tool.bias)
        name = self._named(cell.name, drive, gate.foreign)
        if library.positional:
            nets = [*gate.outputs, *gate.inputs]
            return name, ", ".join(self.net[net] for net in nets)
        pins = list(zip((*cell.inputs, *cell.outputs), (*gate.inputs, *gate.outputs), strict=True))
        return name, self._connected(pins)

    def _flop(self, flop: Stored) -> tuple[str, str]:
        tool = self.bound.guest if flop.foreign else self.bound.host
        drive = tool.library.drive(self.rng, 0, min(1, tool.bias))
        name = self._named(flop.cell.name, drive, flop.foreign)
        return name, self._connected(list(flop.pins.items()))

    def _named(self, stem: str, drive: str, foreign: bool) -> str:
        tool = self.bound.guest if foreign else self.bound.host
        if "{}" not in stem:
            return stem
        return tool.prefix + stem.format(drive) + tool.suffix

    def _connected(self, pins: list[tuple[str, int]]) -> str:
        shown = [(pin, net) for pin, net in pins if net >= 0]
        self.rng.shuffle(shown)
        return ", ".join(f".{pin}({self.net[net]})" for pin, net in shown)
