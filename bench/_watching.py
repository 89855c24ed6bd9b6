"""How long it takes from handing an observation over to the notice on the bus."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from kaname.bus import open_bus
from kaname.bus.subscription import Subscription
from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.watches import Watcher, define
from kaname.knowledge import Knowledge
from kaname.knowledge.watch_records import WatchKind
from kaname.knowledge.watches import Watches
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

WATCHES, ROUNDS = 1_000, 100


def latency() -> dict[str, float]:
    """Milliseconds, with a thousand watches, a durable store and a durable bus."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        url = f"sqlite:///{path}/knowledge.sqlite"
        with Knowledge.open(url) as store, open_bus(f"journal://{path}/bus.sqlite") as bus:
            for number in range(WATCHES):
                watch = define(WatchKind.DOMAIN, f"host{number}.example", owner="bench")
                store.part(Watches).add_watch(watch)
            with bus.subscribe("watch.hit") as notices:
                watcher = Watcher(store, bus)
                watcher.see([_observation(-1)])
                spent = sorted(_once(watcher, notices, number) for number in range(ROUNDS))
    return {"watches": WATCHES, "p50_ms": statistics.median(spent), "p99_ms": spent[-2]}


def _once(watcher: Watcher, notices: Subscription, number: int) -> float:
    began = time.perf_counter()
    watcher.see([_observation(number)])
    if notices.get(5) is None:
        raise TimeoutError("no notice")
    return (time.perf_counter() - began) * 1000


def _observation(number: int) -> Observation:
    now = time.time_ns() // 1000
    name = f"www.host{number}.example" if number >= 0 else "elsewhere.example"
    mention = Mention(ArtifactKind.DOMAIN, name, "query")
    return Observation(
        id=f"o{number}", source="bench", kind="resolution", at=now, received=now,
        mentions=(mention,), tlp=Tlp.GREEN,
    )  # fmt: skip
