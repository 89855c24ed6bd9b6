"""Any design, written as Verilog in any manner, is read back as the same graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.hardware.netlist.design import Netlist
from kaname.hardware.netlist.reading import read
from kaname.model.errors import KanameError

GATES = {
    "NAND2X0": ("QN", "IN1", "IN2"),
    "AO21X1": ("Q", "IN1", "IN2", "IN3"),
    "a21oi_1": ("Y", "A1", "A2", "B1"),
    "nnd2s1": ("Q", "DIN1", "DIN2"),
    "SDFFX1": ("Q", "D", "CLK", "SI", "SE"),
    "INVX0": ("QN", "IN"),
    "HADDX1": ("SO", "A0", "B0"),
}


@dataclass(frozen=True)
class Instance:
    """A gate: its cell, and nets by pin (the first pin is the output)."""

    cell: str
    nets: tuple[str, ...]


@dataclass(frozen=True)
class Design:
    """Vectors of inputs and instances whose outputs are nets of their own."""

    inputs: tuple[str, ...]
    instances: tuple[Instance, ...]


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """A design in which every net has one driver."""
    inputs = [f"in[{at}]" for at in range(draw(st.integers(2, 5)))]
    odd = draw(st.booleans())
    count = draw(st.integers(1, 12))
    outputs = [f"u{at}/n[{at}];x" if odd else f"n{at}" for at in range(count)]
    known = st.sampled_from([*inputs, *outputs, "1'b0", "1'b1"])
    instances = []
    for net in outputs:
        cell = draw(st.sampled_from(sorted(GATES)))
        nets = tuple(draw(known) for _ in GATES[cell][1:])
        instances.append(Instance(cell, (net, *nets)))
    return Design(tuple(inputs), tuple(instances))


def spelled(net: str) -> str:
    """A net's name as Verilog writes it."""
    return f"\\{net} " if ";" in net else net


@st.composite
def texts(draw: st.DrawFn, design: Design) -> str:
    """The design as Verilog: order, spacing, comments and aliases are free."""
    space = st.sampled_from([" ", "\n  ", " /* ) ; */ ", " // ,(\n", "\t", " (* a = 1 *) "])
    lines = []
    for at, one in enumerate(design.instances):
        pins = list(zip(GATES[one.cell], one.nets, strict=True))
        pins = draw(st.permutations(pins))
        shown = f",{draw(space)}".join(
            f".{pin}{draw(st.sampled_from(['', ' ']))}({spelled(net)})" for pin, net in pins
        )
        lines.append(f"{one.cell}{draw(space)}g{at} ({draw(space)}{shown} );")
    wires = [f"wire {spelled(one.nets[0])};" for one in design.instances if draw(st.booleans())]
    lines = wires + list(draw(st.permutations(lines)))
    top = len(design.inputs) - 1
    end = draw(st.sampled_from(["", "\n"]))
    return (
        f"module top (in);{draw(space)}input [{top}:0] in;\n" + "\n".join(lines) + "endmodule" + end
    )


def graph(text: bytes) -> Counter[tuple[Any, ...]]:
    """Every pin of every instance with its net, by names."""
    netlist = read(text)
    kinds, names, nets = netlist.table()["kind"].to_pylist(), netlist.cell_names, netlist.net_names
    assert [one for one in netlist.problems if one.line] == []
    found: Counter[tuple[Any, ...]] = Counter()
    for row in netlist.pins().to_pylist():
        cell = netlist.types[kinds[row["instance"]]]
        pin = cell["pins"][row["pin"]]["name"]
        name = names[row["instance"]].as_py()
        found[name, cell["name"], pin, nets[row["net"]].as_py()] += 1
    return found


def tried(data: bytes) -> tuple[Netlist | None, str]:
    """The design, or the key of the error."""
    try:
        return read(data), ""
    except KanameError as error:
        return None, error.key


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_what_is_written_is_read(data: st.DataObject) -> None:
    """Names, cells, pins and nets, whatever the manner."""
    design = data.draw(designs())
    text = data.draw(texts(design))
    expected = Counter(
        (f"g{at}", one.cell, pin, net)
        for at, one in enumerate(design.instances)
        for pin, net in zip(GATES[one.cell], one.nets, strict=True)
    )
    assert graph(text.encode()) == expected


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_damage_is_told_and_never_worse(data: st.DataObject) -> None:
    """Bytes lost, doubled or replaced: a design or one of our errors, in line with itself."""
    text = data.draw(texts(data.draw(designs()))).encode()
    at = data.draw(st.integers(0, len(text)))
    size = data.draw(st.integers(0, 12))
    filling = data.draw(st.binary(max_size=12))
    netlist, refused = tried(text[:at] + filling + text[at + size :])
    assert netlist is not None or refused.startswith("hardware.netlist.")
    if netlist is None:
        return
    assert netlist.table().num_rows == len(netlist.cell_names) == netlist.cells
    assert len(netlist.net_names) == netlist.nets
    assert all(one.render("ja") for one in netlist.problems)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """As a netlist, and behind the head of one."""
    for text in (data, b"module m(input a, b, output y);" + data + b"endmodule"):
        netlist, refused = tried(text)
        assert netlist is not None or refused.startswith("hardware.netlist.")
