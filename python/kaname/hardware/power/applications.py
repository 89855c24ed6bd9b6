"""The applications of a device: bursts that do the same work, found without being told.

Bursts are compared by shape (elastically), duration and mean power, and those that lie as
close together as bursts of one application do are gathered (density-based clustering as in
DBSCAN of Ester et al., KDD 1996, its radius taken from the data). What is rare belongs to
none. The statistics of an application are medians and quantiles, so that some anomalies
among its bursts do not become part of what is normal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from kaname.hardware.power.alignment import align, matrix
from kaname.hardware.power.bursts import Bursts
from kaname.hardware.power.robust import Spread, upper, usual
from kaname.hardware.power.segments import SHAPE_POINTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.intp]

__all__ = ["Application", "Fit", "find", "fits"]

_SAMPLE = 300  # bursts that are compared with one another
_NEIGHBOURS = 4
_RADIUS = 1.2  # times the distance to the fourth neighbour that 80 % of the bursts have
_FEWEST = 5
_CENTRAL = 60  # bursts among which the most central one is looked for
_REACH = 1.5  # times its radius: bursts that lie so close belong to an application
_WEIGHT = 0.5  # of ln duration and ln power beside the shape
_SCALE_FLOOR = 0.02  # of the height of a template: amplitudes are not finer than this
_MEAN = 4  # points (6 %) over which a deviation is averaged
_LN_FLOOR = 0.01
_RESIDUAL_FLOOR = 0.05


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What bursts of one application look like.

    Attributes:
        name: A, B, C ... by how many bursts.
        count: bursts that it was learnt from.
        duration: of ln duration [ln s].
        power: of ln mean power above the sleep level [ln W].
        shape: the typical shape, 64 points of mean 1.
        shape_scale: by how much each point varies.
        waveform: the same in absolute height, in units of the application's mean power.
        waveform_scale: by how much each point varies.
        residual: of the ln of the root mean square deviation of a shape, in its scales.
        waveform_residual: the same of waveforms.
        radius: distance from the typical burst within which 95 % of its bursts lie.
        interval: of ln seconds from one burst of it to the next.
    """

    name: str
    count: int
    duration: Spread
    power: Spread
    shape: tuple[float, ...]
    shape_scale: tuple[float, ...]
    waveform: tuple[float, ...]
    waveform_scale: tuple[float, ...]
    residual: Spread
    waveform_residual: Spread
    radius: float
    interval: Spread

    def fit(self, bursts: Bursts) -> Fit:
        """How well bursts fit."""
        return fits([self], bursts)[0]

    def scaled(self, bursts: Bursts) -> Floats:
        """Waveforms of bursts in units of this application's mean power."""
        return np.asarray(bursts.shape * np.exp(bursts.power - self.power.centre)[:, None])

    def _fit(self, bursts: Bursts, shape: Floats, waveform: Floats) -> Fit:
        """The same, of bursts that were aligned."""
        odd, plain = _deviation(shape, self.shape, self.shape_scale)
        high, _ = _deviation(waveform, self.waveform, self.waveform_scale)
        duration = bursts.duration - self.duration.centre
        power = bursts.power - self.power.centre
        return Fit(
            distance=np.sqrt(plain**2 + (_WEIGHT * duration) ** 2 + (_WEIGHT * power) ** 2),
            duration=self.duration.off(bursts.duration),
            energy=self.power.off(bursts.power),
            shape=self.residual.over(np.log(odd)),
            waveform=self.waveform_residual.over(np.log(high)),
        )


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """Distances of bursts from an application, and normal scores of their parts."""

    distance: Floats
    duration: Floats
    energy: Floats
    shape: Floats
    waveform: Floats


def fits(applications: Sequence[Application], bursts: Bursts) -> list[Fit]:
    """How well bursts fit each application; all are aligned at once."""
    count = len(bursts)
    shapes = [part for one in applications for part in (bursts.shape, one.scaled(bursts))]
    rows = [part for one in applications for part in (one.shape, one.waveform)]
    templates = np.repeat(np.array(rows), count, axis=0)
    aligned = align(np.concatenate(shapes), templates).reshape(-1, count, SHAPE_POINTS)
    return [
        one._fit(bursts, aligned[2 * at], aligned[2 * at + 1])  # noqa: SLF001 - of this module
        for at, one in enumerate(applications)
    ]


def find(bursts: Bursts, rarest: float) -> list[Application]:
    """The applications among bursts, the most frequent first.

    A group of bursts with less than the share ``rarest`` of all is no application.
    """
    rough = [_describe("", bursts.of_rows(rows)) for rows in _groups(bursts, rarest)]
    if not rough:
        return []
    distance = np.stack([fit.distance for fit in fits(rough, bursts)], axis=1)
    nearest = distance.argmin(axis=1)
    reach = _REACH * np.array([one.radius for one in rough])
    inside = distance.min(axis=1) <= reach[nearest]
    groups = [np.flatnonzero(inside & (nearest == at)) for at in range(len(rough))]
    groups = sorted((group for group in groups if len(group) >= _FEWEST), key=len, reverse=True)
    return [_describe(_name(at), bursts.of_rows(rows)) for at, rows in enumerate(groups)]


def _name(at: int) -> str:
    return chr(ord("A") + at) if at < 26 else f"A{at}"


def _groups(bursts: Bursts, rarest: float) -> list[Rows]:
    """Rows of bursts that belong together; what is rare is in none."""
    if len(bursts) < _FEWEST:
        return []
    rows = np.unique(np.linspace(0, len(bursts) - 1, _SAMPLE).astype(np.intp))
    sample = bursts.of_rows(rows)
    distance = np.sqrt(
        matrix(sample.shape) ** 2
        + (_WEIGHT * (sample.duration[:, None] - sample.duration)) ** 2
        + (_WEIGHT * (sample.power[:, None] - sample.power)) ** 2
    )
    order = np.sort(distance, axis=1)
    core = order[:, min(_NEIGHBOURS, len(rows) - 1)]
    radius = _RADIUS * float(np.quantile(core, 0.8))
    close = np.maximum(distance, np.maximum(core[:, None], core)) <= radius
    found = _connected(close)
    least = max(_FEWEST, math.ceil(rarest * len(rows)))
    kept = [group for group in found if len(group) >= least]
    return [rows[group] for group in kept or [np.arange(len(rows))]]


def _connected(close: NDArray[np.bool_]) -> list[Rows]:
    """Connected components of a graph."""
    free = np.ones(len(close), bool)
    found = []
    for first in range(len(close)):
        if not free[first]:
            continue
        group = np.zeros(len(close), bool)
        front = np.zeros(len(close), bool)
        group[first] = front[first] = True
        while front.any():
            front = close[front].any(axis=0) & ~group
            group |= front
        free &= ~group
        found.append(np.flatnonzero(group))
    return found


def _describe(name: str, bursts: Bursts) -> Application:
    power = usual(bursts.power, _LN_FLOOR)
    scaled = bursts.shape * np.exp(bursts.power - power.centre)[:, None]
    aligned, typical, scale = _templates(np.stack([bursts.shape, scaled]))
    shape, waveform = (tuple(np.round(row, 4).tolist()) for row in typical)
    shape_scale, waveform_scale = (tuple(np.round(row, 5).tolist()) for row in scale)
    residual, plain = _deviation(aligned[0], shape, shape_scale)
    absolute, _ = _deviation(aligned[1], waveform, waveform_scale)
    duration = usual(bursts.duration, _LN_FLOOR)
    away = np.sqrt(
        plain**2
        + (_WEIGHT * (bursts.duration - duration.centre)) ** 2
        + (_WEIGHT * (bursts.power - power.centre)) ** 2
    )
    pauses = np.diff(np.sort(bursts.start))
    return Application(
        name=name, count=len(bursts), duration=duration, power=power,
        shape=shape, shape_scale=shape_scale, waveform=waveform, waveform_scale=waveform_scale,
        residual=upper(np.log(residual), _RESIDUAL_FLOOR),
        waveform_residual=upper(np.log(absolute), _RESIDUAL_FLOOR),
        radius=float(np.quantile(away, 0.95)),
        interval=usual(np.log(np.maximum(pauses, 1e-3)), _LN_FLOOR),
    )  # fmt: skip


def _templates(kinds: Floats) -> tuple[Floats, Floats, Floats]:
    """Medians of curves on a common time, for each kind of curve: [kinds, bursts, points].

    Returns the aligned curves, the medians, and the scale of each point of those.
    """
    count = kinds.shape[1]
    some = np.unique(np.linspace(0, count - 1, _CENTRAL).astype(np.intp))
    typical = np.stack([one[some[matrix(one[some]).sum(axis=1).argmin()]] for one in kinds])
    aligned = kinds
    for again in range(3):
        rows = align(kinds.reshape(-1, SHAPE_POINTS), np.repeat(typical, count, axis=0))
        aligned = rows.reshape(kinds.shape)
        if again < 2:
            typical = np.median(aligned, axis=1)
    rest = np.median(np.abs(aligned - typical[:, None]), axis=1)
    floor = _SCALE_FLOOR * np.maximum(np.median(np.abs(typical), axis=1), 1e-6)
    scale = np.maximum(1.4826 * rest, floor[:, None]) ** 2
    wide = np.pad(scale, ((0, 0), (2, 2)), mode="edge")
    smooth = np.lib.stride_tricks.sliding_window_view(wide, 5, axis=1).mean(axis=-1)
    return aligned, typical, np.sqrt(smooth)


def _deviation(
    aligned: Floats, typical: tuple[float, ...], scale: tuple[float, ...]
) -> tuple[Floats, Floats]:
    """Root mean square deviation of aligned shapes: in scales, and as it is.

    In scales it is of means over a few points: a plateau that is too high counts, noise and
    what alignment leaves at an edge do not.
    """
    rest = aligned - np.asarray(typical)
    total = np.cumsum(np.pad(rest / np.asarray(scale), ((0, 0), (1, 0))), axis=1)
    means = (total[:, _MEAN:] - total[:, :-_MEAN]) / _MEAN
    scaled = np.sqrt(np.mean(means**2, axis=1))
    return np.maximum(scaled, 1e-6), np.sqrt(np.mean(rest**2, axis=1))
