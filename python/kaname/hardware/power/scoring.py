"""How far a burst, a pause or a while lies from a profile, in probabilities.

A burst is given to the application that it lies nearest to, and then judged as one of that
application: its duration, its energy given the duration, its shape, its waveform (the shape
in absolute height). Each part is a score of a known tail; the sum of their squares is
measured against that of the learnt bursts, and gives one probability. Anomalies of stretches
of time are told beside: an order of applications that was hardly ever seen, an application
that keeps a period and comes at another time, sleep that draws more or less than it did,
windows with more or fewer bursts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from kaname.hardware.power.applications import Application, fits
from kaname.hardware.power.bursts import Bursts
from kaname.hardware.power.robust import normal_tail
from kaname.hardware.power.segments import Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["LEAST_P", "PERIODIC", "Anomaly", "Judged", "Part", "Scores", "Verdict", "judge",
           "parts", "probability", "tail"]  # fmt: skip

PERIODIC = 0.3
"""An application whose intervals vary by less than this share keeps a period."""
LEAST_P = 1e-12

_NOVEL = 3.0  # times its radius: so far from every application, a burst is of none,
_NOVEL_LEAST = 0.6  # and so far at least (3.3 times the duration, or 60 % of the shape)
_RARE = 1.5  # times its radius: so far, a burst is no ordinary one of it
_BURSTS = 4096  # judged at a time
_TAIL = 0.2  # share of learnt bursts in the tail, in which all their anomalies are
_SLOPE = 1.05  # decay of the tail, in units of where it begins
_ENERGETIC = 1.5  # a waveform deviates by its energy when that does by so much


class Part(msgspec.Struct, frozen=True):
    """What one measure says: probability on a normal burst, value found and expected.

    Units by kind: ``duration`` s, ``energy`` J (expected: at this duration), ``shape`` 1 (how
    many sigma its deviation lies above that of ordinary bursts).
    """

    kind: str
    p: float
    found: float
    expected: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a profile says of a burst.

    Attributes:
        segment: the burst.
        application: the nearest application; empty when there is none.
        novel: it lies far from every application.
        kind: the part that fired most.
        p: probability that a normal burst looks at least so odd.
        score: -log10 of it.
        alarm: whether p is below the profile's rate of alarms.
        parts: every part, the oddest first.
    """

    segment: Segment
    application: str
    novel: bool
    kind: str
    p: float
    score: float
    alarm: bool
    parts: tuple[Part, ...]


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time that is not as it was.

    Kinds: ``sleep`` (level of sleep, W), ``stir`` (power above the level in sleep, W), ``rate``
    (more bursts than usual), ``missing`` (fewer), ``interval`` (seconds since the application
    came last, where it keeps a period), ``sequence`` (how often it comes next).
    """

    kind: str
    start: float
    end: float
    p: float
    score: float
    found: float
    expected: float


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts on all bursts, and the stretches of time that are odd."""

    verdicts: tuple[Verdict, ...]
    anomalies: tuple[Anomaly, ...]


class Judged(NamedTuple):
    """Bursts under a profile's applications: the nearest (-1: none), scores of the parts."""

    nearest: NDArray[np.intp]
    rare: NDArray[np.bool_]
    novel: NDArray[np.bool_]
    duration: Floats
    energy: Floats
    shape: Floats
    waveform: Floats

    @property
    def known(self) -> NDArray[np.intp]:
        """The application, or -1 for those that are of none."""
        return np.where(self.novel, -1, self.nearest)

    @property
    def total(self) -> Floats:
        """Sum of squares of what deviates; energy speaks through the waveform."""
        return np.asarray(
            self.duration**2 + np.maximum(self.shape, 0) ** 2 + np.maximum(self.waveform, 0) ** 2
        )


def judge(applications: Sequence[Application], bursts: Bursts) -> Judged:
    """Give each burst to its nearest application and score it there."""
    rows = np.arange(len(bursts))
    if len(rows) <= _BURSTS:
        return _judged(applications, bursts)
    steps = range(0, len(rows), _BURSTS)
    found = [_judged(applications, bursts.of_rows(rows[at : at + _BURSTS])) for at in steps]
    return Judged(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _judged(applications: Sequence[Application], bursts: Bursts) -> Judged:
    count = len(bursts)
    if not applications or not count:
        zero, none = np.zeros(count), np.ones(count, bool)
        return Judged(np.full(count, -1), none, none, zero, zero, zero, zero)
    found = fits(applications, bursts)
    radius = np.array([one.radius for one in applications])
    distance = np.stack([fit.distance for fit in found], axis=1)
    nearest = distance.argmin(axis=1)
    rows = np.arange(count)
    away, own = distance[rows, nearest], radius[nearest]
    scores = [
        np.stack([getattr(fit, name) for fit in found], axis=1)[rows, nearest]
        for name in ("duration", "energy", "shape", "waveform")
    ]
    novel = away > np.maximum(_NOVEL * own, _NOVEL_LEAST)
    return Judged(nearest, away > _RARE * own, novel, *scores)


def tail(total: Floats) -> float:
    """Where the tail of learnt totals begins: the 80 % quantile; anomalies lie above it."""
    return max(float(np.quantile(total, 1 - _TAIL)), 1e-3) if len(total) else 1.0


def probability(total: float, begins: float) -> float:
    """Probability that a normal burst has so high a total, by an exponential tail.

    The rates were measured on normal bursts of simulated devices (`bench/power.py` shows how
    well they hold): below the 80 % quantile they are exact by definition, above it the tail
    is heavier than one exponential through that point.
    """
    off = total / begins
    body = math.log(_TAIL) * min(off, 1.0)
    return max(math.exp(body - _SLOPE * max(off - 1.0, 0.0)), LEAST_P)


def parts(judged: Judged, row: int, application: Application, segment: Segment) -> list[Part]:
    """What each measure says of a burst."""
    duration, energy = float(judged.duration[row]), float(judged.energy[row])
    shape, waveform = float(judged.shape[row]), float(judged.waveform[row])
    by_shape, by_waveform = _upper_tail(shape), _upper_tail(waveform)
    by_energy = normal_tail(energy)
    if abs(energy) > _ENERGETIC:
        by_energy = min(by_energy, by_waveform)
    else:
        by_shape = min(by_shape, by_waveform)
    usual = math.exp(application.duration.centre)
    joules = math.exp(application.power.centre) * segment.duration
    return [
        Part("duration", normal_tail(duration), segment.duration, usual),
        Part("energy", by_energy, segment.energy, joules),
        Part("shape", by_shape, max(shape, waveform), 0.0),
    ]


def _upper_tail(score: float) -> float:
    return 0.5 * math.erfc(score / math.sqrt(2))
