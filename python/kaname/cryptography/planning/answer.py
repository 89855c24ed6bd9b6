"""A request and its answer, as they are told, saved and made again."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from kaname.cryptography.planning.costs import Costs

__all__ = ["Answer", "Because", "ByKem", "Ranked", "Refused", "Request", "digest_of"]

Device = Literal["server", "handset", "constrained"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be protected. Of the rest that is None, the service class decides.

    ``lifetime``: years the service runs; ``confidentiality``: years what it carries stays
    secret afterwards; ``quantum_year``: from when a quantum computer is assumed.
    ``rtt_ms``: a round trip, None leaves them out; ``slowdown``: how much slower the device is
    than the machine that costs were measured on; ``kemtls``: tell what authentication by KEM
    would come to.
    """

    service: str
    profile: str = "cryptrec"
    year: int
    lifetime: int = 10
    confidentiality: int = 10
    device: Device = "server"
    latency_ms: float | None = None
    mtu: int | None = None
    bandwidth_kbps: float | None = None
    quantum_year: int = 2035
    rtt_ms: float | None = None
    slowdown: float = 1.0
    kemtls: bool = False


class Because(msgspec.Struct, frozen=True):
    """A reason: the key of its text (``cryptography.because.<key>``) and what fills it."""

    key: str
    values: dict[str, str | int | float] = {}


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A suite that fits. ``score``: lower is better; ``microseconds``: None where unmeasured.

    ``octets``: what establishing a connection puts on the wire, both ways, headers left out.
    ``parts``: what each aim adds to the score; ``trips``: round trips until the answer is there.
    ``until``: the last year the strength table allows new use of its weakest part.
    """

    kem: str
    signature: str
    aead: str
    score: float
    octets: int
    packets: int
    trips: int
    milliseconds: float
    microseconds: float | None
    strength: int
    quantum: int
    until: int | None
    because: tuple[Because, ...]
    parts: dict[str, float] = {}

    @property
    def name(self) -> str:
        """The suite as it is told."""
        return f"{self.kem} + {self.signature} + {self.aead}"


class ByKem(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection authenticated by KEM comes to; ``saved``: bytes less than by signature.

    No profile admits it yet: it is told beside the suites, never ranked.
    """

    kem: str
    holder: str
    issuer: str
    octets: int
    saved: int
    packets: int
    milliseconds: float
    microseconds: float | None


class Refused(msgspec.Struct, frozen=True):
    """What was ruled out, and why."""

    name: str
    because: Because


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; ``digest`` is the SHA-256 of everything else in it.

    ``rules``, ``policy`` and ``costs`` name what it rests on by version and SHA-256;
    ``measured`` are the costs themselves, so that the answer can be made again.
    """

    request: Request
    rules: str
    policy: tuple[str, ...]
    costs: str | None
    measured: Costs | None
    ranked: tuple[Ranked, ...]
    by_kem: tuple[ByKem, ...]
    refused: tuple[Refused, ...]
    because: tuple[Because, ...]
    digest: str = ""


def digest_of(answer: Answer) -> str:
    """The SHA-256 of all of an answer but its digest."""
    bare = msgspec.structs.replace(answer, digest="")
    return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()
