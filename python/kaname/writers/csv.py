"""Comma-separated values, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import ClassVar

from kaname.model.instant import format_us
from kaname.model.records import Indicator
from kaname.writers.entry import Entry, entries
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained

__all__ = ["CsvWriter"]

_COLUMNS = (
    "type",
    "id",
    "kind",
    "value",
    "role",
    "label",
    "score",
    "valid_from",
    "valid_until",
    "updated",
    "revoked",
    "tlp",
    "techniques",
    "findings",
    "title",
)
# What makes a spreadsheet take a cell for a formula, also in its full-width form.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class CsvWriter:
    """RFC 4180 in UTF-8, one line an indicator."""

    name: ClassVar[str] = "csv"
    media_type: ClassVar[str] = "text/csv; charset=utf-8; header=present"
    suffix: ClassVar[str] = ".csv"
    doc: ClassVar[WriterDoc] = WriterDoc(
        en="Comma-separated values: a header line, then one line for each indicator.",
        ja="カンマ区切り(CSV)。見出し行に続けて、インジケーターを 1 行に 1 件ずつ書き出します。",
        references=("RFC 4180",),
        limitations_en=(
            (
                "A cell that a spreadsheet would take for a formula gets an apostrophe in front;"
                " programs that need the exact value read JSON lines."
            ),
            "The evidence is not in it, only the ids of the findings.",
        ),
        limitations_ja=(
            (
                "表計算ソフトが数式とみなすセルの先頭にはアポストロフィを付けます。"
                "正確な値が要るプログラムは JSON Lines を使ってください。"
            ),
            "証拠は含まず、検知結果の ID だけを書き出します。",
        ),
    )

    def write(
        self,
        indicators: Iterable[Indicator],
        findings: FindingOf,
        out: Sink,
        *,
        language: str,
        at: int,
        evidence: EvidenceOf = unexplained,  # noqa: ARG002 - a table has no room for it
    ) -> int:
        """See `kaname.writers.frame.Writer`."""
        out.write(_line(_COLUMNS))
        count = 0
        for entry in entries(indicators, findings, lambda _: at):
            out.write(_line(map(_safe, _cells(entry, language))))
            count += 1
        return count


def _cells(entry: Entry, language: str) -> Iterator[str]:
    indicator = entry.indicator
    artifact = indicator.artifact
    yield from (entry.kind, indicator.id, artifact.kind.value, artifact.value, artifact.role.value)
    yield from (indicator.label, str(entry.score))
    for instant in (indicator.valid_from, indicator.valid_until, indicator.updated):
        yield format_us(instant)
    yield "true" if indicator.revoked else "false"
    yield indicator.tlp.label
    yield " ".join(indicator.techniques)
    yield " ".join(finding.id for finding in entry.findings)
    yield entry.title(language)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()
