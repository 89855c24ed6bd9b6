"""Rewritings keep the function of a design; rules and designs are evaluated here anew."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from kaname._native import REWRITINGS, rewriting_of
from kaname.hardware.netlist.adversarial import copies, equal, labels, rewrite
from kaname.hardware.netlist.adversarial.concealment import (
    concealment_degree,
    exposure,
    margins,
)
from kaname.hardware.netlist.adversarial.rewriting import stages
from kaname.hardware.netlist.design import Netlist
from kaname.hardware.netlist.reading import read
from kaname.model.errors import InputError, IntegrityError, UsageError

_SHARED = Path(__file__).parents[5] / "shared/data/hardware-crypto/netlists"

# Functions of cells that libraries have, the first input lowest.
_CELLS = {
    "nand3": (3, 0x7F),
    "nor4": (4, 0x0001),
    "xor3": (3, 0x96),
    "aoi22": (4, ~(0x8888 | 0xF000) & 0xFFFF),
    "oai21": (3, ~0xA8 & 0xFF),
    "mux2": (3, 0xCA),
    "majority": (3, 0xE8),
    "and6": (6, 1 << 63),
}
_WHOLE = {"contraction", "duplicate", "state_inversion"}  # not made of one cell's function

_DESIGN = """
module top (ck, a, b, c, d, y, z);
  input ck, a, b, c, d;
  output y, z;
  wire q0, q1, n0, n1, n2, n3, n4, n5, t0, t1, t2;
  nand h0 (n0, a, b, q0);
  xor h1 (n1, n0, c);
  nor h2 (n2, n1, d, q1);
  or h3 (n3, n2, q0, a);
  dff f0 (.RN(1'b1), .SN(1'b1), .CK(ck), .D(n1), .Q(q0));
  dff f1 (.RN(a), .SN(1'b1), .CK(ck), .D(n3), .Q(q1));
  and T0 (t0, a, b, c, d);
  dff T1 (.RN(a), .SN(1'b1), .CK(ck), .D(t0), .Q(t1));
  and T2 (t2, t1, q1, n0);
  xor T3 (y, n2, t2);
  buf h4 (z, n3);
endmodule
"""
_TROJAN = {"T0", "T1", "T2", "T3"}


def _evaluated(circuit: tuple[list[tuple[int, list[int]]], list[int]], inputs: tuple[int, ...]):
    gates, outputs = circuit
    values = list(inputs)
    for bits, reads in gates:
        place = sum(values[at] << k for k, at in enumerate(reads))
        values.append(bits >> place & 1)
    return [values[at] for at in outputs]


def _functions():
    yield from ((1, bits) for bits in (0b01, 0b10))
    yield from ((2, bits) for bits in range(1, 15))
    yield from ((3, bits) for bits in range(1, 255, 3))
    yield from _CELLS.values()


@pytest.mark.parametrize("rule", [name for name in REWRITINGS if name not in _WHOLE])
def test_every_rule_says_the_same_for_all_inputs(rule: str) -> None:
    around = rule.startswith("tap_") or rule.endswith(("_input", "_output"))
    if around:
        circuit = rewriting_of(rule, 1, 0b10, 0)
        assert circuit is not None
        taps = _inputs_of(circuit) - 1
        for x, *y in itertools.product((0, 1), repeat=1 + taps):
            assert _evaluated(circuit, (x, *y)) == [x]
        return
    applied = 0
    for inputs, bits in _functions():
        for pin in range(inputs):
            circuit = rewriting_of(rule, inputs, bits, pin)
            if circuit is None:
                continue
            applied += 1
            for place in range(1 << inputs):
                values = tuple(place >> k & 1 for k in range(inputs))
                assert _evaluated(circuit, values) == [bits >> place & 1], (rule, inputs, bits)
    assert applied > 0


def _inputs_of(circuit: tuple[list[tuple[int, list[int]]], list[int]]) -> int:
    """How many inputs a circuit has: its outputs are its last gate."""
    gates, outputs = circuit
    return outputs[0] - (len(gates) - 1)


def test_an_unknown_rule_or_function_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        rewriting_of("nothing", 2, 8, 0)
    with pytest.raises(ValueError, match="7"):
        rewriting_of("de_morgan", 7, 8, 0)


class _Simulation:
    """A design evaluated net by net in Python, from its pins and the functions of its cells."""

    def __init__(self, netlist: Netlist) -> None:
        self.netlist = netlist
        names = netlist.net_names.to_pylist()
        cells = netlist.cell_names.to_pylist()
        kinds = netlist.table()["kind"].to_pylist()
        self.inputs = {names[net]: net for net in netlist.native.inputs}
        self.outputs = {names[net]: net for net in netlist.native.outputs}
        self.pins: list[dict[int, int]] = [{} for _ in cells]
        for row in netlist.pins().to_pylist():
            self.pins[row["instance"]][row["pin"]] = row["net"]
        self.gates, self.kept = [], {}
        for at, kind in enumerate(kinds):
            about = netlist.types[kind]
            for place, pin in enumerate(about["pins"]):
                if pin["role"] != "output" or place not in self.pins[at]:
                    continue
                out = self.pins[at][place]
                what, reads, bits = pin["function"]
                if what == "state":
                    data = [k for k, one in enumerate(about["pins"]) if one["role"] == "data"]
                    self.kept.setdefault(cells[at], (self.pins[at][data[0]], []))[1].append(
                        (out, bool(bits))
                    )
                else:
                    assert what in ("table", "wide")
                    self.gates.append((what, [self.pins[at][k] for k in reads], bits, out))
        self._sort()

    def _sort(self) -> None:
        known = set(self.inputs.values()) | set(self.netlist.native.constants)
        known |= {out for _, outs in self.kept.values() for out, _ in outs}
        order, left = [], self.gates
        while left:
            ready = [gate for gate in left if known.issuperset(gate[1])]
            assert ready, "a loop"
            order += ready
            known.update(gate[3] for gate in ready)
            left = [gate for gate in left if not known.issuperset([gate[3]])]
        self.gates = order

    def run(self, inputs: dict[str, np.ndarray], states: dict[str, np.ndarray]):
        values: dict[int, np.ndarray] = {net: inputs[name] for name, net in self.inputs.items()}
        some = next(iter(inputs.values()))
        zero, one = self.netlist.native.constants
        values |= {zero: np.zeros_like(some), one: np.ones_like(some)}
        for name, (_, outs) in self.kept.items():
            values |= {out: states[name] ^ inverted for out, inverted in outs}
        for what, reads, bits, out in self.gates:
            read = [values[net] for net in reads]
            if what == "table":
                place = sum(value.astype(np.int64) << k for k, value in enumerate(read))
                table = np.array([bits >> k & 1 for k in range(1 << len(read))], np.bool_)
                values[out] = table[place] if read else np.full_like(some, bool(bits & 1))
            else:
                gate = (np.logical_and, np.logical_or, np.logical_xor)[bits >> 1]
                values[out] = gate.reduce(read) ^ bool(bits & 1)
        return (
            {name: values[net] for name, net in self.outputs.items()},
            {name: values[data] for name, (data, _) in self.kept.items()},
        )


def _agree(first: Netlist, second: Netlist, inverted: frozenset[str], vectors: int = 256) -> None:
    """Outputs and next states of two designs for random inputs and states."""
    one, two = _Simulation(first), _Simulation(second)
    random = np.random.default_rng(1)
    assert one.inputs.keys() == two.inputs.keys()
    assert one.kept.keys() == two.kept.keys()
    inputs = {name: random.random(vectors) < 0.5 for name in one.inputs}
    states = {name: random.random(vectors) < 0.5 for name in one.kept}
    turned = {name: value ^ (name in inverted) for name, value in states.items()}
    ours, next_ours = one.run(inputs, states)
    theirs, next_theirs = two.run(inputs, turned)
    for name, value in ours.items():
        assert (value == theirs[name]).all(), name
    for name, value in next_ours.items():
        assert (value == (next_theirs[name] ^ (name in inverted))).all(), name


def test_a_rewritten_design_read_again_does_the_same() -> None:
    first = read(_DESIGN.encode())
    for seed in range(8):
        made = rewrite(first, _TROJAN, seed=seed, budget=30)
        again = read(made.text(seed).encode())
        assert again.cells == made.netlist.cells
        assert not again.problems
        assert made.proof.complete
        assert made.proof.vectors >= 100_000
        _agree(first, again, made.inverted)
        assert equal(first, again, inverted=made.inverted).complete


def test_the_budget_and_the_labels_hold() -> None:
    first = read(_DESIGN.encode())
    hosts = set(first.cell_names.to_pylist()) - _TROJAN
    for budget in (0, 1, 5, 40):
        made = rewrite(first, _TROJAN, seed=3, budget=budget)
        assert made.netlist.cells - first.cells == made.added <= budget
        names = set(made.netlist.cell_names.to_pylist())
        # Cells of the host stay as they are; everything new is of the Trojan.
        assert hosts <= names
        assert names - made.names() == hosts
        first_names = first.cell_names.to_pylist()
        origins = {first_names[at] for at in made.origin[made.trojan]}
        assert origins <= _TROJAN
        if not budget:
            assert made.rules == {}
    assert rewrite(first, _TROJAN, seed=3, budget=40).added > 30


def test_the_same_seed_gives_the_same_design() -> None:
    first = read(_DESIGN.encode())
    texts = [rewrite(first, _TROJAN, seed=seed, budget=20).text() for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]

    guided = [
        rewrite(first, _TROJAN, seed=1, budget=20, score=_of_big_gates, evaluations=8).text()
        for _ in range(2)
    ]
    assert guided[0] == guided[1]


def _of_big_gates(netlist: Netlist) -> np.ndarray:
    """A naive detector: gates of three and more inputs and flip-flops are suspicious."""
    counts = np.bincount(netlist.pins()["instance"].to_numpy(), minlength=netlist.cells)
    return np.where(counts >= 4, 0.9, 0.1).astype(np.float32)


def test_a_guided_attack_hides_what_the_detector_looks_at_and_stays_in_its_bounds() -> None:
    first = read(_DESIGN.encode())
    calls = 0

    def score(netlist: Netlist) -> np.ndarray:
        nonlocal calls
        calls += 1
        return _of_big_gates(netlist)

    trojan = np.array([name in _TROJAN for name in first.cell_names.to_pylist()])
    before = score(first)[trojan]
    budgets = (2, 10)
    levels = list(stages(first, trojan, seed=0, budgets=budgets, score=score, evaluations=30))
    assert calls <= 32
    for budget, made in zip(budgets, levels, strict=True):
        assert made.added <= budget
        assert made.proof.complete
    last = levels[-1]
    after = score(last.netlist)[last.trojan]
    assert (before > 0.5).mean() >= 0.75
    assert (after > 0.5).mean() <= 0.35
    assert concealment_degree(after, np.ones(len(after), bool)) > 1.0
    assert exposure(margins(after)).mean() < exposure(margins(before)).mean()


def test_copies_to_train_on_differ_and_are_proved() -> None:
    first = read(_DESIGN.encode())
    made = list(copies(first, _TROJAN, seed=5, count=3))
    assert len({one.netlist.digest for one in made}) == 3
    assert all(one.proof.complete and one.added > 0 for one in made)
    assert list(copies(first, set(), seed=5)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("and T2 (t2, t1, q1, n0)", "or T2 (t2, t1, q1, n0)"),
        ("and T2 (t2, t1, q1, n0)", "and T2 (t2, t1, q1)"),
        ("D(t0)", "D(n0)"),
        ("dff T1 (.RN(a)", "dff T1 (.RN(b)"),
        ("xor h1 (n1, n0, c)", "xnor h1 (n1, n0, c)"),
    ],
)
def test_a_wrong_rewriting_is_caught(before: str, after: str) -> None:
    first = read(_DESIGN.encode())
    wrong = _DESIGN.replace(before, after)
    assert wrong != _DESIGN
    with pytest.raises(IntegrityError, match="different"):
        equal(first, read(wrong.encode()))


def test_designs_with_other_ports_or_flip_flops_are_not_compared() -> None:
    first = read(_DESIGN.encode())
    other = read(_DESIGN.replace("dff f0", "dff f9").encode())
    with pytest.raises(IntegrityError, match="unpaired"):
        equal(first, other)


@pytest.mark.skipif(not _SHARED.is_dir(), reason="the labelled netlists are not here")
@pytest.mark.parametrize(
    "name",
    [
        "JC-SW130_s1196_T0065_C",
        "classic_rs232t1000",
        "TRIT-TC_c2670_T008",
        "TRIT-TS_s1423_T400",
        "iccad25_design1",
    ],
)
def test_shared_designs_do_the_same_after_a_rewriting(name: str) -> None:
    found = sorted(_SHARED.glob(f"{name}*.v.gz"))
    if not found:
        pytest.skip("no such design")
    first = read(found[0])
    trojan = labels.read(labels.find(found[0], None), first)
    made = rewrite(first, trojan, seed=7, budget=40)
    again = read(made.text(1).encode())
    assert made.added <= 40
    assert made.proof.exact >= 0.9 * made.proof.points
    assert again.cells == made.netlist.cells
    _agree(first, again, made.inverted)


def test_labels_are_read_and_refused(tmp_path: Path) -> None:
    netlist = read(_DESIGN.encode())
    place = tmp_path / "top.v.gz"
    with pytest.raises(UsageError, match=r"top\.labels\.json"):
        labels.find(place, None)
    beside = tmp_path / "top.labels.json"
    beside.write_bytes(labels.encode(_TROJAN, netlist.cells))
    assert labels.find(place, None) == labels.find(place, tmp_path) == beside
    assert labels.read(beside, netlist) == _TROJAN
    assert json.loads(beside.read_text())["instances"] == netlist.cells
    with pytest.raises(UsageError, match="2"):
        labels.find(place, beside, 2)
    for damaged in (b"", b"[]", b'{"trojan_instances": 3}', b"\xff\xfe", b'{"trojan_instances"'):
        beside.write_bytes(damaged)
        with pytest.raises(InputError, match="labels"):
            labels.read(beside, netlist)
    beside.write_bytes(labels.encode({"nobody"}, 1))
    with pytest.raises(InputError, match="nobody"):
        labels.read(beside, netlist)
