"""Labelled power traces of our own: devices that work, tick and drift, and now and then err.

An event is a burst with its application and its kind: normal, energy (some plateaus draw
more), duration (a plateau takes longer) or shape (the same parts in another order). A period
is a stretch in which bursts come too often (rate) or not at all (missing), or sleep draws
more (sleep). The same seed gives the same trace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.hardware.power.devices import App, DeviceKind
from kaname.model.errors import StoreAccessError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Simulated", "simulate", "write"]

_KINDS = ("energy", "duration", "shape")
_FIRST_PAUSE = 3.0
_SHORTEST_PAUSE = 0.4
_TICK = (0.012, 0.045)  # s


@dataclass(frozen=True, slots=True)
class Simulated:
    """A trace [W], with NaN where readings are missing, and what is true of it."""

    values: NDArray[np.float32]
    fs: float
    device: str
    events: list[dict[str, Any]] = field(default_factory=list)
    periods: list[dict[str, Any]] = field(default_factory=list)


def simulate(
    kind: DeviceKind,
    *,
    seed: int,
    seconds: float,
    fs: float,
    device: str = "",
    anomalies: float = 0.06,
    periods: bool = True,
    noise: float = 1.0,
    gaps: int = 0,
) -> Simulated:
    """A trace of a device.

    Args:
        kind: what it is.
        seed: chance.
        seconds: length.
        fs: sampling rate [Hz].
        device: its name.
        anomalies: share of bursts that are not normal.
        periods: whether odd stretches are in it.
        noise: factor to the noise of the kind.
        gaps: how many stretches of 0.5 to 3 s are missing.
    """
    rng = np.random.default_rng([seed, len(kind.apps), int(fs)])
    made = Simulated(np.empty(round(seconds * fs), np.float32), fs, device or f"{kind.name}-{seed}")
    if periods:
        made.periods.extend(_periods(seconds, kind, rng))
    time = np.arange(len(made.values)) / fs
    phase = rng.uniform(0, 2 * np.pi)
    drift = 1 + kind.drift * np.sin(2 * np.pi * time / kind.drift_seconds + phase)
    power = kind.sleep * drift
    for period in made.periods:
        if period["kind"] == "sleep":
            inside = slice(int(period["start"] * fs), int(period["end"] * fs))
            power[inside] += kind.sleep * period["more"]
    _tick(power, kind, fs, rng)
    _work(power, made, kind, anomalies, rng)
    power += rng.normal(0, kind.noise * noise, len(power))
    made.values[:] = power
    _miss(made, gaps, rng)
    return made


def _periods(seconds: float, kind: DeviceKind, rng: np.random.Generator) -> list[dict[str, Any]]:
    """One of each kind, in thirds of the trace, a fifteenth of it long."""
    found: list[dict[str, Any]] = []
    length = max(seconds / 15, 25 * kind.pause)
    if seconds < 6 * length:
        return found
    order = rng.permutation(["rate", "missing", "sleep"])
    for at, name in enumerate(order.tolist()):
        start = float(seconds * (at + 0.25) / 3 + rng.uniform(0, seconds / 12))
        period = {"start": start, "end": start + length, "kind": name}
        found.append(period | ({"more": 0.25 + 3 * kind.drift} if name == "sleep" else {}))
    return found


def _tick(power: NDArray[Any], kind: DeviceKind, fs: float, rng: np.random.Generator) -> None:
    for second in np.arange(0, len(power) / fs, kind.tick_every):
        start = int((second + rng.uniform(0, 0.05)) * fs)
        length = max(1, int(rng.uniform(*_TICK) * fs))
        power[start : start + length] += kind.tick_power * rng.uniform(0.7, 1.3)


def _work(
    power: NDArray[Any], made: Simulated, kind: DeviceKind, share: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Bursts one after another, each labelled."""
    fs = made.fs
    now = _FIRST_PAUSE
    due = {app.name: rng.uniform(0.2, 1.0) * app.period for app in kind.apps if app.period}
    while True:
        app, now = _next(kind, due, now, made.periods, rng)
        what = str(rng.choice(_KINDS)) if rng.uniform() < share else "normal"
        plateaus = _plateaus(app, what, rng)
        lengths = [max(2, round(length * fs)) for length, _ in plateaus]
        start = round(now * fs)
        if start + sum(lengths) >= len(power):
            return
        at = start
        for length, (_, watts) in zip(lengths, plateaus, strict=True):
            power[at : at + length] += watts
            at += length
        made.events.append({"start": start, "end": at, "app": app.name, "kind": what})
        now = at / fs


def _next(
    kind: DeviceKind, due: dict[str, float], now: float, periods: list[dict[str, Any]],
    rng: np.random.Generator,
) -> tuple[App, float]:  # fmt: skip
    """Which application comes next, and when."""
    inside = {one["kind"] for one in periods if one["start"] <= now < one["end"]}
    faster = 0.25 if "rate" in inside else 1.0
    if due:
        name = min(due, key=lambda one: due[one])
        app = next(one for one in kind.apps if one.name == name)
        then = max(now + _SHORTEST_PAUSE, due[name])
        due[name] += app.period * faster * rng.normal(1.0, 0.01)
    else:
        weights = np.array([one.weight for one in kind.apps])
        app = kind.apps[int(rng.choice(len(weights), p=weights / weights.sum()))]
        then = now + _SHORTEST_PAUSE + rng.exponential(kind.pause * faster)
    for one in periods:
        if one["kind"] == "missing" and one["start"] <= then < one["end"]:
            then = float(one["end"]) + _SHORTEST_PAUSE
            for name, old in due.items():  # the clock went on
                due[name] = max(old, then + float(rng.uniform(0.2, 1.0)))
    return app, then


def _plateaus(app: App, what: str, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Plateaus of one burst: seconds, power above sleep [W]."""
    made = [
        (
            share * app.seconds * float(np.exp(rng.normal(0, app.jitter_time))),
            watts * float(np.exp(rng.normal(0, app.jitter_power))),
        )
        for share, watts in app.plateaus
    ]
    if what == "energy":
        factor = float(rng.uniform(1.35, 1.6))
        top = max(watts for _, watts in made)
        return [(long, watts * factor if watts >= 0.75 * top else watts) for long, watts in made]
    if what == "duration":
        at = int(rng.integers(len(made)))
        more = float(rng.uniform(0.35, 0.7)) * app.seconds
        return [(long + (more if one == at else 0), watts) for one, (long, watts) in
                enumerate(made)]  # fmt: skip
    if what == "shape":
        return _reshaped(made)
    return made


def _reshaped(made: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same duration and energy in another form: reversed, or a flat burst with a hole."""
    if len(made) > 1:
        return made[::-1]
    long, watts = made[0]
    return [(long * 0.3, watts * 1.4), (long * 0.4, watts * 0.4), (long * 0.3, watts * 1.4)]


def _miss(made: Simulated, gaps: int, rng: np.random.Generator) -> None:
    """Take readings away between bursts, so that every label stays true."""
    ends = [0, *(event["end"] for event in made.events)]
    starts = [*(event["start"] for event in made.events), len(made.values)]
    wide = [
        (end, start) for end, start in zip(ends, starts, strict=True)
        if start - end > 1.5 * made.fs
    ]  # fmt: skip
    for at in rng.permutation(len(wide))[:gaps].tolist():
        end, start = wide[at]
        long = min(start - end - int(0.8 * made.fs), int(rng.uniform(0.5, 3.0) * made.fs))
        first = (end + start - long) // 2
        made.values[first : first + long] = np.nan


def write(made: Simulated, folder: Path, form: str = "npz") -> Path:
    """A trace and its labels: ``DEVICE.npz`` (or ``.csv``) and ``DEVICE.events.json``."""
    path = folder / f"{made.device}.{form}"
    labels = {
        "fs": made.fs, "samples": len(made.values), "unit": "W", "device": made.device,
        "events": made.events, "periods": made.periods,
    }  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if form == "csv":
            known = np.flatnonzero(np.isfinite(made.values))
            rows = np.stack([known / made.fs, made.values[known]], axis=1)
            np.savetxt(path, rows, fmt=("%.6f", "%.6g"), delimiter=",", comments="",
                       header="time_s,power_w")  # fmt: skip
        else:
            np.savez_compressed(path, power_w=made.values, fs=np.float64(made.fs))
        text = msgspec.json.encode(labels)
        (folder / f"{made.device}.events.json").write_bytes(msgspec.json.format(text, indent=1))
    except OSError as error:
        raise StoreAccessError(
            "hardware.power.error.write", path=path, reason=error.strerror
        ) from None
    return path
