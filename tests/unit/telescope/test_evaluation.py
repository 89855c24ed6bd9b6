"""Evaluation: every form of truth is read, and the measures are those of the protocol."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kaname.model.errors import InputError
from kaname.telescope.evaluation.sources import assess, calibrated, evaluate
from kaname.telescope.evaluation.truths import read, subject
from kaname.telescope.simulator import simulate
from kaname.telescope.survey import SurveyList

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("ibr_shared.truth.json", "sources"),
        ("ibr_shared.source_truth.csv.gz", "sources"),
        ("ibr_shared.packet_labels.csv.gz", "sources"),
        ("scanner_tools.labels.csv", "sources"),
        ("port_counts_shared.truth.json", "port_counts"),
        ("port_counts_shared.parquet", "port_counts"),
        ("nict_sensor999_count.csv", "changes"),
        ("nict_sensor999_changefinder_alerts.txt", "changes"),
    ],
)
def test_a_truth_says_what_it_is_about(data: Path, name: str, about: str) -> None:
    assert subject(data / name) == about


@pytest.mark.parametrize("name", ["ibr_shared.truth.json", "ibr_shared.source_truth.csv.gz"])
def test_the_shared_set_is_read_whole(data: Path, name: str) -> None:
    found = read(data / name)
    assert found.capture == data / "ibr_shared.pcap.gz"
    assert len(found.labels) == 3856  # as its README counts them
    assert sum("mirai" in names for names in found.labels.values()) == 1254
    assert "bot_unnamed" in set().union(*found.labels.values())


def test_a_simulated_set_is_read_with_its_packets(tmp_path: Path) -> None:
    made = simulate(tmp_path / "day.pcap", 5, duration=HOUR, scale=0.1)
    found = read(Path(made.truth_path))
    whole = json.loads(Path(made.truth_path).read_text())["labels"]
    odd = ("bogon", "vlan", "ipv6", "fragment", "malformed", "nonip", "truncated")
    assert sum(found.packets.values()) == sum(n for label, n in whole.items() if label not in odd)
    assert found.odd
    assert not found.odd & set(found.labels)
    assert read(Path(made.labels_path).with_name("day.truth.json")).capture == Path(made.path)


def test_what_is_no_truth_is_one_clear_error(tmp_path: Path) -> None:
    cases = {
        "a.source_truth.csv": "src,label,event,note\n",
        "b.source_truth.csv": "x,y\n1,2\n",
        "c.truth.json": "[1]",
        "d.truth.json": '{"sources": [{"source": "192.0.2.1"}]}',
        "e.txt": "",
    }
    for name, text in cases.items():
        path = tmp_path / name
        path.write_text(text)
        (tmp_path / (name.split(".")[0] + ".pcap")).write_bytes(b"")
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(path) in str(caught.value)
    broken = tmp_path / "f.source_truth.csv.gz"
    broken.write_bytes(gzip.compress(b"src,label,event,note\n")[:-9])
    (tmp_path / "f.pcap").write_bytes(b"")
    with pytest.raises(InputError):
        read(broken)
    alone = tmp_path / "g.source_truth.csv"
    alone.write_text("src,label,event,note\n192.0.2.1,mirai,x,\n")
    with pytest.raises(InputError, match="g"):  # no capture beside it
        read(alone)


def test_the_goals_on_the_shared_set(data: Path) -> None:
    found = evaluate([data / "ibr_shared.truth.json"], {})
    assert found.measures["sources"] == 3856
    assert float(found.measures["macro_f1"]) >= 0.97
    assert float(found.measures["macro_f1_10"]) >= 0.97
    assert float(found.measures["calibration_error"]) <= 0.05
    assert float(found.measures["invariants_recall"]) >= 0.95
    assert found.measures["invariants_false_sources"] == 0
    assert found.measures["tools_named"] == 1.0
    assert found.measures["false_tool_names"] == 0
    assert found.measures["campaigns_found"] == found.measures["campaigns"] == 3


def test_real_tools_are_named_and_nothing_else(data: Path) -> None:
    found = evaluate([data / "scanner_tools.labels.csv"], {})
    assert found.measures["tools_named"] == 1.0
    assert found.measures["false_tool_names"] == 0
    (confusion,) = (table for table in found.tables if table.title.startswith("confusion"))
    assert all(true == said for true, said, _ in confusion.rows)


def test_a_calibration_can_be_made_from_a_set_of_ones_own(tmp_path: Path) -> None:
    made = simulate(tmp_path / "day.pcap", 5, duration=2 * HOUR, scale=0.2)
    found = assess(read(Path(made.truth_path)), SurveyList.load(""))
    table = calibrated([found])
    assert table.provenance["sets"] == ["day"]
    again = assess(read(Path(made.truth_path)), SurveyList.load(""), table)
    assert set(again.prediction.said) == set(found.prediction.said)
