"""Why an activity has its label: the features with their numbers and thresholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kaname.model.address import to_text
from kaname.model.packets import RELATIONS
from kaname.telescope import labels
from kaname.telescope.activity import Activities
from kaname.telescope.detail import Detail
from kaname.telescope.invariants import family_name
from kaname.telescope.survey import MEMBER_PORTS, SurveyList
from kaname.telescope.traffic import BLOCK, Extent

__all__ = ["Case", "Reason", "because"]

Reason = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled activity and what it was judged by."""

    labelled: labels.Labelled
    position: int
    detail: Detail
    extent: Extent
    survey: SurveyList
    survey_ports: int

    @property
    def activities(self) -> Activities:
        """The columns that the activity is a position in."""
        return self.labelled.activities

    def number(self, name: str) -> int:
        """A whole number of the activity."""
        return int(self.activities[name][self.position])

    def share(self, name: str) -> float:
        """Share of packets that equal the first of their minute, in percent."""
        return round(100 * float(self.activities.share(name)[self.position]), 1)


def because(name: str, case: Case) -> tuple[Reason, ...]:
    """The reasons for label ``name``, the decisive one first."""
    parts = [*_REASONS[name](case), *_posterior(name, case)]
    return tuple((f"telescope.reason.{key}", values) for key, values in parts)


def _mark(key: str) -> Callable[[Case], list[Reason]]:
    def reasons(case: Case) -> list[Reason]:
        return [(key, {"k": case.number("packets")}), *_reach(case)]

    return reasons


def _reach(case: Case) -> list[Reason]:
    return [("reach", {"n": case.detail.destinations, "of": case.extent.addresses})]


def _zmap4(case: Case) -> list[Reason]:
    clock = case.number("clock")
    timed: list[Reason] = [("zmap4_clock", {"k": clock})] if clock else []
    return [("zmap4_layout", {"k": case.number("packets")}), *timed, *_reach(case)]


def _nmap(case: Case) -> list[Reason]:
    limit = round(100 * labels.CONSTANT)
    return [
        ("nmap_probe", {"k": case.number("packets")}),
        ("constant_seq", {"share": case.share("same_seq"), "limit": limit}),
        ("constant_sport", {"share": case.share("same_sport"), "limit": limit}),
        *_reach(case),
    ]


def _stack(case: Case) -> list[Reason]:
    again: list[Reason] = []
    if case.number("again"):
        again = [("retransmission", {"rows": case.number("again")})]
    return [("kernel_stack", {"window": case.number("win_low")}), *again, *_reach(case)]


def _worm(case: Case) -> list[Reason]:
    share = round(100 * (case.number("top") >> 16) / case.number("packets"), 1)
    limit = round(100 * labels.WORM_SHARE)
    values = {"port": labels.WORM_PORT, "share": share, "limit": limit}
    return [("port_share", values), *_stack(case)]


def _invariant(case: Case) -> list[Reason]:
    """The learned relation of the source, if it has one."""
    found = case.labelled.invariants
    relation = int(found.relation[case.position])
    if relation < 0:
        return []
    family = {"relation": RELATIONS[relation], "family": family_name(relation)}
    if found.shared[case.position]:
        return [("invariant_shared", family)]
    k, n = int(found.held[case.position]), int(found.of[case.position])
    bits = round(float(found.bits[case.position]))
    return [("invariant", {"k": k, "n": n, "bits": bits, **family})]


def _bot(case: Case) -> list[Reason]:
    return [
        *_invariant(case),
        ("own_window", {"window": case.number("win_low"), "k": case.number("packets")}),
        ("bare", {"ttl": case.number("ttl_high"), "limit": labels.RAW_TTL}),
        *_reach(case),
    ]


def _tool(case: Case) -> list[Reason]:
    reasons = [*_invariant(case), ("no_mark", {"k": case.number("packets")})]
    if case.number("ttl_high") > labels.RAW_TTL:
        reasons.append(("raw_ttl", {"ttl": case.number("ttl_high"), "limit": labels.RAW_TTL}))
    if case.share("same_seq") >= 100 * labels.CONSTANT and case.number("same_seq") >= 2:
        limit = round(100 * labels.CONSTANT)
        reasons.append(("constant_seq", {"share": case.share("same_seq"), "limit": limit}))
    return reasons + _reach(case)


def _survey(case: Case) -> list[Reason]:
    ports = ("survey_ports", {"n": case.number("ports"), "limit": case.survey_ports})
    entry = int(case.labelled.entry[case.position])
    if entry >= 0:
        return [("survey_list", {"org": case.survey.cited(entry)}), *_reach(case)]
    if case.labelled.company[case.position]:
        low = case.number("src_lo")
        block = f"{to_text(case.number('src_hi'), low - low % BLOCK)}/24"
        limits = {"limit": case.survey_ports, "own": MEMBER_PORTS}
        return [("survey_block", {"block": block, **limits}), ports]
    packets = {"n": case.number("packets"), "limit": case.extent.addresses}
    return [ports, ("survey_volume", packets)]


def _answers(case: Case) -> list[Reason]:
    several = case.detail.destinations
    reasons: list[Reason] = [("answers", {"n": several})]
    if case.detail.victim is not None:
        reasons.append(("inner_header", {"victim": to_text(*case.detail.victim)}))
    return reasons


def _misconfig(case: Case) -> list[Reason]:
    mean = float(case.activities["gap_mean"][case.position])
    square = float(case.activities["gap_square"][case.position])
    deviation = float(np.sqrt(max(0.0, square - mean * mean)))
    reasons: list[Reason] = [
        ("faithful", {"n": case.detail.destinations, "k": case.number("packets")})
    ]
    if mean > 0 and deviation < labels.PERIODIC * mean:
        values = {"gap": round(mean), "cv": round(deviation / mean, 3), "limit": labels.PERIODIC}
        reasons.append(("periodic", values))
    return reasons


def _posterior(name: str, case: Case) -> list[Reason]:
    """How sure the label is, and what it took."""
    sure = round(float(case.labelled.confidence[case.position]), 4)
    if name in _MARKS:
        values = {"p": sure, "chance": _MARKS[name], "prior": labels.PRIOR}
        return [("posterior", values)]
    return [("sure", {"p": sure, "limit": labels.SURE})]


_MARKS = {
    "mirai": "2^-32",
    "masscan": "2^-16",
    "zmap": "2^-16",
    "zmap4": "10^-3",
    "nmap": "2^-32",
}
_REASONS: dict[str, Callable[[Case], list[Reason]]] = {
    "mirai": _mark("mirai_seq"),
    "masscan": _mark("masscan_id"),
    "zmap": _mark("zmap_id"),
    "zmap4": _zmap4,
    "nmap": _nmap,
    "worm_scan": _worm,
    "host_scan": _stack,
    "bot_unnamed": _bot,
    "tool_unnamed": _tool,
    "udp_scan": _reach,
    "ping_scan": _reach,
    "survey": _survey,
    "backscatter_tcp": _answers,
    "backscatter_udp": _answers,
    "backscatter_icmp": _answers,
    "misconfig": _misconfig,
}
