"""JSON documents are found however they are laid out; damaged ones cost only themselves."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.json_lines import decoded, documents, first_document

ANY = msgspec.json.Decoder(dict)
DOCUMENTS = [
    {"n": n, "s": 'a "quoted" } { [ \\ 漢', "deep": {"l": [1, {"m": []}]}} for n in range(50)
]


def job_for(path: Path, data: bytes) -> ReadJob:
    path.write_bytes(data)
    return ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)


LAYOUTS = {
    "lines": "\n".join(json.dumps(d) for d in DOCUMENTS),
    "array": json.dumps(DOCUMENTS),
    "pretty array": json.dumps(DOCUMENTS, indent=2),
    "pretty, one after another": "\n".join(json.dumps(d, indent=1) for d in DOCUMENTS),
    "all in one line": "".join(json.dumps(d) for d in DOCUMENTS),
    "array of lines": "[\n" + ",\n".join(json.dumps(d) for d in DOCUMENTS) + "\n]\n",
    "with a byte order mark": "\ufeff" + "\r\n".join(json.dumps(d) for d in DOCUMENTS),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_documents_are_found_in_every_layout(tmp_path, layout):
    data = LAYOUTS[layout].encode()
    job = job_for(tmp_path / "x", data)
    found = list(decoded(job, ANY))
    assert [document for _, document in found] == DOCUMENTS
    assert job.report.problems == []
    job = job_for(tmp_path / "x", data)
    assert all(data[at:].lstrip(b"\xef\xbb\xbf").startswith(raw) for at, raw in documents(job))


def test_a_damaged_line_costs_only_itself(tmp_path):
    job = job_for(tmp_path / "x", b'{"a":1}\n{"a":\n[1]\n{"a":2}\n')
    assert [d for _, d in decoded(job, ANY)] == [{"a": 1}, {"a": 2}]
    assert job.report.counters == {"malformed": 2}
    assert [p.offset for p in job.report.problems] == [8, 14]


def test_a_cut_array_keeps_what_is_whole(tmp_path):
    text = json.dumps(DOCUMENTS)
    job = job_for(tmp_path / "x", text[: len(text) // 2].encode())
    found = [d for _, d in decoded(job, ANY)]
    assert found == DOCUMENTS[: len(found)]
    assert len(found) >= 23
    assert job.report.bad_records == 1


@pytest.mark.parametrize("lost", ["}", '"', "{", ":"])
@pytest.mark.parametrize("layout", ["pretty array", "pretty, one after another", "array of lines"])
def test_damage_inside_an_array_costs_one_document(tmp_path, layout, lost):
    """One character is taken out of the eleventh document."""
    text = LAYOUTS[layout]
    at = text.index('"n": 10')
    at = text.index(lost, text.index('"deep"', at) if lost == "{" else at)
    if lost == "}":
        at = text.index(lost, text.index('"m"', at))
    job = job_for(tmp_path / "x", (text[:at] + text[at + 1 :]).encode())
    found = [document for _, document in decoded(job, ANY)]
    expected = [document for document in DOCUMENTS if document["n"] != 10]
    assert [document for document in found if document in DOCUMENTS] == expected
    assert job.report.bad_records == len(job.report.problems) >= 1


def test_depth_is_limited_to_64(tmp_path):
    fits = b'{"a":' * 64 + b"1" + b"}" * 64
    deeper = b'{"a":' * 65 + b"1" + b"}" * 65
    in_text = json.dumps({"a": "[" * 500}).encode()
    job = job_for(tmp_path / "x", b"\n".join([fits, deeper, in_text]))
    assert len(list(decoded(job, ANY))) == 2
    assert job.report.counters == {"too_deep": 1}


def test_bytes_that_json_forbids_are_escaped(tmp_path):
    job = job_for(tmp_path / "x", b'{"a":"\xff"}\n{"a":"x\0y"}\n{"a":"\\u0000"}\n')
    assert [d["a"] for _, d in decoded(job, ANY)] == ["\\xff", "x\\x00y", "\\x00"]
    assert job.report.problems == []


def test_first_document_of_a_head():
    assert first_document(b'[ {"a": "}"}, {"b": 1}') == b'{"a": "}"}'
    assert first_document(b'{"a": [1, 2]}\n{"b"') == b'{"a": [1, 2]}'
    assert first_document(b"text") is None
    assert first_document(b'{"a": ') is None
