"""Labels of activities: the rules that lead to each, and how sure they are.

Marks of tools are judged by a posterior over ``k`` of ``n`` packets, since one packet in
65,536 bears a 16-bit mark by chance. The other rules grow surer with the packets behind
them. What a rule believes then goes through a calibration on labelled traffic
(`kaname.telescope.calibration`), so that it is a probability. Below `SURE` an activity is
``unsure``: counted, not hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.activity import Activities
from kaname.telescope.calibration import MOST, Calibration, shipped
from kaname.telescope.families import ASKING_TCP
from kaname.telescope.invariants import Invariants, learned
from kaname.telescope.survey import SurveyList, blocks_of_surveys, by_volume

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.traffic import Extent

__all__ = ["LABELS", "Labelled", "label", "posterior"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SURE = 0.6
PRIOR = 0.05  # share of a tool among sources before anything is known of one
CHANCE_32 = 2.0**-32
CHANCE_16 = 2.0**-16
CHANCE_LAYOUT = 1e-3  # other programs with ZMap 4's options, window and clear DF
CHANCE_CLOCK = 2.0**-30
CONSTANT = 0.8  # share of packets that equal the first of their minute
RAW_TTL = 128  # above it, at the telescope, the sender began with 255
WORM_PORT = 445
WORM_SHARE = 0.9
PERIODIC = 0.3  # coefficient of variation of silences
FAITHFUL = 20  # packets to at most two addresses ...
FAITHFUL_SPAN = 1800  # ... over so many seconds
# Windows that stacks and tools announce; another one, constant, is a bot's own choice.
USUAL_WINDOWS = np.array(
    [0, 512, 1024, 2048, 3072, 4096, 5840, 8192, 14600, 16384, 29200, 32120, 64240, 65535]
)
# Services of routers, cameras and recorders: what bots look for and administrators do not.
BOT_PORTS = np.array(
    [23, 81, 2323, 5501, 5555, 7547, 8291, 9530, 26, 34567, 37215, 37777, 49152, 52869, 60001]
)

LABELS = (
    "mirai",
    "bot_unnamed",
    "worm_scan",
    "masscan",
    "zmap",
    "zmap4",
    "nmap",
    "tool_unnamed",
    "host_scan",
    "udp_scan",
    "ping_scan",
    "survey",
    "backscatter_tcp",
    "backscatter_udp",
    "backscatter_icmp",
    "misconfig",
    "unsure",
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels of activities (numbers into `LABELS`) with their probability.

    ``best`` is the label before what is not sure was called ``unsure``, and ``believed``
    what its rule believes, not calibrated. ``entry`` is the place in the survey list, -1
    where there is none; ``company`` says that the block rule made it a survey;
    ``invariants`` are what was learned.
    """

    activities: Activities
    codes: Ints
    confidence: Floats
    entry: Ints
    company: Bools
    invariants: Invariants
    best: Ints
    believed: Floats

    def where(self, name: str) -> Ints:
        """Positions of the activities with label ``name``, the busiest first."""
        found = np.flatnonzero(self.codes == LABELS.index(name))
        a = self.activities
        order = np.lexsort((a["src_lo"][found], a["src_hi"][found], -a["packets"][found]))
        positions: Ints = found[order]
        return positions


def posterior(k: Ints, n: Ints, chance: float | Floats) -> Floats:
    """Probability that a tool sent the ``k`` of ``n`` packets that bear its mark.

    Bayes' rule with prior `PRIOR`, against ``k`` of ``n`` by chance (Poisson: the first
    term of the tail, (n * chance)^k / k!). Never above `MOST`.
    """
    kept = np.minimum(k, 20)
    factorial = np.array([math.lgamma(i + 1) for i in range(21)])[kept]
    by_chance = kept * np.log(np.maximum(n * np.asarray(chance), 1e-300)) - factorial
    odds = math.log((1 - PRIOR) / PRIOR) + np.minimum(by_chance, 0.0)
    sure: Floats = np.minimum(MOST, 1 / (1 + np.exp(np.clip(odds, -700, 700))))
    return sure


def label(
    rows: ir.Table,
    activities: Activities,
    extent: Extent,
    survey: SurveyList,
    ports: int,
    *,
    calibration: Calibration | None = None,
) -> Labelled:
    """A label for each of ``activities`` (of ``rows``); ``ports`` make a survey."""
    entry = survey.find(activities)
    invariants = learned(rows, activities)
    company = blocks_of_surveys(rows, activities, ports)
    rules = [
        ("survey", entry >= 0, np.full(len(activities), 0.99)),
        ("survey", company, np.full(len(activities), 0.9)),
        ("survey", by_volume(activities, extent, ports), np.full(len(activities), 0.75)),
        ("misconfig", _faithful(activities), _grown(activities, 0.95, 3)),
        *_tools(activities),
        *_related(activities, invariants),
        *_scans(activities),
        *_answers(activities),
    ]
    conditions = [condition for _, condition, _ in rules]
    names = np.array([LABELS.index(name) for name, _, _ in rules] + [LABELS.index("unsure")])
    choice = np.select(conditions, list(range(len(rules))), len(rules))
    confidence = np.select(conditions, [sure for _, _, sure in rules], 0.5)
    choice, believed = _not_by_chance(activities, choice, confidence)
    best = names[choice]
    confidence = _calibrated(best, believed, calibration or shipped())
    codes = np.where(confidence < SURE, LABELS.index("unsure"), best)
    return Labelled(activities, codes, confidence, entry, company, invariants, best, believed)


def _calibrated(codes: Ints, believed: Floats, calibration: Calibration) -> Floats:
    """The probability of each label; what no rule names stays below `SURE`."""
    sure = believed.copy()
    for code in np.unique(codes).tolist():
        own = codes == code
        if LABELS[code] != "unsure":
            sure[own] = calibration.probability(LABELS[code], believed[own])
    return sure


def _not_by_chance(a: Activities, choice: Ints, sure: Floats) -> tuple[Ints, Floats]:
    """A packet that bears a 16-bit mark by chance is one of the source's other packets."""
    doubtful = np.flatnonzero(a.of("masscan", "zmap2") & (sure < SURE))
    if not len(doubtful):
        return choice, sure
    judged = np.flatnonzero(a.of(*ASKING_TCP) & (sure >= SURE))
    order = judged[np.lexsort((-a["packets"][judged], a["src_lo"][judged], a["src_hi"][judged]))]
    busiest = {
        source: int(at)
        for at, source in zip(
            order[::-1].tolist(),
            zip(a["src_hi"][order[::-1]].tolist(), a["src_lo"][order[::-1]].tolist(), strict=True),
            strict=True,
        )
    }
    choice, sure = choice.copy(), sure.copy()
    for at in doubtful.tolist():
        other = busiest.get((int(a["src_hi"][at]), int(a["src_lo"][at])))
        if other is not None:
            choice[at], sure[at] = choice[other], sure[other]
    return choice, sure


_Rule = tuple[str, Bools, Floats]


def _grown(a: Activities, most: float, half: float) -> Floats:
    """Confidence that grows with packets: ``most`` * n / (n + half)."""
    grown: Floats = most * a["packets"] / (a["packets"] + half)
    return grown


def _tools(a: Activities) -> list[_Rule]:
    """Programs that leave a mark in every packet."""
    k = a["packets"]
    n = _syns_of_source(a)
    constant = (a.share("same_seq") >= CONSTANT) & (a.share("same_sport") >= CONSTANT)
    layout = np.where(a["clock"] > 0, CHANCE_CLOCK, CHANCE_LAYOUT)
    several = k >= 2
    return [
        ("mirai", a.of("mirai"), posterior(k, n, CHANCE_32)),
        ("masscan", a.of("masscan") & several, posterior(k, n, CHANCE_16)),
        ("zmap", a.of("zmap2") & several, posterior(k, n, CHANCE_16)),
        ("zmap4", a.of("zmap4") & several, posterior(k, n, layout)),
        (
            "nmap",
            a.of("probe") & constant & (a["same_seq"] >= 2),
            posterior(a["same_seq"], k, CHANCE_32),
        ),
    ]


def _related(a: Activities, invariants: Invariants) -> list[_Rule]:
    """Programs with a relation of their own, from raw sockets or from an infected host's."""
    has = invariants.relation >= 0
    raw = a["ttl_high"] > RAW_TTL
    sure = np.where(invariants.shared, 0.8, 0.97)
    return [
        ("bot_unnamed", has & ~raw & a.of(*ASKING_TCP), sure),
        ("tool_unnamed", has & raw & a.of(*ASKING_TCP), sure),
    ]


def _syns_of_source(a: Activities) -> Ints:
    """SYNs that the source of each activity sent in all families."""
    syn = a.of(*ASKING_TCP)
    source = np.unique(np.stack([a["src_hi"], a["src_lo"]], 1), axis=0, return_inverse=True)[1]
    source = source.reshape(-1)
    totals = np.bincount(source, weights=np.where(syn, a["packets"], 0))
    counted: Ints = totals[source].astype(np.int64)
    return counted


def _scans(a: Activities) -> list[_Rule]:
    """Sources that ask, without the mark of a named tool."""
    top_packets, top_port = a["top"] >> 16, a["top"] & 0xFFFF
    worm = (top_port == WORM_PORT) & (top_packets >= WORM_SHARE * a["packets"])
    steady = a["win_low"] == a["win_high"]
    own = ~np.isin(a["win_low"], USUAL_WINDOWS)
    raw = a["ttl_high"] > RAW_TTL
    bot = a.of("bare") & steady & own & ~raw
    target = np.isin(top_port, BOT_PORTS)
    constant = a.of("bare", "dressed") & (a.share("same_seq") >= CONSTANT) & (a["same_seq"] >= 2)
    # one datagram to one address is no scan: it may be anything
    several = (a["firsts"] >= 2) | (a["widest"] >= 2)
    moving = _grown(a, 0.95, 0.5)
    return [
        ("worm_scan", a.of("windows", "stack") & worm, _grown(a, 0.95, 0.8)),
        ("host_scan", a.of("windows", "stack"), _grown(a, 0.95, 0.5)),
        ("tool_unnamed", constant, _grown(a, 0.95, 1)),
        ("bot_unnamed", bot, _grown(a, 0.9, 1)),
        ("bot_unnamed", a.of("bare") & ~raw & _one_sport(a), _grown(a, 0.85, 1)),
        ("bot_unnamed", a.of("bare") & ~raw & steady & target, _grown(a, 0.8, 1)),
        ("tool_unnamed", a.of("bare", "dressed", "probe"), _grown(a, 0.9, 1)),
        ("udp_scan", a.of("udp") & several, moving),
        ("ping_scan", a.of("echo") & several, moving),
    ]


def _one_sport(a: Activities) -> Bools:
    """One source port for all probes, as a scanner keeps it that is a single process."""
    kept: Bools = (a.share("same_sport") >= CONSTANT) & (a["same_sport"] >= 2)
    return kept


def _answers(a: Activities) -> list[_Rule]:
    """Hosts that answer what others sent in the telescope's name."""
    sure = _grown(a, 0.97, 0.3)
    return [
        ("backscatter_tcp", a.of("answer"), sure),
        ("backscatter_udp", a.of("udp_answer"), sure),
        ("backscatter_icmp", a.of("icmp_error", "icmp_answer"), sure),
    ]


def _faithful(a: Activities) -> Bools:
    """One or two destinations, again and again: a wrong setting, not a search."""
    few = (a["firsts"] <= 2) & (a["widest"] <= 2) & (a["ports"] <= 2)
    own = a.of("udp", "stack", "windows", "dressed", "bare", "probe", "echo", "segment")
    deviation = np.sqrt(np.maximum(0, a["gap_square"] - a["gap_mean"] ** 2))
    periodic = (a["minutes"] >= 5) & (deviation < PERIODIC * a["gap_mean"])
    long = (a["packets"] >= FAITHFUL) & (a["last"] - a["first"] >= FAITHFUL_SPAN)
    faithful: Bools = own & few & (a["packets"] > 5) & (periodic | long)
    return faithful
