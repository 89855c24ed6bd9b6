"""Payloads: what a Trojan does once it is awake: change a value, stop, leak, drain power.

Kinds after the Trust-HUB taxonomy (change function, degrade, leak, deny service). A payload
says which nets it stands on (`replaced`: readers of the node read the literal instead), and may
add ports or loads that no port shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.logic import ONE, ZERO, Kind

if TYPE_CHECKING:
    from kaname.hardware.netlist.corpus.triggers import Site, Trigger

__all__ = ["PAYLOADS", "Payload"]


@dataclass(slots=True)
class Payload:
    """What was put on the host."""

    kind: str
    replaced: dict[int, int] = field(default_factory=dict)
    #: Literals that become outputs of the design.
    ports: list[int] = field(default_factory=list)
    #: Literals that are loads only.
    loads: list[int] = field(default_factory=list)
    #: Literal that is 1 when the payload acts, if it is not the trigger's.
    wake: int = -1


def _victims(site: Site, count: int) -> list[int]:
    """Choose nets, more often those near outputs: a change there is seen."""
    found = []
    for _ in range(count):
        drawn = site.rng.sample(site.nodes, min(5, len(site.nodes)))
        near = site.rng.random() < 0.65
        found.append(min(drawn, key=site.away.__getitem__) if near else drawn[0])
    return sorted(set(found))


def _word(site: Site, count: int) -> list[int]:
    """Choose nets that belong together: outputs, or nets made one after the other."""
    fit = set(site.nodes)
    shown = sorted({out >> 1 for out in site.logic.outputs} & fit)
    pool = shown if len(shown) >= count and site.rng.random() < 0.5 else site.nodes
    at = site.rng.randrange(max(1, len(pool) - count))
    return pool[at : at + count]


def _secret(site: Site, count: int) -> list[int]:
    return site.word(count)


def flip(site: Site, trigger: Trigger) -> Payload:
    """XOR on a net."""
    return Payload(
        "flip", {v: site.logic.differ(v * 2, trigger.literal) for v in _victims(site, 1)}
    )


def force(site: Site, trigger: Trigger) -> Payload:
    """AND or OR on one net, or the same on several."""
    rng, logic = site.rng, site.logic
    count = rng.choice([1, 1, 2, 3, 4, 8])
    replaced = {}
    victims = _victims(site, count) if rng.random() < 0.4 else _word(site, count)
    mixed, up = rng.random() < 0.3, rng.random() < 0.5
    for victim in victims:
        up = rng.random() < 0.5 if mixed else up
        low = logic.both(victim * 2, trigger.literal ^ 1)
        replaced[victim] = logic.either(victim * 2, trigger.literal) if up else low
    return Payload("force", replaced)


def swap(site: Site, trigger: Trigger) -> Payload:
    """A multiplexer on nets: another net's value, its complement, or a constant."""
    rng, logic = site.rng, site.logic
    replaced = {}
    for victim in _victims(site, rng.choice([1, 1, 1, 2, 3])):
        style = rng.random()
        other = rng.randrange(2) if style < 0.3 else rng.choice(site.nodes) * 2
        replaced[victim] = logic.choose(trigger.literal, other, victim * 2)
    return Payload("swap", replaced)


def leak_port(site: Site, trigger: Trigger) -> Payload:
    """Show a secret on a port that has another use, or on one of its own."""
    rng, logic = site.rng, site.logic
    secrets = _secret(site, rng.choice([1, 1, 2, 4, 8]))
    outputs = [out for out in logic.outputs if out >> 1 in set(site.nodes)]
    replaced, ports = {}, []
    for secret in secrets:
        if outputs and rng.random() < 0.7:
            out = outputs.pop(rng.randrange(len(outputs))) >> 1
            replaced[out] = logic.choose(trigger.literal, secret, out * 2)
        else:
            ports.append(logic.both(trigger.literal, secret))
    return Payload("leak", replaced, [port for port in ports if port > 1])


def leak_serial(site: Site, trigger: Trigger) -> Payload:
    """Load a secret into a shift register and send it bit by bit over a pin or a load."""
    rng, logic, words = site.rng, site.logic, site.words
    secrets = _secret(site, rng.choice([4, 8, 16, 16, 32]))
    begun = words.register([trigger.literal])[0]
    load = logic.both(trigger.literal, begun ^ 1)
    kept = words.stored(
        len(secrets), lambda k: words.choose(load, secrets, [*k[1:], rng.choice([ZERO, k[0]])])
    )
    if rng.random() < 0.5 and logic.outputs:
        out = rng.choice(logic.outputs) >> 1
        if out in set(site.nodes):
            bit = logic.both(kept[0], begun)
            return Payload("leak-serial", {out: logic.differ(out * 2, bit)})
    return Payload("leak-serial", {}, [kept[0]])


def spread_spectrum(site: Site, trigger: Trigger) -> Payload:
    """A feedback register whose noise covers secret bits, over ports or over loads only."""
    rng, logic, words = site.rng, site.logic, site.words
    width = rng.choice([8, 12, 16, 16, 20, 24, 32])
    taps = sorted({*rng.sample(range(width), rng.choice([2, 4])), width - 1})
    gated = trigger.literal != ONE
    seed = rng.getrandbits(width) | 1
    flip_ = rng.randrange(2)
    start = words.reset if words.reset_style == "none" or rng.random() < 0.4 else -1

    def following(kept: list[int]) -> list[int]:
        new = [words.parity([kept[t] for t in taps]) ^ flip_, *kept[:-1]]
        if start >= 0:
            new = [
                (logic.either if seed >> k & 1 else logic.both)(bit, start ^ (seed >> k & 1) ^ 1)
                for k, bit in enumerate(new)
            ]
        return words.choose(trigger.literal, new, kept) if gated else new

    noise = words.stored(width, following, value=seed)
    secrets = _secret(site, rng.choice([1, 4, 8, 8, 16]))
    covered = [logic.differ(a, b) for a, b in zip(secrets, noise, strict=False)]
    style = rng.random()
    if style < 0.4:  # many equal loads a bit, so that their current can be seen
        many = rng.choice([2, 4, 8])
        heavy = words.register([bit for bit in covered for _ in range(many)])
        return Payload("spread-spectrum", {}, [], heavy)
    held = words.register(covered) if style < 0.8 else covered
    for _ in range(rng.choice([0, 0, 1, 3])):
        held += words.register(held[-len(covered) :])
    if rng.random() < 0.5:
        return Payload("spread-spectrum", {}, held[-len(covered) :], held[: -len(covered)])
    return Payload("spread-spectrum", {}, [], held)


def oscillator(site: Site, trigger: Trigger) -> Payload:
    """A ring of inverting gates that runs while awake."""
    rng, logic = site.rng, site.logic
    form = rng.choice(["INV", "INV", "NAND", "NAND", "NOR"])
    tied = 1 if form == "INV" else rng.choice([2, 3, 3])
    rings: list[int] = []
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        stages = rng.choice([5, 7, 9, 11, 13, 15, 17, 19, 21, 25, 29, 35, 41])
        head = logic.keep("NAND", [trigger.literal, ZERO])
        wire = head
        taps = []
        for _ in range(stages - 1 + stages % 2):
            wire = logic.keep(form, [wire] * tied)
            taps.append(wire)
        logic.kept[head >> 1][1][1] = wire
        rings.append(rng.choice(taps))
    return Payload("oscillator", {}, [], rings)


def delay(site: Site, trigger: Trigger) -> Payload:
    """A long chain of inverters in the way of a net; awake, the net takes it."""
    rng, logic = site.rng, site.logic
    victim = _victims(site, 1)[0]
    wire = victim * 2
    form, tied = rng.choice([("INV", 1), ("INV", 1), ("NAND", 3), ("NAND", 2), ("NOR", 3)])
    for _ in range(2 * rng.randint(3, 20)):
        wire = logic.keep(form, [wire] * tied)
    out = wire if trigger.literal == ONE else logic.choose(trigger.literal, wire, victim * 2)
    return Payload("delay", {victim: out})


def toggle_bank(site: Site, trigger: Trigger) -> Payload:
    """Many flip-flops that all toggle while awake: heat, and a side channel."""
    rng, logic, words = site.rng, site.logic, site.words
    count = rng.choice([8, 12, 16, 24, 32, 64, 128])
    style = rng.randrange(4)
    if style == 0:
        bank = words.stored(count, lambda k: [logic.differ(b, trigger.literal) for b in k])
    elif style == 1:
        ring = words.stored(count, lambda k: words.choose(trigger.literal, [k[-1] ^ 1, *k[:-1]], k))
        bank = ring[-1:]
    elif style == 2:
        ring = words.stored(
            rng.choice([4, 8, 12]),
            lambda k: [logic.both(b, trigger.literal) for b in [words.parity(k[-2:]) ^ 1, *k[:-1]]],
        )
        mixed = [logic.differ(rng.choice(ring), rng.choice(_secret(site, 4))) for _ in range(4)]
        bank = words.register([rng.choice(mixed) for _ in range(count)])
    else:
        data = _secret(site, 4)
        bank = words.stored(
            count,
            lambda k: [
                logic.choose(trigger.literal, b ^ 1, data[at % len(data)]) for at, b in enumerate(k)
            ],
        )
    return Payload("toggle-bank", {}, [], bank)


def deny(site: Site, trigger: Trigger) -> Payload:
    """Hold many registers: the same force on all bits of a word or on a control net."""
    rng, logic = site.rng, site.logic
    readers: dict[int, int] = {}
    for node in range(len(logic)):
        for pin in logic.fanins(node):
            readers[pin >> 1] = readers.get(pin >> 1, 0) + 1
    busy = sorted(site.nodes, key=lambda node: -readers.get(node, 0))[: 4 + len(site.nodes) // 30]
    replaced = {}
    for victim in rng.sample(busy, min(len(busy), rng.choice([1, 1, 2, 4]))):
        low = logic.both(victim * 2, trigger.literal ^ 1)
        replaced[victim] = low if rng.random() < 0.5 else logic.either(victim * 2, trigger.literal)
    return Payload("deny", replaced)


def corrupt_state(site: Site, trigger: Trigger) -> Payload:
    """Change bits of registers as they are read."""
    rng, logic = site.rng, site.logic
    flops = [node for node in site.nodes if logic.kind[node] == Kind.FLOP]
    if not flops:
        return flip(site, trigger)
    at = rng.randrange(len(flops))
    replaced = {}
    for victim in flops[at : at + rng.choice([1, 2, 4, 8])]:
        replaced[victim] = logic.differ(victim * 2, trigger.literal)
    return Payload("corrupt-state", replaced)


def block(site: Site, trigger: Trigger) -> Payload:
    """A whole extra block of hundreds to thousands of cells, fed by the host, for one result."""
    rng, logic, words = site.rng, site.logic, site.words
    target = rng.choice([150, 300, 600, 1200, 2500, 4000])
    before = len(logic)
    state = _secret(site, rng.choice([16, 24, 32, 48]))
    kinds = rng.sample(["multiply", "boxes", "add", "compare", "hash"], rng.choice([1, 1, 2, 3]))
    table = list(range(1 << rng.choice([4, 5, 6])))
    rng.shuffle(table)
    wide = (len(table) - 1).bit_length()
    while len(logic) - before < target and len(state) >= 2 * wide:
        kind = rng.choice(kinds)
        half = len(state) // 2
        if kind == "multiply":
            size = min(half, 16)
            state = words.multiply(state[:size], state[size : 2 * size]) + state[2 * size :]
        elif kind == "boxes":
            state = [
                bit
                for at in range(0, len(state) - wide + 1, wide)
                for bit in words.lookup(table, state[at : at + wide])
            ]
            state = [logic.differ(a, b) for a, b in zip(state, state[5:] + state[:5], strict=True)]
        elif kind == "add":
            total, carry = words.add(state[:half], state[half : 2 * half])
            state = [*state[half + 1 :], *total, carry]
        elif kind == "compare":
            state = [words.less(state[:half], state[half : 2 * half]), *state[3:], *state[:3]]
            state += [words.equals(state[:half], state[half : 2 * half])]
        else:
            state = [
                logic.differ(a, logic.choose(b, c, d))
                for a, b, c, d in zip(
                    state,
                    state[1:] + state[:1],
                    state[3:] + state[:3],
                    state[7:] + state[:7],
                    strict=True,
                )
            ]
        if rng.random() < 0.15:
            state = words.register(state)
    result = words.parity(state) if rng.random() < 0.5 else words.all(state[:8])
    awake = logic.both(result, trigger.literal)
    if rng.random() < 0.5:
        victim = _victims(site, 1)[0]
        return Payload("block", {victim: logic.differ(victim * 2, awake)}, wake=awake)
    rest = state[8:] if rng.random() < 0.3 else []
    return Payload("block", {}, [awake], rest)


def intercept(site: Site, trigger: Trigger) -> Payload:
    """Stand on a whole word: its readers get it mixed with noise, counted up, or another word.

    What is put in sits before the host, often on its ports, and is never still: neither rare
    nor hard to see.
    """
    rng, words = site.rng, site.words
    wanted = rng.choice([1, 4, 8, 8, 8, 16, 16, 24, 32])
    word = [bit & ~1 for bit in _secret(site, wanted)] if rng.random() < 0.7 else []
    word = word or [victim * 2 for victim in _word(site, wanted)]
    word = list(dict.fromkeys(word))
    new = _mixed(site, word)
    if rng.random() < 0.4:
        new = words.register(new)
    if trigger.literal != ONE:
        new = words.choose(trigger.literal, new, word)
    return Payload("intercept", {at >> 1: bit for at, bit in zip(word, new, strict=True)})


def _mixed(site: Site, word: list[int]) -> list[int]:
    """A word in place of another."""
    rng, logic, words = site.rng, site.logic, site.words
    style = rng.random()
    if style < 0.55:
        width = max(len(word), rng.choice([4, 8, 12, 16, 20, 24]))
        taps = sorted({*rng.sample(range(width), min(width, 4)), width - 1})
        noise = words.stored(
            width,
            lambda k: [words.parity([k[t] for t in taps]) ^ 1, *k[:-1]],
            value=rng.getrandbits(width),
        )
        return noise[: len(word)] if style < 0.12 else words.bitwise(logic.differ, word, noise)
    if style < 0.7:
        count = words.stored(len(word), words.increment)
        return words.add(word, count)[0]
    if style < 0.85:
        last = words.register(word)
        turn = rng.randrange(1 + len(word))
        return words.bitwise(
            rng.choice([logic.differ, logic.both]), word, last[turn:] + last[:turn]
        )
    turned = word
    for _ in range(rng.choice([1, 1, 2, 4])):
        turned = [
            logic.differ(a, logic.both(b, c ^ 1))
            for a, b, c in zip(
                turned, turned[1:] + turned[:1], turned[2:] + turned[:2], strict=True
            )
        ]
        if rng.random() < 0.5:
            turned = words.bitwise(logic.differ, turned, words.add(turned, word)[0])
    return turned


PAYLOADS = {
    "intercept": intercept,
    "flip": flip,
    "force": force,
    "swap": swap,
    "leak_port": leak_port,
    "leak_serial": leak_serial,
    "spread_spectrum": spread_spectrum,
    "oscillator": oscillator,
    "delay": delay,
    "toggle_bank": toggle_bank,
    "deny": deny,
    "corrupt_state": corrupt_state,
    "block": block,
}
