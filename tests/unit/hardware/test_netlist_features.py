"""Features against hand calculation, plain search, exhaustive simulation and networkx-free BFS."""

from __future__ import annotations

import random
import re
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from kaname import _native
from kaname.hardware.netlist.features import BASE, CATALOGUE, PUBLISHED, compute
from kaname.hardware.netlist.reading import read
from kaname.model.errors import UsageError

ROOT = Path(__file__).parents[3]
GATES = {
    "and": all,
    "nand": lambda pins: not all(pins),
    "or": any,
    "nor": lambda pins: not any(pins),
    "xor": lambda pins: sum(pins) % 2 == 1,
    "xnor": lambda pins: sum(pins) % 2 == 0,
    "not": lambda pins: not pins[0],
}


def verilog(inputs: list[str], outputs: list[str], statements: list[str]) -> bytes:
    """A flat module."""
    wires = sorted({name for one in statements for name in re.findall(r"\bw\d+\b", one)})
    ports = [*(f"input {name}" for name in inputs), *(f"output {name}" for name in outputs)]
    body = [f"wire {name};" for name in wires if name not in outputs]
    return "\n".join(
        [f"module m({', '.join(ports)});", *body, *statements, "endmodule", ""]
    ).encode()


def drawn(seed: int, cells: int) -> tuple[list[str], list[str], list[str]]:
    """A random circuit of primitives and flip-flops; ``w`` and a number is what a cell drives."""
    draw = random.Random(seed)
    inputs = [f"i{number}" for number in range(5)]
    statements = []
    for number in range(cells):
        near = [f"w{draw.randrange(cells)}" for _ in range(2)]
        near += [f"w{max(0, number - draw.randrange(1, 9))}", draw.choice(inputs)]
        kind = draw.choice([*GATES, "dff", "dff"])
        if kind == "dff":
            pins = f".RN(1'b1), .SN(1'b1), .CK(clk), .D({draw.choice(near)}), .Q(w{number})"
        else:
            read = [draw.choice(near) for _ in range(1 if kind == "not" else draw.randrange(2, 4))]
            pins = ", ".join([f"w{number}", *read])
        statements.append(f"{kind} g{number}({pins});")
    return [*inputs, "clk"], [f"w{cells - 1}", f"w{cells // 2}"], statements


def graph(statements: list[str]) -> tuple[list[str], list[list[str]]]:
    """The kind of each cell and what its data pins read, straight from the text."""
    kinds, reads = [], []
    for one in statements:
        kind, pins = (
            one.split("(", 1)[0].split()[0],
            re.findall(r"\b[wi]\d+\b", one.split("(", 1)[1]),
        )
        kinds.append(kind)
        reads.append(pins[:-1] if kind == "dff" else pins[1:])
    return kinds, reads


def test_the_catalogue_lists_what_the_core_computes() -> None:
    assert list(CATALOGUE) == _native.CELL_FEATURES
    assert len(PUBLISHED) == 51
    assert list(CATALOGUE)[:51] == [one.name for one in PUBLISHED]
    for one in CATALOGUE.values():
        assert one.en
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", one.ja), one.name


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_manual_tells_every_feature(language: str) -> None:
    page = (ROOT / "docs" / language / "hardware" / "features.md").read_text()
    rows = {cells[1].strip(" `"): cells[3].strip() for cells in map(cut, page.splitlines())}
    for one in BASE:
        assert rows[one.name] == getattr(one, language)


def cut(line: str) -> list[str]:
    """The cells of a row of a table, with what stands before and behind it."""
    return [*line.split("|"), *[""] * 4]


def test_walks_are_powers_of_the_adjacency() -> None:
    for seed in range(4):
        inputs, outputs, statements = drawn(seed, 60)
        kinds, reads = graph(statements)
        netlist = read(verilog(inputs, outputs, statements))
        found = compute(netlist, [one.name for one in PUBLISHED])
        back = np.zeros((60, 60), np.int64)
        for cell, pins in enumerate(reads):
            for pin in pins:
                if pin[0] == "w":
                    back[cell, int(pin[1:])] += 1
        stores = np.array([kind == "dff" for kind in kinds], np.int64)
        pins = np.array([len(one) for one in reads])
        walks = [np.linalg.matrix_power(back, length) for length in range(6)]
        for x in range(1, 6):
            assert (found.column(f"fan_in_{x}") == walks[x - 1] @ pins).all()
            some = walks[1 : x + 1]
            assert (found.column(f"in_flipflop_{x}") == sum(walk @ stores for walk in some)).all()
            assert (
                found.column(f"out_flipflop_{x}") == sum(walk.T @ stores for walk in some)
            ).all()
            assert (found.column(f"in_loop_{x}") == sum(walk.diagonal() for walk in some)).all()
            assert (found.column(f"out_loop_{x}") == found.column(f"in_loop_{x}")).all()
            assert not found.column(f"in_const_{x}").any()


def test_levels_are_those_of_a_search() -> None:
    inputs, outputs, statements = drawn(9, 80)
    kinds, reads = graph(statements)
    before = [{int(pin[1:]) for pin in pins if pin[0] == "w"} for pins in reads]
    behind = [{load for load in range(80) if cell in before[load]} for cell in range(80)]

    def levels(edges: list[set[int]], ends: set[int]) -> list[int]:
        level = [63] * 80
        front, far = ends, 1
        while front:
            for cell in front:
                level[cell] = far
            front = {cell for cell in range(80) if edges[cell] & front and level[cell] == 63}
            far += 1
        return level

    stores = {cell for cell in range(80) if kinds[cell] == "dff"}
    found = compute(read(verilog(inputs, outputs, statements)))
    with_input = {cell for cell in range(80) if any(pin[0] == "i" for pin in reads[cell])}
    assert found.column("in_nearest_pin").tolist() == levels(before, with_input)
    out = {int(name[1:]) for name in outputs}
    assert found.column("out_nearest_pout").tolist() == levels(behind, out)
    after_store = {cell for cell in range(80) if before[cell] & stores}
    assert found.column("in_nearest_flipflop").tolist() == levels(before, after_store)
    before_store = {cell for cell in range(80) if behind[cell] & stores}
    assert found.column("out_nearest_flipflop").tolist() == levels(behind, before_store)


def tree(seed: int) -> tuple[list[str], list[str]]:
    """Gates without any path that meets another, over twelve inputs."""
    draw = random.Random(seed)
    free = [f"i{number}" for number in range(12)]
    statements: list[str] = []
    while len(free) > 1:
        kind = draw.choice(list(GATES))
        count = 1 if kind == "not" else min(len(free), draw.choice([2, 2, 3, 4]))
        read = [free.pop(draw.randrange(len(free))) for _ in range(count)]
        free.append(f"w{len(statements)}")
        statements.append(f"{kind} g{len(statements)}({', '.join([free[-1], *read])});")
    return statements, free


@pytest.mark.parametrize("seed", range(3))
def test_chances_in_trees_are_those_of_all_inputs(seed: int) -> None:
    statements, outputs = tree(seed)
    inputs = [f"i{number}" for number in range(12)]
    ones = np.zeros(len(statements))
    kinds, reads = graph(statements)
    for row in product([False, True], repeat=12):
        values = dict(zip(inputs, row, strict=True))
        for cell, (kind, pins) in enumerate(zip(kinds, reads, strict=True)):
            values[f"w{cell}"] = GATES[kind]([values[pin] for pin in pins])
            ones[cell] += values[f"w{cell}"]
    chance = ones / 2**12
    found = compute(read(verilog(inputs, outputs, statements)), ["probability", "rareness"])
    assert found.column("probability") == pytest.approx(chance, abs=1e-6)
    rarer = np.minimum(chance, 1 - chance)
    assert found.column("rareness") == pytest.approx(-np.log10(rarer), abs=1e-4)


def test_a_wide_gate_is_the_same_in_any_library() -> None:
    inputs = [f"i{number}" for number in range(8)]
    wide = read(verilog(inputs, ["w0"], [f"nor g({', '.join(['w0', *inputs])});"]))
    small = [f"nor a{n}(w{n}, i{2 * n}, i{2 * n + 1});" for n in range(4)]
    small += ["nand b4(w4, w0, w1);", "nand b5(w5, w2, w3);", "nor c(w6, w4, w5);"]
    narrow = read(verilog(inputs, ["w6"], small))
    names = ["ffc_root_leaves", "ffc_root_rareness", "ffc_root_ffc_rareness", "gate_rareness"]
    one, other = compute(wide, names).values[0], compute(narrow, names).values
    assert other == pytest.approx(np.tile(one, (7, 1)), abs=1e-5)
    assert one == pytest.approx([np.log2(9), 8 * np.log10(2), 8 * np.log10(2), 8 * np.log10(2)])


def test_names_and_order_change_nothing() -> None:
    inputs, outputs, statements = drawn(5, 150)
    plain = compute(read(verilog(inputs, outputs, statements)))
    draw = random.Random(1)
    numbers = [*range(150)]
    draw.shuffle(numbers)

    def renamed(text: str) -> str:
        return re.sub(r"\b([wg])(\d+)\b", lambda m: f"{m[1]}{numbers[int(m[2])]}", text)

    mixed = [renamed(one) for one in statements]
    for place, one in enumerate(mixed):
        kind, pins = one.split("(", 1)
        if kind.split()[0] in GATES:
            first, *rest = pins.removesuffix(");").split(", ")
            draw.shuffle(rest)
            mixed[place] = f"{kind}({', '.join([first, *rest])});"
    order = [*range(150)]
    draw.shuffle(order)
    other = read(
        verilog(inputs[::-1], [renamed(one) for one in outputs], [mixed[at] for at in order])
    )
    values = compute(other, threads=1).values
    places = {old: place for place, old in enumerate(order)}
    again = values[[places[cell] for cell in range(150)]]
    worst = np.abs(again - plain.values).max(axis=0)
    assert [name for name, off in zip(plain.names, worst, strict=True) if off > 1e-6] == []


def test_ranks_are_mid_ranks() -> None:
    inputs, outputs, statements = drawn(3, 70)
    found = compute(read(verilog(inputs, outputs, statements)), ["fan_in_3", "fan_in_3_rank"])
    values = found.column("fan_in_3")
    expected = [((values < one).sum() + (values == one).sum() / 2) / 70 for one in values]
    assert found.column("fan_in_3_rank") == pytest.approx(expected, abs=1e-6)


def test_a_counter_behind_a_rare_clock_is_odd() -> None:
    text = """module m(input clk, rst, a, b, c, d, output y, z);
    wire gate, q0, q1, n0, n1, p, q;
    and t(gate, a, b, c, d);
    not u(n0, q0);
    xor v(n1, q0, q1);
    dff f0(.RN(1'b1), .SN(1'b1), .CK(gate), .D(n0), .Q(q0));
    dff f1(.RN(1'b1), .SN(1'b1), .CK(gate), .D(n1), .Q(q1));
    dff h0(.RN(rst), .SN(1'b1), .CK(clk), .D(a), .Q(p));
    dff h1(.RN(rst), .SN(1'b1), .CK(clk), .D(p), .Q(q));
    and w(y, q0, q1);
    buf x(z, q);
    endmodule"""
    netlist = read(text.encode())
    found = compute(netlist)
    names = netlist.cell_names
    row = {name: found.values[at] for at, name in enumerate(names.to_pylist())}

    def of(cell: str, name: str) -> float:
        return float(row[cell][found.names.index(name)])

    assert of("f0", "clock_share") == 0.5
    assert of("f0", "clock_derived") == 1
    assert of("h0", "clock_derived") == 0
    assert of("f0", "clock_rareness") == pytest.approx(np.log10(16), abs=1e-4)
    assert of("f0", "reset_missing") == 0.5
    assert of("h0", "has_reset") == 1
    assert of("f0", "self_loop") == 2
    assert of("h1", "self_loop") == 0
    assert of("t", "drives_clocks") == 2
    assert of("w", "gathers_flipflops") == pytest.approx(np.log2(3))
    assert of("h1", "sequential_in") == 2


def test_scoap_is_that_of_the_paper() -> None:
    """Goldstein's rules by hand: y = (a & b) ^ c."""
    text = b"module m(input a, b, c, output y); wire p; and u(p, a, b); xor v(y, p, c); endmodule"
    found = compute(read(text), ["scoap_cc0", "scoap_cc1", "scoap_co"]).values
    # p: CC0 = 1 + 1, CC1 = 1 + 1 + 1; seen through the xor when c is known: 0 + 1 + 1.
    assert found[0] == pytest.approx(np.log10([3, 4, 3]))
    # y: CC0 = min(2 + 1, 3 + 1) + 1, CC1 = min(2 + 1, 3 + 1) + 1; seen at once.
    assert found[1] == pytest.approx(np.log10([5, 5, 1]))


def test_unknown_names_are_told() -> None:
    netlist = read(b"module m(input a, output y); not g(y, a); endmodule")
    with pytest.raises(UsageError):
        compute(netlist, ["rareness", "goodness"])
    assert compute(netlist, []).values.shape == (1, 0)


def test_an_empty_design_has_no_rows() -> None:
    found = compute(read(b"module m(input a, output y); assign y = a; endmodule"))
    assert found.values.shape == (0, len(CATALOGUE))


def test_more_threads_change_nothing() -> None:
    inputs, outputs, statements = drawn(8, 300)
    netlist = read(verilog(inputs, outputs, statements))
    tables = [compute(netlist, threads=threads).values for threads in (1, 2, 5)]
    for one, other in pairwise(tables):
        assert (one == other).all()
