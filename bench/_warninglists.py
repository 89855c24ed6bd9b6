"""Values of all kinds to ask lists about, and the answers of PyMISPWarningLists.

Run by an interpreter that has ``pymispwarninglists``:

    python bench/_warninglists.py FOLDER COUNT MODE

prints one JSON object: load seconds, values per second, peak MiB, and for each value the
names of the lists that its search gives. MODE is "slow" (complete) or "fast".
"""

from __future__ import annotations

import ipaddress
import json
import lzma
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any


def documents(folder: Path) -> list[dict[str, Any]]:
    """The lists of a folder; entries of exact lists in lower case, as values are."""
    paths = sorted(folder.glob("*.json.xz"))
    found = [json.loads(lzma.decompress(path.read_bytes())) for path in paths]
    for document in found:
        if document["type"] == "string":
            document["list"] = [entry.lower() for entry in document["list"]]
    return found


def values(lists: list[dict[str, Any]], count: int, seed: int = 7) -> list[str]:
    """About half of them are on some list, by themselves, inside, below or around."""
    rng = random.Random(seed)
    makers = [_random_address, _random_name, _random_digest]
    found: list[str] = []
    while len(found) < count:
        if rng.random() < 0.5:
            found.append(rng.choice(makers)(rng))
        else:
            document = rng.choice(lists)
            found.append(_near(rng, document["type"], rng.choice(document["list"])))
    return found


def _random_address(rng: random.Random) -> str:
    if rng.random() < 0.7:
        return str(ipaddress.IPv4Address(rng.getrandbits(32)))
    return str(ipaddress.IPv6Address(rng.getrandbits(128)))


def _random_name(rng: random.Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    name = "".join(rng.choices(letters, k=rng.randint(4, 14)))
    return f"{name}.{rng.choice(['com', 'net', 'jp', 'co.jp', 'example'])}"


def _random_digest(rng: random.Random) -> str:
    return f"{rng.getrandbits(256):064x}"


def _near(rng: random.Random, kind: str, entry: str) -> str:
    if kind == "cidr":
        try:
            network = ipaddress.ip_network(entry)
        except ValueError:
            return entry
        return str(network[rng.randrange(min(network.num_addresses, 1 << 32))])
    if kind in {"hostname", "substring"}:
        bare = entry.lstrip(".")
        shapes = ["{}", "www.{}", "x{}", "{}.evil.example", "https://a.{}/b?c=d", "HTTP://{}:80/"]
        return rng.choice([*shapes, "user@{}"]).format(bare)
    return entry if rng.random() < 0.8 else entry + "x"


def main() -> None:
    """Ask the peer."""
    import pymispwarninglists as peer

    folder, count, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    lists = documents(folder)
    asked = values(lists, count)
    began = time.process_time()
    loaded = peer.WarningLists(slow_search=mode == "slow", lists=lists)
    load = time.process_time() - began
    began = time.process_time()
    answers = [sorted(found.name for found in loaded.search(value)) for value in asked]
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"load": load, "rate": count / spent, "mib": peak, "answers": answers}))


if __name__ == "__main__":
    main()
