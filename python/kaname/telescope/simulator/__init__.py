"""A labelled telescope: Internet background radiation made up, with the truth beside it.

The simulator shares no code with the reader or the classifier. What tools put into their
packets is written down here a second time, from the same sources, so that a mistake in
one does not excuse itself in the other.
"""

from __future__ import annotations

from kaname.telescope.simulator.run import DARKNET, SimulationReport, simulate

__all__ = ["DARKNET", "SimulationReport", "simulate"]
