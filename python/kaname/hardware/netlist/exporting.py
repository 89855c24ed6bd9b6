"""Verdicts as files: JSON, CSV of cells, GraphML of regions, and the Verilog with its marks.

A file appears whole or not at all.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from kaname.hardware.netlist.naming import told
from kaname.model.errors import StoreAccessError, UsageError

if TYPE_CHECKING:
    from kaname.hardware.netlist.verdicts import Verdict

__all__ = ["csv_of", "graphml_of", "marked", "write"]

_GZIP = b"\x1f\x8b"
_CELLS = 100_000  # rows of a CSV
# An instance: cell, parameters, name, the bracket that its pins begin with.
_INSTANCE = re.compile(
    r"(?P<cell>[A-Za-z_][\w$]*)(?P<gap>\s+(?:#\s*\([^()]*\)\s*)?)"
    r"(?P<name>\\[^\s]+\s|[A-Za-z_][\w$]*)(?=\s*\()"
)
_NO_CELLS = frozenset({"module", "macromodule", "function", "task"})


def write(
    kind: str, folder: Path, source: Path, verdict: Verdict, document: dict[str, Any]
) -> Path:
    """Write the verdict on the netlist ``source`` into ``folder``; the path of the file.

    Raises:
        StoreAccessError: it cannot be written.
        UsageError: Verilog is asked for and ``source`` is something else.
    """
    if kind == "json":
        text, suffix = msgspec.json.format(msgspec.json.encode(document), indent=1).decode(), "json"
    elif kind == "csv":
        text, suffix = csv_of(verdict), "csv"
    elif kind == "graphml":
        text, suffix = graphml_of(verdict), "graphml"
    else:
        text, suffix = marked(_text(source), verdict), "marked.v"
    stem = source.name.removesuffix(".gz").rsplit(".", 1)[0]
    path = folder / f"{stem}.{suffix}"
    beside = path.with_name(f".{path.name}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise StoreAccessError("hardware.error.model_file", path=path, reason=error) from None
    return path


def _text(source: Path) -> str:
    data = source.read_bytes()
    data = gzip.decompress(data) if data.startswith(_GZIP) else data
    text = data.decode("utf-8", "replace")
    if not re.search(r"\bmodule\b", text):
        raise UsageError("hardware.error.no_verilog", path=source)
    return text


def csv_of(verdict: Verdict) -> str:
    """A line for each cell, the most suspicious first (at most 100,000)."""
    cells = verdict.ranked(_CELLS).tolist()
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(
        ("rank", "probability", "flagged", "region", "net", "instance", "cell", "family")
    )
    for rank, (cell, about) in enumerate(
        zip(cells, told(verdict.netlist, cells), strict=True), start=1
    ):
        sure = float(verdict.probability[cell])
        lines.writerow(
            (
                rank,
                f"{sure:.6f}",
                int(sure >= verdict.threshold),
                verdict.region_of(cell),
                about.net,
                about.instance,
                about.cell,
                about.family,
            )
        )
    return out.getvalue()


def graphml_of(verdict: Verdict) -> str:
    """The suspicious regions with what touches them, as GraphML."""
    nodes: dict[int, str] = {}
    edges: dict[tuple[int, int], None] = {}
    for region in verdict.regions:
        for node in region.circuit.nodes:
            fields = {
                "net": node.name,
                "cell": node.cell,
                "family": node.family,
                "probability": node.probability,
                "flagged": str(node.flagged).lower(),
                "region": verdict.region_of(node.id),
            }
            data = "".join(
                f"<data key={quoteattr(key)}>{escape(str(value))}</data>"
                for key, value in fields.items()
            )
            nodes[node.id] = f'<node id="c{node.id}">{data}</node>'
        edges |= dict.fromkeys(region.circuit.edges)
    kinds = {
        **dict.fromkeys(("net", "cell", "family"), "string"),
        "probability": "double",
        "flagged": "boolean",
        "region": "int",
    }
    keys = "".join(
        f'<key id="{name}" for="node" attr.name="{name}" attr.type="{kind}"/>\n'
        for name, kind in kinds.items()
    )
    lines = "\n".join(nodes.values())
    arcs = "\n".join(f'<edge source="c{a}" target="c{b}"/>' for a, b in edges)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        f'{keys}<graph edgedefault="directed">\n{lines}\n{arcs}\n</graph>\n</graphml>\n'
    )


def marked(text: str, verdict: Verdict) -> str:
    """The Verilog ``text`` with an attribute before each flagged instance of the flat design."""
    cells = verdict.flagged.tolist()
    about = told(verdict.netlist, cells)
    sure = {
        one.instance: float(verdict.probability[cell])
        for cell, one in zip(cells, about, strict=True)
    }

    def mark(found: re.Match[str]) -> str:
        name = found["name"].strip().removeprefix("\\")
        if name not in sure or found["cell"] in _NO_CELLS:
            return found[0]
        return f'(* kaname_trojan = "{sure[name]:.3f}" *) {found[0]}'

    return _INSTANCE.sub(mark, text)
