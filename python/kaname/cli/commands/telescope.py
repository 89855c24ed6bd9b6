"""`kaname telescope ...`: the network telescope, from capture to report."""

from __future__ import annotations

from kaname.cli.frame import group

__all__ = ["telescope"]

_HERE = "kaname.cli.commands.telescope"
telescope = group(
    "telescope",
    {
        "watch": f"{_HERE}_watch:watch",
        "sensors": f"{_HERE}_sensors:sensors",
        "sources": f"{_HERE}_sources:sources",
        "campaigns": f"{_HERE}_campaigns:campaigns",
        "dos": f"{_HERE}_dos:dos",
        "orgs": f"{_HERE}_orgs:orgs",
        "stats": f"{_HERE}_stats:stats",
        "report": f"{_HERE}_report:report",
        "evaluate": f"{_HERE}_evaluate:evaluate_",
        "bench": f"{_HERE}_bench:bench_",
    },
)
