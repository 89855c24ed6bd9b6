"""Fixtures of readers: an input, and what a hand or another program says must come of it.

``tests/golden/READER/CASE/in/`` holds one file. ``out/report.json`` names what the report
must say (keys that are not there are not compared), ``out/TABLE.jsonl`` the rows of a
table, a JSON object a line in the order of ``row_in_src``. ``src``, ``dst`` and ``vic``
stand for the two halves of an address, ``ts`` is ISO 8601; columns that are not named are
not compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parent

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """One fixture of one reader."""

    reader: str
    folder: Path

    @property
    def input(self) -> Path:
        (found,) = (path for path in (self.folder / "in").iterdir() if path.is_file())
        return found

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "out" / "report.json").read_text("utf-8"))
        return found

    @property
    def tables(self) -> dict[str, Rows]:
        return {
            path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            for path in sorted((self.folder / "out").glob("*.jsonl"))
        }

    def __str__(self) -> str:
        return f"{self.reader}-{self.folder.name}"


def cases(golden: Path = GOLDEN) -> list[Case]:
    """All fixtures below ``golden``."""
    return [Case(path.parent.parent.name, path.parent) for path in sorted(golden.glob("*/*/in"))]


def query(table: str, columns: list[str]) -> str:
    """SQL for ``columns`` of ``table``, spelt as fixtures spell them."""
    spelt = {
        "ts": "strftime(timezone('UTC', ts), '%Y-%m-%dT%H:%M:%S.%fZ') AS ts",
        **{side: f"ip({side}_hi, {side}_lo) AS {side}" for side in ("src", "dst", "vic")},
    }
    chosen = ", ".join(spelt.get(column, column) for column in columns)
    return f"SELECT {chosen} FROM {table} ORDER BY row_in_src"  # noqa: S608 - names of a fixture


def compare(case: Case, report: dict[str, Any], ask: Callable[[str], Rows]) -> None:
    """Assert that ``report``, and what ``ask`` answers to SQL, are as the fixture says."""
    for key, expected in case.report.items():
        found = report[key]
        if key == "problems":
            found = [{k: p[k] for k in e} for p, e in zip(found, expected, strict=True)]
        elif key in {"counters", "notes"}:
            found = {name: count for name, count in found.items() if count}
        assert found == expected, key
    for table, rows in case.tables.items():
        assert ask(query(table, list(rows[0]))) == rows
