"""The store against a plain model of it: whatever happens, it holds what the model holds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.records import HOUR, finding

from kaname.knowledge import FindingQuery, Knowledge
from kaname.model.marking import Tlp
from kaname.model.records import Finding

LABELS = ("scan", "probe")
WINDOW = st.dictionaries(
    st.integers(0, 11), st.tuples(st.sampled_from(LABELS), st.sampled_from(Tlp)), max_size=8
)


@pytest.fixture(scope="module")
def store() -> Iterator[Knowledge]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Knowledge.open(f"sqlite:///{Path(folder)}/k.sqlite") as opened,
    ):
        yield opened


def made(window: int, content: dict[int, tuple[str, Tlp]]) -> list[Finding]:
    return [
        finding(
            window * 100 + number,
            window_start=window * HOUR,
            window_end=(window + 1) * HOUR,
            last_seen=number % 4,
            label=label,
            tlp=tlp,
        )
        for number, (label, tlp) in content.items()
    ]


def clear(store: Knowledge) -> None:
    for window in range(3):
        store.replace_window("darknet.sources", window * HOUR, (window + 1) * HOUR, [])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), WINDOW), max_size=8), st.integers(1, 5))
def test_the_store_holds_the_last_list_of_each_window(
    store: Knowledge, steps: list[tuple[int, dict[int, tuple[str, Tlp]]]], limit: int
) -> None:
    clear(store)
    model: dict[int, dict[str, tuple[str, Tlp]]] = {0: {}, 1: {}, 2: {}}
    for window, content in steps:
        wanted = {one.id: (one.label, one.tlp) for one in made(window, content)}
        before = model[window]
        change = store.replace_window(
            "darknet.sources", window * HOUR, (window + 1) * HOUR, made(window, content)
        )
        assert set(change.added) == set(wanted) - set(before)
        assert set(change.withdrawn) == set(before) - set(wanted)
        assert set(change.changed) == {
            key for key in set(wanted) & set(before) if wanted[key] != before[key]
        }
        model[window] = wanted
    held = {key: value for window in model.values() for key, value in window.items()}
    for clearance in Tlp:
        seen = dict(pages(store, FindingQuery(limit=limit, clearance=clearance)))
        assert seen == {k: v for k, v in held.items() if v[1].rank <= clearance.rank}


def pages(store: Knowledge, query: FindingQuery) -> Iterator[tuple[str, tuple[str, Tlp]]]:
    cursor: str | None = None
    seen: set[str] = set()
    while True:
        page = store.findings(
            FindingQuery(limit=query.limit, clearance=query.clearance, cursor=cursor)
        )
        for item in page.items:
            assert item.id not in seen
            seen.add(item.id)
            yield item.id, (item.label, item.tlp)
        cursor = page.next_cursor
        if cursor is None:
            return
