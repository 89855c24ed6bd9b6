"""Gates that change nothing do not change what is said of the others."""

from __future__ import annotations

import numpy as np

from kaname.hardware.netlist.graph import graph_of
from kaname.hardware.netlist.model import Model
from kaname.hardware.netlist.reading import read
from kaname.hardware.netlist.sweeping import swept

_HEAD = "module top(a, b, c, d, ck, y); input a, b, c, d, ck; output y;\n"
_PLAIN = """
 nand u1(n1, a, b); nor u2(n2, c, d); xor u3(n3, n1, n2); and u4(n4, n3, a, c);
 or u5(n5, n4, d); xor u6(y, n5, n2); endmodule
"""
_HIDDEN = """
 nand u1(n1, a, b); nor u2(n2, c, d); xor u3(n3, h4, h2); and u4(n4, n3, a, c);
 or u5(n5, h6, d); xor u6(y, n5, n2); endmodule
 """
_GATES = """
 buf g1(h1, n1); or g2(h3, h1, c); and g3(h4, h1, h3);
 not g4(h5, n2); not g5(h2, h5);
 xor g6(h7, n4, b); xor g7(h6, h7, b);
"""


def test_hidden_cells_are_judged_as_they_were() -> None:
    model = Model.load()
    plain = read((_HEAD + _PLAIN).encode())
    hidden = read((_HEAD + _GATES + _HIDDEN).encode())
    before = dict(zip(plain.cell_names.to_pylist(), model.judge(plain).probability, strict=True))
    verdict = model.judge(hidden)
    after = dict(zip(hidden.cell_names.to_pylist(), verdict.probability, strict=True))
    assert {name: after[name] for name in before} == before
    # x & (x | y) is never what an honest tool makes: as suspicious as what is around it.
    assert after["g3"] == max(before["u1"], before["u3"])


def test_each_cell_of_a_hidden_design_is_explained() -> None:
    model = Model.load()
    hidden = read((_HEAD + _GATES + _HIDDEN).encode())
    verdict = model.judge(hidden)
    found = model.explain_all(hidden, verdict, list(range(hidden.cells)))
    assert [one.place for one in found] == list(range(13))
    assert verdict.as_json(cells=found)["cells"] == 13


def test_scores_are_taken_back_to_all_cells() -> None:
    hidden = read((_HEAD + _GATES + _HIDDEN).encode())
    rest = swept(hidden)
    assert rest is not None
    assert rest.netlist.cells == 6
    names = hidden.cell_names.to_pylist()
    place = dict(zip(names, rest.place.tolist(), strict=True))
    score = np.zeros(6, np.float32)
    score[place["u1"]], score[place["u3"]] = 0.8, 0.4
    whole = dict(zip(names, rest.whole(score, graph_of(hidden)).tolist(), strict=True))
    assert whole["g3"] == np.float32(0.8)  # the highest around
    assert whole["g1"] == np.float32(0.8)  # a buffer between u1 and gates of 0.8
    assert whole["g4"] == np.float32(0.2)  # an inverter between u2 (0) and one of 0.4


def test_a_design_without_such_gates_is_left_alone() -> None:
    assert swept(read((_HEAD + _PLAIN).encode())) is None
