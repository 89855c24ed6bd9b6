"""A scan of a trace: its segments, what a profile says of them, and how to show that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kaname.hardware.power.profile import Profile
from kaname.hardware.power.sweep import Outline, segments_of
from kaname.hardware.power.trace import Problem

if TYPE_CHECKING:
    from kaname.hardware.power.scoring import Scores, Verdict
    from kaname.hardware.power.segments import Segment
    from kaname.hardware.power.source import Source

__all__ = ["Odd", "Scanned", "scanned"]

_DIGITS = 6


class Odd(NamedTuple):
    """A burst or a stretch that is not normal: seconds, what, application, probability."""

    start: float
    end: float
    kind: str
    application: str
    p: float


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan found."""

    device: str
    fs: float
    unit: str
    start: int | None
    problems: tuple[Problem, ...]
    segments: list[Segment]
    profile: Profile
    own: bool  # the profile was learnt from the trace itself
    scores: Scores
    outline: Outline

    @property
    def seconds(self) -> float:
        """Length of the trace."""
        return self.segments[-1].end if self.segments else 0.0

    @property
    def bursts(self) -> int:
        """Active segments."""
        return len(self.scores.verdicts)

    @property
    def odd(self) -> list[Odd]:
        """What is not normal, in order of time."""
        found = [
            Odd(one.segment.start, one.segment.end, one.kind, one.application, one.p)
            for one in self.scores.verdicts
            if one.alarm
        ]
        found += [Odd(one.start, one.end, one.kind, "", one.p) for one in self.scores.anomalies]
        return sorted(found)

    def as_json(self) -> dict[str, Any]:
        """Everything, ready for JSON; seconds, watts, joules."""
        return {
            "device": self.device,
            "fs": self.fs,
            "unit": self.unit,
            "start_us": self.start,
            "seconds": self.seconds,
            "bursts": self.bursts,
            "profile": "own" if self.own else self.profile.device,
            "applications": self.profile.summary()["applications"],
            "problems": msgspec.to_builtins(list(self.problems)),
            "odd": [one._asdict() for one in self.odd],
            "stretches": msgspec.to_builtins(self.scores.anomalies),
            "segments": list(self._segments()),
        }

    def _segments(self) -> Iterator[dict[str, Any]]:
        verdicts = iter(self.scores.verdicts)
        for segment in self.segments:
            row = {
                "start": round(segment.start, _DIGITS),
                "end": round(segment.end, _DIGITS),
                "mode": segment.mode,
                "duration": round(segment.duration, _DIGITS),
                "energy": segment.energy,
                "mean": segment.mean,
                "peak": segment.peak,
                "baseline": segment.baseline,
                "level": segment.level,
                "whole": segment.whole,
            }
            if segment.mode == "active":
                row |= _judged(next(verdicts)) | {"shape": segment.shape}
            yield row

    def rows(self) -> Iterator[dict[str, Any]]:
        """Segments as flat rows, for CSV."""
        parts = ("p_energy", "p_duration", "p_shape")
        empty = dict.fromkeys(("application", "kind", "p", "score", "alarm", *parts), "")
        for segment in self._segments():
            segment.pop("shape", None)
            said = {f"p_{one['kind']}": one["p"] for one in segment.pop("parts", ())}
            segment.pop("novel", None)
            yield {"device": self.device} | segment | (empty | segment | said)

    def drawn(self, language: str) -> str:
        """The trace as SVG."""
        from kaname.hardware.power.plot import draw

        return draw(
            self.outline, self.profile, self.scores, title=self.device, language=language
        )  # fmt: skip


def _judged(verdict: Verdict) -> dict[str, Any]:
    return {
        "application": verdict.application,
        "novel": verdict.novel,
        "kind": verdict.kind,
        "p": verdict.p,
        "score": verdict.score,
        "alarm": verdict.alarm,
        "parts": msgspec.to_builtins(verdict.parts),
    }


def scanned(source: Source, profile: Profile | None = None) -> Scanned:
    """Cut a trace and judge it, by what is learnt from itself when there is no profile."""
    outline = Outline(source.fs)
    segments = segments_of(source, profile.cutting if profile else None, outline=outline)
    judge = profile or Profile.learn(segments, device=source.device)
    return Scanned(
        device=source.device, fs=source.fs, unit=source.unit, start=source.start,
        problems=source.problems, segments=segments, profile=judge, own=profile is None,
        scores=judge.score(segments), outline=outline,
    )  # fmt: skip
