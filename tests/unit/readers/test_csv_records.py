"""CSV by the names in its header (RFC 4180), with comments, and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.model.marking import Tlp
from kaname.readers.csv_records import header_in, records
from kaname.readers.frame import ReadJob


def known(names):
    return {"a", "b"} <= set(names)


def found(folder: Path, text: str):
    path = folder / "x.csv"
    path.write_bytes(text.encode())
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    return list(records(job, known)), job.report


@pytest.mark.parametrize("header", ["a,b", '"a","b"', "# a,b", '# "a", "b"', "\ufeffA , B"])
def test_headers(tmp_path, header):
    rows, report = found(tmp_path, f"# comment\n#\n{header}\n1,2\n")
    assert [values for _, values in rows] == [{"a": "1", "b": "2"}]
    assert report.counters == {}


def test_quotes_line_ends_and_offsets(tmp_path):
    text = 'a,b\r\n"x ""y""","1\r\n2"\r\nz,\r\n'
    rows, _ = found(tmp_path, text)
    assert rows == [(5, {"a": 'x "y"', "b": "1\n2"}), (text.index("z,"), {"a": "z", "b": ""})]


def test_a_quote_that_is_not_closed_costs_one_record(tmp_path):
    text = 'a,b\n1,"2\n' + "3,4\n" * 300
    rows, report = found(tmp_path, text)
    assert len(rows) == 300
    assert report.counters == {"malformed": 1}


def test_a_field_longer_than_csv_takes(tmp_path):
    rows, report = found(tmp_path, "a,b\n1," + "x" * 200_000 + "\n3,4\n")
    assert [values for _, values in rows] == [{"a": "3", "b": "4"}]
    assert report.counters == {"malformed": 1}


def test_a_second_header_is_no_record(tmp_path):
    rows, _ = found(tmp_path, "a,b\n1,2\na,b\n3,4\n")
    assert [values["a"] for _, values in rows] == ["1", "3"]


def test_a_header_is_looked_for_before_the_first_record_only():
    assert header_in("# hello\n# a,b\n1,2\n", known) == ["a", "b"]
    assert header_in("1,2\na,b\n", known) is None
