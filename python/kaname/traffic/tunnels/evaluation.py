"""How many channels are found, and how many clients are wronged.

``kaname analyses evaluate dns.tunnels [RECORDING... LABELS.json]``: recordings of DNS and a
JSON object address -> label, in which labels with ``tunnel`` are channels. Without them
traffic is made (`kaname.traffic.tunnels.simulator`), ``each`` clients of every kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.traffic.analyses.tunnels import Tunnels
from kaname.traffic.names.trial import drafts, recorded, trial
from kaname.traffic.tunnels.simulator import BENIGN, CHANNELS, day

__all__ = ["evaluate"]

_EACH, _SEED = 8, 3


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Look for channels in recordings, or in a made day."""
    labels = [path for path in paths if path.suffix == ".json"]
    recordings = [path for path in paths if path not in labels]
    return _recorded(recordings, labels, params) if recordings else _made(params)


def _made(params: Mapping[str, Any]) -> Evaluation:
    given = dict(params)
    each = int(given.pop("each", _EACH))
    with trial({"dns": day(each, _SEED)}) as lake:
        found = {str(d.values["domain"]) for d in drafts(lake, Tunnels(), given)}
    rows = [
        (kind, each, sum(f"{kind}-{n}.example" in found for n in range(each)))
        for kind in (*CHANNELS, *BENIGN)
    ]
    hits = sum(row[2] for row in rows if row[0] in CHANNELS)
    false = sum(row[2] for row in rows if row[0] in BENIGN)
    return Evaluation(
        analysis=Tunnels.name,
        measures={
            "recall": round(hits / (each * len(CHANNELS)), 4),
            "false_clients": false,
            "clients": each * (len(CHANNELS) + len(BENIGN)),
        },
        tables=(Scores("clients by kind", ("kind", "clients", "found"), tuple(rows)),),
        notes=("Made traffic; give recordings with labels to try real one.",),
    )


def _recorded(
    recordings: Sequence[Path], labels: Sequence[Path], params: Mapping[str, Any]
) -> Evaluation:
    truth = {a: label for path in labels for a, label in json.loads(path.read_bytes()).items()}
    with recorded(recordings) as lake:
        found = {str(d.values["client"]): str(d.values["domain"])
                 for d in drafts(lake, Tunnels(), params)}  # fmt: skip
    channels = {address for address, label in truth.items() if "tunnel" in label}
    rows = [
        (a, truth.get(a, "not labelled"), found.get(a, "")) for a in sorted({*found, *channels})
    ]
    return Evaluation(
        analysis=Tunnels.name,
        measures={
            "recall": round(len(channels & set(found)) / max(1, len(channels)), 4),
            "false_clients": len(set(found) - channels),
            "clients": len(truth),
        },
        tables=(Scores("clients", ("address", "label", "domain found"), tuple(rows)),),
    )
