"""A lake with a few flowtuples, a knowledge store, and one analysis only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.analysis.made import Count
from tests.unit.telescope.made import table

from kaname.analysis import frame
from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.model.ids import batch_id
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

Store = Callable[..., int]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "data")


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    with Knowledge.open(f"sqlite:///{tmp_path / 'knowledge.sqlite'}") as opened:
        yield opened


@pytest.fixture
def store(lake: Lake) -> Store:
    """Put flowtuples into the lake as one source; gives its batch."""

    def put(name: str, rows: list[dict[str, Any]], sensor: str = "darknet", **changes: Any) -> int:
        identity = hashlib.sha256(name.encode()).hexdigest()
        options = {"tlp": Tlp.AMBER, "reader": "pcap", "reader_version": 1} | changes
        batch = batch_id(identity)
        marked = [
            r | {"batch": batch, "sensor": sensor, "tlp": options["tlp"].value, "row_in_src": n}
            for n, r in enumerate(rows)
        ]
        source = {"identity": identity, "path": f"/captures/{name}", "size": 1, "sensor": sensor}
        with lake.writer(**source, **options) as writer:
            for piece in table(marked).to_batches():
                writer.write("flowtuples", piece)
            writer.commit(ReadReport(records=len(rows), rows=len(rows)))
        return batch

    return put


@pytest.fixture
def only_count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """The analysis `Count`, as if it were the only one installed."""
    each = Count()
    for module in ("kaname.analysis.frame", "kaname.analysis.runner"):
        monkeypatch.setattr(f"{module}.analyses", lambda: {each.name: each})
    monkeypatch.setattr("kaname.analysis.deriving.derivations", dict)
    assert frame.analysis(each.name) is each
    return each
