"""`kaname simulate ...`: labelled traffic to try things on."""

from __future__ import annotations

from kaname.cli.frame import group

__all__ = ["simulate"]

_HERE = "kaname.cli.commands"
simulate = group(
    "simulate",
    {
        "telescope": f"{_HERE}.simulate_telescope:telescope",
        "network": f"{_HERE}.simulate_network:network",
        "netlists": f"{_HERE}.simulate_netlists:netlists",
        "power": f"{_HERE}.simulate_power:power",
        "week": f"{_HERE}.simulate_week:week",
    },
)
