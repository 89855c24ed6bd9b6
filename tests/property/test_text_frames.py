"""Lines and JSON documents come out as they went in, however they are laid out and cut."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.model.marking import Tlp
from kaname.readers import unpacking
from kaname.readers.frame import ReadJob
from kaname.readers.json_lines import decoded
from kaname.readers.lines import blocks, lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
DOCUMENTS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=12)
Documents = list[dict[str, Any]]
LAYOUTS: dict[str, Callable[[Documents], str]] = {
    "lines": lambda them: "".join(f"{json.dumps(one)}\n" for one in them),
    "unescaped": lambda them: "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in them),
    "array": json.dumps,
    "indented": lambda them: json.dumps(them, indent=2),
    "free": lambda them: " ".join(json.dumps(one, indent=1) for one in them),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frames") / "source"


def job_for(path: Path, data: bytes) -> ReadJob:
    path.write_bytes(data)
    return ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)


def plain(text: str) -> str:
    """What the frame does to a NUL, which no text of the lake holds."""
    return text.replace("\0", "\\x00")


def escaped(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [escaped(one) for one in value]
    if isinstance(value, dict):
        return {plain(name): escaped(one) for name, one in value.items()}
    return value


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=30, deadline=None)
@given(documents=DOCUMENTS, piece=st.integers(1, 64))
def test_documents(layout: str, documents: Documents, piece: int, source: Path) -> None:
    job = job_for(source, LAYOUTS[layout](documents).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacking, "READ", piece * 8)
        patch.setattr(unpacking, "OUT", piece)
        found = [one for _, one in decoded(job, msgspec.json.Decoder(dict[str, Any]))]
    assert found == [escaped(one) for one in documents]
    assert job.report.problems == []


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=400), size=st.integers(8, 64), packed=st.booleans())
def test_blocks_are_the_bytes_and_end_with_lines(
    data: bytes, size: int, packed: bool, source: Path
) -> None:
    if data[:2] == b"\x1f\x8b":  # it would be taken for gzip
        data = b"x" + data
    job = job_for(source, gzip.compress(data) if packed else data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacking, "READ", size)
        patch.setattr(unpacking, "OUT", size)
        found = list(blocks(job, size))
    assert b"".join(block for _, block in found) == data
    assert all(data[at : at + len(block)] == block for at, block in found)
    assert all(block.endswith(b"\n") for _, block in found[:-1])


@settings(max_examples=100, deadline=None)
@given(
    texts=st.lists(
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0\ufeff"), max_size=20
        )
    )
)
def test_lines_are_the_lines(texts: list[str], source: Path) -> None:
    data = "".join(f"{text}\n" for text in texts).encode()
    assert [text for _, text in lines(job_for(source, data))] == texts
