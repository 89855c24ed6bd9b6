"""What is different from the period before, in words and with a link to the rows.

Counts of findings are compared as Poisson counts (Anscombe's square-root transform makes
their difference about normal); traffic is compared by the median and the median absolute
deviation of its bars, which one outlier cannot move. A change must be both significant
and large, so that a busy sensor does not cry at every ripple.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from kaname.api.labels import in_words
from kaname.api.present import both
from kaname.api.shapes import Change, Count, SensorOut, Text, TimePoint
from kaname.api.traffic import Traffic
from kaname.model.instant import format_us
from kaname.model.messages import text
from kaname.model.records import Severity

__all__ = ["Observed", "changes", "counts_differ", "levels_differ"]

_SIGMAS = 4.0
_RATIO = 2.0
_ROBUST_SIGMAS = 3.5
_FLOOR = 0.1  # of the median: bars that hardly vary are not taken for exact
_MIN_BARS = 6
_NEW_PORT_HOSTS = 10
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that two periods are compared by."""

    since: int
    until: int
    traffic: Traffic
    labels: Sequence[Count]
    severity_of: Callable[[str], Severity]
    sensors: Sequence[SensorOut]
    damaged: int


def counts_differ(now: int, before: int) -> bool:
    """Whether two counts differ by more than chance and by a factor of two.

    Anscombe 1948: 2·sqrt(x + 3/8) of a Poisson x has variance 1, so the difference of
    two has variance 2.
    """
    distance = 2 * (math.sqrt(now + 0.375) - math.sqrt(before + 0.375))
    ratio = (max(now, before) + 1) / (min(now, before) + 1)
    return abs(distance) / math.sqrt(2) >= _SIGMAS and ratio >= _RATIO


def levels_differ(now: Sequence[float], before: Sequence[float]) -> float | None:
    """The ratio of the medians of two series, if it is beyond what the older one varies.

    None when it is not, or when either is too short, or the older one too empty, to tell.
    """
    seen = sum(value > 0 for value in before)
    if len(now) < _MIN_BARS or seen < max(_MIN_BARS, len(before) / 2):
        return None
    middle = statistics.median(before)
    deviation = statistics.median(abs(value - middle) for value in before)
    scale = max(_MAD_TO_SIGMA * deviation, _FLOOR * middle, 1.0)
    shift = statistics.median(now) - middle
    ratio = (statistics.median(now) + 1) / (middle + 1)
    large = ratio >= _RATIO or ratio <= 1 / _RATIO
    return ratio if abs(shift) / scale >= _ROBUST_SIGMAS and large else None


def changes(observed: Observed) -> list[Change]:
    """All changes, the severest first."""
    traffic = observed.traffic
    found = [*_sensors(observed), *_damaged(observed)]
    if traffic.packets > 0 and traffic.packets_before == 0:
        found += _first(observed)  # everything is new then; listing it all says nothing
    else:
        found += [*_traffic(observed), *_ports(observed), *_labels(observed)]
    return sorted(found, key=lambda change: -change.severity.rank)


def _first(observed: Observed) -> Iterator[Change]:
    traffic = observed.traffic
    yield Change(
        kind="first_data",
        text=both("api.change.first_data", packets=traffic.packets, hosts=traffic.hosts),
        severity=Severity.INFO,
        link=_rows("SELECT * FROM flowtuples WHERE {period} ORDER BY ts LIMIT 100", observed),
    )


def _traffic(observed: Observed) -> Iterator[Change]:
    series = observed.traffic
    for what in ("packets", "hosts"):
        ratio = levels_differ(_values(series.bars, what), _values(series.bars_before, what))
        if ratio is None:
            continue
        kind = "surge" if ratio > 1 else "drop"
        factor = ratio if ratio > 1 else 1 / ratio
        yield Change(
            kind=kind,
            text=both(f"api.change.{kind}_{what}", factor=round(factor, 1)),
            severity=Severity.MEDIUM if kind == "surge" else Severity.LOW,
            link=_rows(_BY_SOURCE, observed),
        )


def _ports(observed: Observed) -> Iterator[Change]:
    for port in observed.traffic.ports:
        grown = port.count >= _NEW_PORT_HOSTS and port.count > port.before
        if not grown or not counts_differ(port.count, port.before):
            continue
        kind = "new_port" if port.before == 0 else "surge"
        yield Change(
            kind=kind,
            text=both(
                f"api.change.{kind}_port", port=port.key, hosts=port.count, before=port.before
            ),
            severity=Severity.MEDIUM,
            link=_rows(_of_port(port.key), observed),
        )


def _labels(observed: Observed) -> Iterator[Change]:
    for label in observed.labels:
        kind = _label_kind(label)
        if kind is None:
            continue
        period = f"since={observed.since}&until={observed.until}"
        yield Change(
            kind=kind,
            text=_label_text(kind, label),
            severity=Severity.LOW if kind == "drop" else observed.severity_of(label.key),
            link=f"#/findings?label={quote(label.key)}&{period}",
        )


def _label_text(kind: str, label: Count) -> Text:
    key, words = f"api.change.{kind}_label", in_words(label.key)
    numbers = {"count": label.count, "before": label.before}
    return Text(
        en=text(key, "en", label=words.en, **numbers), ja=text(key, "ja", label=words.ja, **numbers)
    )


def _label_kind(label: Count) -> str | None:
    if label.count > 0 and label.before == 0:
        return "new_label"
    if not counts_differ(label.count, label.before):
        return None
    return "surge" if label.count > label.before else "drop"


def _sensors(observed: Observed) -> Iterator[Change]:
    for sensor in observed.sensors:
        if sensor.state == "late" and sensor.last_event is not None:
            yield Change(
                kind="source_late",
                text=both(
                    "api.change.source_late",
                    sensor=sensor.sensor,
                    last=format_us(sensor.last_event)[:16] + "Z",
                ),
                severity=Severity.MEDIUM,
                link="#/ingest",
            )


def _damaged(observed: Observed) -> Iterator[Change]:
    if observed.damaged:
        yield Change(
            kind="damaged",
            text=both("api.change.damaged", count=observed.damaged),
            severity=Severity.LOW,
            link="#/ingest",
        )


_BY_SOURCE = (
    "SELECT ip(src_hi, src_lo) AS src, sum(packets) AS packets FROM flowtuples "
    "WHERE {period} GROUP BY ALL ORDER BY packets DESC, src LIMIT 100"
)


_OF_PORT = (
    "SELECT ip(src_hi, src_lo) AS src, sum(packets) AS packets, sum(uniq_dst) AS targets "
    "FROM flowtuples WHERE proto = {number} AND port = {port} AND {{period}} "
    "GROUP BY ALL ORDER BY packets DESC, src LIMIT 100"
)


def _of_port(key: str) -> str:
    proto, _, port = key.partition("/")
    return _OF_PORT.format(number={"tcp": 6, "udp": 17}.get(proto, proto), port=port)


def _rows(sql: str, observed: Observed) -> str:
    """A link to the console's query page with the query filled in."""
    period = (
        f"ts >= TIMESTAMPTZ '{format_us(observed.since)}' "
        f"AND ts < TIMESTAMPTZ '{format_us(observed.until)}'"
    )
    return f"#/lake?sql={quote(sql.format(period=period))}"


def _values(bars: Sequence[TimePoint], what: str) -> list[float]:
    return [float(getattr(bar, what)) for bar in bars]
