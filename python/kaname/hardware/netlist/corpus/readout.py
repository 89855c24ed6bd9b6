"""What reads a Trojan's results: honest logic, which makes a leak look like a function.

A leak seldom ends on a pin of its own. Wrappers select, compact or register what blocks give,
and do so with what a Trojan gives. Those cells are the host's, and are labelled so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaname.hardware.netlist.corpus.payloads import Payload
    from kaname.hardware.netlist.corpus.triggers import Site

__all__ = ["read_out"]

#: How often results of a kind of payload are read by the host.
_SHARE = {
    "spread-spectrum": 0.75,
    "leak-serial": 0.5,
    "leak": 0.3,
    "toggle-bank": 0.5,
    "block": 0.6,
    "oscillator": 0.2,
}
_MOST = 48


def read_out(site: Site, payload: Payload) -> None:
    """Let host logic read what the payload shows or only loads; ports take its place."""
    rng, words, logic = site.rng, site.words, site.logic
    if rng.random() >= _SHARE.get(payload.kind, 0.0):
        return
    results = [*payload.ports, *rng.sample(payload.loads, min(len(payload.loads), _MOST))]
    results = list(dict.fromkeys(bit for bit in results if bit > 1))
    if not results:
        return
    used = set(results)
    if rng.random() < 0.3 and logic.flops:
        results = words.register(results)
    style = rng.random()
    width = max(1, min(len(results), rng.choice([1, 2, 4, 8, 8, 16])))
    groups = [results[at : at + width] for at in range(0, len(results), width)]
    groups = [group + group[: width - len(group)] for group in groups if len(group) * 2 >= width]
    groups = [group for group in groups if len(group) == width] or [results[:width]]
    nets = [node * 2 for node in rng.sample(site.nodes, min(len(site.nodes), 8))]
    if style < 0.4:  # a bus that selects
        select = nets[: max(1, (len(groups)).bit_length())]
        other = [rng.choice(nets) for _ in range(width)]
        shown = words.pick(select, [*groups, other])
    elif style < 0.7:  # compaction with values of the host
        shown = [
            words.parity([group[k] for group in groups] + [rng.choice(nets)]) for k in range(width)
        ]
    else:  # gated by an enable
        enable = rng.choice(nets)
        joined = [words.any([group[k] for group in groups]) for k in range(width)]
        shown = [logic.both(bit, enable) for bit in joined]
    payload.ports = [bit for bit in shown if bit > 1]
    payload.loads = [bit for bit in payload.loads if bit not in used]
