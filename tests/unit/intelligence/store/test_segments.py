"""Sealed logs become rows of the lake, once, and only for those who may see them."""

from __future__ import annotations

import msgspec
from tests.crash.fusion_adding import observation

from kaname.intelligence.store import FusionStore
from kaname.intelligence.store.segments import keep_segments
from kaname.lake import Lake
from kaname.model.marking import Tlp


def test_every_observation_is_in_the_lake_once_and_as_it_was(tmp_path):
    said = [observation(number) for number in range(30)]
    said[7] = msgspec.structs.replace(said[7], tlp=Tlp.AMBER)
    said[8] = msgspec.structs.replace(said[8], groups=("bank",))
    with FusionStore.open(tmp_path / "store") as store, Lake.open(tmp_path) as lake:
        store.add(said[:20])
        assert keep_segments(store, lake) == 20
        store.add(said[20:])
        assert keep_segments(store, lake) == 10
        assert keep_segments(store, lake) == 0
        rows = lake.query("SELECT id, artifacts, roles, body FROM observations ORDER BY ts").table
        assert rows.column("id").to_pylist() == [one.id for one in said]
        assert rows.column("artifacts").to_pylist()[3] == [m.value for m in said[3].mentions]
        assert rows.column("roles").to_pylist()[3] == [m.role for m in said[3].mentions]
        assert msgspec.json.decode(rows.column("body").to_pylist()[3]) == said[3].body
        seen = lake.query("SELECT id FROM observations", clearance=Tlp.GREEN).table
        assert {"o7", "o8"} == {one.id for one in said} - set(seen.column("id").to_pylist())
        found = lake.pivot("h9.example")
        assert [row.table for row in found.rows] == ["observations"]


def test_the_store_goes_on_in_another_file(tmp_path):
    with FusionStore.open(tmp_path) as store:
        store.add([observation(0)])
        assert [path.name for path in store.seal()] == ["00000001.log"]
        assert [path.name for path in store.seal()] == ["00000001.log"]
        store.add([observation(1)])
    with FusionStore.open(tmp_path) as store:
        assert store.counts[1] == 2
        assert store.observation("o0") == observation(0)
        assert store.observation("o1") == observation(1)
