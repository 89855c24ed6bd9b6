"""Designs of our own: what is made is what it says, a sleeping Trojan changes nothing."""

import dataclasses
import re
from random import Random

import numpy as np
import pytest

from kaname.hardware.netlist.corpus import Mixture, generate, labelled
from kaname.hardware.netlist.corpus.binding import Binder
from kaname.hardware.netlist.corpus.hosts import BLOCKS, RECIPES, compose
from kaname.hardware.netlist.corpus.libraries import LIBRARIES
from kaname.hardware.netlist.corpus.logic import Logic
from kaname.hardware.netlist.corpus.making import make
from kaname.hardware.netlist.corpus.proving import follow
from kaname.hardware.netlist.corpus.publishing import publish
from kaname.hardware.netlist.corpus.restructuring import rebuild
from kaname.hardware.netlist.corpus.simulation import simulate, stimuli
from kaname.hardware.netlist.corpus.technology import technology
from kaname.hardware.netlist.corpus.words import Words
from kaname.model.errors import ConflictError

SMALL = Mixture(smallest=80, largest=300)


def driven(bound, seed, clocks, words, inputs):
    """The simulation's own stimuli, on the nets of a finished design; reset and scan held off."""
    drawn = stimuli(inputs, seed, clocks, words)
    quiet = np.zeros((clocks, words), np.uint64)
    found = {net: drawn[:, at] if at < inputs else quiet for at, net in enumerate(bound.inputs)}
    if bound.reset >= 0:
        found[bound.reset] = ~quiet if bound.idle else quiet
    return found | dict.fromkeys(bound.scan, quiet)


def value(run, word, clock=-1):
    """A word's numbers in the first 64 runs."""
    bits = [run.literal(bit)[clock, 0] for bit in word]
    return [
        sum(int(b >> np.uint64(lane) & np.uint64(1)) << k for k, b in enumerate(bits))
        for lane in range(64)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_arithmetic_is_arithmetic(seed):
    logic = Logic()
    words = Words(logic, Random(seed))
    a, b = words.inputs(7), words.inputs(7)
    product, (total, carry) = words.multiply(a, b), words.add(a, b)
    (difference, _), less, ones = words.subtract(a, b), words.less(a, b), words.count_ones(a)
    run = simulate(logic, seed)
    x, y = value(run, a), value(run, b)
    assert value(run, product) == [p * q for p, q in zip(x, y, strict=True)]
    assert value(run, [*total, carry]) == [p + q for p, q in zip(x, y, strict=True)]
    assert value(run, difference) == [(p - q) % 128 for p, q in zip(x, y, strict=True)]
    assert value(run, [less]) == [p < q for p, q in zip(x, y, strict=True)]
    assert value(run, ones) == [p.bit_count() for p in x]


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_every_block_gives_something_that_moves(name):
    logic = Logic()
    logic.clock = logic.input()
    words = Words(logic, Random(7))
    out = BLOCKS[name](words, words.inputs, 3)
    run = simulate(logic, 1, clocks=40)
    assert any(0 < run.ones[bit >> 1] < 1 for bit in out)


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_cells_do_what_the_network_does(library):
    for seed, recipe in enumerate(("controller", "datapath", "arithmetic", "bus")):
        rng = Random(seed)
        tool = technology(LIBRARIES[library], rng)
        logic = rebuild(compose(rng, recipe, 150), tool.style).logic
        binder = Binder(logic, tool, rng)
        binder.map(tool)
        bound = binder.bound()
        run = simulate(logic, seed, clocks=8, words=1)
        clocks, _, words = run.values.shape
        course = follow(bound, driven(bound, seed, clocks, words, len(logic.inputs)), -1)
        expected = np.stack([run.literal(out) for out in logic.outputs], axis=1)
        assert np.array_equal(course.outputs[:, : len(logic.outputs)], expected)


def test_restructuring_keeps_behaviour():
    host = compose(Random(3), "anything", 600)
    run = simulate(host, 5)
    for way in (1, 2, 3):
        tool = technology(LIBRARIES["sky130"], Random(way))
        tool.style.split_xor, tool.style.split_mux, tool.style.rebalance = way, True, 1.0
        other = rebuild(host, tool.style).logic
        seen = simulate(other, 5)
        for before, after in zip(host.outputs, other.outputs, strict=True):
            assert np.array_equal(run.literal(before), seen.literal(after))


def test_a_sleeping_trojan_changes_nothing_and_can_wake():
    woken = disturbed = pairs = 0
    for seed in range(40):
        made = make(seed, SMALL)
        if made.kind in {"clean", "always-on/intercept"}:  # the latter changes all from the start
            continue
        twin = make(seed, SMALL, twin=True)
        inputs = len(twin.bound.inputs) - len(twin.bound.scan)
        shown = len(twin.bound.outputs) - bool(twin.bound.scan)
        moment = made.moment
        shape = (moment.seed, moment.clocks, moment.words) if moment else (seed, 12, 1)
        with_, without = (
            follow(one.bound, driven(one.bound, *shape, inputs), one.trigger)
            for one in (made, twin)
        )
        differ = with_.outputs[:, :shown] ^ without.outputs[:, :shown]
        if made.trigger <= 1:  # always on: it leaks or heats, and changes no output
            assert not differ.any(), made.kind
            continue
        awake = ~with_.watched if made.low else with_.watched
        woke = np.bitwise_or.accumulate(awake, axis=0)
        assert not (differ & ~woke[:, None]).any(), made.kind
        pairs += 1
        disturbed += bool(differ.any())
        if moment:
            clock, word, bit = moment.at
            assert woke[clock, word] >> np.uint64(bit) & np.uint64(1), made.kind
            woken += 1
    assert pairs > 15
    assert woken > 4
    assert disturbed > 2


def test_the_same_seed_gives_the_same_designs():
    first, again = (list(generate(9, hosts=4, mixture=SMALL)) for _ in range(2))
    assert first == again
    assert len({one.text for one in (*first, *generate(10, hosts=4, mixture=SMALL))}) == 8


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_the_reader_understands_every_style(library):
    from kaname.hardware.netlist.reading import read

    mixture = dataclasses.replace(SMALL, libraries=(library,))
    for one in generate(2, hosts=6, mixture=mixture):
        design = read(one.text.encode())
        assert [problem.text for problem in design.problems] == []
        assert design.cells == one.instances
        names = design.cell_names
        names = names.to_pylist() if hasattr(names, "to_pylist") else list(names)
        assert one.trojan <= set(names)
        families = design.table().column("family").to_pylist()
        assert "unknown" not in {str(family).lower() for family in families}


def test_names_and_order_say_nothing():
    places = []
    for one in generate(4, hosts=40, mixture=SMALL):
        instances = re.findall(r"^ +\S+ +(g\d+) \(", one.text, re.MULTILINE)
        assert instances == [f"g{number}" for number in range(one.instances)]
        wires = set(re.findall(r"[A-Za-z]\w*", one.text.split(");", 1)[0])) - {"module", "top"}
        assert all(re.fullmatch(r"n\d+", wire) for wire in wires)
        places += [int(name[1:]) / one.instances for name in one.trojan]
    assert len(places) > 500
    assert 0.46 < np.mean(places) < 0.54


def test_a_corpus_is_written_whole_or_not_at_all(tmp_path):
    folder = tmp_path / "corpus"

    def fail(_name, done, _total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(folder, designs=3, seed=1, mixture=SMALL, progress=fail)
    assert list(tmp_path.iterdir()) == []
    report = publish(folder, designs=3, seed=1, mixture=SMALL)
    back = sorted(labelled(folder), key=lambda one: one.text)
    made = sorted(generate(1, hosts=3, mixture=SMALL), key=lambda one: one.text)
    assert [(b.text, b.trojan, b.host, b.kind) for b in back] == [
        (m.text, m.trojan, m.host, m.kind) for m in made
    ]
    assert report["instances"] == sum(one.instances for one in made)
    assert (folder / "INDEX.csv").read_text().splitlines()[0] == "name,instances,trojan_instances"
    with pytest.raises(ConflictError):
        publish(folder, designs=1, seed=1)


def test_every_recipe_makes_hosts_of_the_size_asked_for():
    for recipe in RECIPES:
        logic = compose(Random(1), recipe, 700)
        assert 700 <= len(logic) < 2600
        assert logic.outputs
