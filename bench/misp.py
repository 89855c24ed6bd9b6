"""Claim: MISP events are read and understood 4 times as fast as PyMISP loads them, or faster.

Ours reads the bytes, checks every part and derives the observations (canonical artifacts,
roles, markings, ids); PyMISP's ``MISPEvent.load`` makes objects of the attributes, and
``to_json`` writes them. The same files on one core, the best of several runs. Writing an
event out is not compared: kaname gives out the bytes that it was given. Run: ``python -m
bench.misp``; a table goes to stderr, one JSON object to stdout.
"""

from __future__ import annotations

import json
import lzma
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pymisp import MISPEvent

from kaname.intelligence.misp.observations import Origin, observations_of
from kaname.intelligence.misp.reading import read
from kaname.model.marking import Tlp

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "fusion" / "misp_events_eset"
NAMES = ("machete", "glupteba", "moustachedbouncer", "stantinko", "kryptocibule", "telebots")
GOAL = 4.0  # over all files together
RATES = ("kaname", "pymisp_load", "pymisp_to_json")
SECONDS = 1.0  # that each is repeated for, at least
ORIGIN = Origin("misp.bench", Tlp.GREEN, 1_800_000_000_000_000)


def events_in(document: Any) -> Iterator[dict[str, Any]]:
    """The events of a document."""
    if "Event" in document:
        yield document["Event"]
    else:
        yield from (one["Event"] for one in document["response"])


def ours(data: bytes) -> int:
    """Read and understand; how many observations."""
    return sum(
        len(list(observations_of(found.event, found.uuid, ORIGIN, [])))
        for found in read(data).events
    )


def theirs(bodies: list[bytes]) -> list[MISPEvent]:
    """PyMISP's objects of the same events."""
    loaded = []
    for body in bodies:
        event = MISPEvent()
        event.load(body)
        loaded.append(event)
    return loaded


def seconds(run: Callable[[], object]) -> float:
    """The best time of a run, over at least three and `SECONDS`."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < SECONDS:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(path: Path) -> dict[str, Any]:
    """Attributes a second of both over one file."""
    data = lzma.decompress(path.read_bytes())
    events = list(events_in(json.loads(data)))
    count = sum(
        len(event["Attribute"]) + sum(len(one["Attribute"]) for one in event.get("Object", ()))
        for event in events
    )
    bodies = [json.dumps({"Event": event}).encode() for event in events]
    loaded = theirs(bodies)
    rates = {
        "kaname": count / seconds(lambda: ours(data)),
        "pymisp_load": count / seconds(lambda: theirs(bodies)),
        "pymisp_to_json": count / seconds(lambda: [one.to_json() for one in loaded]),
    }
    found = {name: round(rate) for name, rate in rates.items()}
    ratio = round(rates["kaname"] / rates["pymisp_load"], 1)
    return {"file": path.name.split("__")[0], "attributes": count, "ratio": ratio} | found


def main() -> None:
    """Measure and print."""
    paths = [next(DATA.glob(f"{name}__*.xz")) for name in NAMES]
    rows = [measure(path) for path in paths]
    for row in rows:
        sys.stderr.write(
            f"{row['file']:<20}{row['attributes']:>5} attributes  kaname {row['kaname']:>8}/s"
            f"  PyMISP load {row['pymisp_load']:>7}/s, to_json {row['pymisp_to_json']:>7}/s"
            f"  ratio {row['ratio']}\n"
        )
    took = {name: sum(row["attributes"] / row[name] for row in rows) for name in RATES}
    ratio = round(took["pymisp_load"] / took["kaname"], 1)
    round_trip = round((took["pymisp_load"] + took["pymisp_to_json"]) / took["kaname"], 1)
    sys.stderr.write(f"together: {ratio} times PyMISP's load, {round_trip} its load and to_json\n")
    answer = {"ratio": ratio, "with_to_json": round_trip, "goal": GOAL, "met": ratio >= GOAL}
    sys.stdout.write(json.dumps({"bench": "misp", **answer, "files": rows}) + "\n")


if __name__ == "__main__":
    main()
