"""How many infected clients are found, and how many healthy ones are accused.

``kaname analyses evaluate dns.dga [LIST...] [RECORDING LABELS.json]``. Lists are of benign
names (a line each) and of generated ones (CSV ``domain,family``); a recording is anything
that a reader knows, with a JSON object address -> label beside it in the arguments.

The shipped model has learnt no family of malware, only shapes drawn from another seed, so
every family of a list is held out. Benign names that it learnt are left out. Callers may
also set ``healthy``, how many healthy clients are simulated, and ``each``, how many infected
ones for every family and number of names.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kaname.analysis.evaluation import Evaluation, Measure, Scores
from kaname.analysis.frame import Draft
from kaname.model.errors import UsageError
from kaname.model.records import Role
from kaname.traffic.analyses.dga import Dga
from kaname.traffic.dga.lists import Lists, held_out, read_lists
from kaname.traffic.dga.names import shipped
from kaname.traffic.dga.shapes import WORDY, families
from kaname.traffic.dga.simulator import Infection, day, infections
from kaname.traffic.names.listing import listing
from kaname.traffic.names.trial import drafts, recorded, trial

__all__ = ["COUNTS", "evaluate"]

COUNTS = (5, 10, 20, 50, 90)  # names that an infected client asks for
MAIN = 20  # with at least so many a client counts for the main figures
_HEALTHY, _EACH, _SEED = 3000, 4, 77
_WORD_LISTS = frozenset(listing("dga_word_families"))


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Simulated days with the families of the lists, and recordings as they are.

    Raises:
        UsageError: a list cannot be read, or a recording has no labels.
    """
    labels = [path for path in paths if path.suffix == ".json"]
    lists = [path for path in paths if path.name.endswith((".txt", ".csv", ".txt.gz", ".csv.gz"))]
    recordings = [path for path in paths if path not in labels and path not in lists]
    if recordings and not labels:
        raise UsageError("traffic.error.no_labels", path=recordings[0])
    if recordings:
        return _recording(recordings, labels, params)
    return _simulated(read_lists(lists), params)


def _simulated(lists: Lists, params: Mapping[str, Any]) -> Evaluation:
    benign = held_out(lists.benign or listing("benign_names"), part=True)
    known = lists.families or {f.name: f.names(400, _SEED) for f in families(3, _SEED)}
    given = dict(params)
    healthy, each = int(given.pop("healthy", _HEALTHY)), int(given.pop("each", _EACH))
    infected = infections(known, COUNTS, each, _SEED)
    with trial({"dns": day(benign, healthy, infected, _SEED)}) as lake:
        accused = _accused(drafts(lake, Dga(), given))
    caught = {one.client for one in infected if one.address in accused}
    false = len(accused - {one.address for one in infected})
    main = [one for one in infected if len(one.names) >= MAIN]
    measures: dict[str, Measure] = {
        "recall": _macro(main, caught),
        "recall_word_lists": _macro([i for i in main if _wordy(i.family)], caught),
        "false_clients_per_1000_days": round(1000 * false / healthy, 3),
        "healthy_client_days": healthy,
        "infected_client_days": len(infected),
        "families": len(known),
        **_names(known, benign),
    }
    return Evaluation(
        analysis=Dga.name,
        measures=measures,
        tables=(_by_family(infected, caught, each),),
        notes=(
            "Recall is a mean over families of clients that ask for 20 names or more.",
            "Every family is held out: the model has learnt none of them.",
            "Failures of healthy clients are simulated (kaname.traffic.dga.noise).",
        ),
    )


def _accused(found: Iterable[Draft]) -> set[str]:
    return {a.value for f in found for a in f.artifacts if a.role is Role.VICTIM}


def _wordy(family: str) -> bool:
    return family in _WORD_LISTS or family.partition("-")[0] in WORDY


def _macro(infected: Sequence[Infection], caught: set[int]) -> float:
    by_family: dict[str, list[bool]] = defaultdict(list)
    for each in infected:
        by_family[each.family].append(each.client in caught)
    return round(float(np.mean([sum(hits) / len(hits) for hits in by_family.values()] or [0.0])), 4)


def _names(known: Mapping[str, Sequence[str]], benign: Sequence[str]) -> dict[str, Measure]:
    """Recall name by name, at one and at ten false names in a thousand; macro over families."""
    model = shipped()
    limits = np.quantile(model.score(_labels(benign)), (0.999, 0.99))
    scores = [model.score(_labels(names)) for names in known.values()]
    recalls = [float(np.mean([(s > limit).mean() for s in scores])) for limit in limits]
    return {
        "name_recall_at_fpr_0.1%": round(recalls[0], 4),
        "name_recall_at_fpr_1%": round(recalls[1], 4),
    }


def _labels(names: Iterable[str]) -> list[str]:
    return sorted({name.split(".", 1)[0] for name in names})


def _by_family(infected: Sequence[Infection], caught: set[int], repeats: int) -> Scores:
    cells: dict[tuple[str, int], list[bool]] = defaultdict(list)
    for place, each in enumerate(infected):
        asked = COUNTS[place // repeats % len(COUNTS)]
        cells[each.family, asked].append(each.client in caught)
    names = sorted({family for family, _ in cells})
    shares = {name: [float(np.mean(cells[name, count])) for count in COUNTS] for name in names}
    shares["mean"] = np.mean(list(shares.values()), axis=0).tolist()
    rows: list[tuple[Measure, ...]] = [
        (name, *(round(share, 3) for share in found)) for name, found in shares.items()
    ]
    header = ("family", *(f"{count} names" for count in COUNTS))
    return Scores("infected clients found, by family and names asked for", header, tuple(rows))


def _recording(
    recordings: Sequence[Path], labels: Sequence[Path], params: Mapping[str, Any]
) -> Evaluation:
    truth = {a: label for path in labels for a, label in json.loads(path.read_bytes()).items()}
    with recorded(recordings) as lake:
        accused = _accused(drafts(lake, Dga(), params))
    infected = {address for address, label in truth.items() if label.startswith("dga")}
    rows = [
        (address, truth.get(address, "not labelled"), "accused" if address in accused else "")
        for address in sorted(accused | infected)
    ]
    return Evaluation(
        analysis=Dga.name,
        measures={
            "recall": round(len(infected & accused) / max(1, len(infected)), 4),
            "false_clients": len(accused - infected),
            "clients": len(truth),
        },
        tables=(Scores("clients", ("address", "label", "finding"), tuple(rows)),),
    )
