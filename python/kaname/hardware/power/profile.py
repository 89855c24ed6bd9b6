"""A profile: the normal behaviour of a device, learnt from its power, kept as JSON.

It holds the applications, the order in which they follow one another, how many bursts come
in a while, and the level and the stir of sleep. It is learnt with robust statistics, so the
trace may hold some anomalies: a trace without a profile is judged by the one learnt from
itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np

from kaname.hardware.power import scoring, watching
from kaname.hardware.power.alarm import ALARM
from kaname.hardware.power.applications import Application, find
from kaname.hardware.power.bursts import Bursts
from kaname.hardware.power.robust import Spread, usual
from kaname.hardware.power.segments import Cutting, Segment
from kaname.model.errors import InputError, StoreAccessError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.power.scoring import Scores

__all__ = ["RAREST", "VERSION", "Profile", "Rate"]

VERSION = 1
RAREST = 0.06
"""A twentieth or less of what a device does is odd, even when it happens again and again."""
_MAX_BYTES = 16 << 20
_BURSTS_A_WINDOW = 20
_SHORTEST_WINDOW, _LONGEST_WINDOW = 30.0, 3600.0
_LEVEL_FLOOR = 0.01  # of the sleep level: meters drift so much


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How many bursts come in ``window`` seconds; a window of 0: too few to say."""

    window: float
    bursts: Spread


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The normal behaviour of a device.

    Attributes:
        version: of this format.
        device: whose it is.
        seconds: how much was learnt from.
        bursts: how many whole bursts that held.
        alarm: probability of an alarm on a normal burst that is accepted.
        cutting: how the trace was cut; what is judged has to be cut alike.
        applications: the most frequent first.
        rare: share of bursts that belonged to no application.
        order: ``order[i][j]``: how often application j came after i.
        total: of the sum of the parts' squares: where its tail begins.
        sleep: of the sleep level [W].
        stir: of mean sleep power above the sleep level [W].
        rate: bursts in a while.
    """

    version: int
    device: str
    seconds: float
    bursts: int
    alarm: float = ALARM
    cutting: Cutting
    applications: tuple[Application, ...]
    rare: float
    order: tuple[tuple[int, ...], ...]
    total: float
    sleep: Spread
    stir: Spread
    rate: Rate

    @classmethod
    def learn(
        cls,
        segments: Iterable[Segment],
        *,
        device: str = "",
        cutting: Cutting | None = None,
        alarm: float = ALARM,
        rarest: float = RAREST,
    ) -> Self:
        """Learn from segments of one device (of one trace, or several one after another).

        Args:
            segments: in order of time.
            device: whose they are.
            cutting: how they were cut.
            alarm: probability of an alarm on a normal burst that is accepted.
            rarest: share of the bursts that an application has at least. What is rarer is
                judged by what it is nearest to; from a trace that is known to hold nothing
                odd, less may be asked for.
        """
        for share in (alarm, rarest):
            if not 0 < share < 1:
                raise UsageError("hardware.power.error.alarm", found=share)
        known = list(segments)
        whole = [one for one in known if one.mode == "active" and one.whole]
        bursts = Bursts.of(whole)
        applications = find(bursts, rarest)
        judged = scoring.judge(applications, bursts)
        sleep = [one for one in known if watching.restful(one)]
        level = usual(np.array([one.baseline for one in sleep]), 0.0)
        stir = np.array([one.mean - one.baseline for one in sleep])
        floor = max(_LEVEL_FLOOR * abs(level.centre), 1e-9)
        return cls(
            version=VERSION, device=device, alarm=alarm, cutting=cutting or Cutting(),
            seconds=_seconds(known), bursts=len(bursts), applications=tuple(applications),
            rare=float(np.mean(judged.rare)) if len(bursts) else 0.0,
            order=_order(judged.known, len(applications)),
            total=scoring.tail(judged.total),
            sleep=Spread(level.centre, max(level.scale, floor)), stir=usual(stir, floor / 2),
            rate=_rate(known),
        )  # fmt: skip

    def score(self, segments: Sequence[Segment]) -> Scores:
        """Judge segments that are in order of time."""
        return watching.score(self, segments)

    def save(self, path: Path) -> None:
        """Write it; either the old or the new file is there whatever happens."""
        made = path.with_name(f".{path.name}.new")
        try:
            made.write_bytes(msgspec.json.format(self.to_json(), indent=1))
            made.replace(path)
        except OSError as error:
            raise StoreAccessError(
                "hardware.power.error.write", path=path, reason=error.strerror
            ) from None

    def to_json(self) -> bytes:
        """The profile as JSON."""
        return msgspec.json.encode(self)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read one that was saved.

        Raises:
            InputError: it is no profile, or one of another version.
        """
        try:
            with path.open("rb") as source:
                text = source.read(_MAX_BYTES + 1)
        except OSError as error:
            raise InputError(
                "hardware.power.error.open", path=path, reason=error.strerror
            ) from None
        return cls.from_json(text, name=str(path))

    @classmethod
    def from_json(cls, text: bytes, *, name: str = "-") -> Self:
        """The same from JSON; every number is looked at."""
        if len(text) > _MAX_BYTES:
            raise InputError("hardware.power.error.profile", path=name, reason="> 16 MiB")
        try:
            found = msgspec.json.decode(text, type=cls)
            reason = _unfit(found)
        except (msgspec.DecodeError, UsageError) as error:
            reason = str(error)
        if reason:
            raise InputError("hardware.power.error.profile", path=name, reason=reason)
        return found

    def summary(self) -> dict[str, Any]:
        """What a person wants to see of it."""
        return {
            "device": self.device,
            "seconds": round(self.seconds, 3),
            "bursts": self.bursts,
            "rare": round(self.rare, 4),
            "sleep_w": self.sleep.centre,
            "rate_window_s": self.rate.window,
            "rate_bursts": self.rate.bursts.centre,
            "applications": [
                {
                    "name": one.name,
                    "bursts": one.count,
                    "duration_s": float(np.exp(one.duration.centre)),
                    "power_w": float(np.exp(one.power.centre)),
                    "energy_j": float(np.exp(one.power.centre + one.duration.centre)),
                    "interval_s": float(np.exp(one.interval.centre)),
                    "periodic": one.interval.scale < scoring.PERIODIC,
                    "shape": one.shape,
                }
                for one in self.applications
            ],
        }


def _seconds(segments: list[Segment]) -> float:
    return float(sum(one.duration for one in segments))


def _order(application: NDArray[np.intp], count: int) -> tuple[tuple[int, ...], ...]:
    table = np.zeros((count, count), int)
    known = application[:-1] >= 0
    pairs = np.stack([application[:-1], application[1:]], axis=1)[known & (application[1:] >= 0)]
    np.add.at(table, (pairs[:, 0], pairs[:, 1]), 1)
    return tuple(tuple(row) for row in table.tolist())


def _rate(segments: list[Segment]) -> Rate:
    """Bursts in windows that hold some twenty of them."""
    starts = np.array([one.start for one in segments if one.mode == "active"])
    seconds = _seconds(segments)
    none = Rate(window=0.0, bursts=Spread(0.0, 1.0))
    if len(starts) < _BURSTS_A_WINDOW:
        return none
    window = seconds / len(starts) * _BURSTS_A_WINDOW
    window = float(np.clip(window, _SHORTEST_WINDOW, _LONGEST_WINDOW))
    counts = np.array(watching.counts(segments, window), float)
    if len(counts) < 4:
        return none
    found = usual(counts, 0.0)
    # Bursts that come by chance vary like a Poisson variable; never trust less than half of it.
    least = 0.5 * np.sqrt(max(found.centre, 1.0))
    return Rate(window=window, bursts=Spread(found.centre, max(found.scale, float(least))))


def _unfit(profile: Profile) -> str:
    """Why a decoded profile can't be used, or nothing."""
    if profile.version != VERSION:
        return f"version {profile.version}, not {VERSION}"
    if not 0 < profile.alarm < 1:
        return "alarm"
    spreads = (profile.rate.bursts, profile.sleep, profile.stir)
    if min(profile.total, *(spread.scale for spread in spreads)) <= 0 or profile.rate.window < 0:
        return "scale <= 0"
    count = len(profile.applications)
    if len(profile.order) != count or any(len(row) != count for row in profile.order):
        return "order"
    return next(filter(None, map(_unfit_application, profile.applications)), "")


def _unfit_application(one: Application) -> str:
    rows = (one.shape, one.shape_scale, one.waveform, one.waveform_scale)
    spreads = (one.duration, one.power, one.residual, one.waveform_residual, one.interval)
    if any(len(row) != 64 for row in rows):
        return f"{one.name}: 64 points"
    if min(*one.shape_scale, *one.waveform_scale, *(spread.scale for spread in spreads)) <= 0:
        return f"{one.name}: scale <= 0"
    return ""
