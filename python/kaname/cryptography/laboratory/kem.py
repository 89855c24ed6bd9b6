"""A KEM built as FIPS 203 builds ML-KEM, with parameters that may be others than its three.

With standard parameters it is ML-KEM to the byte, which is how it is checked; with others it
interoperates with nothing. It exists to try out compression, not to protect anything: it does
not run in constant time and wipes no memory.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import numpy as np

from kaname.cryptography.laboratory import ring
from kaname.cryptography.laboratory.parameters import MODULUS, Parameters
from kaname.model.errors import InputError, UsageError

__all__ = ["SEED", "LaboratoryKey", "encapsulate"]

SEED = 64  # d, then z


class LaboratoryKey:
    """A decapsulation key, grown from the 64 bytes d and z of FIPS 203.

    Raises:
        UsageError: the seed has another length, or a parameter is outside its limits.
    """

    def __init__(self, parameters: Parameters, seed: bytes | None = None) -> None:
        self.parameters = parameters.checked()
        seed = secrets.token_bytes(SEED) if seed is None else seed
        if len(seed) != SEED:
            raise UsageError("cryptography.error.lab_seed", found=len(seed), expected=SEED)
        k = parameters.k
        grown = hashlib.sha3_512(seed[:32] + bytes((k,))).digest()
        rho, sigma = grown[:32], grown[32:]
        small = ring.transformed(ring.binomial(sigma, 0, 2 * k, parameters.eta1))
        self._secret = small[:k]
        public = ring.multiplied(ring.matrix(rho, k), self._secret).sum(axis=1) + small[k:]
        self.public = ring.encoded(public % MODULUS, 12) + rho
        self._rejecting = seed[32:]

    @property
    def raw(self) -> bytes:
        """The decapsulation key as FIPS 203 writes it."""
        digest = hashlib.sha3_256(self.public).digest()
        return ring.encoded(self._secret, 12) + self.public + digest + self._rejecting

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The secret; a different one, not an error, where the ciphertext was changed.

        Raises:
            InputError: it has another length.
        """
        if len(ciphertext) != self.parameters.ciphertext:
            raise InputError(
                "cryptography.error.lab_ciphertext",
                found=len(ciphertext), expected=self.parameters.ciphertext,
            )  # fmt: skip
        message = self.decrypt(ciphertext)
        secret, coins = _expanded(message, self.public)
        again = encrypt(self.parameters, self.public, message, coins)
        rejected = hashlib.shake_256(self._rejecting + ciphertext).digest(32)
        return secret if hmac.compare_digest(again, ciphertext) else rejected

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The 32 bytes inside, right or wrong (algorithm 15)."""
        p = self.parameters
        u = ring.decompressed(ring.decoded(ciphertext[: p.common], p.du), p.du)
        v = ring.decompressed(ring.decoded(ciphertext[p.common :], p.dv), p.dv)[0]
        seen = ring.multiplied(self._secret, ring.transformed(u)).sum(axis=0) % MODULUS
        return ring.encoded(ring.compressed((v - ring.inverse(seen)) % MODULUS, 1), 1)


def encapsulate(
    parameters: Parameters, public: bytes, message: bytes | None = None
) -> tuple[bytes, bytes]:
    """A secret of 32 bytes, and the ciphertext for the holder of ``public``.

    ``message``: the 32 random bytes, drawn unless a test gives them.

    Raises:
        InputError: the key has another length, or holds a number that is no residue.
    """
    message = secrets.token_bytes(32) if message is None else message
    secret, coins = _expanded(message, public)
    return secret, encrypt(parameters, public, message, coins)


def _expanded(message: bytes, public: bytes) -> tuple[bytes, bytes]:
    both = hashlib.sha3_512(message + hashlib.sha3_256(public).digest()).digest()
    return both[:32], both[32:]


def encrypt(parameters: Parameters, public: bytes, message: bytes, coins: bytes) -> bytes:
    """K-PKE (algorithm 14)."""
    p = parameters.checked()
    if len(public) != p.public:
        raise InputError("cryptography.error.lab_key", found=len(public), expected=p.public)
    key = ring.decoded(public[:-32], 12)
    if int(key.max()) >= MODULUS:
        raise InputError("cryptography.error.lab_residue", found=int(key.max()), modulus=MODULUS)
    y = ring.transformed(ring.binomial(coins, 0, p.k, p.eta1))
    small = ring.binomial(coins, p.k, p.k + 1, p.eta2)
    turned = ring.matrix(public[-32:], p.k).swapaxes(0, 1)
    u = ring.inverse(ring.multiplied(turned, y).sum(axis=1) % MODULUS) + small[: p.k]
    v = ring.inverse(ring.multiplied(key, y).sum(axis=0) % MODULUS) + small[p.k]
    v = v + ring.decompressed(ring.decoded(message, 1)[0], 1)
    return ring.encoded(ring.compressed(np.mod(u, MODULUS), p.du), p.du) + ring.encoded(
        ring.compressed(np.mod(v, MODULUS), p.dv), p.dv
    )
