"""Judging the segments of a device one by one, as they come.

A whole trace goes through the same state, so a verdict does not depend on whether the trace
was a file or a stream.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.power.bursts import Bursts
from kaname.hardware.power.robust import Spread, normal_tail
from kaname.hardware.power.scoring import (
    LEAST_P,
    PERIODIC,
    Anomaly,
    Judged,
    Part,
    Scores,
    Verdict,
    judge,
    parts,
    probability,
)
from kaname.hardware.power.segments import Segment

if TYPE_CHECKING:
    from kaname.hardware.power.profile import Profile

__all__ = ["Watcher", "counts", "restful", "score"]

_LEAST_SLEEP = 1.0  # s from which the level of a sleep segment says something
_LEAST_ORDER = 10  # bursts after an application before its successors are judged
_LEAST_ODD = 10.0  # s of odd sleep that are worth a word
_TOLD_AFTER = 30.0  # s of odd sleep before it is told while it lasts
_COVERED = 0.9  # share of a window that has to be measured
_STRETCHES = 0.1  # of the rate of alarms: conditions vary more than work does
_LASTING = 0.003  # probability of a duration below which it explains the rest
_NEVER_SEEN = 60.0  # s of learning without any burst that make one a surprise
_SURPRISE = 1e-4


class Watcher:
    """The state of a device that is watched: feed it segments in order of time."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._alarm = profile.alarm * _STRETCHES
        self._last: int = -1  # application of the last burst
        self._last_start: dict[int, float] = {}
        self._windows = _Windows(profile.rate.window)
        self._odd = {"sleep": _Streak("sleep"), "stir": _Streak("stir")}

    def push(self, segment: Segment) -> tuple[Verdict | None, list[Anomaly]]:
        """Judge a segment: the verdict when it is a burst, and odd stretches that it ends."""
        judged = judge(self.profile.applications, Bursts.of([segment]))
        return self.take(segment, judged, 0)

    def finish(self) -> list[Anomaly]:
        """No more will come: tell what is open."""
        return [told for streak in self._odd.values() for told in streak.end()]

    def take(
        self, segment: Segment, judged: Judged, row: int
    ) -> tuple[Verdict | None, list[Anomaly]]:
        """The same for a burst that was scored with others."""
        told = [
            anomaly
            for start, end, count in self._windows.add(segment)
            for anomaly in self._rated(start, end, count)
        ]
        if segment.mode == "active":
            verdict, around = self._burst(segment, judged, row)
            return verdict, told + around
        return None, told + self._slept(segment)

    def _burst(self, segment: Segment, judged: Judged, row: int) -> tuple[Verdict, list[Anomaly]]:
        profile = self.profile
        if not segment.whole:
            return _verdict(segment, "", [], 1.0, profile.alarm), []
        if not profile.applications:
            never = profile.bursts == 0 and profile.seconds >= _NEVER_SEEN
            p = _SURPRISE if never else 1.0
            return _verdict(segment, "", [], p, profile.alarm, novel=never), []
        at = int(judged.nearest[row])
        application = profile.applications[at]
        novel = bool(judged.novel[row])
        p = probability(float(judged.total[row]), profile.total)
        found = parts(judged, row, application, segment)
        verdict = _verdict(segment, application.name, found, p, profile.alarm, novel=novel)
        told = [] if novel else self._around(at, segment)
        self._last = -1 if novel else at
        if not novel:
            self._last_start[at] = segment.start
        return verdict, told

    def _around(self, at: int, segment: Segment) -> list[Anomaly]:
        """What the bursts before say of this one: their order, and its period."""
        profile = self.profile
        odd: list[tuple[str, float, float, float, float]] = []
        if self._last >= 0 and sum(profile.order[self._last]) >= _LEAST_ORDER:
            row = np.array(profile.order[self._last], float) + 0.5
            share = row / row.sum()
            p = float(share[share <= share[at] + 1e-12].sum())
            # A share can't be known finer than one in those that were seen.
            odd.append(("sequence", p, profile.alarm, float(share[at]), float(share.max())))
        interval = profile.applications[at].interval
        if interval.scale < PERIODIC and at in self._last_start:
            seconds = max(segment.start - self._last_start[at], 1e-3)
            p = normal_tail(float(interval.off(np.array(math.log(seconds)))))
            odd.append(("interval", p, self._alarm, seconds, math.exp(interval.centre)))
        return [
            Anomaly(
                kind=kind, start=segment.start, end=segment.end, p=max(p, LEAST_P),
                score=-math.log10(max(p, LEAST_P)), found=value, expected=expected,
            )
            for kind, p, limit, value, expected in odd
            if p < limit
        ]  # fmt: skip

    def _slept(self, segment: Segment) -> list[Anomaly]:
        if not restful(segment) or not self.profile.seconds:
            return []
        measured = {"sleep": segment.baseline, "stir": segment.mean - segment.baseline}
        told = []
        for kind, value in measured.items():
            spread: Spread = getattr(self.profile, kind)
            p = normal_tail(float(spread.off(np.array(value))))
            odd = p < self._alarm
            told += self._odd[kind].add(segment, value, spread.centre, p, odd=odd)
        return told

    def _rated(self, start: float, end: float, count: int) -> Iterator[Anomaly]:
        usual = self.profile.rate.bursts
        p = max(normal_tail(float(usual.off(np.array(float(count))))), LEAST_P)
        if p < self.profile.alarm:  # windows are few
            yield Anomaly(
                kind="rate" if count > usual.centre else "missing", start=start, end=end, p=p,
                score=-math.log10(p), found=float(count), expected=usual.centre,
            )  # fmt: skip


def score(profile: Profile, segments: Sequence[Segment]) -> Scores:
    """Judge segments that are in order of time."""
    watcher = Watcher(profile)
    judged = judge(profile.applications, Bursts.of(segments))
    verdicts: list[Verdict] = []
    told: list[Anomaly] = []
    for segment in segments:
        verdict, anomalies = watcher.take(segment, judged, len(verdicts))
        verdicts += [verdict] if verdict else []
        told += anomalies
    told += watcher.finish()
    last = {(one.kind, one.start): one for one in told}  # the last word on each stretch
    return Scores(
        verdicts=tuple(verdicts), anomalies=tuple(sorted(last.values(), key=lambda a: a.start))
    )


def restful(segment: Segment) -> bool:
    """Whether a segment is sleep that is long enough to say how the device sleeps."""
    return segment.mode == "sleep" and segment.duration >= _LEAST_SLEEP


def counts(segments: Iterable[Segment], window: float) -> list[int]:
    """How many bursts begin in each window [s] that was measured."""
    windows = _Windows(window)
    return [count for segment in segments for _, _, count in windows.add(segment)]


class _Windows:
    """Windows of equal length, from 0 s on."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._start = 0.0
        self._covered = 0.0
        self._count = 0

    def add(self, segment: Segment) -> Iterator[tuple[float, float, int]]:
        """Windows that are over with this segment: start, end [s], bursts that began."""
        if not self._window:
            return
        while segment.start >= self._start + self._window:
            yield from self._next()
        self._count += segment.mode == "active"
        at = segment.start
        while segment.end > self._start + self._window:
            self._covered += self._start + self._window - at
            at = self._start + self._window
            yield from self._next()
        self._covered += segment.end - at

    def _next(self) -> Iterator[tuple[float, float, int]]:
        if self._covered >= _COVERED * self._window:
            yield self._start, self._start + self._window, self._count
        self._start += self._window
        self._covered, self._count = 0.0, 0


class _Streak:
    """Sleep segments that are odd one after another."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._open: Anomaly | None = None
        self._told = 0.0  # how long it was when it was told last

    def add(
        self, segment: Segment, value: float, expected: float, p: float, *, odd: bool
    ) -> list[Anomaly]:
        """Another sleep segment; what there is to tell."""
        if not odd:
            return self.end()
        p = max(p, LEAST_P)
        if self._open is None or p < self._open.p:
            start = self._open.start if self._open else segment.start
            self._open = Anomaly(
                kind=self._kind, start=start, end=segment.end, p=p, score=-math.log10(p),
                found=value, expected=expected,
            )  # fmt: skip
        else:
            self._open = _until(self._open, segment.end)
        seconds = self._open.end - self._open.start
        if seconds < max(_TOLD_AFTER, 2 * self._told):
            return []
        self._told = seconds
        return [self._open]

    def end(self) -> list[Anomaly]:
        """It is over: tell it, with its end."""
        one = self._open
        told = [one] if one and one.end - one.start >= _LEAST_ODD else []
        self._open, self._told = None, 0.0
        return told


def _until(one: Anomaly, end: float) -> Anomaly:
    return Anomaly(
        kind=one.kind, start=one.start, end=end, p=one.p, score=one.score, found=one.found,
        expected=one.expected,
    )  # fmt: skip


def _oddest(part: Part) -> tuple[bool, float]:
    """By probability; but who takes another time has another shape for it, so that is first."""
    return part.kind != "duration" or part.p > _LASTING, part.p


def _verdict(
    segment: Segment,
    application: str,
    found: list[Part],
    p: float,
    alarm: float,
    novel: bool = False,
) -> Verdict:
    ordered = tuple(sorted(found, key=_oddest))
    kind = "novel" if novel else ordered[0].kind if ordered else ""
    return Verdict(
        segment=segment, application=application, novel=novel, kind=kind, p=p,
        score=-math.log10(p) + 0.0, alarm=p < alarm, parts=ordered,
    )  # fmt: skip
