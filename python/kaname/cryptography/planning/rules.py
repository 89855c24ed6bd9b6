"""The rules of the choice: services, sizes, profiles, as data that can be read and replaced."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from kaname.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Aead", "Kem", "Profile", "Rules", "Service", "Signature", "Weights", "load"]


Positive = Annotated[float, msgspec.Meta(gt=0, lt=1e12)]
Weight = Annotated[float, msgspec.Meta(ge=0, lt=1e6)]
Count = Annotated[int, msgspec.Meta(gt=0, lt=1 << 32)]
Size = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each aim counts in the ranking; ``hedge``: that two assumptions must fall."""

    bytes: Weight
    time: Weight
    packets: Weight
    strength: Weight
    hedge: Weight


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of service. ``latency_ms`` is the budget to establish a connection."""

    latency_ms: Positive
    mtu: Count
    headers: Size
    bandwidth_kbps: Positive
    weights: Weights


class Kem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key establishment: bytes each way, strength classical and against quantum computers."""

    sends: Count
    answers: Count
    strength: Count
    quantum: Size
    parts: tuple[str, ...]


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signature: bytes of a key and of a signature."""

    key: Count
    signature: Count
    strength: Count
    quantum: Size


class Aead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cipher of packets; ``overhead`` is what a packet grows by in bytes."""

    overhead: Size
    strength: Count


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
    """All rules; ``digest`` is the SHA-256 of the file they stand in.

    ``devices``: factors on the weights of every service, by class of device.
    """

    format: Literal[1]
    version: str
    services: dict[str, Service]
    kems: dict[str, Kem]
    signatures: dict[str, Signature]
    aeads: dict[str, Aead]
    profiles: dict[str, Profile]
    devices: dict[str, Weights] = {}
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
    for reason in _wrong(rules):
        raise InputError("cryptography.error.rules", file=name, reason=reason)
    return msgspec.structs.replace(rules, digest=hashlib.sha256(data).hexdigest())


def _wrong(rules: Rules) -> Iterator[str]:
    """What no type says: packets with room for something, profiles of what is known."""
    for service, one in rules.services.items():
        if one.mtu <= one.headers:
            yield f"{service}: mtu {one.mtu} <= headers {one.headers}"
    for profile, own in rules.profiles.items():
        unknown = {*own.kems} - rules.kems.keys() | {*own.signatures} - rules.signatures.keys()
        unknown |= {*own.aeads} - rules.aeads.keys()
        if unknown:
            yield f"{profile}: {', '.join(sorted(unknown))}"
