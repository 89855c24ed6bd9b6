"""Netlists are read as they stand: counts, directions, functions, names and places.

Expected values come from outside: the index of the shared set, arithmetic (c6288 multiplies),
libraries' data sheets, and designs written here before they are read.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kaname.hardware.netlist import synthesis
from kaname.hardware.netlist.design import PROBLEMS, Netlist
from kaname.hardware.netlist.reading import read
from kaname.model.errors import InputError, LimitError, NotFoundError

SHARED = Path("../shared/data/hardware-crypto/netlists")

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared set is not here")


def kind(netlist: Netlist, name: str) -> Any:
    """The cell of that name that the design uses."""
    return next(one for one in netlist.types if one["name"] == name)


def cell(text: str) -> Any:
    """The only cell of a design of one instance."""
    netlist = read(f"module m; {text} endmodule".encode())
    assert netlist.cells == 1
    return netlist.types[0]


def roles(found: Any) -> dict[str, str]:
    """What each pin is for."""
    return {pin["name"]: pin["role"] for pin in found["pins"]}


def says(found: Any, output: str, **inputs: bool) -> bool:
    """What an output of a cell is for these inputs."""
    pin = next(one for one in found["pins"] if one["name"] == output)
    form, places, bits = pin["function"]
    assert form == "table"
    names = [found["pins"][place]["name"] for place in places]
    row = sum(inputs[name] << at for at, name in enumerate(names))
    return bool(bits >> row & 1)


@needs_shared
def test_the_shared_set_has_as_many_instances_as_its_index_says() -> None:
    """Every file is read without an unknown cell or a misread statement."""
    with (SHARED / "INDEX.csv").open() as index:
        expected = {row["name"]: int(row["instances"]) for row in csv.DictReader(index)}
    assert len(expected) > 100
    for name, instances in expected.items():
        netlist = read(SHARED / f"{name}.v.gz")
        assert (netlist.cells, netlist.unknown) == (instances, 0), name
        assert {one.code for one in netlist.problems} <= {"undriven", "contested"}, name
        # A stray net or two; and one design whose adders share their carries, as published.
        assert netlist.undriven <= 2, name
        assert netlist.contested == (30 if name == "classic_s38584t300" else 0), name


@needs_shared
def test_files_with_their_own_names_are_the_same_designs() -> None:
    """Escaped names, vectors, assignments and comments change nothing."""
    for raw, other in (
        ("raw_rs232t1000", "classic_rs232t1000"),
        ("raw_s38584t300", "classic_s38584t300"),
    ):
        ours, theirs = read(SHARED / f"{raw}.v.gz"), read(SHARED / f"{other}.v.gz")
        assert ours.cells == theirs.cells
        families = [sorted(netlist.table()["family"].to_pylist()) for netlist in (ours, theirs)]
        assert families[0] == families[1]
        assert len(ours.edges()[0]) == len(theirs.edges()[0])


@needs_shared
@pytest.mark.parametrize("name", ["clean_TRIT_c6288", "TRIT-TC_c6288_T045"])
def test_c6288_multiplies(name: str) -> None:
    """0 * 0 = 0 and 0xFFFF * 0xFFFF = 0xFFFE0001, whichever output is which."""
    netlist = read(SHARED / f"{name}.v.gz")
    outputs = simulated(netlist, [0b10] * len(netlist.native.inputs))
    assert len(outputs) >= 32
    assert sum(value & 1 for value in outputs) == 0
    assert sum(value >> 1 & 1 for value in outputs) == (0xFFFF * 0xFFFF).bit_count()


def simulated(netlist: Netlist, inputs: list[int]) -> list[int]:
    """Values (bit by bit) of the outputs of a design without loops."""
    pins: dict[int, dict[int, int]] = {}
    for row in netlist.pins().to_pylist():
        pins.setdefault(row["instance"], {})[row["pin"]] = row["net"]
    kinds = netlist.table()["kind"].to_pylist()
    values = dict(zip(netlist.native.inputs, inputs, strict=True))
    zero, one = netlist.native.constants
    values |= {net: value for net, value in ((zero, 0), (one, 3)) if net is not None}
    waiting = list(pins)
    while waiting:
        left = []
        for instance in waiting:
            found, nets = netlist.types[kinds[instance]], pins[instance]
            read_pins = [at for at, pin in enumerate(found["pins"]) if pin["role"] == "data"]
            if not all(nets[at] in values for at in read_pins if at in nets):
                left.append(instance)
                continue
            for at, pin in enumerate(found["pins"]):
                if pin["function"] and at in nets:
                    values[nets[at]] = evaluated(pin["function"], nets, values)
        assert len(left) < len(waiting)
        waiting = left
    return [values[net] for net in netlist.native.outputs]


def evaluated(function: Any, nets: dict[int, int], values: dict[int, int]) -> int:
    """Two rows at once."""
    form, places, bits = function
    assert form == "table"
    found = 0
    for row in range(2):
        index = sum((values[nets[place]] >> row & 1) << at for at, place in enumerate(places))
        found |= (bits >> index & 1) << row
    return found


def test_a_pins_direction_comes_from_its_cell() -> None:
    """C1 is a carry in SAED's half adder and an input of sky130's gate; S a select or a sum."""
    adder = cell("HADDX1 u(.A0(a), .B0(b), .C1(c), .SO(s));")
    gate = cell("a211oi_1 u(.A1(a), .A2(b), .B1(c), .C1(d), .Y(y));")
    assert (roles(adder)["C1"], roles(gate)["C1"]) == ("output", "data")
    assert roles(cell("MUX21X1 u(.IN1(a), .IN2(b), .S(s), .Q(q));"))["S"] == "data"
    assert roles(cell("FA_X1 u(.A(a), .B(b), .CI(c), .S(s), .CO(o));"))["S"] == "output"


def test_clocks_resets_and_scan_chains_are_told_apart() -> None:
    """Of flip-flops of five libraries."""
    scan = cell("SDFFSRX1_RS u(.D(d), .SI(i), .SE(e), .CK(c), .SN(s), .RN(r), .Q(q), .QN(n));")
    assert roles(scan) == {
        "D": "data", "SI": "scan", "SE": "scan", "CK": "clock", "SN": "reset", "RN": "reset",
        "Q": "output", "QN": "output",
    }  # fmt: skip
    assert scan["next"] == (
        "table",
        bytes([next(at for at, pin in enumerate(scan["pins"]) if pin["name"] == "D")]),
        2,
    )
    assert roles(cell("dffles2 u(.DIN(d), .EB(e), .CLK(c), .Q(q));"))["EB"] == "enable"
    assert roles(cell("edfxtp_1 u(.D(d), .DE(e), .CLK(c), .Q(q));"))["DE"] == "enable"
    assert roles(cell("DFFR_X1 u(.D(d), .RN(r), .CK(c), .Q(q));"))["RN"] == "reset"
    assert roles(cell("DFFHQNx1_ASAP7_75t_R u(.D(d), .CLK(c), .QN(q));"))["CLK"] == "clock"
    assert roles(cell("\\$_DFFE_PN0P_  u(.D(d), .C(c), .E(e), .R(r), .Q(q));"))["E"] == "enable"


AND_OR: dict[str, tuple[str, list[str], Callable[..., bool]]] = {
    "AO221X1 u(.IN1(a), .IN2(b), .IN3(c), .IN4(d), .IN5(e), .Q(y));": (
        "Q", ["IN1", "IN2", "IN3", "IN4", "IN5"], lambda a, b, c, d, e: a & b | c & d | e,
    ),
    "oai13s2 u(.DIN1(a), .DIN2(b), .DIN3(c), .DIN4(d), .Q(y));": (
        "Q", ["DIN1", "DIN2", "DIN3", "DIN4"], lambda a, b, c, d: not (a & (b | c | d)),
    ),
    "o32ai_1 u(.A1(a), .A2(b), .A3(c), .B1(d), .B2(e), .Y(y));": (
        "Y", ["A1", "A2", "A3", "B1", "B2"], lambda a, b, c, d, e: not ((a | b | c) & (d | e)),
    ),
    "sky130_fd_sc_hd__a2bb2oi_1 u(.A1_N(a), .A2_N(b), .B1(c), .B2(d), .Y(y));": (
        "Y", ["A1_N", "A2_N", "B1", "B2"],
        lambda a, b, c, d: not ((not a and not b) or (c and d)),
    ),
    "AOI21_X2 u(.A(a), .B1(b), .B2(c), .ZN(y));": (
        "ZN", ["A", "B1", "B2"], lambda a, b, c: not (a | b & c),
    ),
    "AOI21X1_RS u(.A0(a), .A1(b), .B0(c), .Y(y));": (
        "Y", ["A0", "A1", "B0"], lambda a, b, c: not (a & b | c),
    ),
    "mux2i_1 u(.A0(a), .A1(b), .S(c), .Y(y));": (
        "Y", ["A0", "A1", "S"], lambda a, b, c: not (b if c else a),
    ),
    "mxi41s2 u(.DIN1(a), .DIN2(b), .DIN3(c), .DIN4(d), .SIN0(e), .SIN1(f), .Q(y));": (
        "Q", ["DIN1", "DIN2", "DIN3", "DIN4", "SIN0", "SIN1"],
        lambda a, b, c, d, e, f: not (a, b, c, d)[e + 2 * f],
    ),
    "MAJx2_ASAP7_75t_R u(.A(a), .B(b), .C(c), .Y(y));": (
        "Y", ["A", "B", "C"], lambda a, b, c: a + b + c > 1,
    ),
    "FADDX1 u(.A(a), .B(b), .CI(c), .S(s), .CO(y));": (
        "CO", ["A", "B", "CI"], lambda a, b, c: a + b + c > 1,
    ),
    "\\$_OAI4_  u(.A(a), .B(b), .C(c), .D(d), .Y(y));": (
        "Y", ["A", "B", "C", "D"], lambda a, b, c, d: not ((a | b) & (c | d)),
    ),
    "XNOR3X1 u(.IN1(a), .IN2(b), .IN3(c), .Q(y));": (
        "Q", ["IN1", "IN2", "IN3"], lambda a, b, c: (a + b + c) % 2 == 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", AND_OR)
def test_cells_do_what_data_sheets_say(text: str) -> None:
    """For every row of the truth table."""
    output, names, rule = AND_OR[text]
    found = cell(text)
    for values in product((False, True), repeat=len(names)):
        expected = bool(rule(*values))
        assert says(found, output, **dict(zip(names, values, strict=True))) is expected, values


def test_families_and_inversion() -> None:
    """By what the function does."""
    texts = {
        "NOR4X0 u(.IN1(a), .IN2(b), .IN3(c), .IN4(d), .QN(y));": ("or", True),
        "nnd2s1 u(.DIN1(a), .DIN2(b), .Q(y));": ("and", True),
        "hi1s1 u(.DIN(a), .Q(y));": ("buffer", True),
        "NBUFFX2 u(.IN(a), .Q(y));": ("buffer", False),
        "xor2_1 u(.A(a), .B(b), .X(y));": ("xor", False),
        "OA22X1_S38584 u(.IN1(a), .IN2(b), .IN3(c), .IN4(d), .Q(y));": ("or_and", False),
        "o21ai_0 u(.A1(a), .A2(b), .B1(c), .Y(y));": ("or_and", True),
        "TIEHI_X1 u(.Q(y));": ("unknown", False),
        "sky130_fd_sc_hd__conb_1 u(.HI(y));": ("constant", False),
        "LATCHX1 u(.D(a), .CLK(b), .Q(y));": ("latch", False),
        "TNBUFFX1 u(.IN(a), .ENB(b), .Q(y));": ("tristate", False),
        "xnor (y, a, b);": ("xor", True),
        "nand g(y, a, b, c, d, e, f, g, h);": ("and", True),
    }
    for text, expected in texts.items():
        found = cell(text)
        assert (found["family"], found["inverting"]) == expected, text


def test_names_of_hierarchy_and_escapes_are_kept() -> None:
    """Paths by "/", as synthesis writes them when it flattens."""
    netlist = read(
        b"module half(input a, output y); not n(y, a); endmodule\n"
        b"module top(input \\in[0] , output [1:0] o); half \\h/1 (.a(\\in[0] ), .y(o[1]));\n"
        b"half h2(.a(o[1]), .y(o[0])); endmodule"
    )
    assert sorted(netlist.cell_names.to_pylist()) == ["h/1/n", "h2/n"]
    assert set(netlist.net_names.to_pylist()) == {"in[0]", "o[0]", "o[1]"}
    driver, load = netlist.edges()
    assert [netlist.cell_names[int(at)].as_py() for at in (driver[0], load[0])] == ["h/1/n", "h2/n"]


def test_problems_have_places_and_words_in_both_languages() -> None:
    """And the rest is read."""
    netlist = read(b"module m(input a, output y);\n  not g1(y a);\n  not g2(y, a);\nendmodule")
    assert netlist.cells == 1
    (problem,) = netlist.problems
    assert (problem.line, problem.column, problem.code) == (2, 12, "syntax")
    assert problem.text.startswith("a);")
    assert problem.render("ja") != problem.message
    for key in PROBLEMS:
        from kaname.hardware.netlist.design import Problem

        one = Problem(1, 1, key, "{x}")
        assert "{x}" in one.render("en")
        assert "{x}" in one.render("ja")


def test_digest_is_of_the_text_however_it_is_packed(tmp_path: Path) -> None:
    """A file, its bytes and its gzip are one design."""
    text = b"module m(input a, output y); not g(y, a); endmodule"
    path = tmp_path / "m.v"
    path.write_bytes(text)
    packed = tmp_path / "m.v.gz"
    packed.write_bytes(gzip.compress(text))
    found = {read(one).digest for one in (text, path, str(packed), gzip.compress(text))}
    assert found == {hashlib.sha256(text).hexdigest()}


def test_what_is_no_netlist_is_refused_with_a_reason(tmp_path: Path) -> None:
    """By an error of the tree, never by another."""
    for data, key in (
        (b"", "hardware.netlist.empty"),
        (b"\x00\xff" * 100, "hardware.netlist.empty"),
        (b"{]", "hardware.netlist.json"),
        (gzip.compress(b"module m; endmodule")[:-6], "hardware.netlist.gzip"),
        (b"module a; b x(); endmodule module b; a x(); endmodule", "hardware.netlist.recursion"),
    ):
        with pytest.raises(InputError) as refused:
            read(data)
        assert refused.value.key == key
        assert refused.value.render("ja")
    with pytest.raises(NotFoundError, match="it has m"):
        read(b"module m; not g(a, b); endmodule", top="other")
    with pytest.raises(NotFoundError):
        read(tmp_path / "nothing.v")
    with pytest.raises(InputError, match=r"folder|directory"):
        read(tmp_path)
    levels = "module m0; not g(a, b); endmodule\n" + "".join(
        f"module m{at}; m{at - 1} a(); m{at - 1} b(); endmodule\n" for at in range(1, 60)
    )
    with pytest.raises(LimitError, match="instances"):
        read(levels.encode())


def test_users_cells_come_first(tmp_path: Path) -> None:
    """As a table, as Liberty, as Verilog; the first file before the second."""
    text = b"module m(input a, b, c, output y); MYGATE g(.P(a), .R(b), .K(c), .W(y)); endmodule"
    assert read(text).unknown == 1
    table, liberty, verilog = (tmp_path / name for name in ("a.cells", "b.lib", "c.v"))
    table.write_text("library mine\nMYGATE  W = P & ~R; K: clock\n")
    liberty.write_text(
        "library (l) { cell (MYGATE) { pin (P) { direction : input; }"
        " pin (R) { direction : input; }"
        ' pin (K) { direction : input; } pin (W) { direction : output; function : "(P^R)\'"; } } }'
    )
    verilog.write_text(
        "module MYGATE(W, P, R, K); output W; input P, R, K; assign W = K ? P : R; endmodule"
    )
    found = [read(text, cells=[path]).types[0] for path in (table, liberty, verilog)]
    assert [one["family"] for one in found] == ["and", "xor", "mux"]
    assert roles(found[0])["K"] == "clock"
    assert says(found[1], "W", P=True, R=True)
    assert says(found[2], "W", P=True, R=False, K=True)
    both = read(text, cells=[liberty, table]).types[0]
    assert both["family"] == "xor"
    empty = tmp_path / "empty.cells"
    empty.write_text("# nothing\n")
    with pytest.raises(InputError, match="describes no cell"):
        read(text, cells=[empty])
    bad = tmp_path / "bad.cells"
    bad.write_text("library bad\nMYGATE W = P\nOTHER W = (P\n")
    problems = read(text, cells=[bad]).problems
    assert [one.text for one in problems if one.code == "table_line"] == [
        "bad.cells:3: OTHER W = (P"
    ]


def test_yosys_and_bench_are_read() -> None:
    """The formats that other tools exchange."""
    design = {
        "modules": {
            "m": {
                "ports": {
                    "a": {"direction": "input", "bits": [2]},
                    "y": {"direction": "output", "bits": [3]},
                },
                "cells": {"g": {"type": "$_NOT_", "connections": {"A": [2], "Y": [3]}}},
                "netnames": {},
            }
        }
    }
    found = read(json.dumps(design).encode())
    assert (found.format, found.cells, found.types[0]["family"]) == ("yosys", 1, "buffer")
    found = read(b"INPUT(a)\nOUTPUT(y)\nq = DFF(a)\ny = NAND(a, q)\n")
    assert (found.format, found.cell_names.to_pylist()) == ("bench", ["q", "y"])


RTL = b"module m(input c, d, output reg q);\nalways @(posedge c) q <= d;\nendmodule"


def test_behaviour_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Yosys, and where it may not be asked."""
    monkeypatch.setattr(synthesis, "_command", list)
    with pytest.raises(InputError, match=r"kaname\[synthesis\]") as refused:
        read(RTL)
    assert refused.value.values["line"] == "2"
    with pytest.raises(InputError) as refused:
        synthesis.synthesise(b'`include "/etc/passwd"\n' + RTL, "x.v")
    assert refused.value.key == "hardware.netlist.synthesis_files"


def test_behaviour_is_synthesised_by_yosys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program of Yosys' manners: what it writes is read, what it says is told."""
    program = tmp_path / "yosys"
    answer = {
        "modules": {
            "m": {
                "attributes": {"top": 1},
                "ports": {"c": {"direction": "input", "bits": [2]}},
                "cells": {"f": {"type": "$_DFF_P_", "connections": {"C": [2], "D": [3], "Q": [4]}}},
                "netnames": {},
            }
        }
    }
    program.write_text(
        "#!/bin/sh\ncase \"$3\" in *'-top m '*) ;; *) echo 'ERROR: no top' >&2; exit 1;; esac\n"
        f"cat > out.json <<'END'\n{json.dumps(answer)}\nEND\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(synthesis, "_command", lambda: [str(program)])
    netlist = read(RTL, top="m")
    assert (netlist.format, netlist.types[0]["family"]) == ("rtl", "flip_flop")
    assert netlist.digest == hashlib.sha256(RTL).hexdigest()
    with pytest.raises(InputError, match="no top"):
        synthesis.synthesise(RTL, "m.v", "n")
    with pytest.raises(InputError):
        synthesis.synthesise(RTL, "m.v", "m; shell")
