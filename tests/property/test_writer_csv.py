"""Any text survives the way through CSV, but for the guard against formulas."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.writers.samples import DAY_0, indicator

from kaname.model.errors import NotFoundError
from kaname.model.records import ArtifactKind, Finding
from kaname.writers.csv import CsvWriter

# NUL is left out: Python's own reader refuses it.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


def nothing(key: str) -> Finding:
    raise NotFoundError("knowledge.error.no_finding", id=key)


@given(TEXT, TEXT)
def test_what_was_written_is_read(value: str, label: str) -> None:
    out = io.BytesIO()
    one = indicator(ArtifactKind.URL, value, label=label, id="x")
    assert CsvWriter().write([one], nothing, out, language="ja", at=DAY_0) == 1
    (row,) = csv.DictReader(io.StringIO(out.getvalue().decode("utf-8"), newline=""))
    assert row["value"] in (value, f"'{value}")
    assert row["label"] in (label, f"'{label}")
    for cell in row.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
