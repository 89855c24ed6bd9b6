"""Small netlists in each format, and what users say of cells.

python rust/netlist/fuzz/seeds.py
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "seeds" / "netlist"
SEEDS = {
    "verilog": (
        "`timescale 1ns/1ps\nmodule leaf(input i, output o); not n(o, i); endmodule\n"
        "module top #(parameter W = 2) (a, y, \\z[0] ); input [W:0] a; output y, \\z[0] ;\n"
        "wire w = ~a[0] & a[1]; (* keep *) leaf u(.i(w), .o(y));\n"
        "NAND2X0 g1 (.IN1({1'b1}), .IN2(a[2]), .QN(\\z[0] )); endmodule\n"
    ),
    "statements": (
        "assign y = a ? b : 1'b0; nand (z, a, b); wire [3:0] v; supply0 g;\n"
        "dff f(.RN(1'b1), .SN(1'b1), .CK(a), .D(b), .Q(v[2])); /* ; */ ODD o (.P(v), .Q(g));\n"
    ),
    "behaviour": "module m(input c, d, output reg q); always @(posedge c) q <= d; endmodule\n",
    "yosys": (
        '{"modules": {"m": {"attributes": {"top": 1}, "ports": {"a": {"direction": "input", '
        '"bits": [2]}, "y": {"direction": "output", "bits": [3]}}, "cells": {"g": {"type": '
        '"$_NOT_", "connections": {"A": [2], "Y": [3]}}}, "netnames": {"n": {"hide_name": 1, '
        '"bits": [3, "x"]}}}}}\n'
    ),
    "bench": "# c\nINPUT(a)\nINPUT(b)\nOUTPUT(y)\ny = NAND(a, b)\nq = DFF(y)\n",
    "liberty": (
        'library (l) { cell (X) { ff (IQ, IQN) { next_state : "(D E) + (E\' IQ)"; clocked_on : '
        '"C"; } pin (D) { direction : input; } pin (E) { direction : input; } pin (C) { clock : '
        'true; direction : input; } pin (Q) { direction : output; function : "IQ"; } } }\n'
    ),
    "table": "library l\ntail X# _*\nA, B  Q = ~(IN1 & IN2); family: and\nF next = D; Q = state\n",
}


def main() -> None:
    """Write the seeds."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in SEEDS.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
