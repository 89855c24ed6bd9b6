"""How well groups of messages are campaigns: V-measure on labelled mail.

``kaname analyses evaluate mail.campaigns [MAIL... LABELS.json]``: mail in any form that a
reader knows, and a JSON object Message-ID -> campaign. Without them mail is simulated
(`kaname.traffic.campaigns.simulator`): ``campaigns`` of each kind and ``people``.

Homogeneity: a group holds one campaign only. Completeness: a campaign lies in one group.
V is their harmonic mean (A. Rosenberg and J. Hirschberg, EMNLP-CoNLL 2007).
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.lake import Lake
from kaname.traffic.campaigns.clusters import clusters
from kaname.traffic.campaigns.features import message
from kaname.traffic.campaigns.simulator import KINDS, mail
from kaname.traffic.names.listing import listing
from kaname.traffic.names.reduction import gathered, micros
from kaname.traffic.names.suffixes import Suffixes
from kaname.traffic.names.trial import recorded, trial

__all__ = ["evaluate", "v_measure"]

_CAMPAIGNS, _EACH, _PEOPLE, _SEED = 12, 20, 600, 11


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Group the messages and compare with their labels; messages without one are left out."""
    labels = [path for path in paths if path.suffix == ".json"]
    known = {m: label for path in labels for m, label in json.loads(path.read_bytes()).items()}
    mails = [path for path in paths if path not in labels]
    with _source(mails, params) as lake:
        truth, groups = _grouped(lake, known, str(params.get("ignore", "")))
    homogeneity, completeness, v = v_measure(truth, groups)
    sizes = Counter(truth)
    return Evaluation(
        analysis="mail.campaigns",
        measures={
            "v_measure": round(v, 4),
            "homogeneity": round(homogeneity, 4),
            "completeness": round(completeness, 4),
            "messages": len(truth),
            "campaigns": sum(count > 1 for count in sizes.values()),
        },
        tables=(_by_kind(truth, groups),),
        notes=(
            (
                "No labelled corpus of campaigns is public; without files the mail is simulated, "
                "by a model that shares no code with the clustering."
            ),
        ),
    )


def _source(mails: Sequence[Path], params: Mapping[str, Any]) -> AbstractContextManager[Lake]:
    if mails:
        return recorded(mails)
    campaigns = int(params.get("campaigns", _CAMPAIGNS))
    people = int(params.get("people", _PEOPLE))
    return trial({"mail": mail(campaigns, _EACH, people, _SEED)})


def _grouped(lake: Lake, known: Mapping[str, str], ignore: str) -> tuple[list[str], list[int]]:
    shared = Suffixes.ordinary(ignore, listing("shared_hosts"), listing("carriers"))
    with lake.expression(("mail",)) as tables:
        rows = tables["mail"].mutate(at=micros(tables["mail"].ts))
        found = gathered(rows, "at", "batch", "row_in_src")
    names = [known.get(row["msgid"], "" if known else row["msgid"]) for row in found]
    truth: list[str] = []
    groups: list[int] = []
    for number, group in enumerate(clusters([message(row, shared) for row in found])):
        for place in group:
            if names[place]:
                truth.append(names[place])
                groups.append(number)
    return truth, groups


def v_measure(truth: Sequence[str], groups: Sequence[int]) -> tuple[float, float, float]:
    """Homogeneity, completeness and their harmonic mean of a grouping."""
    joint = Counter(zip(truth, groups, strict=True))
    by_truth, by_group = Counter(truth), Counter(groups)
    total = len(truth)
    mutual = sum(
        n / total * math.log(n * total / (by_truth[t] * by_group[g])) for (t, g), n in joint.items()
    )
    h_truth, h_group = _entropy(by_truth), _entropy(by_group)
    homogeneity = mutual / h_truth if h_truth else 1.0
    completeness = mutual / h_group if h_group else 1.0
    whole = homogeneity + completeness
    return homogeneity, completeness, 2 * homogeneity * completeness / whole if whole else 0.0


def _entropy(counts: Counter[Any]) -> float:
    total = sum(counts.values())
    return -sum(n / total * math.log(n / total) for n in counts.values())


def _by_kind(truth: Sequence[str], groups: Sequence[int]) -> Scores:
    """How whole the campaigns of each kind are: the share that lies in their greatest group."""
    inside: dict[str, Counter[int]] = defaultdict(Counter)
    for label, group in zip(truth, groups, strict=True):
        inside[label][group] += 1
    rows = []
    for kind in KINDS:
        parts = [c for label, c in inside.items() if label.rpartition("-")[0] == kind]
        if parts:
            share = sum(max(c.values()) / c.total() for c in parts) / len(parts)
            rows.append((kind, len(parts), round(share, 4)))
    return Scores(
        "campaigns by kind", ("kind", "campaigns", "in their greatest group"), tuple(rows)
    )
