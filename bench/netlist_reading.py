"""Claim: structural Verilog at 1.5 M gates a second and core; a million in 0.7 s and 250 MiB.

The text is s38417-T100 of the shared set (or the first design of our own corpus, where the
set is not there), copied side by side under new names until it has a million gates, 120 MB.
Beside it, where they are installed: pyslang (a full SystemVerilog parser in C++; syntax tree
and a walk over the module's members) on the same text, and Pyverilog's parser on one copy,
because it parses a few thousand gates a second. One process per run, CPU seconds and the
peak of the resident set; the median of three for kaname. Prints one JSON object.

    python -m bench.netlist_reading [GATES]
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.netlist_scan import copies, original

GATES = 1_000_000
GOALS = {"gates_per_second": 1_500_000.0, "seconds": 0.7, "mebibytes": 250.0}
RUNS = 3


def kaname(path: str) -> int:
    """Read into a graph; the number of its cells."""
    from kaname._native import Netlist

    return Netlist.open(path).cells


def pyslang(path: str) -> int:
    """Parse, and walk over the members of the module."""
    slang = importlib.import_module("pyslang")
    syntax = getattr(slang, "syntax", slang)
    tree = syntax.SyntaxTree.fromFile(path)
    root = tree.root
    kinds = syntax.SyntaxKind if hasattr(syntax, "SyntaxKind") else slang.SyntaxKind
    gates = (kinds.HierarchyInstantiation, kinds.PrimitiveInstantiation)
    modules = [root] if root.kind == kinds.ModuleDeclaration else list(root.members)
    return sum(member.kind in gates for module in modules for member in module.members)


def pyverilog(path: str) -> int:
    """Parse without the preprocessor, which wants Icarus Verilog."""
    instances = importlib.import_module("pyverilog.vparser.ast").InstanceList
    make = importlib.import_module("pyverilog.vparser.parser").VerilogParser
    with tempfile.TemporaryDirectory() as tables:  # it writes those of its grammar
        parser = make(outputdir=tables, debug=False)
        module = parser.parse(Path(path).read_text()).description.definitions[0]
    return sum(isinstance(item, instances) for item in module.items)


READERS = {"kaname": kaname, "pyslang": pyslang, "pyverilog": pyverilog}


def child(name: str, path: str) -> None:
    """Read in this process, and print what that took."""
    before = time.process_time()
    gates = READERS[name](path)
    seconds = time.process_time() - before
    # Not `ru_maxrss`, which a process inherits from the one that started it.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps({"gates": gates, "seconds": seconds, "mebibytes": peak}))


def measure(name: str, path: Path, runs: int = 1) -> dict[str, Any]:
    """The median of ``runs`` processes."""
    found = []
    for _ in range(runs):
        command = [sys.executable, "-m", "bench.netlist_reading", "--child", name, str(path)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        found.append(json.loads(done.stdout))
    seconds = statistics.median(one["seconds"] for one in found)
    gates = found[0]["gates"]
    return {
        "gates": gates,
        "seconds": round(seconds, 3),
        "gates_per_second": round(gates / seconds),
        "mebibytes": round(max(one["mebibytes"] for one in found)),
    }


def main(gates: int) -> dict[str, Any]:
    """Kaname and its peers on one text."""
    text = original()
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder) / "one.v", Path(folder) / "many.v"
        one.write_text(text)
        many.write_text(copies(text, gates))
        found: dict[str, Any] = {"bytes": many.stat().st_size}
        found["kaname"] = measure("kaname", many, RUNS)
        for name, path in (("pyslang", many), ("pyverilog", one)):
            if importlib.util.find_spec(name) is None:
                found[name] = "not installed"
                continue
            found[name] = measure(name, path)
            ratio = found["kaname"]["gates_per_second"] / found[name]["gates_per_second"]
            found[name]["kaname_is_faster_by"] = round(ratio, 1)
    ours = found["kaname"]
    met = {
        "gates_per_second": ours["gates_per_second"] >= GOALS["gates_per_second"],
        "seconds": ours["seconds"] <= GOALS["seconds"],
        "mebibytes": ours["mebibytes"] <= GOALS["mebibytes"],
    }
    return {**found, "goals": GOALS, "met": met}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:4])
    else:
        print(json.dumps(main(int(sys.argv[1]) if sys.argv[1:] else GATES), indent=2))
