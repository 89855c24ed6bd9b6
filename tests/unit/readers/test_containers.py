"""Compression is told by content; damaged sources give what comes before the damage."""

from __future__ import annotations

import gzip
import lzma

import pyarrow as pa
import pytest

from kaname.readers.containers import HEAD, compression, head, stream

DATA = bytes(range(256)) * 1024


def packed(kind):
    if kind == "zstd":
        return pa.compress(DATA, codec="zstd", asbytes=True)
    return {"gzip": gzip.compress, "xz": lzma.compress, None: bytes}[kind](DATA)


@pytest.mark.parametrize("kind", ["gzip", "xz", "zstd", None])
def test_the_same_bytes_come_out_of_every_container(tmp_path, kind):
    path = tmp_path / "named.wrongly"
    path.write_bytes(packed(kind))
    assert compression(path.read_bytes()) == kind
    with stream(path) as source:
        assert source.read() == DATA
    assert head(path) == DATA[:HEAD]


@pytest.mark.parametrize("kind", ["gzip", "xz"])
def test_a_cut_source_still_shows_its_head(tmp_path, kind):
    path = tmp_path / "cut"
    whole = packed(kind)
    path.write_bytes(whole[: len(whole) // 2])
    assert DATA.startswith(head(path))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        head(tmp_path / "none")
