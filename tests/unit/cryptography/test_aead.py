"""Packet ciphers from Python: published vectors on every path, refusals, batches, streams."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.aead import CIPHERS, Aegis256, InvalidTagError, RoccaS, UnfitError
from kaname.cryptography.aead.ciphers import Cipher

SHARED = Path("../shared/data/hardware-crypto/cipher")
PEER_NAMES = {"Aegis256": "AEGIS-256", "Aegis256X2": "AEGIS-256X2", "Aegis256X4": "AEGIS-256X4"}
ALL = list(CIPHERS.values())


class Vector(NamedTuple):
    name: str
    key: bytes
    nonce: bytes
    data: bytes
    text: bytes
    sealed: bytes  # with the tag


def vectors() -> list[Vector]:
    found = []
    for file in ("rocca_s_draft05", "rocca_s_lengths"):
        for one in json.loads((SHARED / f"{file}.json").read_text())["tests"]:
            octets = [bytes.fromhex(one[name]) for name in ("key", "nonce", "ad", "msg")]
            found.append(Vector("Rocca-S", *octets, bytes.fromhex(one["ct"] + one["tag"])))
    for one in json.loads((SHARED / "aegis_pyaegis.json").read_text())["tests"]:
        if one["alg"] in PEER_NAMES:
            octets = [
                bytes.fromhex(one[name]) for name in ("key", "nonce", "ad", "msg", "ct_and_tag")
            ]
            found.append(Vector(PEER_NAMES[one["alg"]], *octets))
    return found


def ways() -> list[tuple[type[Cipher], str]]:
    return [(each, path) for each in ALL for path in each.paths()]


def test_published_vectors_on_every_path_and_by_every_way_in():
    told = vectors()
    assert {one.name for one in told} == set(CIPHERS)
    for one in told:
        for path in CIPHERS[one.name].paths():
            cipher = CIPHERS[one.name](one.key, path=path)
            assert cipher.path == path
            assert cipher.encrypt(one.nonce, one.text, one.data) == one.sealed
            assert cipher.decrypt(one.nonce, one.sealed, one.data) == one.text
            text, tag = cipher.encrypt_detached(one.nonce, one.text, one.data)
            assert text + tag == one.sealed
            assert cipher.decrypt_detached(one.nonce, text, tag, one.data) == one.text
            memory = bytearray(one.text)
            assert cipher.encrypt_in_place(one.nonce, memory, one.data) == tag
            assert memory == text
            cipher.decrypt_in_place(one.nonce, memory, tag, one.data)
            assert memory == one.text
            sender, receiver = (
                cipher.encryptor(one.nonce, one.data),
                cipher.decryptor(one.nonce, one.data),
            )
            pieces = [one.text[at : at + 37] for at in range(0, len(one.text), 37)]
            sent = [sender.update(piece) for piece in pieces]
            assert b"".join(sent) + sender.finish() == one.sealed
            assert b"".join(map(receiver.update_unverified, sent)) == one.text
            receiver.finish(tag)
            batch = bytearray(one.text * 3)
            cuts = [len(one.text) * at for at in range(4)]
            tags = bytearray(96)
            nonces = b"".join(bytes([octet ^ by for octet in one.nonce]) for by in (1, 0, 2))
            data = {
                "associated_data": one.data * 3,
                "associated_offsets": [len(one.data) * at for at in range(4)],
            }
            cipher.encrypt_batch(nonces, batch, cuts, tags=tags, **data)
            assert batch[cuts[1] : cuts[2]] + tags[32:64] == one.sealed
            assert cipher.decrypt_batch(nonces, batch, cuts, tags, **data).all()
            assert batch == one.text * 3


@pytest.mark.parametrize("kind", ALL)
def test_it_is_used_as_the_ciphers_of_pyca_are(kind: type[Cipher]):
    key = kind.generate_key()
    assert len(key) == 32
    assert key != kind.generate_key()
    cipher = kind(bytearray(key))
    assert key.hex() not in repr(cipher)
    nonce = secrets.token_bytes(kind.NONCE_LENGTH)
    sealed = cipher.encrypt(nonce, b"text", None)
    assert sealed == cipher.encrypt(memoryview(nonce), bytearray(b"text"), b"")
    assert len(sealed) == 4 + 32
    assert cipher.decrypt(nonce, sealed, None) == b"text"
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed, b"other")
    with pytest.raises(InvalidTag):
        kind(kind.generate_key()).decrypt(nonce, sealed, None)
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed[:31], None)
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, b"", None)
    memory = bytearray(36)
    assert cipher.encrypt_into(nonce, b"text", None, memory) == 36
    assert memory == sealed
    view = memoryview(memory)
    assert cipher.decrypt_into(nonce, memory, None, view[:4]) == 4  # where it lies
    assert view[:4] == b"text"
    assert cipher.encrypt_into(nonce, view[:4], None, memory) == 36
    assert memory == sealed


def test_short_tags_are_those_of_the_whole_family():
    cipher = Aegis256(bytes(32), tag_length=16)
    sealed = cipher.encrypt(bytes(32), b"text", None)
    assert len(sealed) == 20
    assert cipher.decrypt(bytes(32), sealed, None) == b"text"
    long = Aegis256(bytes(32)).encrypt(bytes(32), b"text", None)
    with pytest.raises(UnfitError):  # a right tag, but of the length that was not agreed on
        cipher.decrypt_detached(bytes(32), long[:4], long[4:], None)
    with pytest.raises(UnfitError):
        RoccaS(bytes(32), tag_length=16)


@pytest.mark.parametrize(("kind", "path"), ways())
def test_a_change_anywhere_is_refused_and_leaves_zeros(kind: type[Cipher], path: str):
    cipher = kind(bytes(range(32)), path=path)
    nonce, data = bytes(kind.NONCE_LENGTH), b"from 1 to 2"
    text, tag = cipher.encrypt_detached(nonce, bytes(range(201)), data)
    for at in (0, 15, 16, 31, 32, 63, 64, 127, 128, 191, 192, 200):  # in and between blocks
        changed = bytearray(text)
        changed[at] ^= 1
        with pytest.raises(InvalidTagError):
            cipher.decrypt_in_place(nonce, changed, tag, data)
        assert not any(changed)
    for at in range(32):
        changed = bytearray(tag)
        changed[at] ^= 0x80
        with pytest.raises(InvalidTagError):
            cipher.decrypt_detached(nonce, text, changed, data)
    for at in (0, 7, kind.NONCE_LENGTH - 1):
        changed = bytearray(nonce)
        changed[at] ^= 1
        with pytest.raises(InvalidTagError):
            cipher.decrypt_detached(changed, text, tag, data)
    for other in (b"from 1 to 3", b"from 1 to 2\0", b"", b"grom 1 to 2"):
        with pytest.raises(InvalidTagError):
            cipher.decrypt_detached(nonce, text, tag, other)
    for other in (text[:-1], text + b"\0", b""):
        with pytest.raises(InvalidTagError):
            cipher.decrypt_detached(nonce, other, tag, data)


def test_what_does_not_fit_is_refused_and_changes_nothing():
    cipher, nonce = RoccaS(bytes(32)), bytes(16)
    for key in (b"", bytes(16), bytes(33)):
        with pytest.raises(ValueError, match="a key of 32 bytes was expected"):
            RoccaS(key)
    with pytest.raises(TypeError):
        RoccaS(32)  # type: ignore[arg-type]  # not 32 zeros
    with pytest.raises(UnfitError, match="no path abacus"):
        RoccaS(bytes(32), path="abacus")
    for wrong in (b"", bytes(12), bytes(17)):
        with pytest.raises(ValueError, match="a nonce of 16 bytes was expected"):
            cipher.encrypt(wrong, b"text", None)
        with pytest.raises(ValueError, match="nonce"):
            cipher.decryptor(wrong)
    with pytest.raises(UnfitError):
        cipher.encrypt_into(nonce, b"text", None, bytearray(35))
    with pytest.raises(UnfitError, match="read-only"):
        cipher.encrypt_into(nonce, b"text", None, bytes(36))
    with pytest.raises(UnfitError, match="read-only"):
        cipher.encrypt_in_place(nonce, b"text", None)
    memory = bytearray(range(100))
    view = memoryview(memory)
    for data, out in ((view[1:41], view[:72]), (view[5:15], view[:42])):
        with pytest.raises(UnfitError, match="overlaps"):
            cipher.encrypt_into(nonce, data, None, out)
    with pytest.raises(UnfitError):
        cipher.decrypt_into(nonce, bytes(40), None, bytearray(9))
    with pytest.raises(UnfitError):
        cipher.decrypt_in_place(nonce, memory, bytes(31), None)
    nonces, cuts = bytes(range(48)), [0, 10, 10, 100]
    calls: list[dict[str, Any]] = [
        {"nonces": nonces[:32]},
        {"nonces": nonces[:47]},
        {"nonces": nonces[:16] * 3},  # the same nonce for several messages
        {"nonces": nonces[:16] + nonces[:16] + nonces[32:]},
        {"offsets": [0, 10, 9, 100]},
        {"offsets": [0, 10, 20, 101]},
        {"offsets": [0, -1, 20, 100]},
        {"offsets": [0.0, 10.0, 20.0, 100.0]},
        {"offsets": [[0, 10], [20, 100]]},
        {"tags": bytearray(95)},
        {"tags": bytearray(48)},  # the length of other tags
        {"tags": bytes(96)},
        {"tags": view[:96]},
        {"buffer": bytes(100)},
        {"associated_data": b"data"},
        {"associated_data": b"data", "associated_offsets": [0, 1, 2, 5]},
        {"associated_data": b"data", "associated_offsets": [0, 1, 2]},
    ]
    for call in calls:
        given = {"nonces": nonces, "buffer": memory, "offsets": cuts, **call}
        with pytest.raises(UnfitError):
            cipher.encrypt_batch(**given)
        assert memory == bytes(range(100))
    assert memoryview(cipher.encrypt_batch(b"", bytearray(), [0])).nbytes == 0
    assert len(cipher.decrypt_batch(b"", bytearray(), [], b"")) == 0


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 300), max_size=20),
    datas=st.lists(st.integers(0, 70), min_size=20, max_size=20),
    seed=st.integers(0, 2**32),
    way=st.sampled_from(ways()),
    wrong=st.integers(0, 19),
)
def test_a_batch_is_its_messages_one_by_one(
    lengths: list[int], datas: list[int], seed: int, way: tuple[type[Cipher], str], wrong: int
):
    kind, path = way
    random = np.random.default_rng(seed)
    cipher, alone = kind(random.bytes(32), path=path), kind.paths()[0]
    count = len(lengths)
    cuts, data_cuts = np.cumsum([0, *lengths]), np.cumsum([0, *datas[:count]])
    nonces = random.integers(0, 256, (count, kind.NONCE_LENGTH), np.uint8)
    texts, data = random.integers(0, 256, cuts[-1], np.uint8), random.bytes(int(data_cuts[-1]))
    memory = texts.copy()
    extra = {"associated_data": data, "associated_offsets": data_cuts}
    tags = np.asarray(cipher.encrypt_batch(nonces, memory, cuts, **extra))
    one = kind(cipher._key, path=alone)
    for at, ((first, last), (begin, end)) in enumerate(
        zip(pairwise(cuts), pairwise(data_cuts), strict=True)
    ):
        sealed = one.encrypt(nonces[at], texts[first:last], data[begin:end])
        assert memory[first:last].tobytes() + tags[at].tobytes() == sealed
    if wrong < count:
        tags[wrong, wrong] ^= 1
    right = cipher.decrypt_batch(nonces, memory, cuts, tags, **extra)
    assert right.tolist() == [at != wrong for at in range(count)]
    expected = texts.copy()
    if wrong < count:
        expected[cuts[wrong] : cuts[wrong + 1]] = 0
    assert np.array_equal(memory, expected)


@settings(max_examples=25, deadline=None)
@given(
    pieces=st.lists(st.binary(max_size=150), max_size=8),
    way=st.sampled_from(ways()),
)
def test_a_stream_is_the_whole_message(pieces: list[bytes], way: tuple[type[Cipher], str]):
    cipher = way[0](bytes(32), path=way[1])
    nonce = bytes(range(cipher.NONCE_LENGTH))
    whole = cipher.encrypt(nonce, b"".join(pieces), b"data")
    sender, receiver = cipher.encryptor(nonce, b"data"), cipher.decryptor(nonce, b"data")
    sent = [sender.update(piece) for piece in pieces]
    tag = sender.finish()
    assert b"".join(sent) + tag == whole
    for piece, text in zip(sent, pieces, strict=True):
        memory = bytearray(piece)
        receiver.update_unverified_into(memory, memory)
        assert memory == text
    receiver.finish(tag)


def test_a_stream_ends_once_and_tells_a_wrong_end():
    cipher = RoccaS(bytes(32))
    sender = cipher.encryptor(bytes(16))
    sent = sender.update(b"text")
    tag = sender.finish()
    for late in (sender.finish, lambda: sender.update(b"more")):
        with pytest.raises(UnfitError):
            late()
    receiver = cipher.decryptor(bytes(16))
    receiver.update_unverified(sent[:3])
    with pytest.raises(UnfitError):
        receiver.finish(tag[:31])
    with pytest.raises(InvalidTagError):
        receiver.finish(tag)  # a byte is missing
    with pytest.raises(UnfitError):
        receiver.update_unverified(b"more")


def test_threads_share_a_key():
    cipher = RoccaS(bytes(32))
    cuts = np.arange(0, 65 * 1350, 1350, np.uint64)

    def work(at: int) -> bool:
        texts = np.full(64 * 1350, at, np.uint8)
        nonces = np.random.default_rng(at).integers(0, 256, (64, 16), np.uint8)
        memory = texts.copy()
        for _ in range(5):
            tags = cipher.encrypt_batch(nonces, memory, cuts)
            one = cipher.decrypt(
                nonces[9], memory[cuts[9] : cuts[10]].tobytes() + tags[9].tobytes(), None
            )
            if (
                one != bytes([at]) * 1350
                or not cipher.decrypt_batch(nonces, memory, cuts, tags).all()
            ):
                return False
        return np.array_equal(memory, texts)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(12)))
