"""Hybrid keys by the draft's vectors, and envelopes that nobody else opens or changes."""

from __future__ import annotations

import io
import json
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.sealing import mlkem1024_p384

from kaname.model.errors import InputError, IntegrityError, KanameError, UsageError
from kaname.sealing.envelope import MAGIC, open_envelope, seal_envelope
from kaname.sealing.hybrid import (
    KEMS,
    MLKEM1024_P384,
    XWING,
    HybridPrivateKey,
    HybridPublicKey,
    Kem,
)

# draft-connolly-cfrg-xwing-kem-08, appendix C, first vector: seed, begin and end of the public
# key, ciphertext, secret.
SEED = "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"
PUBLIC_BEGINS = "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3d"
PUBLIC_ENDS = "eff389b27dce59844570216223593d4ba32d9abac8cd049040ef6534"
CIPHERTEXT = """
b83aa828d4d62b9a83ceffe1d3d3bb1ef31264643c070c5798927e41fb07914a273f8f96
e7826cd5375a283d7da885304c5de0516a0f0654243dc5b97f8bfeb831f68251219aabdd
723bc6512041acbaef8af44265524942b902e68ffd23221cda70b1b55d776a92d1143ea3
a0c475f63ee6890157c7116dae3f62bf72f60acd2bb8cc31ce2ba0de364f52b8ed38c79d
719715963a5dd3842d8e8b43ab704e4759b5327bf027c63c8fa857c4908d5a8a7b88ac7f
2be394d93c3706ddd4e698cc6ce370101f4d0213254238b4a2e8821b6e414a1cf20f6c12
44b699046f5a01caa0a1a55516300b40d2048c77cc73afba79afeea9d2c0118bdf2adb88
70dc328c5516cc45b1a2058141039e2c90a110a9e16b318dfb53bd49a126d6b73f215787
517b8917cc01cabd107d06859854ee8b4f9861c226d3764c87339ab16c3667d2f49384e5
5456dd40414b70a6af841585f4c90c68725d57704ee8ee7ce6e2f9be582dbee985e038ff
c346ebfb4e22158b6c84374a9ab4a44e1f91de5aac5197f89bc5e5442f51f9a5937b102b
a3beaebf6e1c58380a4a5fedce4a4e5026f88f528f59ffd2db41752b3a3d90efabe46389
9b7d40870c530c8841e8712b733668ed033adbfafb2d49d37a44d4064e5863eb0af0a08d
47b3cc888373bc05f7a33b841bc2587c57eb69554e8a3767b7506917b6b70498727f16ea
c1a36ec8d8cfaf751549f2277db277e8a55a9a5106b23a0206b4721fa9b3048552c5bd5b
594d6e247f38c18c591aea7f56249c72ce7b117afcc3a8621582f9cf71787e183dee0936
7976e98409ad9217a497df888042384d7707a6b78f5f7fb8409e3b535175373461b77600
2d799cbad62860be70573ecbe13b246e0da7e93a52168e0fb6a9756b895ef7f0147a0dc8
1bfa644b088a9228160c0f9acf1379a2941cd28c06ebc80e44e17aa2f8177010afd78a97
ce0868d1629ebb294c5151812c583daeb88685220f4da9118112e07041fcc24d5564a99f
dbde28869fe0722387d7a9a4d16e1cc8555917e09944aa5ebaaaec2cf62693afad42a3f5
18fce67d273cc6c9fb5472b380e8573ec7de06a3ba2fd5f931d725b493026cb0acbd3fe6
2d00e4c790d965d7a03a3c0b4222ba8c2a9a16e2ac658f572ae0e746eafc4feba023576f
08942278a041fb82a70a595d5bacbf297ce2029898a71e5c3b0d1c6228b485b1ade509b3
5fbca7eca97b2132e7cb6bc465375146b7dceac969308ac0c2ac89e7863eb8943015b243
14cafb9c7c0e85fe543d56658c213632599efabfc1ec49dd8c88547bb2cc40c9d38cbd30
99b4547840560531d0188cd1e9c23a0ebee0a03d5577d66b1d2bcb4baaf21cc7fef1e038
06ca96299df0dfbc56e1b2b43e4fc20c37f834c4af62127e7dae86c3c25a2f696ac8b589
dec71d595bfbe94b5ed4bc07d800b330796fda89edb77be0294136139354eb8cd3759157
8f9c600dd9be8ec6219fdd507adf3397ed4d68707b8d13b24ce4cd8fb22851bfe9d63240
7f31ed6f7cb1600de56f17576740ce2a32fc5145030145cfb97e63e0e41d354274a079d3
e6fb2e15
"""
SECRET = "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384"
PIECE = 1 << 16


def key(kem: Kem = XWING) -> HybridPrivateKey:
    return HybridPrivateKey(secrets.token_bytes(32), kem)


def sealed(text: bytes, *to: HybridPrivateKey, signer: MLDSA65PrivateKey | None = None) -> bytes:
    out = io.BytesIO()
    seal_envelope(io.BytesIO(text), out, [one.public_key() for one in to], signer)
    return out.getvalue()


def opened(raw: bytes, by: HybridPrivateKey, signer: MLDSA65PrivateKey | None = None) -> bytes:
    out = io.BytesIO()
    open_envelope(io.BytesIO(raw), out, by, signer.public_key() if signer else None)
    return out.getvalue()


def test_the_draft_s_vector() -> None:
    mine = HybridPrivateKey(bytes.fromhex(SEED))
    public = mine.public_key().raw.hex()
    assert len(public) == 2 * 1216
    assert public.startswith(PUBLIC_BEGINS)
    assert public.endswith(PUBLIC_ENDS)
    assert mine.decapsulate(bytes.fromhex(CIPHERTEXT)).hex() == SECRET


def test_the_draft_s_vector_of_the_highest_class() -> None:
    mine = HybridPrivateKey(bytes.fromhex(mlkem1024_p384.SEED), MLKEM1024_P384)
    public = mine.public_key().raw.hex()
    assert len(public) == 2 * 1665
    assert public.startswith(mlkem1024_p384.PUBLIC_BEGINS)
    assert public.endswith(mlkem1024_p384.PUBLIC_ENDS)
    ciphertext = bytes.fromhex("".join(mlkem1024_p384.CIPHERTEXT.split()))
    assert mine.decapsulate(ciphertext).hex() == mlkem1024_p384.SECRET


@pytest.mark.parametrize("kem", KEMS.values(), ids=KEMS)
def test_both_sides_have_one_secret_of_either_kind(kem: Kem) -> None:
    mine = key(kem)
    made = mine.public_key().encapsulate()
    assert len(made.ciphertext) == kem.ciphertext
    assert mine.decapsulate(made.ciphertext) == made.secret
    changed = bytearray(made.ciphertext)
    changed[kem.lattice // 2] ^= 1
    assert mine.decapsulate(bytes(changed)) != made.secret


def test_a_share_of_p384_has_one_spelling_and_lies_on_the_curve() -> None:
    mine = key(MLKEM1024_P384)
    public = mine.public_key().raw
    share = public[1568:]
    squeezed = bytes([2 + share[-1] % 2]) + share[1:49]
    for wrong in (squeezed + bytes(48), b"\6" + share[1:], share[:-1] + bytes([share[-1] ^ 1])):
        with pytest.raises(InputError):
            HybridPublicKey(public[:1568] + wrong, MLKEM1024_P384)
        with pytest.raises(InputError):
            mine.decapsulate(bytes(1568) + wrong)


def test_recipients_of_both_kinds_open_one_envelope() -> None:
    people = [key(), key(MLKEM1024_P384), key(), key(MLKEM1024_P384)]
    raw = sealed(b"text", *people)
    assert b'"recipients":{"MLKEM1024-P384":2,"MLKEM768-X25519":2}' in raw[:200]
    assert [opened(raw, one) for one in people] == [b"text"] * 4
    with pytest.raises(InputError):
        opened(raw, key(MLKEM1024_P384))
    # one kind called the other: lengths no longer fit, nothing opens
    for one in people:
        with pytest.raises(KanameError):
            opened(raw.replace(b'"MLKEM1024-P384":2', b'"MLKEM1024-P384":1'), one)


def test_both_sides_have_one_secret_and_a_changed_ciphertext_has_another() -> None:
    mine = key()
    made = mine.public_key().encapsulate()
    assert mine.decapsulate(made.ciphertext) == made.secret
    for at in (0, 500, 1087, 1088, 1119):
        changed = bytearray(made.ciphertext)
        changed[at] ^= 1
        assert mine.decapsulate(bytes(changed)) != made.secret


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(InputError):
        HybridPublicKey(bytes(1215))
    with pytest.raises(InputError):
        HybridPublicKey(b"\xff" * 1216)  # coefficients of ML-KEM beyond q
    with pytest.raises(InputError):
        HybridPrivateKey(bytes(31))
    with pytest.raises(InputError):
        key().decapsulate(bytes(1119))
    with pytest.raises(InputError):  # the sender's share is the point of order 1
        key().decapsulate(bytes(1120))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
@pytest.mark.parametrize("signs", [False, True])
def test_every_recipient_opens_what_was_sealed(size: int, signs: bool) -> None:
    text, people = secrets.token_bytes(size), [key(), key(), key()]
    signer = MLDSA65PrivateKey.generate() if signs else None
    raw = sealed(text, *people, signer=signer)
    assert all(opened(raw, one, signer) == text for one in people)
    with pytest.raises(InputError) as raised:
        opened(raw, key())
    assert raised.value.key == "sealing.error.not_recipient"


@pytest.mark.parametrize("signs", [False, True])
def test_any_change_and_any_cut_is_noticed(signs: bool) -> None:
    mine, signer = key(), MLDSA65PrivateKey.generate() if signs else None
    raw = sealed(secrets.token_bytes(2 * PIECE + 5), mine, signer=signer)
    for at in range(0, len(raw), 997):
        changed = bytearray(raw)
        changed[at] ^= 0x40
        with pytest.raises(KanameError):
            opened(bytes(changed), mine, signer)
        with pytest.raises(KanameError):
            opened(raw[:at], mine, signer)
    with pytest.raises(KanameError):
        opened(raw + b"\0", mine, signer)


def test_pieces_cannot_change_places() -> None:
    mine = key()
    raw = sealed(bytes(3 * PIECE), mine)
    begin = len(raw) - 3 * (PIECE + 16)
    first, second = (raw[begin + n * (PIECE + 16) : begin + (n + 1) * (PIECE + 16)] for n in (0, 1))
    with pytest.raises(IntegrityError):
        opened(raw[:begin] + second + first + raw[begin + 2 * (PIECE + 16) :], mine)


def test_a_signature_that_was_asked_for_must_be_there_and_be_that_one() -> None:
    mine, one, other = key(), MLDSA65PrivateKey.generate(), MLDSA65PrivateKey.generate()
    with pytest.raises(IntegrityError) as raised:
        opened(sealed(b"text", mine), mine, one)
    assert raised.value.key == "sealing.error.unsigned"
    with pytest.raises(IntegrityError) as raised:
        opened(sealed(b"text", mine, signer=other), mine, one)
    assert raised.value.key == "sealing.error.other_signer"
    assert opened(sealed(b"text", mine, signer=other), mine) == b"text"


def test_a_thousand_recipients_take_little_more_than_a_mebibyte() -> None:
    people = [key() for _ in range(10)]
    ten, twenty = (len(sealed(b"x", *people * n)) for n in (1, 2))
    assert ten + (twenty - ten) * 99 < 1.1 * 2**20


MINE, SIGNER = key(), MLDSA65PrivateKey.generate()
GOOD = sealed(b"text", MINE, signer=SIGNER)
_HEADER = json.loads(GOOD[22 : 22 + int.from_bytes(GOOD[18:22], "big")])
_ODD = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=9), st.lists(st.integers()),
    st.dictionaries(st.sampled_from(["MLKEM768-X25519", "MLKEM1024-P384", "x"]), st.integers()),
    st.sampled_from(list(_HEADER.values())),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*_HEADER, "more"]), _ODD), st.binary(max_size=3000))
@settings(max_examples=300, deadline=None)
def test_hostile_headers_open_nothing(changes: dict[str, object], rest: bytes) -> None:
    head = json.dumps(_HEADER | changes).encode()
    start = MAGIC + len(head).to_bytes(4, "big") + head
    for raw in (start + rest, start + GOOD[22 + len(json.dumps(_HEADER)) :] + rest):
        with pytest.raises(KanameError):
            opened(raw, MINE, SIGNER)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_junk_opens_nothing(junk: bytes) -> None:
    for raw in (junk, MAGIC + junk, GOOD[:100] + junk, GOOD + junk[:1] + b"x"):
        with pytest.raises(KanameError):
            opened(raw, MINE)


def test_no_recipient_and_no_envelope() -> None:
    with pytest.raises(UsageError):
        sealed(b"text")
    for raw in (b"", b"PK\3\4", MAGIC, MAGIC + b"\xff\xff\xff\xff", MAGIC + b"\0\0\0\2{}"):
        with pytest.raises(InputError):
            opened(raw, key())
