"""Authenticated encryption of packets: Rocca-S and AEGIS, in the native core. Experimental.

`ciphers` are the algorithms, whose caller answers for nonces; `packets` seals and opens
numbered packets with nonces from `nonces`, which are never used twice; `streams` are messages
in pieces; `speeds` compares all of it with OpenSSL.
"""

from kaname.cryptography.aead.ciphers import CIPHERS, Aegis256, Aegis256X2, Aegis256X4, RoccaS
from kaname.cryptography.aead.nonces import NonceCounter
from kaname.cryptography.aead.packets import Opener, Sealer
from kaname.cryptography.aead.refusals import (
    InvalidTagError,
    NoncesSpentError,
    ReplayError,
    UnfitError,
)
from kaname.cryptography.aead.replay import ReplayWindow

__all__ = [
    "CIPHERS",
    "Aegis256",
    "Aegis256X2",
    "Aegis256X4",
    "InvalidTagError",
    "NonceCounter",
    "NoncesSpentError",
    "Opener",
    "ReplayError",
    "ReplayWindow",
    "RoccaS",
    "Sealer",
    "UnfitError",
]
