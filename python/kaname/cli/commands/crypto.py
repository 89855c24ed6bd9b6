"""`kaname crypto ...`: seal and open, choose, take stock, judge, report."""

from __future__ import annotations

from kaname.cli.frame import group

__all__ = ["crypto"]

_HERE = "kaname.cli.commands.crypto"
crypto = group(
    "crypto",
    {
        "bench": f"{_HERE}_bench:bench_",
        "key": f"{_HERE}_key:key",
        "seal": f"{_HERE}_seal:seal",
        "open": f"{_HERE}_open:open_",
        "plan": f"{_HERE}_plan:plan",
        "inventory": f"{_HERE}_inventory:inventory",
        "deliver": f"{_HERE}_deliver:deliver",
        "judge": f"{_HERE}_judge:judge",
        "report": f"{_HERE}_report:report_",
        "lines": f"{_HERE}_lines:lines",
        "lab": f"{_HERE}_lab:lab",
    },
)
