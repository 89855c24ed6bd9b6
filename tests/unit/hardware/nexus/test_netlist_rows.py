"""A netlist that comes in is judged by the model that ships, and its rows say so."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kaname.analysis.runner import run
from kaname.hardware.designs import design, net, nets
from kaname.hardware.models import models
from kaname.hardware.netlist.rows import shipped_digest
from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.model.errors import InputError, IntegrityError, NotFoundError
from kaname.model.marking import Tlp
from kaname.model.page import Page
from kaname.readers.ingest import IngestResult, ingest

NETLISTS = Path(__file__).parents[5] / "shared/data/hardware-crypto/netlists"
TIME = "2026-01-01T00:00:00Z"
START = 1_767_225_600_000_000


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, Knowledge]]:
    folder = tmp_path_factory.mktemp("judged")
    with (
        Lake.open(folder) as lake,
        Knowledge.open(f"sqlite:///{folder}/knowledge.sqlite") as knowledge,
    ):
        for name in ("classic_rs232t1000", "clean_JC-SW130_s5378", "raw_rs232t1000"):
            take(lake, NETLISTS / f"{name}.v.gz")
        yield lake, knowledge


def take(lake: Lake, path: Path, **options: Any) -> IngestResult:
    return ingest(lake, path, sensor="lab", tlp=Tlp.GREEN, options={"time": TIME} | options)


def digest(name: str) -> str:
    return hashlib.sha256(gzip.decompress((NETLISTS / f"{name}.v.gz").read_bytes())).hexdigest()


def test_a_design_is_a_row_with_verdict_and_pictures(stores: tuple[Lake, Knowledge]) -> None:
    found = design(*stores, digest("classic_rs232t1000"), Tlp.RED)
    labels = json.loads((NETLISTS / "classic_rs232t1000.labels.json").read_text())
    assert found.design.cells == labels["instances"]
    assert found.design.ts == START
    assert found.design.model_digest == shipped_digest() == models().items[0].digest
    assert sum(found.histogram) == sum(found.families.values()) == found.design.cells
    assert found.density is not None
    assert sum(found.density.counts) == found.design.cells
    known = {node.id for node in found.map.nodes}
    assert all(start in known and end in known for start, end in found.map.edges)
    assert [region.number for region in found.regions] == list(range(1, len(found.regions) + 1))


def test_nets_are_ranked_and_the_first_are_explained(stores: tuple[Lake, Knowledge]) -> None:
    lake, _ = stores
    own = digest("classic_rs232t1000")
    found = nets(lake, own, Page(1000), Tlp.RED)
    detail = design(*stores, own, Tlp.RED).design
    assert found.total == detail.flagged + 20
    sure = [each.probability for each in found.items]
    assert sure == sorted(sure, reverse=True)
    assert [each.flagged for each in found.items] == [p >= detail.threshold for p in sure]
    one = net(lake, own, found.items[0].place, Tlp.RED)
    assert one.circuit.nodes
    assert any(node.id == one.net.place and node.depth == 0 for node in one.circuit.nodes)
    for language in ("en", "ja"):
        assert all(reason.text[language] for reason in one.reasons)


def test_the_trojan_of_a_known_design_is_ranked_first(stores: tuple[Lake, Knowledge]) -> None:
    lake, _ = stores
    labels = json.loads((NETLISTS / "classic_rs232t1000.labels.json").read_text())
    trojan = set(labels["trojan_instances"])
    ranked = nets(lake, digest("classic_rs232t1000"), Page(len(trojan)), Tlp.RED).items
    right = sum(each.instance in trojan for each in ranked)
    assert right >= 0.5 * len(trojan)  # the model's own tests say how good it is


def test_findings_name_what_was_flagged_and_nothing_else(stores: tuple[Lake, Knowledge]) -> None:
    lake, knowledge = stores
    run(lake, knowledge, "hardware.trojans", since=START, until=START + 1)
    for name in ("classic_rs232t1000", "clean_JC-SW130_s5378"):
        found = design(lake, knowledge, digest(name), Tlp.RED)
        assert bool(found.findings) == (found.design.flagged > 0 or
                                        found.design.verdict == "suspicious")  # fmt: skip


def test_what_cannot_be_read_is_told_with_its_place(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.v"
    text = gzip.decompress((NETLISTS / "raw_rs232t1000.v.gz").read_bytes()).decode()
    at = text.index(";", len(text) // 2) + 1
    path.write_text(f"{text[:at]}\n  )( broken ;\n{text[at:]}")
    result = take(lake, path)
    line = text[:at].count("\n") + 2
    assert result.source.damaged
    assert any(problem["reason"].startswith(f"{line}:") for problem in result.source.problems)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake") as opened:
        yield opened


def test_nothing_is_left_of_what_is_no_design(lake: Lake, tmp_path: Path) -> None:
    empty = tmp_path / "empty.v"
    empty.write_text("module m (a, y);\ninput a; output y;\nassign y = a;\nendmodule\n")
    with pytest.raises(InputError):
        take(lake, empty)
    path = NETLISTS / "raw_rs232t1000.v.gz"
    with pytest.raises(NotFoundError):
        take(lake, path, top="nobody")
    other = tmp_path / "other.npz"
    other.write_bytes(b"PK\x03\x04 no model")
    with pytest.raises(IntegrityError):
        take(lake, path, model=str(other))
    assert lake.sources() == []
