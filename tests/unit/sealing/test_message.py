"""Sealed messages: for one receiver, one purpose, from one sender, and whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.model.errors import ForbiddenError, InputError, KanameError
from kaname.sealing.hybrid import KEMS, MLKEM1024_P384, HybridPrivateKey, Kem
from kaname.sealing.link_keys import LinkKey, LinkPublicKey, link_public_key
from kaname.sealing.message import MAGIC, Opened, open_message, seal_message

NEXUS, SENSOR, OTHER = LinkKey.drawn(), LinkKey.drawn(), LinkKey.drawn()
PURPOSE = "delivery minutes north"
TEXT = b"what was observed"
RAW = seal_message(TEXT, NEXUS.public, SENSOR, PURPOSE)


def opened(
    raw: bytes,
    *own: LinkKey,
    senders: tuple[LinkPublicKey, ...] = (SENSOR.public,),
    purpose: str = PURPOSE,
) -> Opened:
    return open_message(raw, own or (NEXUS,), senders, purpose)


@pytest.mark.parametrize("kem", KEMS.values(), ids=KEMS)
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_the_receiver_reads_and_knows_the_sender(kem: Kem, size: int) -> None:
    nexus = LinkKey.drawn(kem)
    raw = seal_message(bytes(size), nexus.public, SENSOR, PURPOSE)
    found = opened(raw, OTHER, nexus, senders=(OTHER.public, SENSOR.public))
    assert (found.content, found.own, found.sender) == (bytes(size), nexus, SENSOR.public)
    assert json.dumps(kem.name).encode() in raw[:300]


def test_the_layout_is_the_one_that_is_written_down() -> None:
    """Opened by hand, from the description alone."""
    seed, signer = bytes(range(32)), MLDSA65PrivateKey.generate()
    opening = HybridPrivateKey(seed)
    nexus = LinkKey(opening, MLDSA65PrivateKey.generate())
    raw = seal_message(TEXT, nexus.public, LinkKey(HybridPrivateKey(bytes(32)), signer), PURPOSE)
    assert raw[:14] == b"kaname-link-1\n"
    (length,) = struct.unpack(">H", raw[14:16])
    header = json.loads(raw[16 : 16 + length])
    assert sorted(header) == ["cipher", "from", "kem", "to"]
    assert header["to"] == nexus.public.fingerprint
    at = 16 + length
    share, lattice = raw[at : at + 32], raw[at + 32 : at + 32 + 1088]
    content, signature = raw[at + 1120 : -3309], raw[-3309:]
    key = HKDF(SHA256(), 32, None, b"kaname-link-1 " + PURPOSE.encode()).derive(
        opening.decapsulate(lattice + share)
    )
    assert AESGCM(key).decrypt(bytes(12), content, raw[: at + 1120]) == TEXT
    said = struct.pack(">I", len(PURPOSE)) + PURPOSE.encode() + raw[:-3309]
    signer.public_key().verify(signature, hashlib.sha512(said).digest(), b"kaname-link-1")


def test_a_change_of_any_byte_is_noticed() -> None:
    for at in range(len(RAW)):
        if at > 400 and at % 61:  # every byte of the header, samples of the rest
            continue
        changed = bytearray(RAW)
        changed[at] ^= 0x20
        with pytest.raises(KanameError):
            opened(bytes(changed))


def test_a_cut_or_longer_message_is_none() -> None:
    for size in (*range(0, 300, 7), *range(300, len(RAW), 199), len(RAW) - 1):
        with pytest.raises(InputError):
            opened(RAW[:size])
    with pytest.raises(InputError):
        opened(RAW + b"\0")


def test_others_cannot_read_and_strangers_are_not_heard() -> None:
    with pytest.raises(InputError) as not_ours:
        opened(RAW, OTHER)
    assert not_ours.value.key == "sealing.error.other_receiver"
    with pytest.raises(ForbiddenError) as stranger:
        opened(RAW, senders=(OTHER.public,))
    assert stranger.value.key == "sealing.error.unknown_sender"
    with pytest.raises(ForbiddenError):
        opened(RAW, senders=())


def test_a_message_for_one_purpose_is_none_for_another() -> None:
    for purpose in ("delivery minutes south", "delivery segments north", "", PURPOSE + " "):
        with pytest.raises(InputError):
            opened(RAW, purpose=purpose)


def test_a_name_in_the_header_is_not_believed() -> None:
    """Another one signs, and says that it was the sensor; or takes another's signature off."""
    forged = seal_message(b"lies", NEXUS.public, OTHER, PURPOSE)
    renamed = forged.replace(OTHER.public.fingerprint.encode(), SENSOR.public.fingerprint.encode())
    with pytest.raises(InputError):
        opened(renamed)
    resigned = RAW.replace(SENSOR.public.fingerprint.encode(), OTHER.public.fingerprint.encode())
    body = resigned[:-3309]
    said = struct.pack(">I", len(PURPOSE)) + PURPOSE.encode() + body
    signature = OTHER.sign(hashlib.sha512(said).digest(), b"kaname-link-1")
    with pytest.raises(InputError):  # what was sealed knows under whose name
        opened(body + signature, senders=(SENSOR.public, OTHER.public))


def test_a_weaker_kind_of_key_is_not_accepted_in_the_name_of_a_stronger() -> None:
    nexus = LinkKey.drawn(MLKEM1024_P384)
    raw = seal_message(TEXT, nexus.public, SENSOR, PURPOSE)
    size = struct.unpack(">H", raw[14:16])[0]
    renamed = raw[16 : 16 + size].replace(b"MLKEM1024-P384", b"MLKEM768-X25519")
    with pytest.raises(InputError):
        opened(MAGIC + struct.pack(">H", len(renamed)) + renamed + raw[16 + size :], nexus)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_junk_is_refused(junk: bytes) -> None:
    for raw in (junk, MAGIC + junk, MAGIC + struct.pack(">H", len(junk)) + junk):
        with pytest.raises(InputError):
            opened(raw)


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=60), st.lists(st.integers()),
    st.sampled_from([NEXUS.public.fingerprint, SENSOR.public.fingerprint, "aes-256-gcm", *KEMS]),
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["cipher", "from", "kem", "to", "more"]), _VALUES, max_size=5),
    st.binary(max_size=5000),
)
@settings(max_examples=300, deadline=None)
def test_hostile_headers_are_refused(header: dict[str, object], rest: bytes) -> None:
    said = json.dumps(header).encode()
    with pytest.raises(KanameError):
        opened(MAGIC + struct.pack(">H", len(said)) + said + rest)


def test_receipts_are_of_one_answer_to_one_request() -> None:
    receipt = NEXUS.receipt(b"request", b"answer")
    assert NEXUS.public.receipted(b"request", b"answer", receipt)
    assert not OTHER.public.receipted(b"request", b"answer", receipt)
    assert not NEXUS.public.receipted(b"request", b"another", receipt)
    assert not NEXUS.public.receipted(b"another", b"answer", receipt)
    for wrong in ("", "?", receipt[:-4], receipt + "AAAA", "é"):
        assert not NEXUS.public.receipted(b"request", b"answer", wrong)


def test_a_fingerprint_is_over_both_halves() -> None:
    text = NEXUS.public.text
    assert link_public_key(text) == NEXUS.public
    first, _ = text.splitlines()
    _, second = OTHER.public.text.splitlines()
    mixed = link_public_key(f"{first}\n{second}\n")
    assert mixed.fingerprint not in {NEXUS.public.fingerprint, OTHER.public.fingerprint}
    for wrong in ("", first, second, text.replace("kaname-signer-1 ", "kaname-signer-1 AAAA")):
        with pytest.raises(InputError):
            link_public_key(wrong)
