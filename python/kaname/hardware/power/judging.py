"""What a profile says, written into rows of segments: scores, anomalies, what fired."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kaname.hardware.power.alarm import ALARM
from kaname.hardware.power.rows import SECOND_US, segment_of

if TYPE_CHECKING:
    from kaname.hardware.power.profile import Profile
    from kaname.hardware.power.scoring import Anomaly, Verdict

__all__ = [
    "ENOUGH",
    "NOVEL",
    "fired",
    "judged",
    "learnt",
    "mark",
    "percentile",
    "span_us",
    "write_verdict",
]

ENOUGH = 20
"""Whole bursts from which on what is normal can be learnt."""

NOVEL = "novel"
_COLUMNS = {
    "energy": "score_energy",
    "duration": "score_duration",
    "shape": "score_shape",
    "waveform": "score_shape",
    "interval": "score_rate",
    "sequence": "score_rate",
}
_DIGITS = 6

Row = dict[str, Any]


def learnt(rows: Sequence[Row], device: str, alarm: float = ALARM) -> Profile | None:
    """The profile of what ``rows`` hold, or None where that is too little."""
    from kaname.hardware.power.profile import Profile

    if not rows:
        return None
    origin = rows[0]["ts"]
    segments = [segment_of(row, origin) for row in rows]
    if sum(one.mode == "active" and one.whole for one in segments) < ENOUGH:
        return None
    return Profile.learn(segments, device=device, alarm=alarm)


def judged(rows: Sequence[Row], profile: Profile) -> tuple[dict[int, Verdict], list[Anomaly]]:
    """Verdicts by the place of the row in ``rows`` (in order of time), and odd stretches."""
    origin = rows[0]["ts"] if rows else 0
    segments = [segment_of(row, origin) for row in rows]
    scores = profile.score(segments)
    places = {(one.start, one.end): at for at, one in enumerate(segments) if one.mode == "active"}
    found = {
        places[one.segment.start, one.segment.end]: one
        for one in scores.verdicts
        if (one.segment.start, one.segment.end) in places
    }
    return found, list(scores.anomalies)


def fired(verdict: Verdict) -> str:
    """What made a burst an anomaly; nothing where it is none."""
    if not verdict.alarm:
        return ""
    return verdict.kind or NOVEL


def mark(rows: Sequence[Row], profile: Profile, name: str) -> int:
    """Write scores into ``rows``, which are in order of time; how many are anomalies.

    An odd stretch of sleep marks the sleep in it; one with too many or too few bursts marks
    the first segment that begins in it.
    """
    if not rows:
        return 0
    verdicts, stretches = judged(rows, profile)
    for row in rows:
        row["profile"] = name
    for at, verdict in verdicts.items():
        write_verdict(rows[at], verdict)
    times = [row["ts"] for row in rows]
    for stretch in stretches:
        first, last = span_us(stretch, times[0])
        inside = rows[bisect.bisect_left(times, first) : bisect.bisect_left(times, last)]
        if stretch.kind in {"sleep", "stir"}:
            inside = [row for row in inside if row["mode"] == "sleep"]
        else:
            inside = inside[:1]
        for row in inside:
            if not row["anomaly"]:
                row["anomaly"], row["fired"] = True, stretch.kind
                row["score"] = percentile(stretch.p)
    return sum(row["anomaly"] for row in rows)


def span_us(stretch: Anomaly, origin: int) -> tuple[int, int]:
    """Beginning and end of a stretch, µs UTC."""
    return origin + round(stretch.start * SECOND_US), origin + round(stretch.end * SECOND_US)


def percentile(p: float) -> float:
    """A probability on normal behaviour as a percentile of it."""
    return round(100 * (1 - min(1.0, max(0.0, p))), _DIGITS)


def write_verdict(row: Row, verdict: Verdict) -> None:
    """Write what is said of a burst into its row."""
    row["application"] = verdict.application
    row["score"] = percentile(verdict.p)
    row["anomaly"], row["fired"] = bool(verdict.alarm), fired(verdict)
    for part in verdict.parts:
        column = _COLUMNS.get(part.kind)
        if column is not None:
            row[column] = max(row[column] or 0.0, percentile(part.p))
