"""Numbered packets: nonces across kills and processes, the replay window, opening once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.aead import (
    Aegis256,
    InvalidTagError,
    NonceCounter,
    NoncesSpentError,
    Opener,
    ReplayError,
    ReplayWindow,
    RoccaS,
    Sealer,
    UnfitError,
)
from kaname.model.errors import ConflictError, IntegrityError, StoreAccessError

DRAWS = """
import sys
from pathlib import Path
from kaname.cryptography.aead.nonces import NonceCounter
counter = NonceCounter(Path(sys.argv[1]), block=7)
while True:
    drawn = counter.draw(3)
    print(drawn.prefix.hex(), drawn.first, flush=True)
"""


def test_no_nonce_comes_twice_after_kills(tmp_path: Path):
    file = tmp_path / "nonces"
    seen: list[int] = []
    prefixes: set[str] = set()
    for kill_after in (1, 9, 25):
        process = subprocess.Popen(
            [sys.executable, "-c", DRAWS, str(file)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        told = "".join(process.stdout.readline() for _ in range(kill_after))
        process.send_signal(signal.SIGKILL)
        told += process.communicate()[0]
        lines = [line.split() for line in told.splitlines(keepends=True) if line.endswith("\n")]
        prefixes |= {line[0] for line in lines}
        seen += [int(line[1]) for line in lines]
    with NonceCounter(file) as counter:
        drawn = counter.draw()
    assert prefixes == {drawn.prefix.hex()}
    taken = [number + at for number in seen for at in range(3)]
    assert len(set(taken)) == len(taken)
    assert drawn.first > max(taken) > 50


def test_numbers_are_written_down_before_they_are_given_out(tmp_path: Path):
    file = tmp_path / "nonces"
    with NonceCounter(file, block=10) as counter:
        assert counter.draw(4).first == 0
        assert json.loads(file.read_bytes())["taken"] == 10
        assert counter.draw(25).first == 4
        assert json.loads(file.read_bytes())["taken"] == 29
        assert counter.draw(0).size == 0
    assert json.loads(file.read_bytes())["taken"] == 29
    with NonceCounter(file, block=10) as counter:
        assert counter.draw().first == 29
    assert json.loads(file.read_bytes())["taken"] == 30  # the rest was given back


def test_a_nonce_is_prefix_and_number(tmp_path: Path):
    with NonceCounter(tmp_path / "a", prefix=b"sender 1") as counter:
        counter.draw(258)
        drawn = counter.draw(2)
    assert drawn.one() == b"sender 1" + bytes([0, 0, 0, 0, 0, 0, 1, 2])
    assert drawn.octets(16).tobytes() == drawn.one() + b"sender 1" + bytes([0] * 6 + [1, 3])
    with pytest.raises(UnfitError):
        drawn.octets(32)
    with NonceCounter(tmp_path / "b", nonce_length=32) as counter:
        assert len(counter.draw().one()) == 32
        assert len(counter.prefix) == 24
    with NonceCounter(tmp_path / "c") as one, NonceCounter(tmp_path / "d") as other:
        assert one.prefix != other.prefix
    with pytest.raises(UnfitError):
        NonceCounter(tmp_path / "a", prefix=b"sender 2")
    with pytest.raises(UnfitError):
        NonceCounter(tmp_path / "e", prefix=b"short")
    with pytest.raises(UnfitError):
        NonceCounter(tmp_path / "a", nonce_length=32)
    NonceCounter(tmp_path / "a").close()  # let go after a refusal


def test_two_cannot_share_a_file(tmp_path: Path):
    file = tmp_path / "nonces"
    alias = tmp_path / "alias"
    alias.symlink_to(file)
    with NonceCounter(file) as counter:
        for path in (file, alias):
            with pytest.raises(ConflictError):
                NonceCounter(path)
        other = subprocess.run(
            [sys.executable, "-c", DRAWS, str(file)], capture_output=True, text=True, check=False
        )
        assert other.returncode == 1
        assert "is in use" in other.stderr
        child = os.fork()
        if child == 0:  # it has the lock too, and the same numbers in memory
            try:
                counter.draw()
            except ConflictError:
                counter.close()
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert counter.draw().first == 0
    with pytest.raises(ConflictError):
        counter.draw()


def test_threads_draw_different_numbers(tmp_path: Path):
    with NonceCounter(tmp_path / "nonces", block=64) as counter:
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda: found.extend(counter.draw(2).first for _ in range(200)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == list(range(0, 1600, 2))


def test_batches_get_the_nonces_that_single_ones_would(tmp_path: Path):
    counts = [16, 1, 300, 5, 16_384, 100, 16_385, 40, 2]
    with NonceCounter(tmp_path / "nonces", prefix=b"sender 1", block=1) as counter:
        found = b"".join(counter.draw(count).octets(16).tobytes() for count in counts)
    expected = (b"sender 1" + at.to_bytes(8, "big") for at in range(sum(counts)))
    assert found == b"".join(expected)


def test_the_end_is_refused_and_stays(tmp_path: Path):
    file = tmp_path / "nonces"
    with NonceCounter(file, limit=10, block=4) as counter:
        counter.draw(9)
        assert counter.left == 1
        with pytest.raises(NoncesSpentError, match="has 1 nonces left, and 2"):
            counter.draw(2)
        assert counter.draw().first == 9
        with pytest.raises(NoncesSpentError):
            counter.draw()
    with NonceCounter(file, limit=10) as counter, pytest.raises(NoncesSpentError):
        counter.draw()
    last = tmp_path / "last"
    with NonceCounter(last) as counter:
        counter._take(2**64 - 103)
        counter._next = 2**64 - 103
        assert counter.draw(100).octets(16).tobytes()[-8:] == (2**64 - 4).to_bytes(8, "big")
        assert counter.draw(2).octets(16).tobytes()[-8:] == (2**64 - 2).to_bytes(8, "big")
        with pytest.raises(NoncesSpentError):
            counter.draw()


@pytest.mark.parametrize(
    "damage",
    [
        lambda _told: b"",
        lambda told: told[:-4],
        lambda told: told.replace(b'"taken":10', b'"taken":1'),
        lambda told: told.replace(b'"taken":10', b'"taken":-1'),
        lambda _told: b"[]",
        lambda _told: b"\xff" * 5000,
        lambda told: told.replace(b'"format"', b'"former"'),
    ],
)
def test_a_damaged_file_is_never_begun_anew(tmp_path: Path, damage):
    file = tmp_path / "nonces"
    with NonceCounter(file) as counter:
        counter.draw(10)
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    with pytest.raises(IntegrityError, match="Change the key"):
        NonceCounter(file)
    assert file.read_bytes() == damaged


def test_what_cannot_be_kept_is_not_given_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(StoreAccessError):
        NonceCounter(tmp_path / "none" / "nonces")
    counter = NonceCounter(tmp_path / "nonces", block=2)
    counter.draw(2)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreAccessError, match="No space left"):
            counter.draw()
    assert counter.draw().first == 2
    counter.close()


# RFC 4303, appendix A2, by hand: a window of 32. What comes, and whether it is new.
TABLE = [
    (5, True), (5, False), (3, True), (0, True), (0, False), (36, True),
    (5, False),   # 36 - 31: the last one within, seen
    (4, False),   # older than the window
    (6, True), (6, False), (35, True), (37, True),
    (6, False), (5, False),
    (7, True),
    (69, True),   # all of the window goes, but 38 to 69
    (37, False), (38, True), (38, False), (68, True),
    (1_000, True), (969, True), (968, False), (1_000, False),
    (2**64 - 1, True), (2**64 - 1, False), (2**64, False), (2**64 - 32, True),
    (2**64 - 33, False),
]  # fmt: skip


def test_the_window_follows_the_table():
    window, many = ReplayWindow(32), ReplayWindow(32)
    assert window.highest == -1
    assert not window.is_new(-1)
    for number, new in TABLE:
        assert window.is_new(number) is new, number
        if number < 2**64:
            assert many.are_new(np.array([number], np.uint64)).tolist() == [new], number
        if new:
            window.mark(number)
            many.mark_all(np.array([number], np.uint64))
    assert window.highest == many.highest == 2**64 - 1
    window.mark(5)  # long gone
    assert not window.is_new(5)
    for size in (31, 2**20 + 1):
        with pytest.raises(UnfitError):
            ReplayWindow(size)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.integers(0, 200), max_size=9), max_size=12), st.sampled_from([32, 50]))
def test_the_window_is_a_set_that_forgets(calls: list[list[int]], size: int):
    one, many = ReplayWindow(size), ReplayWindow(size)
    seen: set[int] = set()
    for numbers in calls:
        highest = max(seen, default=-1)
        expected = [number not in seen and number > highest - size for number in numbers]
        assert [one.is_new(number) for number in numbers] == expected
        found = many.are_new(np.array(numbers, np.uint64))
        assert found.tolist() == expected
        seen.update(number for number, new in zip(numbers, expected, strict=True) if new)
        for number in numbers:
            if one.is_new(number):
                one.mark(number)
        many.mark_all(np.array(numbers, np.uint64)[found])
        assert one.highest == many.highest


@pytest.fixture
def ends(tmp_path: Path):
    key = RoccaS.generate_key()
    with NonceCounter(tmp_path / "nonces") as counter:
        sealer = Sealer(RoccaS(key), counter)
        yield sealer, Opener(RoccaS(key), sealer.prefix, ReplayWindow(32))


def test_a_packet_is_opened_once(ends: tuple[Sealer, Opener]):
    sealer, opener = ends
    packets = [sealer.seal(b"packet %d" % at, b"data") for at in range(40)]
    assert [packet[:8] for packet in packets] == [at.to_bytes(8, "big") for at in range(40)]
    assert opener.open(packets[2], b"data") == b"packet 2"
    with pytest.raises(ReplayError, match="Packet 2 "):
        opener.open(packets[2], b"data")
    assert opener.open(packets[1], b"data") == b"packet 1"
    forged = (10**9).to_bytes(8, "big") + packets[3][8:]
    for wrong in (forged, packets[3][:-1], packets[3][:8], packets[3][:5], b""):
        with pytest.raises(InvalidTagError):
            opener.open(wrong, b"data")
    assert opener.window.highest == 2  # forged numbers do not move it
    assert opener.open(packets[39], b"data") == b"packet 39"
    with pytest.raises(ReplayError):
        opener.open(packets[7], b"data")
    assert opener.open(packets[8], b"data") == b"packet 8"


def test_batches_of_packets_are_opened_once(ends: tuple[Sealer, Opener]):
    sealer, opener = ends
    sealer.seal(b"one before")
    memory = bytearray(b"firstsecondthirdfourth")
    cuts = [0, 5, 11, 16, 22]
    first, tags = sealer.seal_batch(memory, cuts)
    assert first == 1
    tags = np.array(tags)
    numbers = np.arange(first, first + 4, dtype=np.uint64)
    alone = numbers[:1].astype(">u8").tobytes() + bytes(memory[:5]) + tags[0].tobytes()
    assert opener.open(alone) == b"first"
    sent = bytes(memory)
    tags[2, 0] ^= 1
    assert opener.open_batch(numbers, memory, cuts, tags).tolist() == [False, True, False, True]
    assert memory == bytes(5) + b"second" + bytes(5) + b"fourth"
    tags[2, 0] ^= 1
    memory[:] = sent
    assert opener.open_batch(numbers, memory, cuts, tags).tolist() == [False, False, True, False]
    # a forged double before the genuine one does not keep it out, a true one comes once
    first, tags = sealer.seal_batch(memory := bytearray(b"again"), [0, 5])
    tags = np.array(tags)
    many, bad = bytearray(memory * 3), np.vstack([tags ^ 1, tags, tags])
    same = np.full(3, first, np.uint64)
    assert opener.open_batch(same, many, [0, 5, 10, 15], bad).tolist() == [False, True, False]
    assert many == bytes(5) + b"again" + bytes(5)
    assert len(opener.open_batch([], bytearray(), [0], b"")) == 0


def test_ciphers_and_counters_have_to_fit(tmp_path: Path):
    with NonceCounter(tmp_path / "nonces") as counter:
        with pytest.raises(UnfitError):
            Sealer(Aegis256(bytes(32)), counter)
        with pytest.raises(UnfitError):
            Opener(Aegis256(bytes(32)), counter.prefix)
    with NonceCounter(tmp_path / "long", nonce_length=32) as counter:
        sealer = Sealer(Aegis256(bytes(32)), counter)
        opener = Opener(Aegis256(bytes(32)), sealer.prefix)
        assert opener.open(sealer.seal(b"text")) == b"text"
