"""How good segmentation and scores are on labelled traces.

A label file ``X.events.json`` lies beside its trace ``X.npz`` (or .csv, .wav ...): events with
start and end in samples, application and kind; periods with start and end in seconds and
kind. A segment is right when it overlaps its event by 0.8 of their union; a score is measured
by the area under the ROC curve of one kind of anomaly against normal bursts, an event that
was not cut out counting as one that scored nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from kaname.hardware.power.profile import Profile
from kaname.hardware.power.readings import Wanted, open_trace
from kaname.hardware.power.segments import Segment
from kaname.hardware.power.sweep import segments_of
from kaname.model.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.power.scoring import Anomaly, Scores

__all__ = ["Event", "Result", "auc", "evaluate", "labelled", "match", "measure", "pooled"]

IOU = 0.8
_OVERLAP = 0.5  # of the union: so much, and a segment's score is that of the event
_LABELS = ".events.json"
_MAX_BYTES = 64 << 20


class Event(msgspec.Struct, frozen=True):
    """A burst that is known: samples, application, and normal or what is odd."""

    start: int
    end: int
    app: str = ""
    kind: str = "normal"


class Period(msgspec.Struct, frozen=True):
    """An odd stretch that is known: seconds."""

    start: float
    end: float
    kind: str


class Truth(msgspec.Struct, frozen=True):
    """What is known of a trace."""

    fs: float
    events: tuple[Event, ...]
    periods: tuple[Period, ...] = ()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured on a trace.

    Attributes:
        trace: its name.
        hours: its length.
        events: labelled bursts; ``cut`` how many segments were found, ``right`` of them right.
        f1: of segmentation, at an overlap of 0.8.
        edge_ms: median distance of an edge from the label.
        auc: by kind of anomaly, and ``overall``; None without such events.
        caught: share of the anomalies of a kind at the rate of alarms.
        named: share of the caught ones whose kind was named right.
        false_alarms_per_hour: alarms on normal bursts and in stretches that are not labelled.
        false_share: of normal bursts that gave an alarm.
        periods: labelled stretches; ``periods_found`` of them were told.
    """

    trace: str
    hours: float
    events: int
    cut: int
    right: int
    f1: float
    edge_ms: float | None
    auc: dict[str, float | None]
    caught: dict[str, float]
    named: float | None
    false_alarms_per_hour: float
    false_share: float
    periods: int
    periods_found: int


class Scored(NamedTuple):
    """Scores and kinds of the events of a trace, for pooling."""

    kinds: NDArray[np.str_]
    scores: NDArray[np.float64]


def labelled(folder: Path) -> list[tuple[Path, Path]]:
    """Traces of a folder that have labels: (trace, labels)."""
    found = []
    for labels in sorted(folder.glob(f"*{_LABELS}")):
        name = labels.name.removesuffix(_LABELS)
        others = (one for one in sorted(folder.glob(f"{name}.*")) if one != labels)
        trace = next((one for one in others if one.name.split(".")[0] == name.split(".")[0]), None)
        if trace is not None:
            found.append((trace, labels))
    if not found:
        raise NotFoundError("hardware.power.error.no_labels", path=folder)
    return found


def truth(path: Path) -> Truth:
    """The labels of a trace."""
    try:
        with path.open("rb") as source:
            return msgspec.json.decode(source.read(_MAX_BYTES), type=Truth, strict=False)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError("hardware.power.error.labels", path=path, reason=error) from None


def match(segments: Sequence[Segment], events: Sequence[Event], fs: float, least: float) -> (
    dict[int, int]
):  # fmt: skip
    """Segment by event, one to one, where they overlap by ``least`` of their union or more."""
    found: dict[int, int] = {}
    first = 0
    for at, event in enumerate(events):
        start, end = event.start / fs, event.end / fs
        while first < len(segments) and segments[first].end <= start:
            first += 1
        best, chosen = least, -1
        for one in range(first, len(segments)):
            if segments[one].start >= end:
                break
            shared = min(end, segments[one].end) - max(start, segments[one].start)
            union = max(end, segments[one].end) - min(start, segments[one].start)
            if shared / union >= best and one not in found.values():
                best, chosen = shared / union, one
        if chosen >= 0:
            found[at] = chosen
    return found


def auc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float | None:
    """Area under the ROC curve (Mann and Whitney); None when a side is empty."""
    if not len(positive) or not len(negative):
        return None
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left")
    equal = np.searchsorted(ordered, positive, "right") - below
    return float((below + equal / 2).mean() / len(negative))


def measure(
    name: str, known: Truth, segments: Sequence[Segment], scores: Scores
) -> tuple[Result, Scored]:
    """Hold segments and scores of a trace against what is known of it."""
    bursts = [one for one in segments if one.mode == "active"]
    right = match(bursts, known.events, known.fs, IOU)
    loose = match(bursts, known.events, known.fs, _OVERLAP)
    verdicts = scores.verdicts
    kinds = np.array([event.kind for event in known.events], dtype=np.str_)
    values = np.array([verdicts[loose[at]].score if at in loose else 0.0
                       for at in range(len(kinds))])  # fmt: skip
    alarms = np.array([at in loose and verdicts[loose[at]].alarm for at in range(len(kinds))], bool)
    normal = kinds == "normal"
    spurious = sum(one.alarm for at, one in enumerate(verdicts) if at not in loose.values())
    false = int(alarms[normal].sum()) + spurious + _unlabelled(scores.anomalies, known.periods)
    hours = max((segments[-1].end if segments else 0.0) / 3600, 1e-9)
    edges = [abs(bursts[b].start - known.events[a].start / known.fs) for a, b in loose.items()]
    edges += [abs(bursts[b].end - known.events[a].end / known.fs) for a, b in loose.items()]
    result = Result(
        trace=name, hours=hours, events=len(kinds), cut=len(bursts), right=len(right),
        f1=2 * len(right) / max(1, len(kinds) + len(bursts)),
        edge_ms=float(np.median(edges) * 1000) if edges else None,
        auc=_areas(Scored(kinds, values)),
        caught={kind: float(alarms[kinds == kind].mean()) for kind in _odd(kinds)},
        named=_named(known, loose, scores, alarms),
        false_alarms_per_hour=false / hours,
        false_share=float(alarms[normal].mean()) if normal.any() else 0.0,
        periods=len(known.periods),
        periods_found=sum(_told(one, scores.anomalies) for one in known.periods),
    )  # fmt: skip
    return result, Scored(kinds, values)


def _odd(kinds: NDArray[np.str_]) -> list[str]:
    return sorted(set(kinds.tolist()) - {"normal"})


def _areas(scored: Scored) -> dict[str, float | None]:
    normal = scored.scores[scored.kinds == "normal"]
    areas = {kind: auc(scored.scores[scored.kinds == kind], normal) for kind in _odd(scored.kinds)}
    return areas | {"overall": auc(scored.scores[scored.kinds != "normal"], normal)}


def _named(
    known: Truth, loose: dict[int, int], scores: Scores, alarms: NDArray[np.bool_]
) -> float | None:
    said = [
        scores.verdicts[segment].parts[0].kind == known.events[event].kind
        for event, segment in loose.items()
        if alarms[event] and known.events[event].kind != "normal"
        and scores.verdicts[segment].parts
    ]  # fmt: skip
    return float(np.mean(said)) if said else None


def _overlaps(period: Period, anomaly: Anomaly) -> bool:
    return anomaly.start < period.end and anomaly.end > period.start


def _told(period: Period, anomalies: Sequence[Anomaly]) -> bool:
    return any(one.kind == period.kind and _overlaps(period, one) for one in anomalies)


def _unlabelled(anomalies: Sequence[Anomaly], periods: Sequence[Period]) -> int:
    return sum(not any(_overlaps(period, one) for period in periods) for one in anomalies)


def evaluate(
    trace: Path, labels: Path, *, profile: Profile | None = None, wanted: Wanted | None = None
) -> tuple[Result, Scored]:
    """Cut a trace, judge it (by what is learnt from itself when no profile is given), measure."""
    known = truth(labels)
    source = open_trace(trace, wanted)
    segments = segments_of(source, profile.cutting if profile else None)
    judge = profile or Profile.learn(segments, device=source.device)
    name = trace.name.split(".")[0]
    return measure(name, known, segments, judge.score(segments))


def pooled(found: Sequence[Scored]) -> dict[str, float | None]:
    """Areas over the events of several traces."""
    return _areas(
        Scored(
            np.concatenate([one.kinds for one in found]),
            np.concatenate([one.scores for one in found]),
        )
    )
