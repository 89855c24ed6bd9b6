"""A log that was damaged is read up to where it is whole, and says so."""

from __future__ import annotations

import logging

import pytest
from tests.crash.fusion_adding import observation

from kaname.intelligence.store import FusionStore
from kaname.model.errors import ConflictError, IntegrityError, StoreAccessError


@pytest.fixture
def folder(tmp_path):
    with FusionStore.open(tmp_path) as store:
        store.add([observation(number) for number in range(10)])
    return tmp_path


def log_of(folder):
    return folder / "00000001.log"


def test_half_a_record_at_the_end_is_cut_off_and_told(folder, caplog):
    whole = log_of(folder).stat().st_size
    with log_of(folder).open("ab") as file:
        file.write(b"\x50\0\0\0half")
    with caplog.at_level(logging.WARNING), FusionStore.open(folder) as store:
        assert store.counts[1] == 10
        store.add([observation(10)])
    assert caplog.records[0].bytes == 8
    assert caplog.records[0].offset == whole
    with FusionStore.open(folder) as store:
        assert store.counts[1] == 11


def test_every_cut_leaves_the_records_before_it(folder):
    data = log_of(folder).read_bytes()
    before = 10
    for length in range(len(data), -1, -97):
        log_of(folder).write_bytes(data[:length])
        with FusionStore.open(folder, read_only=True) as store:
            count = store.counts[1]
            assert count <= before
            before = count
    assert before == 0


def test_a_changed_byte_ends_the_log_there(folder):
    data = bytearray(log_of(folder).read_bytes())
    data[len(data) // 2] ^= 1
    log_of(folder).write_bytes(data)
    with FusionStore.open(folder, read_only=True) as store:
        assert 0 < store.counts[1] < 10
        assert store.observation("o0") == observation(0)


def test_damage_before_the_last_file_is_an_error_and_changes_nothing(folder):
    data = log_of(folder).read_bytes()
    (folder / "00000002.log").write_bytes(data)
    log_of(folder).write_bytes(data[:-3])
    with pytest.raises(IntegrityError, match=r"00000001\.log"):
        FusionStore.open(folder)
    assert log_of(folder).read_bytes() == data[:-3]


def test_one_process_writes_and_others_follow(folder):
    with FusionStore.open(folder) as writer, FusionStore.open(folder, read_only=True) as reader:
        with pytest.raises(ConflictError, match="another process"):
            FusionStore.open(folder)
        with pytest.raises(StoreAccessError, match="reading only"):
            reader.add([observation(99)])
        writer.add([observation(10)])
        writer.retract(["o0"])
        assert reader.counts[1] == 10
        assert reader.refresh() == 2
        assert reader.observation("o10") == observation(10)
        assert reader.observation("o0") is None


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(StoreAccessError, match="no fusion store"):
        FusionStore.open(tmp_path / "nowhere", read_only=True)


def test_a_start_from_a_snapshot_is_the_same_start(folder):
    with FusionStore.open(folder) as store:
        store.retract(["o3"])
        store.snapshot()
        store.add([observation(10)])
        before = [store.known(m.kind, m.value) for m in observation(7).mentions]
        counts = store.counts
    with FusionStore.open(folder) as store:
        assert store.counts == counts
        assert [store.known(m.kind, m.value) for m in observation(7).mentions] == before
        assert store.observation("o3") is None
        again = store.add([observation(number) for number in range(11)])
        assert (again.new, again.duplicates) == (1, 10)


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_snapshot_is_not_used(folder, damage):
    with FusionStore.open(folder) as store:
        store.snapshot()
    path = folder / "snapshot"
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), 53):
        broken = {"cut": data[:place], "empty": b""}.get(damage)
        if broken is None:
            broken = data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]
        path.write_bytes(broken)
        with FusionStore.open(folder, read_only=True) as store:
            assert store.counts == (20, 10)
            assert store.observation("o7") == observation(7)


def test_a_log_that_is_shorter_than_the_snapshot_knows_is_an_error(folder):
    with FusionStore.open(folder) as store:
        store.snapshot()
    log_of(folder).write_bytes(log_of(folder).read_bytes()[:-1])
    with pytest.raises(IntegrityError, match=r"00000001\.log"):
        FusionStore.open(folder)
