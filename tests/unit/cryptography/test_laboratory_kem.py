"""The laboratory's KEM against two other programs and NIST's vectors, and its refusals."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.laboratory import ring
from kaname.cryptography.laboratory.kem import LaboratoryKey, encapsulate
from kaname.cryptography.laboratory.multi import MemberKey
from kaname.cryptography.laboratory.multi import encapsulate as to_many
from kaname.cryptography.laboratory.parameters import MODULUS, STANDARD, Parameters
from kaname.model.errors import InputError, UsageError

SEED = bytes(range(64))
PEERS = {"ML-KEM-768": mlkem.MLKEM768PrivateKey, "ML-KEM-1024": mlkem.MLKEM1024PrivateKey}
# NIST ACVP-Server, ML-KEM-keyGen-FIPS203, ML-KEM-512, cases 1 and 2: d, z, and the SHA3-256 of
# the encapsulation key, which stands in the decapsulation key
ACVP_512 = [
    (
        "bba3c0f5df044cdf4d9caa53ca15fde26f34eb3541555cfc54ca9c31b964d0c8",
        "0a64fdd51a8d91b3166c4958a94efc3166a4f5df680980b878db8371b7624c96",
        "47d4b351e049b7757a2545602c398d2ebcf7c28804bcc8862e270d7324ab435e",
        "c8d473a9ea0987f356fb309356a39e766633746b8fbaf03d588495e4b1cc87e4",
    ),
    (
        "00c7e4ab727c202a92869be37f8a7cbae63a67463c3a54000f1a3290b987e96f",
        "3764a9b01f8c411beb6dacf298cc30841feb65a10d6deba9780338b4970b983e",
        "a1cbe5bf3592b77207a8c0c8e3faa7ef66deb7c18ce8ccf387a76b39cb4ecb72",
        "b0618e21c291a7d7228f2b5624037b382628a90a89d0213d54e20ca6989bf887",
    ),
]


@pytest.mark.parametrize("name", PEERS)
def test_with_standard_parameters_it_is_ml_kem_both_ways(name: str):
    own = LaboratoryKey(STANDARD[name], SEED)
    peer = PEERS[name].from_seed_bytes(SEED)
    assert own.public == peer.public_key().public_bytes_raw()
    secret, ciphertext = encapsulate(STANDARD[name], own.public)
    assert peer.decapsulate(ciphertext) == secret
    secret, ciphertext = peer.public_key().encapsulate()
    assert own.decapsulate(ciphertext) == secret
    changed = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    assert own.decapsulate(changed) == peer.decapsulate(changed) != secret


@pytest.mark.parametrize(("d", "z", "digest", "starts"), ACVP_512)
def test_keys_of_512_are_those_of_nist(d: str, z: str, digest: str, starts: str):
    key = LaboratoryKey(STANDARD["ML-KEM-512"], bytes.fromhex(d + z))
    assert hashlib.sha3_256(key.public).hexdigest() == digest
    assert key.raw.hex().startswith(starts)
    assert key.raw.hex().endswith(digest + z)
    assert len(key.raw) == 1632


def test_ciphertexts_of_512_are_those_of_kyber_py():
    """Made with kyber-py 1.2.0 from the first vector and the message 00..1f."""
    d, z, *_ = ACVP_512[0]
    key = LaboratoryKey(STANDARD["ML-KEM-512"], bytes.fromhex(d + z))
    secret, ciphertext = encapsulate(key.parameters, key.public, bytes(range(32)))
    assert hashlib.sha256(ciphertext).hexdigest() == (
        "ec4d109711c4f5040c63953c7ee23efcccc9d84c1d128e13348b070f5cf5e3a8"
    )
    assert secret.hex() == "d767bb459f3789ca8fe6a838c4afa91b7c205b1f043deeac8429cb6b957b7e6a"
    assert key.decapsulate(ciphertext) == secret
    changed = ciphertext[:-1] + bytes([ciphertext[-1] ^ 128])
    assert key.decapsulate(changed).hex() == (
        "efa0aa231ff2be15bfdd9821e20bbc0c1ad17a25800c9520e5988900c654e7a4"
    )


@pytest.mark.parametrize(
    "parameters", [(1, 3, 2, 10, 4), (3, 2, 2, 9, 5), (4, 2, 2, 10, 5), (2, 2, 2, 12, 12)]
)
def test_other_parameters_open_what_they_seal_at_their_length(parameters):
    chosen = Parameters(*parameters)
    key = LaboratoryKey(chosen, SEED)
    secret, ciphertext = encapsulate(chosen, key.public, bytes(32))
    assert key.decapsulate(ciphertext) == secret
    assert len(ciphertext) == 32 * (chosen.k * chosen.du + chosen.dv)
    assert chosen.name.startswith("LAB-")


@given(st.integers(0, 8 * 992 - 1))
@settings(max_examples=40, deadline=None)
def test_any_changed_bit_gives_another_secret_and_no_error(bit: int):
    chosen = Parameters(3, 2, 2, 9, 4)
    key = LaboratoryKey(chosen, SEED)
    secret, ciphertext = encapsulate(chosen, key.public, bytes(32))
    changed = bytearray(ciphertext)
    changed[bit // 8] ^= 1 << bit % 8
    assert key.decapsulate(bytes(changed)) != secret


def test_damaged_keys_and_ciphertexts_are_refused():
    chosen = STANDARD["ML-KEM-768"]
    key = LaboratoryKey(chosen, SEED)
    with pytest.raises(InputError, match="1184"):
        encapsulate(chosen, key.public[:-1])
    with pytest.raises(InputError, match="4095"):  # 12 bits of ones are no residue
        encapsulate(chosen, b"\xff" * 3 + key.public[3:])
    for wrong in (b"", bytes(1087), bytes(1089)):
        with pytest.raises(InputError, match="1088"):
            key.decapsulate(wrong)
    with pytest.raises(UsageError, match="64"):
        LaboratoryKey(chosen, bytes(63))


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_coefficients_survive_writing_and_a_product_is_that_of_the_ring(bits: int, seed: int):
    random = np.random.default_rng(seed)
    some = random.integers(0, 1 << bits, (2, 256))
    assert (ring.decoded(ring.encoded(some, bits), bits) == some).all()
    one, other = random.integers(0, MODULUS, (2, 256))
    whole = np.convolve(one.astype(object), other.astype(object))  # X^256 = -1
    expected = whole[:256].copy()
    expected[:255] -= whole[256:]
    found = ring.inverse(ring.multiplied(ring.transformed(one), ring.transformed(other)))
    assert (found == expected % MODULUS).all()


CHOSEN = STANDARD["ML-KEM-768"]


@pytest.fixture(scope="module")
def members() -> list[MemberKey]:
    return [MemberKey(CHOSEN, hashlib.shake_256(b"%d" % at).digest(64)) for at in range(300)]


def test_all_recipients_find_one_secret_of_960_and_128_bytes_each(members: list[MemberKey]):
    sent = to_many(CHOSEN, [key.public for key in members])
    assert len(sent.common) == 960
    assert {len(own) for own in sent.own} == {128}
    assert sent.octets == 960 + 300 * 128
    for at in (0, 1, 255, 256, 299):  # either side of where the work is cut
        assert members[at].decapsulate(sent.common, sent.own[at]) == sent.secret


def test_another_recipients_part_or_a_changed_one_gives_another_secret(members: list[MemberKey]):
    sent = to_many(CHOSEN, [key.public for key in members[:2]])
    assert members[0].decapsulate(sent.common, sent.own[1]) != sent.secret
    changed = bytes([sent.common[0] ^ 1]) + sent.common[1:]
    found = members[0].decapsulate(changed, sent.own[0])
    assert found != sent.secret
    assert found == members[0].decapsulate(changed, sent.own[0])  # rejection is implicit
    outsider = MemberKey(CHOSEN, bytes(64))
    assert outsider.decapsulate(sent.common, sent.own[0]) != sent.secret


def test_a_shared_ciphertext_of_one_and_of_none(members: list[MemberKey]):
    sent = to_many(CHOSEN, [members[0].public])
    assert members[0].decapsulate(sent.common, sent.own[0]) == sent.secret
    with pytest.raises(UsageError):
        to_many(CHOSEN, [])
    with pytest.raises(InputError, match="1152"):
        to_many(CHOSEN, [members[0].public, members[1].public[:-1]])
    with pytest.raises(InputError, match="4095"):
        to_many(CHOSEN, [b"\xff" * 1152])
    with pytest.raises(InputError, match="960"):
        members[0].decapsulate(sent.common[:-1], sent.own[0])


def test_the_part_of_one_does_not_depend_on_who_else_is_there(members: list[MemberKey]):
    """Otherwise a recipient could not check its own by encrypting again."""
    alone = to_many(CHOSEN, [members[3].public], bytes(32))
    among = to_many(CHOSEN, [key.public for key in members[:5]], bytes(32))
    assert among.common == alone.common
    assert among.own[3] == alone.own[0]
