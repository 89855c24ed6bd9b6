"""Findings do not depend on how data came: in which order, in how many files, or when.

One simulated day is brought into lakes in different ways; what the analyses say of it,
ids, values and digests of evidence included, must be the same each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.telescope import oracle

from kaname.analysis.runner import catch_up
from kaname.knowledge import FindingQuery, Knowledge
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.telescope.simulator import simulate

HOUR = 3_600_000_000
ORIGIN = ("created", "changed", "tlp", "status")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve hours of a small telescope."""
    path = tmp_path_factory.mktemp("whole") / "day.pcap"
    simulate(path, 5, duration=12 * HOUR, scale=0.2, darknet=("198.18.0.0/20",))
    return path


def _cut(path: Path, folder: Path, at: Sequence[int]) -> list[Path]:
    """The capture in pieces, cut before the packets numbered ``at``."""
    data = path.read_bytes()
    offsets = [offset for _, offset, _ in oracle.frames(path)]
    edges = [offsets[0], *(offsets[n] for n in at), len(data)]
    pieces = []
    for number, (start, end) in enumerate(pairwise(edges)):
        pieces.append(folder / f"piece-{number}.pcap")
        pieces[-1].write_bytes(data[:24] + data[start:end])
    return pieces


def _minute_edge(path: Path, near: int) -> int:
    """A packet near number ``near`` at which every later one has a later minute."""
    times = [ts // 60_000_000 for ts, _, _ in oracle.frames(path)]
    for number in range(near, len(times)):
        if max(times[max(0, number - 50) : number]) < min(times[number : number + 50]):
            return number
    raise AssertionError("no edge")


def _said(folder: Path, arrive: Callable[[Lake, Callable[[], None]], None]) -> dict[str, Any]:
    """What is said after ``arrive`` brought the data (and perhaps analysed on the way)."""
    lake = Lake.open(folder / "data")
    with Knowledge.open(f"sqlite:///{folder / 'k.sqlite'}") as knowledge:

        def analyse() -> None:
            assert not any(report.failed for report in catch_up(lake, knowledge))

        arrive(lake, analyse)
        analyse()
        page = knowledge.findings(FindingQuery(limit=1000))
        assert page.next_cursor is None
        return {found.id: _content(msgspec.to_builtins(found)) for found in page.items}


def _content(finding: dict[str, Any]) -> dict[str, Any]:
    """Everything but where the rows were stored and when the finding was made.

    And but for the numbers of corsaro3's rules, which begin anew with each ingested file:
    its intervals count from there. Folders and interfaces are one stream.
    """
    evidence = {k: v for k, v in finding["evidence"].items() if k != "sources"}
    reasons = [one for one in finding["reasons"] if one[0] != "telescope.reason.dos_corsaro"]
    kept = {k: v for k, v in finding.items() if k not in ORIGIN}
    return kept | {"evidence": evidence, "reasons": reasons}


def _bring(lake: Lake, path: Path) -> None:
    ingest(lake, path, sensor="darknet", tlp=Tlp.AMBER, options={})


@pytest.fixture(scope="module")
def expected(capture: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    said = _said(tmp_path_factory.mktemp("expected"), lambda lake, _: _bring(lake, capture))
    assert {finding["label"] for finding in said.values()} >= {"mirai", "campaign", "survey"}
    return said


def test_two_captures_in_either_order(
    capture: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    first, second = _cut(capture, tmp_path, [_minute_edge(capture, 9_000)])
    for order in ((first, second), (second, first)):
        folder = tmp_path / order[0].stem
        folder.mkdir()
        said = _said(folder, lambda lake, _, order=order: [_bring(lake, p) for p in order])
        assert said == expected


def test_on_arrival_or_at_the_end(capture: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    edges = [_minute_edge(capture, near) for near in (5_000, 12_000)]
    pieces = _cut(capture, tmp_path, edges)

    def arrive(lake: Lake, analyse: Callable[[], None]) -> None:
        for piece in pieces:
            _bring(lake, piece)
            analyse()

    assert _said(tmp_path, arrive) == expected


def test_after_compaction(capture: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    def arrive(lake: Lake, _: Callable[[], None]) -> None:
        for piece in _cut(capture, tmp_path, [_minute_edge(capture, 9_000)]):
            _bring(lake, piece)
        lake.compact()

    assert _said(tmp_path, arrive) == expected


def test_a_cut_within_a_minute_changes_no_statement(
    capture: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    """Marks that compare packets of a minute lose one comparison; nobody's label turns."""
    pieces = _cut(capture, tmp_path, [_minute_edge(capture, 9_000) + 7])
    said = _said(tmp_path, lambda lake, _: [_bring(lake, piece) for piece in pieces])
    assert said.keys() == expected.keys()
    assert all(said[key]["label"] == expected[key]["label"] for key in said)
    digests = [
        said[key]["evidence"]["digest"] == expected[key]["evidence"]["digest"] for key in said
    ]
    assert all(digests)
