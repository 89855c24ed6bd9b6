"""Claim: STIX is taken in and queryable at tens of thousands of objects a second.

The workload is that of the reference (a third each observables, indicators and
relationships, 60,000 objects); ATT&CK of the shared data is taken in as well. Peers on the
same bytes: `stix2.parse`, stix2-patterns, and stix2-validator on a part. "queryable" is validated,
kept byte for byte in SQLite, and committed. Run: ``python -m bench.stix``; tables go to
stderr, one JSON object to stdout.
"""

from __future__ import annotations

import json
import lzma
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kaname.intelligence.stix.checking import Checked, check
from kaname.intelligence.stix.ids import observable_id
from kaname.intelligence.stix.intake import intake
from kaname.intelligence.stix.patterns import parse
from kaname.intelligence.stix.reading import split
from kaname.knowledge import Knowledge
from kaname.knowledge.stix_objects import Collection, StixObjects

ATTACK = (
    Path(__file__).parents[1]
    / "../shared/data/fusion/attack/enterprise-attack-18.1.trimmed.stix21.json.xz"
)
COUNT = 60_000
GOAL = 50_000


def tell(line: str) -> None:
    """A line for people."""
    sys.stderr.write(f"{line}\n")


def workload() -> bytes:
    """A bundle of `COUNT` objects."""
    times = dict.fromkeys(("created", "modified"), "2025-01-01T00:00:00.000Z")
    things: list[dict[str, Any]] = []
    for number in range(COUNT // 3):
        key = uuid.uuid4()
        value = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        address: dict[str, Any] = {"type": "ipv4-addr", "spec_version": "2.1", "value": value}
        address["id"] = observable_id(address)
        indicator = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{key}",
            **times,
            "name": value,
            "indicator_types": ["malicious-activity"],
            "pattern": f"[ipv4-addr:value = '{value}']",
            "pattern_type": "stix",
            "valid_from": "2025-01-01T00:00:00Z",
            "labels": ["c2"],
            "confidence": 40,
        }
        relationship = {
            "type": "relationship",
            "spec_version": "2.1",
            "id": f"relationship--{key}",
            **times,
            "relationship_type": "based-on",
            "source_ref": indicator["id"],
            "target_ref": address["id"],
        }
        things += [address, indicator, relationship]
    return json.dumps(
        {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": things}
    ).encode()


def rate(count: int, work: Callable[[], object]) -> dict[str, float]:
    """Objects a second: of the clock, and of the processor (other work is on the machine)."""
    wall, spent = time.perf_counter(), time.process_time()
    work()
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    return {"per_second": round(count / wall), "per_cpu_second": round(count / spent)}


def best(count: int, work: Callable[[], object]) -> dict[str, float]:
    """The best of three."""
    return max((rate(count, work) for _ in range(3)), key=lambda one: one["per_cpu_second"])


def taken(data: bytes) -> None:
    """Everything of ``data``, committed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Knowledge.open(f"sqlite:///{folder}/knowledge.sqlite") as knowledge,
    ):
        store = knowledge.part(StixObjects)
        collection = Collection(id="bench", title="bench")
        store.put_collection(collection)
        result = intake(data, store, collection)
        if result.accepted != result.objects:
            raise SystemExit(str(result.report("en")["problems"][:3]))


def checked(raws: Sequence[bytes]) -> None:
    if not all(isinstance(check(raw), Checked) for raw in raws):
        raise SystemExit("an object of the workload is not valid")


def peers(raws: Sequence[bytes], patterns: Sequence[str]) -> dict[str, Any]:
    """What the usual libraries need for a part of the same objects."""
    import stix2
    from stix2patterns.validator import run_validator
    from stix2validator import ValidationOptions, validate_instance

    part = [raw.decode() for raw in raws[:3000]]
    options = ValidationOptions(version="2.1", disabled="all")
    few = [json.loads(text) for text in part[:150]]
    return {
        "stix2.parse": best(len(part), lambda: [stix2.parse(text, version="2.1") for text in part]),
        "stix2-validator": rate(len(few), lambda: [validate_instance(x, options) for x in few]),
        "stix2-patterns": rate(500, lambda: [run_validator(x) for x in patterns[:500]]),
    }


def main() -> int:
    data = workload()
    raws = [part.raw for part in split(data)]
    patterns = [json.loads(raw)["pattern"] for raw in raws[1::3]]
    found: dict[str, Any] = {
        "objects": len(raws),
        "bytes": len(data),
        "check": best(len(raws), lambda: checked(raws)),
        "queryable": best(len(raws), lambda: taken(data)),
        "patterns": best(len(patterns), lambda: list(map(parse, patterns))),
        "peers": peers(raws, patterns),
    }
    if ATTACK.is_file():
        attack = lzma.decompress(ATTACK.read_bytes())
        found["attack_queryable"] = best(21_650, lambda: taken(attack))
    theirs = found["peers"]["stix2.parse"]["per_cpu_second"]
    found["ratio"] = round(found["queryable"]["per_cpu_second"] / theirs, 1)
    for name, value in found.items():
        tell(f"{name:<20} {value}")
    print(json.dumps(found))
    return int(found["queryable"]["per_cpu_second"] < GOAL)


if __name__ == "__main__":
    sys.exit(main())
