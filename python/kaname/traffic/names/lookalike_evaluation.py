"""How many imitations are recognised, and how many benign domains are accused.

``kaname analyses evaluate dns.lookalikes [LIST...]``: lists of benign domains (a line each)
and of imitations (CSV with the header ``brand,domain``: the brand's name, what imitates it;
``bench/lookalikes.py`` makes one with dnstwist). Without lists the shipped benign names
are looked up, which gives the false ones only.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kaname.analysis.evaluation import Evaluation, Measure, Scores
from kaname.model.errors import UsageError
from kaname.readers.domains import canonical, registered
from kaname.traffic.names.brands import read_brands
from kaname.traffic.names.listing import listing
from kaname.traffic.names.lookalike import Lookalikes

__all__ = ["evaluate"]

_SHOWN = 50


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Look up every domain of the lists."""
    looked = Lookalikes(read_brands(str(params.get("brands", ""))))
    benign: list[str] = []
    imitations: list[tuple[str, str]] = []
    for path in paths:
        lines = _lines(path)
        if lines and lines[0] == "brand,domain":
            imitations += [(row["brand"], row["domain"]) for row in csv.DictReader(lines)]
        else:
            benign += lines
    return _held(looked, benign or list(listing("benign_names")), imitations)


def _lines(path: Path) -> list[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as stream:
            return [line.strip().lower() for line in stream if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("traffic.error.list", path=path, reason=error) from None


def _held(
    looked: Lookalikes, benign: Sequence[str], imitations: Sequence[tuple[str, str]]
) -> Evaluation:
    false = list(looked.all(benign))
    measures: dict[str, Measure] = {
        "benign_domains": len(benign),
        "benign_named": round(len(false) / len(benign), 5),
        "benign_named_without_suffix": round(
            sum(f.kind != "suffix" for f in false) / len(benign), 5
        ),
    }
    if imitations:
        found = [looked.imitated(registered(canonical(name)) or name) for _, name in imitations]
        right = [f for f, (brand, _) in zip(found, imitations, strict=True)
                 if f is not None and f.brand.name == brand]  # fmt: skip
        measures["recall"] = round(sum(f is not None for f in found) / len(found), 4)
        measures["right_brand"] = round(len(right) / len(found), 4)
    kinds = Counter(f.kind for f in false)
    shown = tuple((f.domain, f.brand.name, f.kind, f.sure) for f in false[:_SHOWN])
    return Evaluation(
        analysis="dns.lookalikes",
        measures=measures,
        tables=(
            Scores("benign domains named, by kind", ("kind", "domains"), tuple(kinds.items())),
            Scores("some of them", ("domain", "brand", "kind", "confidence"), shown),
        ),
        notes=("Some of the benign domains that are named belong to the brand itself.",),
    )
