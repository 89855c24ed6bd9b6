"""Kinds of device that can be simulated: what they draw asleep, and what their work looks like.

Each kind is of another scale and manner on purpose, so that nothing that is tuned to one of
them holds for all: a single-board computer of watts with thermal drift, a sensor node of
milliwatts that keeps a period, a gateway with long flat bursts, a controller at 24 V.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["KINDS", "App", "DeviceKind", "varied"]


@dataclass(frozen=True, slots=True)
class App:
    """An application: plateaus of (share of the duration, power above sleep [W]).

    ``weight`` is how often it comes among the others; with a ``period`` [s] it comes by the
    clock instead.
    """

    name: str
    seconds: float
    plateaus: tuple[tuple[float, float], ...]
    weight: float = 1.0
    period: float = 0.0
    jitter_time: float = 0.03
    jitter_power: float = 0.05


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """A kind of device: powers in W, times in s."""

    name: str
    sleep: float
    noise: float
    apps: tuple[App, ...]
    pause: float
    tick_every: float = 1.0
    tick_power: float = 0.0
    drift: float = 0.02
    drift_seconds: float = 220.0


_BOARD = DeviceKind(
    "board", 1.8, 0.05,
    (
        App("sense", 0.65, ((0.4, 1.1), (0.2, 1.7), (0.4, 0.8)), 5),
        App("upload", 1.25, ((0.15, 1.4), (0.3, 2.6), (0.1, 1.2), (0.25, 2.4), (0.2, 0.9)), 3),
        App("capture", 1.55, ((0.25, 1.8), (0.3, 2.2), (0.2, 3.0), (0.25, 1.5)), 2),
    ),
    3.0, 1.0, 0.75, 0.04,
)  # fmt: skip
_NODE = DeviceKind(
    "node", 0.0021, 0.00015,
    (
        App("measure", 0.45, ((0.3, 0.012), (0.7, 0.024)), period=12.0),
        App("send", 0.9, ((0.2, 0.03), (0.25, 0.075), (0.15, 0.03), (0.4, 0.055)), period=31.0),
    ),
    5.0, 2.0, 0.001, 0.01, 900.0,
)  # fmt: skip
_GATEWAY = DeviceKind(
    "gateway", 3.4, 0.12,
    (
        App("relay", 2.2, ((1.0, 1.1),), 4, jitter_time=0.06),
        App("update", 8.0, ((0.3, 1.6), (0.5, 2.9), (0.2, 1.2)), 1, jitter_time=0.05),
        App("backup", 5.0, ((0.5, 2.1), (0.5, 0.9)), 2),
    ),
    7.0, 0.5, 0.6, 0.03, 400.0,
)  # fmt: skip
_CONTROLLER = DeviceKind(
    "controller", 11.0, 0.4,
    (
        App("move", 1.1, ((0.2, 9.0), (0.6, 4.5), (0.2, 7.0)), 3),
        App("hold", 2.6, ((0.35, 3.2), (0.65, 5.4)), 2),
        App("report", 0.5, ((0.5, 2.6), (0.5, 3.8)), 3),
    ),
    2.5, 1.0, 3.0, 0.03, 150.0,
)  # fmt: skip

KINDS = {kind.name: kind for kind in (_BOARD, _NODE, _GATEWAY, _CONTROLLER)}


def varied(seed: int) -> DeviceKind:
    """A device that nobody thought of: scales, applications and noise by chance."""
    rng = np.random.default_rng([seed, 0xDE1CE])
    scale = float(10 ** rng.uniform(-3, 1))
    apps = tuple(
        App(
            f"app{at}",
            float(np.exp(rng.uniform(np.log(0.4), np.log(4.0)))),
            tuple(
                (float(share), float(scale * rng.uniform(0.5, 2.5)))
                for share in rng.dirichlet(np.full(int(rng.integers(2, 6)), 4.0))
            ),
            float(rng.uniform(1, 4)),
        )
        for at in range(int(rng.integers(1, 6)))
    )
    return DeviceKind(
        f"varied{seed}", scale * float(rng.uniform(0.05, 2.0)),
        scale * float(rng.uniform(0.005, 0.08)), apps, float(rng.uniform(1.5, 5.0)),
        float(rng.uniform(0.5, 2.0)), scale * float(rng.uniform(0.2, 1.0)),
        float(rng.uniform(0.0, 0.05)), float(rng.uniform(90, 600)),
    )  # fmt: skip
