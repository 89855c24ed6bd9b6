"""What the functions cost on this machine, measured, as a file that a choice can be replayed by."""

from __future__ import annotations

import hashlib
import os
import platform
import statistics
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from kaname.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Costs", "load", "measure"]

Device = Literal["server", "handset", "constrained"]
_ROUNDS = 15
_REPEATS = 20
_PACKET = 1350


class Costs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Microseconds (median) for each operation, "ML-KEM-768 encapsulate", and where measured.

    ``aead`` operations are one packet of 1,350 bytes.
    """

    format: Literal[1] = 1
    device: Device
    machine: str
    library: str
    measured: str
    microseconds: dict[str, Annotated[float, msgspec.Meta(gt=0, lt=1e12)]]
    digest: str = ""


def load(path: Path) -> Costs:
    """The costs in the JSON file ``path``; the digest is that of the file.

    Raises:
        InputError: the file is no such costs.
    """
    data = path.read_bytes()
    try:
        costs = msgspec.json.decode(data, type=Costs)
    except msgspec.MsgspecError as error:
        reason = str(error)
        raise InputError("cryptography.error.costs", file=str(path), reason=reason) from error
    return msgspec.structs.replace(costs, digest=hashlib.sha256(data).hexdigest())


def measure(device: Device, now: str) -> Costs:
    """Measure all functions here, within a few seconds; ``now`` is an ISO date and time.

    ``device`` says which class this machine stands for.
    """
    import cryptography

    found = {name: _median(run) for name, run in _operations()}
    machine = f"{platform.machine()} {platform.processor() or ''} {os.cpu_count()} CPUs".strip()
    return Costs(
        device=device, machine=machine, library=f"cryptography {cryptography.__version__}",
        measured=now, microseconds=dict(sorted(found.items())),
    )  # fmt: skip


def _median(run: Callable[[], object]) -> float:
    """The median over rounds of the mean time of a call, in microseconds, to 0.01."""
    run()
    rounds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter_ns()
        for _ in range(_REPEATS):
            run()
        rounds.append((time.perf_counter_ns() - start) / _REPEATS / 1000)
    return round(statistics.median(rounds), 2)


def _operations() -> Iterator[tuple[str, Callable[[], object]]]:
    yield from _agreements()
    yield from _kems()
    yield from _signatures()
    yield from _aeads()


def _agreements() -> Iterator[tuple[str, Callable[[], object]]]:
    from cryptography.hazmat.primitives.asymmetric import ec, x25519

    own, other = x25519.X25519PrivateKey.generate(), x25519.X25519PrivateKey.generate()
    yield "X25519 generate", x25519.X25519PrivateKey.generate
    public = other.public_key()
    yield "X25519 exchange", partial(own.exchange, public)
    curve = ec.SECP384R1()
    mine, theirs = ec.generate_private_key(curve), ec.generate_private_key(curve).public_key()
    yield "P-384 generate", partial(ec.generate_private_key, curve)
    yield "P-384 exchange", partial(mine.exchange, ec.ECDH(), theirs)


def _kems() -> Iterator[tuple[str, Callable[[], object]]]:
    from cryptography.hazmat.primitives.asymmetric import mlkem

    kinds: dict[str, Callable[[], mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey]] = {
        "ML-KEM-768": mlkem.MLKEM768PrivateKey.generate,
        "ML-KEM-1024": mlkem.MLKEM1024PrivateKey.generate,
    }
    for name, generate in kinds.items():
        key = generate()
        public = key.public_key()
        _, sealed = public.encapsulate()
        yield f"{name} generate", generate
        yield f"{name} encapsulate", public.encapsulate
        yield f"{name} decapsulate", partial(key.decapsulate, sealed)


def _signatures() -> Iterator[tuple[str, Callable[[], object]]]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa

    said = bytes(64)
    keys = (
        ("Ed25519", ed25519.Ed25519PrivateKey.generate()),
        ("ML-DSA-44", mldsa.MLDSA44PrivateKey.generate()),
        ("ML-DSA-65", mldsa.MLDSA65PrivateKey.generate()),
        ("ML-DSA-87", mldsa.MLDSA87PrivateKey.generate()),
    )
    for name, key in keys:
        signed, public = key.sign(said), key.public_key()
        yield f"{name} sign", partial(key.sign, said)
        yield f"{name} verify", partial(public.verify, signed, said)
    for name, curve, digest in (
        ("ECDSA P-256", ec.SECP256R1(), hashes.SHA256()),
        ("ECDSA P-384", ec.SECP384R1(), hashes.SHA384()),
    ):
        elliptic, how = ec.generate_private_key(curve), ec.ECDSA(digest)
        made, shown = elliptic.sign(said, how), elliptic.public_key()
        yield f"{name} sign", partial(elliptic.sign, said, how)
        yield f"{name} verify", partial(shown.verify, made, said, how)


def _aeads() -> Iterator[tuple[str, Callable[[], object]]]:
    from cryptography.hazmat.primitives.ciphers import aead

    nonce, packet = bytes(12), bytes(_PACKET)
    for name, cipher in (
        ("AES-128-GCM", aead.AESGCM(bytes(16))), ("AES-256-GCM", aead.AESGCM(bytes(32))),
        ("ChaCha20-Poly1305", aead.ChaCha20Poly1305(bytes(32))),
    ):  # fmt: skip
        yield f"{name} packet", partial(cipher.encrypt, nonce, packet, None)
