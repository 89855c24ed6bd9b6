"""Claim: what dnstwist would make of 200 brands is recognised as theirs, and little else is.

Peer and oracle: dnstwist (``pip install dnstwist``; found on PATH or named by the variable
DNSTWIST) makes the permutations of every brand's first domain, kind by kind; we look all of
them up. Permutations into a subdomain are none of ours (the registered domain then says
nothing of the brand), nor are those of brands below six letters that change one letter.
False: benign registered domains of the shared list. dnstwist itself needs one pass a brand;
its rate is that of making the permutations. Prints one JSON object.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from kaname.readers.domains import canonical, registered
from kaname.traffic.names.brands import read_brands
from kaname.traffic.names.lookalike import Lookalikes

BENIGN = Path(__file__).parents[1] / ".." / "shared" / "data" / "lake" / "dga" / "benign_top.txt.gz"
ELSEWHERE = {"subdomain", "*original", "tld-swap", "dictionary"}
LEAST = 6  # letters of a brand whose single edits count


def twisted(domain: str) -> list[tuple[str, str]]:
    """Kind and domain of each permutation that dnstwist makes."""
    program = os.environ.get("DNSTWIST") or shutil.which("dnstwist")
    if not program:
        raise SystemExit("dnstwist is not installed; name it by DNSTWIST")
    made = subprocess.run(
        [str(Path(program).with_name("python")), "-c", _MAKE, domain],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [(kind, name) for kind, name in json.loads(made.stdout)]


_MAKE = """
import dnstwist, json, sys
fuzz = dnstwist.Fuzzer(sys.argv[1])
fuzz.generate()
print(json.dumps([[p["fuzzer"], p["domain"]] for p in fuzz.domains]))
"""


def main() -> int:
    """Measure and print; 1 when a claim does not hold."""
    brands = read_brands("")
    looked = Lookalikes(brands)
    hits: Counter[str] = Counter()
    of: Counter[str] = Counter()
    missed: dict[str, str] = {}
    spent = 0.0
    for brand in brands[:224]:
        began = time.process_time()
        permutations = twisted(f"{brand.name}.com")
        spent += time.process_time() - began
        for kind, name in permutations:
            domain = registered(canonical(name))
            if kind in ELSEWHERE or domain is None or (len(brand.name) < LEAST):
                continue
            found = looked.imitated(domain)
            of[kind] += 1
            if found is not None or any(b.owns(domain) for b in brands):
                hits[kind] += 1
            else:
                missed.setdefault(kind, f"{brand.name}: {name}")
    with gzip.open(BENIGN, "rt") as lines:
        benign = [line.strip() for line in lines]
    began = time.process_time()
    false = list(looked.all(benign))
    rate = len(benign) / (time.process_time() - began)
    sure = [f for f in false if f.kind != "suffix"]
    recall = sum(hits.values()) / sum(of.values())
    document = {
        "claim": "recall >= 0.95 of dnstwist's permutations, <= 0.3 % of benign domains named",
        "brands": len(brands),
        "permutations": sum(of.values()),
        "recall": round(recall, 4),
        "recall_by_kind": {kind: round(hits[kind] / of[kind], 4) for kind in sorted(of)},
        "missed_examples": missed,
        "benign_domains": len(benign),
        "benign_named": round(len(false) / len(benign), 5),
        "benign_named_without_suffix": round(len(sure) / len(benign), 5),
        "domains_per_second": round(rate),
        "holds": recall >= 0.95 and len(false) <= 0.003 * len(benign),
    }
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    return 0 if document["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
