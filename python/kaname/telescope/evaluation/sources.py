"""The measures of the protocol for labelled sources, as one evaluation.

Macro-F1 over the labels of the truth (for all sources, and for those with ten packets or
more), the expected calibration error, the confusion of tools, the recall of learned
invariants, and the recall of campaigns. Figures of other programs are those that the
reference measured on ``ibr_shared``; they are named as such and stand beside ours only.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.analysis.evaluation import Evaluation, Measure, Scores
from kaname.model.address import to_text
from kaname.model.packets import RELATIONS
from kaname.telescope.calibration import (
    Calibration,
    Judgement,
    calibration_error,
    fit,
    load,
)
from kaname.telescope.evaluation.captures import pictured
from kaname.telescope.evaluation.scores import Prediction, Score, macro_f1, predicted, score
from kaname.telescope.evaluation.truths import LabelledSet, read
from kaname.telescope.invariants import family_name
from kaname.telescope.labels import LABELS
from kaname.telescope.survey import SurveyList

__all__ = ["Assessment", "assess", "calibrated", "evaluate", "judgements", "measured"]

MANY = 10  # packets, from which on a source is one that can be known
TOOLS = ("mirai", "masscan", "zmap", "zmap4", "nmap")
_HOMEMADE = {"bot_unnamed", "tool_unnamed"}
_SEED = 424_242
# Measured by the reference on ibr_shared (2026-11-23), not on the set at hand.
_PEERS = (
    ("naive rules (20)", "macro-F1", 0.731),
    ("darknet-events", "recall of ZMap's sources", 0.50),
    ("darknet-events", "recall of Mirai's sources", 0.22),
    ("corsaro3 RSDoS", "recall of victims", 0.667),
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A labelled set, what is said of it, and the packets of each source."""

    labelled: LabelledSet
    prediction: Prediction
    packets: dict[str, int]

    @property
    def many(self) -> dict[str, set[str]]:
        """The truth of sources with `MANY` packets or more."""
        truth = self.labelled.labels
        return {s: names for s, names in truth.items() if self.packets.get(s, 0) >= MANY}


def assess(
    labelled: LabelledSet, survey: SurveyList, calibration: Calibration | None = None
) -> Assessment:
    """Read the capture of a labelled set and say what its sources are."""
    with pictured(labelled.capture) as picture:
        found = predicted(picture, survey, survey_ports=30, members=15, calibration=calibration)
        rows = picture.flowtuples
        table = (
            rows.group_by("src_hi", "src_lo")
            .aggregate(packets=rows.packets.sum().cast("int64"))
            .to_pyarrow()
        )
    columns = (table.column(name).to_pylist() for name in ("src_hi", "src_lo", "packets"))
    packets = {to_text(hi, lo): n for hi, lo, n in zip(*columns, strict=True)}
    return Assessment(labelled, found, packets)


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """The labels of sources against a truth: ``paths`` are it and its capture.

    Without any a day is simulated. Of ``params`` those of ``telescope.sources`` that name
    files are taken: ``survey_list`` and ``calibration``.
    """
    survey = SurveyList.load(str(params.get("survey_list", "")))
    calibration = load(str(params.get("calibration", "")))
    if paths:
        found = read(paths[0], paths[1] if len(paths) > 1 else None)
        return measured(assess(found, survey, calibration))
    from kaname.telescope.simulator import simulate

    with tempfile.TemporaryDirectory(prefix="kaname-evaluate-") as folder:
        made = simulate(Path(folder) / "day.pcap", _SEED)
        return measured(assess(read(Path(made.truth_path)), survey, calibration))


def measured(found: Assessment) -> Evaluation:
    """All measures of an assessment."""
    truth, said = found.labelled.labels, found.prediction.said
    scores, known = score(truth, said), score(found.many, said) if found.many else []
    sure, right = _beliefs(found)
    names = sorted({name for name in _named(found) if name is not None})
    unsure = sum("unsure" in said.get(source, ()) for source in truth)
    measures: dict[str, Measure] = {
        "sources": len(truth),
        "macro_f1": round(macro_f1(scores), 4),
        "sources_10": len(found.many),
        "macro_f1_10": round(macro_f1(known), 4) if known else 0.0,
        "unsure_sources": unsure,
        "calibration_error": round(calibration_error(sure, right), 4),
        "false_tool_names": len(names),
        **_tools_named(found),
        **_invariants(found),
        **_campaigns(found),
    }
    tables = [_labels(scores, known), _confusion(found), _families(found), _peers()]
    return Evaluation(
        analysis="telescope.sources",
        measures=measures,
        tables=tuple(table for table in tables if table.rows),
        notes=(
            f"{found.labelled.name}: labels of sources with one packet or more, and with ten",
            "a source may have several labels; each counts for itself",
            *(() if not names else ("named wrongly: " + ", ".join(names[:20]),)),
        ),
    )


def _labels(scores: list[Score], known: list[Score]) -> Scores:
    of: dict[str, Measure] = {one.label: round(one.f1, 4) for one in known}
    rows = tuple(
        (s.label, s.right, s.invented, s.missed, round(s.f1, 4), of.get(s.label, "–"))
        for s in scores
    )
    return Scores(
        "labels", ("label", "right", "invented", "missed", "F1", "F1, >= 10 packets"), rows
    )


def _beliefs(found: Assessment) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Confidence of every judged activity, and whether its label is one of its source's."""
    labelled, truth = found.prediction.labelled, found.labelled.labels
    sure, right = [], []
    for source, name, confidence in zip(
        _sources(found), found.prediction.names, labelled.confidence.tolist(), strict=True
    ):
        if source in truth and name in LABELS and name != "unsure":
            sure.append(confidence)
            right.append(name in truth[source])
    return np.array(sure, np.float64), np.array(right, np.bool_)


def _sources(found: Assessment) -> list[str]:
    """The source of each activity."""
    a = found.prediction.labelled.activities
    return [
        to_text(hi, lo) for hi, lo in zip(a["src_hi"].tolist(), a["src_lo"].tolist(), strict=True)
    ]


def _named(found: Assessment) -> list[str | None]:
    """Sources that are called a tool which they are not."""
    truth = found.labelled.labels
    return [
        f"{source} {name}" if name in TOOLS and name not in truth[source] else None
        for source, names in found.prediction.said.items()
        if source in truth and "campaign" not in truth[source] and "survey" not in truth[source]
        for name in names
    ]


def _tools_named(found: Assessment) -> dict[str, Measure]:
    """Share of tool sources of ten packets or more that are named rightly."""
    own = [(source, name) for source, names in found.many.items() for name in names & set(TOOLS)]
    if not own:
        return {}
    right = sum(name in found.prediction.said.get(source, ()) for source, name in own)
    return {"tool_sources_10": len(own), "tools_named": round(right / len(own), 4)}


def _confusion(found: Assessment) -> Scores:
    """Truth and what was said, of sources with one label and ten packets or more."""
    counted: Counter[tuple[str, str]] = Counter()
    for source, names in found.many.items():
        if len(names) == 1:
            for said in found.prediction.said.get(source, {"nothing"}):
                counted[next(iter(names)), said] += 1
    rows = tuple((true, said, n) for (true, said), n in sorted(counted.items()))
    return Scores("confusion, one label, >= 10 packets", ("truth", "said", "sources"), rows)


def _invariants(found: Assessment) -> dict[str, Measure]:
    """Recall over home-made programs with three packets or more; families of nobody."""
    truth = found.labelled.labels
    related = {
        source
        for source, relation in zip(
            _sources(found), found.prediction.labelled.invariants.relation.tolist(), strict=True
        )
        if relation >= 0
    }
    own = {
        source
        for source, names in truth.items()
        if "bot_unnamed" in names and found.packets.get(source, 0) >= 3
    }
    if not own and not related:
        return {}
    false = {s for s in related if s in truth and not truth[s] & (_HOMEMADE | {"campaign"})}
    recall = len(own & related) / len(own) if own else 1.0
    return {"invariants_recall": round(recall, 4), "invariants_false_sources": len(false)}


def _families(found: Assessment) -> Scores:
    invariants = found.prediction.labelled.invariants
    sources = np.array(_sources(found))
    rows = []
    for relation, positions in invariants.families().items():
        members = set(sources[positions].tolist())
        events = Counter(
            event for (source, _), event in found.labelled.events.items() if source in members
        )
        common = ", ".join(f"{event} {n}" for event, n in events.most_common(3))
        rows.append((family_name(relation), RELATIONS[relation], len(members), common))
    return Scores("learned families", ("family", "relation", "sources", "truth"), tuple(rows))


def _campaigns(found: Assessment) -> dict[str, Measure]:
    """Campaigns of the truth of which half of the members are said to be in one."""
    members: dict[str, list[str]] = {}
    for (source, label), event in found.labelled.events.items():
        if label == "campaign":
            members.setdefault(event, []).append(source)
    if not members:
        return {}
    said = found.prediction.said
    share = {
        event: sum("campaign" in said.get(s, ()) for s in sources) / len(sources)
        for event, sources in members.items()
    }
    return {"campaigns": len(members), "campaigns_found": sum(s >= 0.5 for s in share.values())}


def _peers() -> Scores:
    return Scores("others, as measured on ibr_shared", ("program", "measure", "figure"), _PEERS)


def judgements(found: Assessment) -> list[Judgement]:
    """What the rules believe of each activity, and whether they are right.

    Members of campaigns are left out: their label says what they do together, and the rule
    says rightly what each does. Sources of damaged packets count as wrong.
    """
    labelled, truth = found.prediction.labelled, found.labelled.labels
    gathered: dict[str, tuple[list[float], list[bool]]] = {}
    for source, name, code, believed in zip(
        _sources(found),
        found.prediction.names,
        labelled.best.tolist(),
        labelled.believed.tolist(),
        strict=True,
    ):
        names = truth.get(source, set())
        known = source in truth or source in found.labelled.odd
        joined = "campaign" in names or name not in LABELS
        if known and not joined and LABELS[code] != "unsure":
            beliefs, right = gathered.setdefault(LABELS[code], ([], []))
            beliefs.append(believed)
            right.append(LABELS[code] in names)
    return [
        Judgement(name, np.array(beliefs, np.float64), np.array(right, np.bool_))
        for name, (beliefs, right) in sorted(gathered.items())
    ]


def calibrated(found: Sequence[Assessment]) -> Calibration:
    """A calibration from assessed sets."""
    parts = [part for one in found for part in judgements(one)]
    provenance = {
        "sets": [one.labelled.name for one in found],
        "activities": sum(len(part.right) for part in parts),
        "method": "isotonic regression for each label, drawn towards that of all",
    }
    return fit(parts, provenance)
