"""Episodes on ports: when sources rose over what a port's past explains, and since when.

Every bin asks all series at once, so chance must be kept at bay over thousands of them: a
rise is an alarm when its probability by chance passes the test of Benjamini and Hochberg
(1995) over the series of the bin, at a rate of false alarms per day. Once a series has
risen, its past begins anew at the change, so that it is the next rise that is told, and not
the same one at every bin; nor does what came before its end count after a fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.surge.common import Common, common
from kaname.telescope.surge.expectation import MEMORY, Sums, fitted
from kaname.telescope.surge.grid import Grid
from kaname.telescope.surge.persistence import excess, persistence
from kaname.telescope.surge.scales import SCALES, distance, log_tail

__all__ = ["Rise", "rises"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 144  # bins
A_DAY = 1.0  # false alarms a day that are accepted
LEAST = 144  # bins of the past before a first alarm
AGAIN = 144  # bins after a change before the next can be told
RENEWED = -10.0  # logarithm of how much rarer a further rise is, at first, than a first one
CALM = 3 * DAY  # bins after a rise from which the next is judged like a first one
FALL = -5.0  # distance at which what rose has ended
OVERLAP = 4.0  # independent windows in the length of one, as they slide
DRIFT = 0.03  # how far background wanders in a day, beforehand
AT_ONCE = 3  # sources in some bin of a rise: a host that stays is no campaign
COUNT = 6  # sources over the expectation that a rise has at least
_WIDE = 128  # series at a time
LEVELS = (5 * DAY, 3 * DAY, 2 * DAY, DAY)  # bins of the past that may tell the level
BUDGET = (0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.3)  # share of false alarms that a scale may give
_TESTS = np.log(np.minimum(1.0, OVERLAP / np.array(SCALES)) / np.array(BUDGET))
SURE = 4.0  # logarithm of how much rarer than the limit a rise is that needs no confirmation
CONFIRM = 27  # bins for which one waits at most to see whether a rise goes on
GOES_ON = 1.2  # distance in those bins that shows it does
SHY = 6.0  # windows of the past in which a series' distances are taken to be normal
_LONG = 3  # position of the shortest scale that shows a fall


@dataclass(frozen=True, slots=True)
class Rise:
    """One alarm: at bin ``at`` series ``series`` had risen since bin ``since``.

    The window of ``scale`` bins from ``since`` shows it best, in which ``count`` sources were
    seen where ``mean`` were expected: a ``distance`` of standard deviations. ``chance`` is log10
    of the probability by chance, ``first``: nothing of this series rose before it.
    """

    series: int
    at: int
    since: int
    scale: int
    count: float
    mean: float
    distance: float
    chance: float
    first: bool


@dataclass(frozen=True)
class _Judged:
    """Distances [scale, bin, series] and expected counts of the windows that end there."""

    distance: Floats
    mean: Floats
    count: Floats

    def put(
        self,
        place: int,
        series: _Series,
        bins: tuple[Ints, Ints],
        expected: tuple[Floats, Floats],
    ) -> None:
        """Judge the windows of scale ``place`` over ``bins`` (begin, end) [n].

        ``expected`` are the mean and the variance [n, series] without surveys.
        """
        past, now = bins
        own, spread = expected
        extra = (series.extra[now] - series.extra[past])[:, None]
        seen = series.sums.terms[now, 0] - series.sums.terms[past, 0]
        count = series.total[now] - series.total[past]
        partly = (series.partly[now] - series.partly[past])[:, None]
        doubt = (0.35 * extra) ** 2 + partly**2
        z = distance(count, own + extra, spread + extra + partly + doubt)
        z[(seen < SCALES[place] / 2) | ~series.shared.seeing[now - 1]] = 0.0
        alone = series.several[now] == series.several[past]
        z[(z > 0) & (alone | (count - own - extra < COUNT))] = 0.0
        z = z / _wander(z, past, now, SCALES[place])
        self.distance[place, now - 1] = z
        self.mean[place, now - 1] = own + extra
        self.count[place, now - 1] = count


def rises(grid: Grid, *, a_day: float = A_DAY, first: int = 0, last: int = 0) -> list[Rise]:
    """All rises in ``grid``, by time and series.

    ``a_day`` false alarms a day are the price; ``first`` is the time of day of bin 0 in
    bins. With ``last``, series are left out that show nothing in that many last bins.
    """
    if not grid.sources.size:
        return []
    shared = common(grid.sources)
    kept = _showing(grid.sources, last) if last else np.arange(grid.sources.shape[1])
    chances = np.full((len(grid.sources), len(kept)), 0.0, np.float32)
    for columns in _parts(len(kept)):
        judged = _judged(_Series(grid.sources[:, kept[columns]], shared, first))
        chances[:, columns] = _chance(judged.distance)
    weight = np.log(_weights(grid.sources))[kept].astype(np.float32)
    limit = _limits(chances - weight, a_day / DAY, grid.sources.shape[1])
    found: list[Rise] = []
    for place in np.flatnonzero((chances - weight < limit[:, None]).any(0)).tolist():
        series = int(kept[place])
        own = _Series(grid.sources[:, [series]], shared, first)
        found += _episodes(series, own, limit + weight[place])
    return sorted(found, key=lambda rise: (rise.at, rise.series))


def _showing(sources: Floats, last: int) -> Ints:
    """The series that exceed their mean in the ``last`` bins, roughly and generously."""
    run = np.concatenate([np.zeros((1, sources.shape[1])), np.cumsum(sources, axis=0)])
    mean = run[max(0, len(sources) - last)] / max(1, len(sources) - last)
    ends = np.arange(max(1, len(sources) - last), len(sources) + 1)
    showing = np.zeros(sources.shape[1], np.bool_)
    for scale in SCALES:
        count = run[ends] - run[np.maximum(0, ends - scale)]
        over = count - scale * mean
        showing |= ((over >= COUNT) & (over > 2 * np.sqrt(scale * mean))).any(0)
    return np.flatnonzero(showing)


def _parts(count: int) -> list[slice]:
    return [slice(start, start + _WIDE) for start in range(0, count, _WIDE)]


class _Series:
    """Counts of some series with what is known of the bins."""

    def __init__(self, counts: Floats, shared: Common, first: int) -> None:
        self.shared = shared
        seen = shared.seeing.astype(np.float64)
        self.counts = counts * seen[:, None]
        # A survey's sources are not the port's own past.
        self.sums = Sums.of(
            np.maximum(counts - shared.extra[:, None], 0.0), shared.seeing & True, first
        )
        self.total = np.concatenate([np.zeros((1, counts.shape[1])), np.cumsum(self.counts, 0)])
        several = np.cumsum(self.counts >= AT_ONCE, axis=0)
        self.several = np.concatenate([np.zeros((1, counts.shape[1]), np.int64), several])
        self.extra = np.concatenate([[0.0], np.cumsum(shared.extra * seen)])
        self.partly = np.concatenate([[0.0], np.cumsum(shared.partly * seen)])


def _judged(series: _Series) -> _Judged:
    """Every window, held against MEMORY bins before it."""
    bins, width = series.counts.shape
    ends = np.arange(bins + 1)
    fit, variance, known = fitted(series.sums, np.maximum(0, ends - MEMORY), ends)
    drift = _drift(series, fit[:, 0], variance)
    ratio, memory = _level(series, fit, variance, drift)
    begins = np.maximum(0, ends - MEMORY)
    near = persistence(_residuals(series, fit), series.shared.seeing.astype(np.float64), begins)
    shape = (len(SCALES), bins, width)
    out = _Judged(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    for place, scale in enumerate(SCALES):
        now = np.arange(LEAST + scale, bins + 1)
        if not len(now):
            continue
        past = now - scale
        terms = series.sums.terms[now] - series.sums.terms[past]
        seen, old = terms[:, :1], np.minimum(memory[past], np.maximum(known[past], 1)[:, None])
        own = np.maximum(np.einsum("nk,nks->ns", terms, fit[past]) * ratio[past], 0.02 * seen)
        stays, whole = excess(near[past], scale), excess(near[past], 1440)
        spread = variance[past] * (stays * seen + whole * seen**2 / old)
        reach = (scale / 2 + old / 3) / DAY
        out.put(place, series, (past, now), (own, spread + own**2 * drift[past] * reach))
    return out


def _residuals(series: _Series, fit: Floats) -> Floats:
    """What each bin had more than its past, as it was known at that bin, led to expect."""
    terms = np.diff(series.sums.terms, axis=0)
    expected = np.einsum("nk,nks->ns", terms, fit[:-1])
    own = np.diff(series.sums.moments[:, 0], axis=0)
    warm = np.arange(len(own)) >= LEAST // 2
    return np.asarray((own - expected) * warm[:, None], np.float64)


def _renewed(series: _Series, begin: int, shape: Floats) -> _Judged:
    """The same of one series, when its past is that since ``begin``.

    Of so short a past only the level is learnt; ``shape`` [bin] is the course of its day.
    """
    bins = len(shape)
    seen = series.shared.seeing
    own = np.maximum(series.counts[:, 0] - series.shared.extra, 0) * seen
    known, weight, total, power, cross, square = (
        _from(values, begin)
        for values in (seen, shape * seen, own, own**2, own * shape, shape**2 * seen)
    )
    whole = total / np.maximum(weight, 1e-9)
    rough = power - 2 * whole * cross + whole**2 * square
    variance = np.maximum(rough / np.maximum(known - 1, 1), whole + 0.06 * whole**2)
    near = _near(series, begin)
    length = np.sqrt(3 * DAY * variance) / np.maximum(whole * DRIFT, 1e-9)
    length = np.clip(length, DAY, MEMORY).astype(np.int64)
    back = np.maximum(begin, np.arange(bins + 1) - length)
    level = (total - total[back]) / np.maximum(weight - weight[back], 1e-9)
    out = _Judged(*(np.zeros((len(SCALES), bins, 1)) for _ in range(3)))
    for place, scale in enumerate(SCALES):
        now = np.arange(begin + AGAIN + scale, bins + 1)
        if not len(now):
            continue
        past = now - scale
        width = (known[now] - known[past])[:, None]
        mean = np.maximum((level[past] * (weight[now] - weight[past]))[:, None], 0.02 * width)
        old = (known - known[back])[past][:, None]
        stays, whole = excess(near, scale), excess(near, 1440)
        spread = variance[past][:, None] * (stays * width + whole * width**2 / np.maximum(old, 1))
        reach = (scale / 2 + old / 3) / DAY
        out.put(place, series, (past, now), (mean, spread + mean**2 * DRIFT**2 * reach))
    return out


def _wander(z: Floats, past: Ints, now: Ints, scale: int) -> Floats:
    """How much wider than a normal the distances of each series were, at least 1."""
    first = int(now[0])
    run = np.concatenate([np.zeros((1, z.shape[1])), np.cumsum(np.clip(z, -3, 3) ** 2, 0)])
    end = np.maximum(past - first, 0)
    begin = np.maximum(end - MEMORY, 0)
    windows = (2 * (end - begin) / scale)[:, None]
    mean = (run[end] - run[begin]) / np.maximum(end - begin, 1)[:, None]
    width = np.maximum(1.0, (windows * mean + SHY) / (windows + SHY))
    return np.asarray(np.sqrt(width), np.float64)


def _near(series: _Series, begin: int) -> Floats:
    """The persistence of a single series before bin ``begin``, [1, 1]."""
    at = np.arange(max(begin, 1) + 1)
    fit, _, _ = fitted(series.sums, np.maximum(0, at - MEMORY), at)
    own = _residuals(
        series,
        np.concatenate([fit, np.repeat(fit[-1:], len(series.counts), 0)])[: len(series.counts) + 1],
    )
    seen = series.shared.seeing.astype(np.float64)
    begins = np.maximum(0, np.arange(len(own) + 1) - MEMORY)
    return persistence(own, seen, begins)[[begin]]


def _from(values: NDArray[Any], begin: int) -> Floats:
    """Running sums of ``values`` from bin ``begin`` on; 0 before."""
    own = np.where(np.arange(len(values)) >= begin, values, 0).astype(np.float64)
    return np.concatenate([[0.0], np.cumsum(own)])


def _level(series: _Series, fit: Floats, variance: Floats, drift: Floats) -> tuple[Floats, Floats]:
    """By how much the last days exceed the ``fit`` of many, and how many bins they are.

    As many as make the level surest: few where the background wanders, many where counts
    are small.
    """
    ends = np.arange(len(fit))
    relative = variance / np.maximum(fit[:, 0], 1e-6) ** 2
    ratio, memory = np.ones_like(variance), np.full_like(variance, float(MEMORY))
    least = relative / MEMORY + drift * MEMORY / DAY / 3
    for length in LEVELS:
        begin = np.maximum(0, ends - length)
        terms = series.sums.terms - series.sums.terms[begin]
        seen = series.sums.moments[:, 0] - series.sums.moments[begin, 0]
        expected = np.einsum("nk,nks->ns", terms, fit)
        error = relative / length + drift * length / DAY / 3
        better = (error < least) & (ends >= length)[:, None] & (expected > 1)
        ratio = np.where(better, seen / np.maximum(expected, 1), ratio)
        memory = np.where(better, float(length), memory)
        least = np.where(better, error, least)
    return ratio, memory


def _drift(series: _Series, mean: Floats, variance: Floats) -> Floats:
    """Squared share by which the background wanders in a day, as its past shows."""
    bins = len(mean) - 1
    if bins < 2 * DAY:
        return np.full_like(mean, DRIFT**2)
    seen = series.sums.terms[:, 0]
    total, weight = np.zeros_like(mean), np.zeros_like(mean)
    level = np.maximum(mean, 1e-6)
    noise = 2 * variance / DAY / level**2
    trust = DRIFT**2 / (DRIFT**2 + noise)
    moments = series.sums.moments[:, 0]
    for back in range(7):
        ends = np.arange(bins + 1) - back * DAY
        ok = ends >= 2 * DAY
        at = np.maximum(ends, 2 * DAY)
        at = np.minimum(at, bins)
        days = [
            (moments[a] - moments[a - DAY]) / np.maximum(seen[a] - seen[a - DAY], 1)[:, None]
            for a in (at, np.maximum(at - DAY, DAY))
        ]
        step = (days[0] - days[1]) / level
        total += ok[:, None] * trust * np.clip(step**2 - noise, -(DRIFT**2), 0.04)
        weight += ok[:, None] * trust
    return np.maximum((total + 3 * DRIFT**2) / (weight + 3), 0.015**2)


def _chance(distances: Floats) -> Floats:
    """Natural logarithm of how often chance gives the farthest window, per bin and series.

    Windows of one scale overlap, and so are fewer tests the longer they are.
    """
    tests = _TESTS.reshape(-1, *([1] * (distances.ndim - 1)))
    logs = np.where(distances > 0, log_tail(distances) + tests, 0.0)
    return np.asarray(np.minimum(0.0, logs.min(0)), np.float64)


def _weights(sources: Floats) -> Floats:
    """How much of the false alarms each series may cost: more where more is at stake.

    A campaign on a busy port is a small share of what is there, and yet many hosts
    (weighted false discovery rate, Genovese et al. 2006). The mean weight is 1.
    """
    stake = 0.5 + np.median(sources, axis=0) ** 0.75 if len(sources) else np.ones(0)
    return np.asarray(stake / max(float(stake.mean()), 1e-9) if len(stake) else stake, np.float64)


def _limits(chances: NDArray[np.float32], rate: float, of: int) -> Floats:
    """By bin, the probability (logarithm) below which a series is an alarm.

    The step-up test of Benjamini and Hochberg, over the series that were not already
    rising in the day before: what is known is no discovery.
    """
    bins, width = chances.shape
    if not width:
        return np.full(bins, -np.inf)
    strict = np.log(rate / max(1, width))
    past = np.concatenate([np.zeros((1, width)), np.cumsum(chances < strict, axis=0)])
    now = np.arange(bins)
    known = past[now] > past[np.maximum(0, now - DAY)]
    order = np.sort(np.where(known, np.float32(0), chances), axis=1)
    allowed = np.log(rate * np.arange(1, width + 1) / of)
    passed = order <= allowed
    last = np.where(passed.any(1), width - 1 - np.argmax(passed[:, ::-1], axis=1), 0)
    return np.asarray(allowed[last] + 1e-9, np.float64)


def _episodes(number: int, series: _Series, limit: Floats) -> list[Rise]:
    """The rises of one series, each judged by what came after the one before."""
    found: list[Rise] = []
    judged = _judged(series)
    bound = limit.copy()
    shape = np.ones(len(limit))
    while (turn := _turn(judged, bound, falls=bool(found))) is not None:
        since = turn.shown + 1 - SCALES[turn.place]
        if turn.up:
            if not found:
                shape = _shape(series, since)
            age = np.arange(len(limit)) - turn.at
            bound = limit + RENEWED * np.clip((CALM - age) / (CALM - AGAIN), 0, 1)
            found.append(_rise(number, turn, judged, first=not found))
        judged = _renewed(series, since, shape)
    return found


@dataclass(frozen=True, slots=True)
class _Turn:
    """A rise (``up``) or a fall, certain at bin ``at``.

    The window of scale ``place`` that ends at bin ``shown`` shows it.
    """

    at: int
    shown: int
    place: int
    up: bool


def _turn(judged: _Judged, limit: Floats, *, falls: bool) -> _Turn | None:
    """The first rise or fall."""
    z = judged.distance[:, :, 0]
    rising, shown = _confirmed(z, limit)
    falling = (z[_LONG:].min(0) < FALL) if falls else np.zeros_like(rising)
    if not (rising | falling).any():
        return None
    now = int(np.argmax(rising | falling))
    if rising[now]:
        by = int(shown[now])
        return _Turn(now, by, int(_rarest(z[:, [by]])[0]), up=True)
    return _Turn(now, now, _LONG + int(np.argmin(z[_LONG:, now])), up=False)


def _confirmed(z: Floats, limit: Floats) -> tuple[NDArray[np.bool_], Ints]:
    """Where a rise of distances ``z`` [scale, bin] is certain, and the bin that shows it.

    One far beyond ``limit`` is so at once. Another must go on in what follows its window,
    or come again within a day: what chance brings does neither.
    """
    chance = _chance(z)
    sure = chance < limit - SURE
    places = _rarest(z)
    shown = np.arange(len(sure))
    last: tuple[int, int] | None = None
    for now in np.flatnonzero((chance < limit) & ~sure).tolist():
        scale = SCALES[places[now]]
        wait = min(scale, CONFIRM)
        then = now + wait
        goes_on = then < len(sure) and z[SCALES.index(wait), then] >= GOES_ON
        if goes_on and not sure[then]:
            sure[then], shown[then] = True, now
        if last is not None and scale + last[1] <= now - last[0] <= DAY:
            sure[now] = True
        if last is None or now - last[0] >= scale + last[1]:
            last = (now, scale)
    return sure, shown


def _rarest(z: Floats) -> Ints:
    """By bin, the scale at which the distances ``z`` [scale, bin] are least by chance."""
    logs = np.where(z > 0, log_tail(z) + _TESTS[:, None], 0.0)
    return np.asarray(np.argmin(logs, axis=0), np.int64)


def _shape(series: _Series, end: int) -> Floats:
    """The course of a day before bin ``end``, by bin, with a mean of 1."""
    at = np.array([end])
    fit, _, _ = fitted(series.sums, np.maximum(0, at - MEMORY), at)
    waves = np.diff(Sums.of(series.counts, np.ones(len(series.counts), np.bool_)).terms, axis=0)
    course = waves @ fit[0, :, 0]
    return np.asarray(np.maximum(course / max(float(fit[0, 0, 0]), 1e-6), 0.2), np.float64)


def _rise(number: int, turn: _Turn, judged: _Judged, *, first: bool) -> Rise:
    z = judged.distance[:, [turn.shown], 0]
    return Rise(
        series=number,
        at=turn.at,
        since=turn.shown + 1 - SCALES[turn.place],
        scale=SCALES[turn.place],
        count=float(judged.count[turn.place, turn.shown, 0]),
        mean=float(judged.mean[turn.place, turn.shown, 0]),
        distance=round(float(z[turn.place, 0]), 2),
        chance=round(float(_chance(z)[0] / np.log(10)), 2),
        first=first,
    )
