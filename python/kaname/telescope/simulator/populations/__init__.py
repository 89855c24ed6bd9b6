"""The populations of the simulated Internet, by what drives them."""

from __future__ import annotations

from collections.abc import Iterator

from kaname.telescope.simulator.populations.answers import answering
from kaname.telescope.simulator.populations.bots import infected
from kaname.telescope.simulator.populations.campaigns import campaigning
from kaname.telescope.simulator.populations.crowds import crowding
from kaname.telescope.simulator.populations.oddities import odd
from kaname.telescope.simulator.populations.reflections import reflecting
from kaname.telescope.simulator.populations.residents import residing
from kaname.telescope.simulator.populations.scanners import scanning
from kaname.telescope.simulator.populations.shifting import shifting
from kaname.telescope.simulator.populations.surveys import surveying
from kaname.telescope.simulator.populations.variants import varying
from kaname.telescope.simulator.process import Population
from kaname.telescope.simulator.scene import Scene

__all__ = ["populations"]


def populations(scene: Scene) -> Iterator[Population]:
    """All of them, in a fixed order: their number seeds their random numbers."""
    yield from infected(scene)
    yield from varying(scene)
    yield from campaigning(scene)
    yield from scanning(scene)
    yield from surveying(scene)
    yield from answering(scene)
    yield from reflecting(scene)
    yield from crowding(scene)
    yield from shifting(scene)
    yield from odd(scene)
    yield from residing(scene)
