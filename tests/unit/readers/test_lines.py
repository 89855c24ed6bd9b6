"""Lines come out whole, at their offset, whatever is around them.

Packed inputs are made by the standard library (gzip, xz) and pyarrow (zstd); damage is
made by hand, so what must survive is known.
"""

from __future__ import annotations

import gzip
import lzma
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from kaname.model.errors import CancelledError, InputError
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.lines import MAX_LINE, blocks, lines


def job_for(path: Path, data: bytes) -> ReadJob:
    path.write_bytes(data)
    return ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(data)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, zstd])
def test_every_line_has_its_offset_however_it_is_packed(tmp_path, pack):
    text = b"first\r\n\nthird \xe6\xbc\xa2\nlast without end"
    found = list(lines(job_for(tmp_path / "x", pack(text))))
    assert found == [(0, "first"), (7, ""), (8, "third 漢"), (18, "last without end")]


def test_a_byte_order_mark_is_not_part_of_the_first_line(tmp_path):
    found = list(lines(job_for(tmp_path / "x", b"\xef\xbb\xbfa\nb\n")))
    assert found == [(3, "a"), (5, "b")]


def test_what_is_not_utf8_is_escaped_and_noted(tmp_path):
    job = job_for(tmp_path / "x", b"a\xffb\nc\0d\nfine\n")
    assert [text for _, text in lines(job)] == ["a\\xffb", "c\\x00d", "fine"]
    assert job.report.notes == {"escaped": 2}


def test_a_line_over_the_limit_is_counted_and_the_next_ones_are_read(tmp_path):
    long = b"x" * (MAX_LINE + 1)
    fits = b"y" * MAX_LINE
    job = job_for(tmp_path / "x", b"a\n" + long + b"\nb\n" + fits + b"\nc")
    found = list(lines(job))
    assert [(at, len(text)) for at, text in found] == [
        (0, 1),
        (2 + MAX_LINE + 2, 1),
        (2 + MAX_LINE + 4, MAX_LINE),
        (2 + MAX_LINE + 4 + MAX_LINE + 1, 1),
    ]
    assert job.report.counters == {"too_long": 1}
    assert (job.report.records, job.report.bad_records) == (1, 1)
    assert job.report.problems[0].offset == 2


def test_a_line_longer_than_many_blocks_does_not_shift_what_follows(tmp_path):
    long = b"x" * (11 * MAX_LINE + 7)
    job = job_for(tmp_path / "x", b"a\n" + long + b"\nb\n" + long)
    assert list(lines(job)) == [(0, "a"), (2 + len(long) + 1, "b")]
    assert job.report.counters == {"too_long": 2}


def test_lines_are_the_same_however_blocks_are_cut(tmp_path):
    text = b"".join(b"%d,%s\n" % (n, b"z" * (n % 97)) for n in range(2000))
    whole = text.split(b"\n")[:-1]
    for size in (1, 100, 4096, 1 << 22):
        job = job_for(tmp_path / "x", text)
        found = b"".join(block for _, block in blocks(job, size))
        assert found.split(b"\n")[:-1] == whole
        assert all(text[at:].startswith(block) for at, block in blocks(job, size))


def test_what_comes_before_damage_in_gzip_is_kept(tmp_path):
    text = b"".join(b"line %d of the log\n" % (n * n % 9973) for n in range(5000))
    packed = bytearray(gzip.compress(text))
    del packed[len(packed) // 2 :]
    job = job_for(tmp_path / "x", bytes(packed))
    found = [line for _, line in lines(job)]
    expected = gzip.decompress  # the whole is known; half of it must be there
    assert len(found) > 2000
    assert found[:-1] == expected(gzip.compress(text)).decode().split("\n")[: len(found) - 1]
    assert job.report.damaged
    assert job.report.problems[0].reason == "gzip ends early"


def test_a_flipped_byte_in_gzip_costs_only_what_comes_after(tmp_path):
    first, second = gzip.compress(b"kept\n" * 100), bytearray(gzip.compress(b"lost\n" * 100))
    second[12] ^= 0xFF
    job = job_for(tmp_path / "x", first + bytes(second))
    found = [line for _, line in lines(job)]
    assert found[:100] == ["kept"] * 100
    assert job.report.damaged


def test_members_and_padding_of_gzip_are_one_stream(tmp_path):
    packed = gzip.compress(b"a\n") + gzip.compress(b"b\n") + b"\0" * 512
    job = job_for(tmp_path / "x", packed)
    assert list(lines(job)) == [(0, "a"), (2, "b")]
    assert not job.report.damaged


def test_a_bomb_is_stopped(tmp_path):
    job = job_for(tmp_path / "x", gzip.compress(b"\n" * (100 << 20)))
    count = sum(1 for _, block in blocks(job) for _ in block[:1])
    assert count > 0
    assert "expands more than" in job.report.problems[0].reason


def test_progress_reaches_the_size_of_the_file_and_cancel_stops(tmp_path):
    packed = gzip.compress(b"a line\n" * 1000)
    job = job_for(tmp_path / "x", packed)
    assert sum(1 for _ in lines(job)) == 1000
    assert job.report.bytes_read == len(packed)
    job.cancel = threading.Event()
    job.cancel.set()
    with pytest.raises(CancelledError):
        list(lines(job))


def test_a_missing_file_is_an_input_error(tmp_path):
    job = ReadJob(path=tmp_path / "none", sensor="s", tlp=Tlp.GREEN, batch=1)
    with pytest.raises(InputError):
        list(lines(job))
