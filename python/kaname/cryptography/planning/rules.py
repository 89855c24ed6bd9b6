"""The rules of the choice: services, sizes, profiles, as data that can be read and replaced."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from kaname.model.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Aead", "Kem", "Profile", "Rules", "Service", "Signature", "Weights", "load"]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each aim counts in the ranking; ``hedge``: that two assumptions must fall."""

    bytes: float
    time: float
    packets: float
    strength: float
    hedge: float


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of service. ``latency_ms`` is the budget to establish a connection."""

    latency_ms: float
    mtu: int
    headers: int
    bandwidth_kbps: float
    signs: bool
    weights: Weights


class Kem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key establishment: bytes each way, strength classical and against quantum computers."""

    sends: int
    answers: int
    strength: int
    quantum: int
    parts: tuple[str, ...]


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signature: bytes of a key and of a signature."""

    key: int
    signature: int
    strength: int
    quantum: int


class Aead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cipher of packets; ``overhead`` is what a packet grows by in bytes."""

    overhead: int
    strength: int


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a regulation admits. ``unseen``: what may be listed, but was not seen to be."""

    title: str
    source: str
    date: str
    verified: bool
    kems: tuple[str, ...]
    signatures: tuple[str, ...]
    aeads: tuple[str, ...]
    unseen: tuple[str, ...] = ()
    hybrid: bool = False


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules; ``digest`` is the SHA-256 of the file they stand in."""

    format: Literal[1]
    version: str
    services: dict[str, Service]
    kems: dict[str, Kem]
    signatures: dict[str, Signature]
    aeads: dict[str, Aead]
    profiles: dict[str, Profile]
    digest: str = ""


def load(path: Path | None = None) -> Rules:
    """The rules that come with kaname, or those of ``path``.

    Raises:
        InputError: the file is no such rules, or a profile admits what has no sizes.
    """
    own = resources.files("kaname.cryptography.planning") / "data" / "rules.toml"
    data = own.read_bytes() if path is None else path.read_bytes()
    name = "rules.toml" if path is None else str(path)
    try:
        rules = msgspec.toml.decode(data, type=Rules)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError("cryptography.error.rules", file=name, reason=str(error)) from error
    for profile, one in rules.profiles.items():
        unknown = {*one.kems} - rules.kems.keys() | {*one.signatures} - rules.signatures.keys()
        unknown |= {*one.aeads} - rules.aeads.keys()
        if unknown:
            reason = f"{profile}: {', '.join(sorted(unknown))}"
            raise InputError("cryptography.error.rules", file=name, reason=reason)
    return msgspec.structs.replace(rules, digest=hashlib.sha256(data).hexdigest())
