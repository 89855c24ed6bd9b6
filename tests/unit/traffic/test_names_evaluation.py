"""The evaluation commands: they measure, and what they measure is right on made truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaname.analysis.evaluation import evaluation, evaluations
from kaname.analysis.frame import analyses
from kaname.model.errors import NotFoundError, UsageError
from kaname.traffic.dga.lists import held_out, read_lists

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"
OURS = ("dns.dga", "dns.tunnels", "dns.lookalikes", "mail.campaigns", "stories.intrusion")


def test_every_analysis_over_names_has_one() -> None:
    assert set(OURS) <= set(evaluations())
    of_analyses = {name for name in evaluations() if not name.startswith("intelligence.")}
    assert of_analyses <= set(analyses())
    with pytest.raises(NotFoundError):
        evaluation("telescope.nothing")


def test_made_channels_are_found_and_no_other() -> None:
    found = evaluation("dns.tunnels")([], {"each": 2})
    assert (found.measures["recall"], found.measures["false_clients"]) == (1.0, 0)
    # what finds nothing measures nothing
    blind = evaluation("dns.tunnels")([], {"each": 1, "names": 100_000})
    assert blind.measures["recall"] == 0.0


def test_the_whole_story_of_a_made_day_is_told() -> None:
    found = evaluation("stories.intrusion")([], {"days": 1})
    assert found.measures["intrusions_found"] == 1
    assert found.measures["links_told"] == 1.0
    assert found.measures["false_stories"] == 0


def test_imitations_and_benign_domains_of_lists_are_counted(tmp_path: Path) -> None:
    benign, made = tmp_path / "benign.txt", tmp_path / "made.csv"
    benign.write_text("kitten.org\nmicrosofd.com\n")  # one of them looks like a brand
    made.write_text("brand,domain\nmicrosoft,micr0soft.com\namazon,kitten.org\n")
    found = evaluation("dns.lookalikes")([benign, made], {})
    assert found.measures["benign_named"] == 0.5
    assert found.measures["recall"] == 0.5


def test_a_recording_is_held_against_its_labels(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip("needs ../shared/data/lake")
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps({"127.0.1.13": "dga:newgoz", "127.0.1.10": "dga:none"}))
    found = evaluation("dns.dga")([DATA / "dns" / "unbound.log.gz", labels], {})
    # of the two that are called infected one is; three more of the recording are
    assert found.measures["recall"] == 0.5
    assert found.measures["false_clients"] == 3


def test_names_are_held_out_by_themselves_alone() -> None:
    names = [f"name{n}.com" for n in range(300)]
    learnt, unseen = held_out(names, part=False), held_out(names, part=True)
    assert sorted([*learnt, *unseen]) == sorted(names)
    assert held_out(list(reversed(names)), part=True) == unseen[::-1]
    assert 60 < len(unseen) < 140


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.txt.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(UsageError):
        read_lists([path])


def test_a_recording_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        evaluation("dns.dga")([tmp_path / "dns.pcap"], {})
