"""`kaname hardware ...`: designs and devices, from netlist and power trace to verdict."""

from __future__ import annotations

from kaname.cli.frame import group

__all__ = ["hardware", "netlist", "power"]

_HERE = "kaname.cli.commands.hardware"
hardware = group(
    "hardware",
    {
        "netlist": f"{_HERE}:netlist",
        "power": f"{_HERE}:power",
        "report": f"{_HERE}_report:report_",
    },
)
netlist = group(
    "hardware netlist",
    {
        "scan": f"{_HERE}_netlist_scan:scan",
        "train": f"{_HERE}_netlist_train:train",
        "evaluate": f"{_HERE}_netlist_evaluate:evaluate_",
        "attack": f"{_HERE}_netlist_attack:attack",
    },
)
power = group(
    "hardware power",
    {
        "learn": f"{_HERE}_power_learn:learn",
        "scan": f"{_HERE}_power_scan:scan",
        "watch": f"{_HERE}_power_watch:watch",
        "evaluate": f"{_HERE}_power_evaluate:evaluate_",
    },
)
