"""Campaigns: new activity on one port that grows, bursts, creeps, or steps up.

Growth on a busy port is Mirai's own: its sources are what they were before, and only their
number tells; so their label is ``mirai``, and the campaign an event of the truth.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kaname.telescope.simulator.populations.bots import bare, stack
from kaname.telescope.simulator.process import Population, Random
from kaname.telescope.simulator.scene import Scene

__all__ = ["campaigning"]


def campaigning(scene: Scene) -> Iterator[Population]:
    """All campaigns."""
    growth, bursts, slow, step = scene.mix.campaign_ports
    yield _growth(scene, "campaign", "growth", growth)
    yield _bursts(scene, bursts)
    yield _slow(scene, slow)
    yield _step(scene, step)
    yield _growth(scene, "mirai", "growth-busy", 23)


def _growth(scene: Scene, label: str, event: str, port: int) -> Random:
    """Begins late and doubles: Mirai's scanner on another port."""
    count = scene.many(130)
    onset = scene.when(0.55)
    left = (scene.end - onset) / 1e6
    begin = onset + np.minimum(left, left * np.log1p(scene.rng.random(count) * 6) / np.log(7)) * 1e6
    end = np.full(count, scene.end)
    dress = bare(scene, count, (port,), (1.0,))
    rate = np.full(count, 60 / left)
    sources = scene.place.fresh(count)
    return Random(label, event, sources, begin.astype(np.int64), end, rate, dress)


def _bursts(scene: Scene, port: int) -> Random:
    """Three common bursts of ten minutes, through Linux's stack."""
    count = scene.many(60)
    sources = np.tile(scene.place.fresh(count), 3)
    begin = np.repeat([scene.when(share) for share in (0.2, 0.5, 0.8)], count)
    dress = stack(scene, 3 * count, (port,), windows=False)
    rate = np.full(3 * count, 12 / 600)
    return Random("campaign", "bursts", sources, begin, begin + 600_000_000, rate, dress)


def _slow(scene: Scene, port: int) -> Random:
    """A few hosts that creep, from a tenth of the time on."""
    count = scene.many(40)
    begin = np.full(count, scene.when(0.12))
    end = np.full(count, scene.end)
    dress = bare(scene, count, (port,), (1.0,))
    rate = np.full(count, 25 / (scene.seconds * 0.88))
    return Random("campaign", "slow", scene.place.fresh(count), begin, end, rate, dress)


def _step(scene: Scene, port: int) -> Random:
    """All at once, and then for good; Windows hosts."""
    count = scene.many(80)
    begin = np.full(count, scene.when(0.4))
    end = np.full(count, scene.end)
    dress = stack(scene, count, (port,), windows=True)
    rate = np.full(count, 15 / (scene.seconds * 0.6))
    sources = scene.place.fresh(count)
    return Random("campaign", "step", sources, begin, end, rate, dress, (3.0, 9.0))
