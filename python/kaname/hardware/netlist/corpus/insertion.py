"""Put a Trojan into a host: before mapping (one tool makes both), or into the finished cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.binding import Binder, Bound
from kaname.hardware.netlist.corpus.chance import drawn
from kaname.hardware.netlist.corpus.logic import Kind, Logic
from kaname.hardware.netlist.corpus.payloads import PAYLOADS, Payload
from kaname.hardware.netlist.corpus.readout import read_out
from kaname.hardware.netlist.corpus.restructuring import rebuild
from kaname.hardware.netlist.corpus.simulation import simulate
from kaname.hardware.netlist.corpus.technology import Technology, technology
from kaname.hardware.netlist.corpus.triggers import TRIGGERS, Moment, Site, Trigger
from kaname.hardware.netlist.corpus.words import Words

if TYPE_CHECKING:
    from random import Random

__all__ = ["Plan", "Trojaned", "clean_twin", "insert_after", "insert_before"]

_TRIES = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """Which Trojan is to be put in."""

    trigger: str
    payload: str


@dataclass(slots=True)
class Trojaned:
    """A finished design with what was put in; `trigger` is the net that wakes it."""

    bound: Bound
    kind: str
    trigger: int
    moment: Moment | None
    #: The net is 0 when the Trojan wakes.
    low: bool = False


def insert_after(logic: Logic, tool: Technology, plan: Plan, rng: Random) -> Trojaned | None:
    """Map the host, then wire a Trojan of another taste into its cells."""
    binder = Binder(logic, tool, rng)
    binder.map(tool)
    net = binder.mapper.net
    special = _special(logic)
    nodes = sorted({literal >> 1 for literal in net if literal > 1 and literal & ~1 not in special})
    guest = technology(tool.library, rng, like=tool)
    since = len(logic)
    shown = [net[out] for out in logic.outputs]
    # Nodes inside the host's cells cannot be read any more: the Trojan shares its own only.
    logic.made = {}
    logic.split_xor, logic.split_mux = guest.style.split_xor, guest.style.split_mux
    done = _build(_site(logic, nodes, guest, rng), plan)
    if done is None:
        return None
    trigger, payload = done
    natives = _natives(binder, payload)
    hosts = {id(gate) for gate in binder.mapper.gates}
    for victim, literal in natives.items():
        # The host's inverter of a victim will read the payload: the Trojan must not read that.
        if victim not in binder.mapper.complemented:
            net.pop(literal ^ 1, None)
    stands = {v: literal ^ (natives[v] & 1) for v, literal in payload.replaced.items()}
    logic.outputs = [*payload.ports, *stands.values()]
    logic.anchors = list(payload.loads)
    logic.named = [trigger.literal >> 1]
    binder.map(guest, since, noise=rng.choice([0.0, 0.3, 0.6]))
    moved = {net[natives[v]]: net[literal] for v, literal in stands.items()}
    shown += [net[port] for port in payload.ports]
    bound = binder.bound(shown, scan_guest=rng.random() < 0.2)
    _move(bound, moved, hosts)
    return _done(bound, binder, trigger, payload, trigger.literal)


def _done(
    bound: Bound, binder: Binder, trigger: Trigger, payload: Payload, wake: int
) -> Trojaned | None:
    """Say what was made; none where optimisation left no net that wakes the Trojan."""
    net = binder.mapper.net
    low = wake not in net
    if low and wake ^ 1 not in net:
        return None
    kind = f"{trigger.kind}/{payload.kind}"
    return Trojaned(bound, kind, net[wake ^ low], trigger.moment, low=low)


def _move(bound: Bound, moved: dict[int, int], hosts: set[int]) -> None:
    """Let the host's gates, flip-flops and outputs read what stands on a net instead of it."""
    for gate in bound.gates:
        buffer = gate.form[0] == "BUF" and not gate.foreign
        if buffer or id(gate) in hosts:
            gate.inputs = [moved.get(pin, pin) for pin in gate.inputs]
    for flop in bound.stored:
        if flop.foreign:
            continue
        outs = {flop.cell.true, flop.cell.complement}
        for pin, at in flop.pins.items():
            if pin not in outs:
                flop.pins[pin] = moved.get(at, at)
    bound.outputs = [moved.get(out, out) for out in bound.outputs]


def insert_before(
    logic: Logic, tool: Technology, plan: Plan, rng: Random, after: int
) -> Trojaned | None:
    """Put the Trojan into the network, optimise both together, map both with one tool.

    `after` seeds the optimisation, so that a clean twin can be made in the same way.
    """
    gates = (Kind.AND, Kind.XOR, Kind.MUX, Kind.FLOP)
    nodes = [node for node in range(len(logic)) if logic.kind[node] in gates]
    site = _site(logic, nodes, tool, rng)
    done = _build(site, plan)
    if done is None:
        return None
    trigger, payload = done
    logic.outputs = [*logic.outputs, *payload.ports]
    logic.anchors = [*logic.anchors, *payload.loads]
    logic.named = [trigger.literal >> 1]
    tool.style.rng = drawn(after)
    built = rebuild(logic, tool.style, payload.replaced)
    binder = Binder(built.logic, tool, rng)
    binder.map(tool)
    bound = binder.bound(scan_guest=rng.random() < 0.5)
    if trigger.literal >> 1 not in built.node:
        return None
    return _done(bound, binder, trigger, payload, built.literal(trigger.literal))


def _special(logic: Logic) -> set[int]:
    return {literal & ~1 for literal in (logic.clock, logic.reset) if literal >= 0}


def _site(logic: Logic, nodes: list[int], tool: Technology, rng: Random) -> Site:
    special = _special(logic)
    words = Words(logic, rng)
    free = [node * 2 for node in logic.inputs if node * 2 not in special]
    if free and (logic.reset < 0 or rng.random() < 0.15) and rng.random() < 0.6:
        # The Trojan resets by an input of its choice.
        words.own_reset = rng.choice(free) ^ rng.randrange(2)
    if words.reset >= 0:
        words.reset_style = rng.choice(["none", "async", "async", "sync", "sync"])
    words.enable_pins = tool.style.enables and rng.random() < 0.3
    secrets = [flop.node * 2 for flop in logic.flops]
    secrets += [node * 2 for node in logic.inputs if node * 2 not in special]
    if len(secrets) < 24:
        secrets += [node * 2 for node in rng.sample(nodes, min(len(nodes), 24))]
    clocks = 48 if logic.flops else 8
    run = simulate(logic, rng.getrandbits(32), clocks=clocks, words=4 if len(logic) < 9000 else 2)
    return Site(logic, words, run, nodes, secrets, _away(logic), rng)


def _away(logic: Logic) -> list[int]:
    """Steps from a node to the nearest output, over gates and flip-flops."""
    data = {flop.node: flop.data for flop in logic.flops}
    away = [len(logic)] * len(logic)
    edge = sorted({out >> 1 for out in logic.outputs})
    step = 0
    while edge:
        for node in edge:
            away[node] = step
        step += 1
        below = {pin >> 1 for node in edge for pin in logic.fanins(node)}
        below |= {data[node] >> 1 for node in edge if node in data}
        edge = sorted(node for node in below if away[node] > step)
    return away


def _build(site: Site, plan: Plan) -> tuple[Trigger, Payload] | None:
    """Make the Trojan's nodes; try other victims where it would close a loop."""
    logic = site.logic
    since = len(logic)
    logic.marking = True
    trigger = TRIGGERS[plan.trigger](site)
    for _ in range(_TRIES):
        payload = PAYLOADS[plan.payload](site, trigger)
        if not _loops(logic, payload.replaced, since):
            logic.marking = False
            if payload.wake >= 0:
                trigger.literal, trigger.moment = payload.wake, None
            read_out(site, payload)
            _give_clock(logic)
            return trigger, payload
    logic.marking = False
    return None


def _give_clock(logic: Logic) -> None:
    """A Trojan with flip-flops brings a clock to a host that has none."""
    if logic.clock < 0 and logic.flops:
        logic.clock = logic.input()
        for flop in logic.flops:
            if flop.clock < 0:
                flop.clock = logic.clock


def _loops(logic: Logic, replaced: dict[int, int], since: int) -> bool:
    """Whether readers of a replaced net feed what replaces it, without a flip-flop between."""
    if not replaced:
        return False
    stack = [literal >> 1 for literal in replaced.values()]
    seen = set(stack)
    while stack:
        at = stack.pop()
        if logic.kind[at] == Kind.KEPT and at < since:
            continue
        for pin in logic.fanins(at):
            below = pin >> 1
            if below in replaced and not logic.foreign[at]:
                return True
            if below not in seen:
                seen.add(below)
                stack.append(below)
    return False


def _natives(binder: Binder, payload: Payload) -> dict[int, int]:
    """The literal whose net is a victim's own output."""
    found = {}
    for victim in payload.replaced:
        kind = binder.logic.kind[victim]
        gate = kind in (Kind.AND, Kind.XOR, Kind.MUX)
        found[victim] = binder.mapper.native(victim) if gate else victim * 2
        if found[victim] not in binder.mapper.net:
            found[victim] ^= 1
    return found


def clean_twin(logic: Logic, tool: Technology, rng: Random, after: int | None) -> Bound:
    """Map a host without a Trojan, in the way in which its Trojaned twin is made."""
    if after is not None:
        tool.style.rng = drawn(after)
        logic = rebuild(logic, tool.style).logic
    binder = Binder(logic, tool, rng)
    binder.map(tool)
    return binder.bound()
