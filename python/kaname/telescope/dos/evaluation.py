"""How good the detection of attacks is: victims found and invented, by estimated rate.

The truth is a labelled set (`kaname.telescope.evaluation.truths`): every source with a
label of backscatter speaks for a victim, itself or the one that its ICMP errors quote. It
is found when an attack on one of its victims is reported, and an attack is right when some
source of the truth speaks for its victim. The rate class of a source is that of its own
packets, whatever was reported: packets over their time, scaled to the whole Internet.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.analysis.evaluation import Evaluation, Measure, Scores
from kaname.analysis.frame import settle
from kaname.model.address import to_text
from kaname.telescope.analyses.dos import Dos
from kaname.telescope.dos.answers import answers
from kaname.telescope.dos.corsaro import vectors
from kaname.telescope.dos.judgement import Judged, judge
from kaname.telescope.evaluation.captures import seen
from kaname.telescope.evaluation.truths import LabelledSet, read
from kaname.telescope.words import estimated_rate

if TYPE_CHECKING:
    from kaname.telescope.picture import Picture

__all__ = ["Victims", "assess", "evaluate"]

BACKSCATTER = frozenset({"backscatter_tcp", "backscatter_udp", "backscatter_icmp"})
CLASSES = (50, 1_000, 10_000, 100_000)  # packets per second at the victim, lower bounds
_SEED = 424_242
# Measured by the reference on ibr_shared (2026-11-23): victims of attacks, none invented.
_PEER = ("corsaro3 RSDoS", "dos-* and org-*", 0.667, 1.0)


@dataclass(frozen=True, slots=True)
class Victims:
    """What is said of a labelled set: truth and reports, as texts of addresses.

    ``speaks_for``: true source -> victims; ``rates``: true source -> packets per second.
    """

    labelled: LabelledSet
    speaks_for: dict[str, set[str]]
    rates: dict[str, float]
    reported: set[str]
    corsaro: set[str]

    def found(self, said: set[str]) -> set[str]:
        """True sources for one of whose victims ``said`` has an attack."""
        return {source for source, victims in self.speaks_for.items() if victims & said}

    def right(self, said: set[str]) -> set[str]:
        """Those of ``said`` that some true source speaks for."""
        return said & set().union(*self.speaks_for.values())


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Attacks against a truth: ``paths`` are it and its capture; else a day is simulated."""
    if paths:
        return _measured(assess(read(paths[0], paths[1] if len(paths) > 1 else None), params))
    from kaname.telescope.simulator import simulate

    with tempfile.TemporaryDirectory(prefix="kaname-evaluate-") as folder:
        made = simulate(Path(folder) / "day.pcap", _SEED)
        return _measured(assess(read(Path(made.truth_path)), params))


def assess(labelled: LabelledSet, params: Mapping[str, Any]) -> Victims:
    """Read the capture of a labelled set and say who its victims are."""
    settled = settle(Dos.name, Dos.parameters, params)
    least, rate = int(settled["least"]), int(settled["rate"])
    with seen(labelled.capture) as (picture, tables):
        found = judge(picture, tables["rsdos"], least=least, rate=rate)
        known = {to_text(*vector.victim) for vector in vectors(tables["rsdos"])}
        true = {s for s, names in labelled.labels.items() if names & BACKSCATTER}
        rates, speaks_for = _sent(picture, true)
    return Victims(labelled, speaks_for, rates, _victims(found), known)


def _victims(found: Judged) -> set[str]:
    return {to_text(*attack.victim) for attack in found.attacks}


def _sent(picture: Picture, true: set[str]) -> tuple[dict[str, float], dict[str, set[str]]]:
    """Rates of true sources, and the victims that they speak for."""
    rows = answers(picture)
    table = (
        rows.group_by("src_hi", "src_lo", "hi", "lo")
        .aggregate(
            packets=rows.packets.sum().cast("int64"), first=rows["at"].min(), last=rows["at"].max()
        )
        .to_pyarrow()
        .to_pylist()
    )
    own: dict[str, list[dict[str, Any]]] = defaultdict(list)
    speaks_for: dict[str, set[str]] = {source: {source} for source in true}
    for row in table:
        source = to_text(row["src_hi"], row["src_lo"])
        if source in true:
            own[source].append(row)
            speaks_for[source].add(to_text(row["hi"], row["lo"]))
    rates = {source: _rate(parts, picture.extent.addresses) for source, parts in own.items()}
    return rates, speaks_for


def _rate(parts: list[dict[str, Any]], addresses: int) -> float:
    seconds = max(part["last"] for part in parts) - min(part["first"] for part in parts)
    return estimated_rate(sum(part["packets"] for part in parts), seconds, addresses)


def _measured(of: Victims) -> Evaluation:
    found, right = of.found(of.reported), of.right(of.reported)
    strong = {source for source, rate in of.rates.items() if rate >= CLASSES[0]}
    measures: dict[str, Measure] = {
        "victims": len(of.speaks_for),
        "reported": len(of.reported),
        "precision": _share(len(right), len(of.reported)),
        "recall": _share(len(found), len(of.speaks_for)),
        "victims_50_pps": len(strong),
        "recall_50_pps": _share(len(found & strong), len(strong)),
        "corsaro_reported": len(of.corsaro),
        "corsaro_precision": _share(len(of.right(of.corsaro)), len(of.corsaro)),
        "corsaro_recall_50_pps": _share(len(of.found(of.corsaro) & strong), len(strong)),
    }
    return Evaluation(
        analysis="telescope.dos",
        measures=measures,
        tables=(_by_rate(of, found), _by_event(of, found), _peers()),
        notes=(
            f"{of.labelled.name}: every source labelled as backscatter counts",
            "also one of which a single packet came by",
        ),
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _by_rate(of: Victims, found: set[str]) -> Scores:
    bounds = [0, *CLASSES, float("inf")]
    corsaro, rows = of.found(of.corsaro), []
    for low, high in itertools.pairwise(bounds):
        own = {s for s in of.speaks_for if low <= of.rates.get(s, 0.0) < high}
        if own:
            shares = (_share(len(own & found), len(own)), _share(len(own & corsaro), len(own)))
            rows.append((f">= {low:,}", len(own), *shares))
    header = ("packets/s at the victim", "victims", "recall", "recall, corsaro rules")
    return Scores("by estimated rate", header, tuple(rows))


def _by_event(of: Victims, found: set[str]) -> Scores:
    """Events of the truth by their name without a number."""
    groups: dict[str, set[str]] = defaultdict(set)
    for (source, label), event in of.labelled.events.items():
        if label in BACKSCATTER:
            groups[event.rstrip("0123456789").rstrip("-")].add(source)
    corsaro = of.found(of.corsaro)
    rows = tuple(
        (name, len(own), _share(len(own & found), len(own)), _share(len(own & corsaro), len(own)))
        for name, own in sorted(groups.items())
    )
    return Scores("by event", ("event", "victims", "recall", "recall, corsaro rules"), rows)


def _peers() -> Scores:
    header = ("program", "events", "recall", "precision")
    return Scores("others, as measured on ibr_shared", header, (_PEER,))
