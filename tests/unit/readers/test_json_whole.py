"""Sources that are one JSON document, or many, read whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaname.model.marking import Tlp
from kaname.readers import json_whole
from kaname.readers.frame import ReadJob
from kaname.readers.json_whole import objects

OBJECTS = [{"n": n, "t": '}] "{['} for n in range(5)]


def found(folder: Path, data: bytes):
    path = folder / "x.json"
    path.write_bytes(data)
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    return list(objects(job)), job.report


LAYOUTS = {
    "array": json.dumps(OBJECTS),
    "pretty": json.dumps(OBJECTS, indent=1),
    "lines": "\n".join(map(json.dumps, OBJECTS)) + "\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_documents_and_their_offsets(tmp_path, layout):
    data = LAYOUTS[layout].encode()
    rows, _ = found(tmp_path, data)
    assert [value for _, value in rows] == OBJECTS
    assert all(data[at : at + 1] == b"{" for at, _ in rows)


def test_one_document_longer_than_a_line_may_be(tmp_path):
    document = {"a": ["x" * 100] * 30_000}
    for indent in (None, 1):
        rows, _ = found(tmp_path, json.dumps(document, indent=indent).encode())
        assert [value for _, value in rows] == [document]


@pytest.mark.parametrize(
    ("data", "counters"),
    [
        (b'{"a":', {"malformed": 1}),
        (b"[1,2]", {"malformed": 2}),
        (b'{"a":' * 5000, {"too_deep": 1}),
        (b"[" * 100_000, {"too_deep": 1}),
        (b'{"a":1}\n{"a"\n{"a":2}\n', {"malformed": 1}),
    ],
)
def test_damage_is_counted(tmp_path, data, counters):
    _, report = found(tmp_path, data)
    assert report.counters == counters


def test_a_source_beyond_measure_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(json_whole, "MOST_BYTES", 100)
    rows, report = found(tmp_path, json.dumps(OBJECTS * 10).encode())
    assert rows == []
    assert report.counters == {"too_long": 1}
