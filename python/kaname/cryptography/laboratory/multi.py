"""One key for many recipients: u is sent once, each recipient gets a v of its own.

Katsumata, Kwiatkowski, Pintore and Prest, "Scalable Ciphertext Compression Techniques for
Post-Quantum KEMs and their Applications", ASIACRYPT 2020: all keys are made with one matrix A,
so that A^T y + e1 serves all of them. What this assumes, beyond ML-KEM:

- One A for everybody. It is drawn from a label here, so that nobody chose it; still, work spent
  on reducing it is spent once for all keys.
- Module-LWE with one y and many samples t_i.y + e2_i: one more sample for each recipient.
- The noise of y and e1 is drawn from the message alone, not from any recipient's key: one who
  searches for messages that fail to decrypt searches for all recipients at once.
- All recipients get the same secret: each of them could have sent whatever is protected by it.
- A part of a ciphertext does not say whose it is; recipients are told by an index or a key id.

Nothing of this is standardised, and it does not run in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kaname.cryptography.laboratory import ring
from kaname.cryptography.laboratory.parameters import DEGREE, MODULUS, Parameters
from kaname.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST", "MemberKey", "Sent", "encapsulate"]

MOST = 1_000_000
_LABEL = b"kaname laboratory: multi-recipient KEM, common matrix, 1"
_AT_ONCE = 256  # recipients: bounds the memory of a step to some tens of MB
_SEED = 64


class Sent(NamedTuple):
    """What goes out: ``common`` to all, and to each recipient its part of ``own``."""

    secret: bytes
    common: bytes
    own: tuple[bytes, ...]

    @property
    def octets(self) -> int:
        """Bytes in all, ids of recipients left out."""
        return len(self.common) + sum(map(len, self.own))


def _common_matrix(k: int) -> ring.Poly:
    return ring.matrix(hashlib.sha3_256(_LABEL + bytes((k,))).digest(), k)


class MemberKey:
    """The key of one recipient, grown from 64 bytes; ``public`` has 384 bytes times k.

    Raises:
        UsageError: the seed has another length, or a parameter is outside its limits.
    """

    def __init__(self, parameters: Parameters, seed: bytes | None = None) -> None:
        self.parameters = parameters.checked()
        seed = secrets.token_bytes(_SEED) if seed is None else seed
        if len(seed) != _SEED:
            raise UsageError("cryptography.error.lab_seed", found=len(seed), expected=_SEED)
        k = parameters.k
        sigma = hashlib.sha3_256(seed[:32] + b"key").digest()
        small = ring.transformed(ring.binomial(sigma, 0, 2 * k, parameters.eta1))
        self._secret = small[:k]
        public = ring.multiplied(_common_matrix(k), self._secret).sum(axis=1) + small[k:]
        self.public = ring.encoded(public % MODULUS, 12)
        self._rejecting = seed[32:]

    def decapsulate(self, common: bytes, own: bytes) -> bytes:
        """The secret, from what was sent to all and the part for this key.

        A ciphertext that was changed, or is another's, gives a different secret.

        Raises:
            InputError: a part has another length.
        """
        p = self.parameters
        if (len(common), len(own)) != (p.common, p.own):
            raise InputError(
                "cryptography.error.lab_ciphertext",
                found=f"{len(common)} + {len(own)}", expected=f"{p.common} + {p.own}",
            )  # fmt: skip
        u = ring.decompressed(ring.decoded(common, p.du), p.du)
        v = ring.decompressed(ring.decoded(own, p.dv), p.dv)[0]
        seen = ring.multiplied(self._secret, ring.transformed(u)).sum(axis=0) % MODULUS
        message = ring.encoded(ring.compressed((v - ring.inverse(seen)) % MODULUS, 1), 1)
        again = _encrypted(p, (self.public,), message)
        same = hmac.compare_digest(again.common + again.own[0], common + own)
        rejected = hashlib.shake_256(self._rejecting + common + own).digest(32)
        return again.secret if same else rejected


def encapsulate(
    parameters: Parameters, publics: Sequence[bytes], message: bytes | None = None
) -> Sent:
    """One secret for the holders of all ``publics``, in their order.

    ``message``: the 32 random bytes, drawn unless a test gives them.

    Raises:
        UsageError: there is no recipient, or there are too many.
        InputError: a key has another length, or holds a number that is no residue.
    """
    p = parameters.checked()
    if not 0 < len(publics) <= MOST:
        raise UsageError("cryptography.error.lab_recipients", most=MOST)
    for public in publics:
        if len(public) != 384 * p.k:
            raise InputError("cryptography.error.lab_key", found=len(public), expected=384 * p.k)
    return _encrypted(p, publics, secrets.token_bytes(32) if message is None else message)


def _encrypted(p: Parameters, publics: Sequence[bytes], message: bytes) -> Sent:
    """Noise of the common part from the message, of each own part from message and key."""
    coins = hashlib.shake_256(b"common" + message).digest(32)
    y = ring.transformed(ring.binomial(coins, 0, p.k, p.eta1))
    turned = _common_matrix(p.k).swapaxes(0, 1)
    u = ring.inverse(ring.multiplied(turned, y).sum(axis=1) % MODULUS)
    u = (u + ring.binomial(coins, p.k, p.k, p.eta2)) % MODULUS
    told = ring.decompressed(ring.decoded(message, 1)[0], 1)
    own: list[bytes] = []
    for first in range(0, len(publics), _AT_ONCE):
        own += _own_parts(p, publics[first : first + _AT_ONCE], message, y, told)
    secret = hashlib.shake_256(b"secret" + message).digest(32)
    return Sent(secret, ring.encoded(ring.compressed(u, p.du), p.du), tuple(own))


def _own_parts(
    p: Parameters, publics: Sequence[bytes], message: bytes, y: ring.Poly, told: ring.Poly
) -> list[bytes]:
    keys = ring.decoded(b"".join(publics), 12).reshape(len(publics), p.k, DEGREE)
    if int(keys.max()) >= MODULUS:
        raise InputError("cryptography.error.lab_residue", found=int(keys.max()), modulus=MODULUS)
    noise = np.concatenate([
        ring.binomial(hashlib.shake_256(b"own" + message + public).digest(32), 0, 1, p.eta2)
        for public in publics
    ])  # fmt: skip
    v = ring.inverse(ring.multiplied(keys, y).sum(axis=1) % MODULUS) + noise + told
    data = ring.encoded(ring.compressed(v % MODULUS, p.dv), p.dv)
    return [data[at : at + p.own] for at in range(0, len(data), p.own)]
