"""`kaname simulate ...`: labelled traffic to try things on."""

from __future__ import annotations

from kaname.cli.frame import group

__all__ = ["simulate"]

simulate = group("simulate", {"telescope": "kaname.cli.commands.simulate_telescope:telescope"})
