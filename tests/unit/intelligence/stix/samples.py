"""The shared samples of STIX, and a store to take them into."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.stix_objects import Collection, StixObjects

DATA = Path(__file__).parents[5] / "shared" / "data" / "fusion"
NEEDED = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")
HERE = Collection(id="here", title="Here")


def files() -> list[Path]:
    """Every STIX document."""
    return sorted([*DATA.glob("stix2*/*.json*"), *DATA.glob("attack/ics*.xz")])


def plain(path: Path) -> bytes:
    """The content of one."""
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def fresh_store(folder: Path) -> Iterator[StixObjects]:
    """A store with one empty collection."""
    with Knowledge.open(f"sqlite:///{folder}/knowledge.sqlite") as knowledge:
        store = knowledge.part(StixObjects)
        store.put_collection(HERE)
        yield store
