"""Whether sensors still deliver, judged by what they delivered before."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kaname.api.shapes import SensorOut
from kaname.model.instant import DAY, HOUR

if TYPE_CHECKING:
    from kaname.lake import Source

__all__ = ["sensors"]

_RHYTHM = 4  # sources that make a rhythm; with fewer, nothing can be late
_RECENT = 50
_PATIENCE = 3
_LIVE = 6 * HOUR  # what is ingested longer after it happened was collected, not watched
_DAMAGED_SHARE = 0.1


def sensors(sources: Iterable[Source], now: int) -> list[SensorOut]:
    """The health of every sensor, by name.

    A live sensor is late when its newest event is older than three times its usual
    interval (the median between its sources, at least an hour). It is damaged when more
    than a tenth of what it delivered in its last day was.
    """
    by_sensor: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_sensor[source.sensor].append(source)
    return [_sensor(name, by_sensor[name], now) for name in sorted(by_sensor)]


def _sensor(name: str, sources: list[Source], now: int) -> SensorOut:
    last_ingest = max(source.ingested for source in sources)
    recent = [source for source in sources if source.ingested > last_ingest - DAY]
    share = sum(source.damaged for source in recent) / len(recent)
    state = "damaged" if share > _DAMAGED_SHARE else "ok"
    return SensorOut(
        sensor=name,
        sources=len(sources),
        rows=sum(source.rows for source in sources),
        last_event=max((s.last_us for s in sources if s.last_us is not None), default=None),
        last_ingest=last_ingest,
        damaged_share=round(share, 4),
        state="late" if _late(sources, now) else state,
    )


def _late(sources: list[Source], now: int) -> bool:
    """Whether a live sensor is silent for longer than it usually is."""
    timed = sorted((s.last_us, s.ingested) for s in sources if s.last_us is not None)[-_RECENT:]
    if len(timed) < _RHYTHM:
        return False
    lag = statistics.median(ingested - event for event, ingested in timed)
    usual = statistics.median(b[0] - a[0] for a, b in itertools.pairwise(timed))
    silent: int = now - timed[-1][0]
    return lag <= _LIVE and silent > max(HOUR, _PATIENCE * usual + lag)
