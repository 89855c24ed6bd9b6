"""STIX objects in the store: order, versions, markings, and writers at the same instant."""

from __future__ import annotations

import threading
import uuid

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.stix_objects import Collection, StixFilter, StixObjects, Version
from kaname.knowledge.taxii_statuses import TaxiiStatuses
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.marking import Tlp

EVERY = StixFilter(versions=("all",), specs=("2.0", "2.1"))
DAY = "2025-01-0{}T00:00:00.000000"


@pytest.fixture
def store(knowledge: Knowledge) -> StixObjects:
    part = knowledge.part(StixObjects)
    part.put_collection(Collection(id="c", title="C"))
    return part


def version(
    key: str = "a", day: int = 1, tlp: Tlp = Tlp.CLEAR, body: bytes = b"", spec: str = "2.1"
) -> Version:
    said = body or f'{{ "id":"{key}",  "day":{day}}}'.encode()
    return Version(f"indicator--{key}", DAY.format(day), "indicator", spec, tlp.rank, said)


def found(store: StixObjects, wanted: StixFilter = EVERY, clearance: Tlp = Tlp.RED) -> list[str]:
    rows, _ = store.page("c", wanted, clearance=clearance, limit=1000)
    return [f"{row.id.removeprefix('indicator--')}{row.version[9]}" for row in rows]


def test_bytes_come_back_as_they_were(store: StixObjects) -> None:
    body = '{"b" : 1.50,\n "a":"é\\u00e9" }'.encode()
    store.add("c", [version(body=body)])
    rows, more = store.page("c", EVERY, clearance=Tlp.RED, limit=10)
    assert [row.body for row in rows] == [body]
    assert not more


def test_a_manifest_needs_no_bytes(store: StixObjects) -> None:
    store.add("c", [version("a"), version("b")])
    rows, more = store.page("c", StixFilter(), clearance=Tlp.RED, limit=1, bodies=False)
    assert [(row.id, row.body, more) for row in rows] == [("indicator--a", b"", True)]


def test_what_was_first_stays_and_is_told(store: StixObjects) -> None:
    store.add("c", [version(body=b"{1}")])
    outcome = store.add("c", [version("b"), version(body=b"{2}"), version("b", body=b"{3}")])
    assert list(outcome.added) == [0]
    assert outcome.known == {1: b"{1}", 2: version("b").body}
    assert found(store) == ["a1", "b1"]


def test_instants_are_unique_and_rise_when_the_clock_does_not(store: StixObjects) -> None:
    store.add("c", [version("a"), version("b")], at=1_000)
    store.add("c", [version("d")], at=5)
    rows, _ = store.page("c", EVERY, clearance=Tlp.RED, limit=10)
    assert [row.added for row in rows] == [1_000, 1_001, 1_002]


def test_writers_at_one_instant_lose_and_repeat_nothing(
    knowledge_url: str, store: StixObjects
) -> None:
    # A reader polls by the last instant it saw while eight writers say the same "now".
    seen: list[str] = []
    wanted = [f"{n:02}" for n in range(48)]
    done = threading.Event()
    with Knowledge.open(knowledge_url) as other:

        def write(mine: list[str]) -> None:
            part = other.part(StixObjects)
            for key in mine:
                part.add("c", [version(key), version(key, 2)], at=1_000_000)

        def read() -> None:
            after = -1
            while True:
                last_round = done.is_set()
                rows, more = store.page(
                    "c", EVERY._replace(after=after), clearance=Tlp.RED, limit=7
                )
                seen.extend(f"{row.id}{row.version}" for row in rows)
                after = rows[-1].added if rows else after
                if last_round and not more:
                    return

        writers = [threading.Thread(target=write, args=(wanted[n::8],)) for n in range(8)]
        reader = threading.Thread(target=read)
        for thread in [reader, *writers]:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        reader.join()
    assert len(seen) == 96
    assert len(set(seen)) == 96


def test_versions_are_chosen_among_those_one_may_see(store: StixObjects) -> None:
    store.add("c", [version("a", 1), version("a", 2), version("a", 3, Tlp.RED), version("b", 1)])
    assert found(store, StixFilter()) == ["a3", "b1"]
    # A newer version above one's clearance must not make the object disappear.
    assert found(store, StixFilter(), Tlp.GREEN) == ["a2", "b1"]
    assert found(store, StixFilter(versions=("first",))) == ["a1", "b1"]
    assert found(store, StixFilter(versions=(DAY.format(2), "first"))) == ["a1", "a2", "b1"]


def test_without_a_specification_the_latest_counts(store: StixObjects) -> None:
    store.add("c", [version("a", 1), version("a", 5, spec="2.0"), version("b", 2, spec="2.0")])
    assert found(store, StixFilter()) == ["a1", "b2"]
    assert found(store, StixFilter(specs=("2.0",))) == ["a5", "b2"]
    assert found(store, StixFilter(specs=("2.0", "2.1"))) == ["a5", "b2"]


def test_a_page_ends_at_its_limit_or_its_bytes(store: StixObjects) -> None:
    store.add("c", [version(str(n), body=b"x" * 100) for n in range(5)])
    rows, more = store.page("c", EVERY, clearance=Tlp.RED, limit=3)
    assert (len(rows), more) == (3, True)
    rows, more = store.page("c", EVERY, clearance=Tlp.RED, limit=5)
    assert (len(rows), more) == (5, False)
    rows, more = store.page("c", EVERY, clearance=Tlp.RED, limit=5, most_bytes=150)
    assert (len(rows), more) == (2, True)


def test_removal_of_one_version_and_of_all(store: StixObjects) -> None:
    store.add("c", [version("a", 1), version("a", 2), version("b")])
    chosen = StixFilter(versions=(DAY.format(1),))
    assert store.remove("c", "indicator--a", chosen, clearance=Tlp.RED) == 1
    assert found(store) == ["a2", "b1"]
    assert store.remove("c", "indicator--a", EVERY, clearance=Tlp.RED) == 1
    assert not store.has("c", "indicator--a", clearance=Tlp.RED)


def test_each_audience_has_rows_of_its_own(store: StixObjects) -> None:
    shared = Collection(id="own", title="Own", per_audience=True)
    store.put_collection(shared)
    green, red = (store.audience(shared, level) for level in (Tlp.GREEN, Tlp.RED))
    store.add(green, [version("a", body=b"{low}")])
    store.add(red, [version("a", body=b"{high}")])
    assert [row.body for row in store.every(green)] == [b"{low}"]
    assert [row.body for row in store.every(red)] == [b"{high}"]
    assert [one.id for one in store.collections()] == ["c", "own"]


def test_nothing_is_kept_without_a_collection(store: StixObjects) -> None:
    with pytest.raises(ConflictError):
        store.add("nowhere", [version()])
    store.add("c", [version()])
    store.drop_collection("c")
    assert store.collections() == []


def test_a_status_is_only_for_who_asked(knowledge: Knowledge) -> None:
    statuses = knowledge.part(TaxiiStatuses)
    key = str(uuid.uuid4())
    statuses.put_status(key, "alice", "root", {"id": key, "status": "complete"})
    assert statuses.status(key, "alice", "root") == {"id": key, "status": "complete"}
    for owner, root in (("bob", "root"), ("alice", "other")):
        with pytest.raises(NotFoundError):
            statuses.status(key, owner, root)
