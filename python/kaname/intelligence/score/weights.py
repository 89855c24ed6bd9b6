"""The weights of a score: a versioned file that names all numbers the score is made of.

A model is data. Its SHA-256 is over the bytes of the file, so that whoever recomputes a
score knows that it was made with the same numbers. Sources of the first values:
reliability after the Admiralty scale (A to F), decay after MISP's polynomial model with the
pyramid of pain's order of kinds. What a telescope finds stands until its half-life has
passed, then it goes: hosts with changing addresses a day, hosted tools seven, and what is
known to be harmless 90. So their decay is flat and then steep (delta 0.1), and half is left
at the half-life: ``tau = half_life / 0.5 ** delta``. One finding that is sure ends within a
tenth of its half-life of it.

A model that was changed has another name; those that were shipped before stay, so that
what was made with them can still be recomputed.
"""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from kaname.model.errors import UsageError
from kaname.model.instant import DAY

__all__ = [
    "EVERY",
    "SHIPPED",
    "Decay",
    "Weights",
    "in_use",
    "loads",
    "read",
    "shipped",
    "shipped_bytes",
]

SHIPPED = "score-2"
EVERY = ("score-1", SHIPPED)  # that was ever shipped
ANY = "*"


class Decay(msgspec.Struct, frozen=True):
    """After ``days`` nothing is left; ``delta`` bends the way there."""

    days: Annotated[float, msgspec.Meta(gt=0, le=36_500)]
    delta: Annotated[float, msgspec.Meta(gt=0, le=100)]

    @property
    def tau(self) -> int:
        """``days`` in microseconds."""
        return round(self.days * DAY)


class Popular(msgspec.Struct, frozen=True, rename={"start": "from"}):
    """From ``start`` observations of ``kinds`` on, up to ``value`` logits at ``full``."""

    kinds: tuple[str, ...]
    start: Annotated[int, msgspec.Meta(ge=1)]
    full: Annotated[int, msgspec.Meta(ge=1)]
    value: float


class Unknown(msgspec.Struct, frozen=True):
    """The reliability of sources that nobody graded."""

    first_hand: str
    second_hand: str


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model of weights in logits; see the shipped file for the values.

    ``evidence`` says by kind and role of an observation how much it speaks against an
    artifact (0 to 1; what is not named does not), ``shows`` which behaviour it shows.
    ``second_hand`` kinds are hearsay: only they can be copied. ``alone`` kinds never make
    an indicator by themselves.
    """

    name: str
    threshold: float
    bias: dict[str, float]
    reliability: dict[str, float]
    unknown: Unknown
    second_hand: tuple[str, ...]
    alone: tuple[str, ...]
    copy: float
    saturation: Annotated[int, msgspec.Meta(ge=1)]
    evidence: dict[str, dict[str, float]]
    shows: dict[str, dict[str, tuple[str, ...]]]
    behaviours: dict[str, float]
    organisations: float
    findings: dict[str, float]
    again: float
    further: float
    shared: float
    benign: float
    ties: dict[str, float]
    verdicts: dict[str, float]
    suppression: float
    popular: Popular
    decay: dict[str, Decay]
    sha256: str = ""
    file: str = ""  # the file itself, which travels with what was scored; none if shipped

    def bias_of(self, kind: str) -> float:
        """What an artifact of ``kind`` starts from."""
        return self.bias.get(kind, self.bias[ANY])

    def speaks(self, kind: str, role: str) -> float:
        """How much an observation of ``kind`` speaks against what has ``role`` in it."""
        return self.evidence.get(kind, self.evidence[ANY]).get(role, 0.0)

    def shown(self, kind: str, role: str) -> tuple[str, ...]:
        """The behaviours that an observation of ``kind`` shows of what has ``role`` in it."""
        return self.shows.get(kind, {}).get(role, ())

    def decay_of(self, *names: str) -> Decay:
        """The decay of the first of ``names`` that has one."""
        found = next((self.decay[name] for name in names if name in self.decay), None)
        return found or self.decay[ANY]

    def graded(self, grade: str) -> float:
        """The weight of a source of reliability ``grade``; of none that is known, nothing."""
        return self.reliability.get(grade, 0.0)


def loads(data: bytes) -> Weights:
    """The model in the bytes of a file.

    Raises:
        UsageError: it is not a model.
    """
    try:
        weights = msgspec.json.decode(data, type=Weights)
    except msgspec.MsgspecError as error:
        raise UsageError("intelligence.error.model", reason=str(error)) from error
    missing = [name for name in ("bias", "decay", "evidence") if ANY not in getattr(weights, name)]
    if missing:
        raise UsageError("intelligence.error.model", reason=f"{missing[0]}.*")
    if weights.popular.full <= weights.popular.start:
        raise UsageError("intelligence.error.model", reason="popular.full")
    file = "" if data == shipped_bytes() else data.decode()
    return msgspec.structs.replace(weights, sha256=hashlib.sha256(data).hexdigest(), file=file)


def read(path: Path) -> Weights:
    """The model in a file; see `loads`."""
    return loads(path.read_bytes())


def in_use(data: Path) -> Weights:
    """The model of a data folder: ``models/score.json`` where somebody put one, or ours."""
    path = data / "models" / "score.json"
    return read(path) if path.exists() else shipped()


@functools.cache
def shipped(name: str = SHIPPED) -> Weights:
    """A model that comes with the package.

    Raises:
        FileNotFoundError: no such model.
    """
    return loads(shipped_bytes(name))


def shipped_bytes(name: str = SHIPPED) -> bytes:
    """The file of a model that comes with the package."""
    return (resources.files(__package__) / "models" / f"{name}.json").read_bytes()
