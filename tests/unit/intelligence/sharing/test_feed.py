from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from pymisp import MISPEvent
from tests.unit.intelligence.misp.samples import FILES, UUID, attribute, event, sample

from kaname.intelligence.misp.reading import read
from kaname.intelligence.sharing.feed import feed_files, replace_folder


def test_a_feed_has_a_manifest_the_events_and_their_hashes() -> None:
    data = json.dumps(
        event(
            attribute(1, "domain|ip", "evil.example|198.51.100.7"),
            attribute(2, "md5", "ab" * 16),
            attribute(3, "domain", "evil.example"),
            attribute(4, "domain", "gone.example", deleted=True),
        )
    ).encode()
    files = feed_files([(UUID, data)])
    assert sorted(files) == [f"{UUID}.json", "hashes.csv", "manifest.json"]
    assert json.loads(files[f"{UUID}.json"]) == {"Event": json.loads(data)}
    assert json.loads(files["manifest.json"]) == {
        UUID: {
            "date": "2023-11-14",
            "timestamp": "1700000100",
            "info": "標的型攻撃",
            "analysis": "",
            "threat_level_id": "",
            "Orgc": {"name": "CERT", "uuid": "33333333-3333-4333-8333-333333333333"},
            "Tag": [{"name": "tlp:green"}],
        }
    }
    values = (b"evil.example", b"198.51.100.7", b"ab" * 16)
    expected = [hashlib.md5(value, usedforsecurity=False).hexdigest() for value in values]
    assert files["hashes.csv"].decode().splitlines() == [f"{one},{UUID}" for one in expected]


@pytest.mark.parametrize("path", FILES[:8], ids=lambda path: path.name[:24])
def test_real_events_go_out_as_they_came_and_hash_as_pymisp_hashes(path: Path) -> None:
    for found in read(sample(path)).events:
        files = feed_files([(found.uuid, found.body)])
        assert found.body in files[f"{found.uuid}.json"]
        loaded = MISPEvent()
        loaded.load(files[f"{found.uuid}.json"])
        # PyMISP hashes the parts of composite values too.
        theirs = {hashed for one in loaded.attributes for hashed in one.hash_values("md5")}
        ours = {line.split(",")[0] for line in files["hashes.csv"].decode().splitlines()}
        assert theirs <= ours


def test_the_folder_changes_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "feeds" / "green"
    replace_folder(folder, {"a": b"1", "manifest.json": b"{}"})
    before = folder.resolve()
    with (folder / "a").open("rb") as reading:
        replace_folder(folder, {"b": b"2"})
        assert reading.read() == b"1"  # whoever reads an old file goes on reading it
    assert sorted(path.name for path in folder.iterdir()) == ["b"]
    assert not before.exists()
    same = folder.resolve()
    replace_folder(folder, {"b": b"2"})
    assert folder.resolve() == same  # nothing changed, nothing done
    assert sorted(path.name for path in folder.parent.iterdir() if path.name[0] != ".") == ["green"]
