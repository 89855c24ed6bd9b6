"""Evidence that travels with an indicator, and the check of it by whoever receives it.

`evidence_extension` gives a JSON object that holds all that the score was derived from;
`verify` takes a STIX bundle or JSON lines and derives everything again, offline: the terms,
the score, the end of validity and all digests must come out bit for bit, the pattern must
be that of the artifact, and the signature must be that of the key. Each indicator gets one
verdict; the first thing that does not hold decides it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.records import Item
from kaname.intelligence.score.context import Basis
from kaname.intelligence.score.derivation import derived, used_items, weighed
from kaname.intelligence.score.evidence import MOST_ITEMS
from kaname.intelligence.score.explanation import explain
from kaname.intelligence.score.signing import is_signed, public_of, sign
from kaname.intelligence.score.weights import EVERY, Weights, loads, shipped_bytes
from kaname.model.errors import UsageError
from kaname.model.instant import parse_us
from kaname.model.records import Artifact, Indicator, Role

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["FORMAT", "MOST_BYTES", "Outcome", "Verdict", "evidence_extension", "verify"]

FORMAT = "kaname-evidence-1"
MOST_BYTES = 128 << 20  # about 40,000 indicators; more is written in parts
_MOST_TERMS = 256


class Outcome(enum.StrEnum):
    """What became of a check."""

    HOLDS = "holds"
    UNSIGNED = "unsigned"  # all of it is right, but nobody vouches for it
    NO_EVIDENCE = "no_evidence"
    DAMAGED = "damaged"  # not readable as what it says it is
    OTHER_MODEL = "other_model"  # made with weights that are not known and not enclosed
    OTHER_SCORE = "other_score"  # what is derived again is not what is written
    OTHER_OBJECT = "other_object"  # the evidence is about something else
    BAD_SIGNATURE = "bad_signature"
    OTHER_KEY = "other_key"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What came out for one indicator; ``detail`` names the part that differs."""

    indicator: str
    outcome: Outcome
    detail: str = ""
    score: int | None = None

    @property
    def good(self) -> bool:
        """Whether the indicator may be relied on."""
        return self.outcome is Outcome.HOLDS


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The weights by name and digest; the file itself where it is not a shipped one."""

    name: str
    sha256: str
    file: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What travels. ``score`` and ``minimal_evidence`` are told for those who do not derive."""

    format: str
    model: Model
    as_of: int
    score: int
    indicator: Indicator
    items: tuple[Item, ...]
    basis: Basis
    minimal_evidence: tuple[str, ...]
    counterfactuals: dict[str, int]
    public_key: str = ""
    signature: str = ""


_decoder = msgspec.json.Decoder(Evidence)


def evidence_extension(
    indicator: Indicator,
    items: Sequence[Item],
    basis: Basis,
    weights: Weights,
    *,
    at: int,
    key: Ed25519PrivateKey | None = None,
) -> dict[str, Any]:
    """The object that goes with ``indicator``, which was derived from ``items``."""
    used = _needed(indicator, items, basis, weights)
    told = explain(indicator, used, basis, weights, at, "en")
    evidence = Evidence(
        format=FORMAT,
        model=Model(name=weights.name, sha256=weights.sha256, file=weights.file),
        as_of=at,
        score=told.score,
        indicator=indicator,
        items=tuple(used),
        basis=basis,
        minimal_evidence=told.minimal_evidence,
        counterfactuals={one.without: one.score for one in told.counterfactuals if one.without},
        public_key=public_of(key) if key else "",
    )
    document: dict[str, Any] = msgspec.to_builtins(evidence)
    if key is not None:
        document["signature"] = sign(document, key)
    return document


def _needed(
    indicator: Indicator, items: Sequence[Item], basis: Basis, weights: Weights
) -> list[Item]:
    """The items that give the terms; nothing else of what was seen leaves."""
    if indicator.artifact.role is Role.BENIGN:
        return [item for item in items if item.role == Role.BENIGN.value]
    return used_items(weighed(indicator.artifact, items, basis, weights))


def verify(data: bytes, key: str = "") -> list[Verdict]:
    """Check every indicator in a STIX bundle or in JSON lines.

    ``key`` is the public key (Base64) that must have signed; without it, the one enclosed
    is taken. Whatever the input is, there is an answer: at worst that it is damaged.
    """
    if len(data) > MOST_BYTES:
        return [Verdict(indicator="", outcome=Outcome.DAMAGED, detail="size")]
    try:
        found = list(_objects(data))
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        return [Verdict(indicator="", outcome=Outcome.DAMAGED, detail=str(error)[:200])]
    if not found:
        return [Verdict(indicator="", outcome=Outcome.NO_EVIDENCE)]
    return [_checked(one, key) for one in found]


def _objects(data: bytes) -> Iterator[dict[str, Any]]:
    """The indicators of a bundle, a list, a single object or lines."""
    if not data.strip():
        return
    try:
        whole = [msgspec.json.decode(data)]
    except msgspec.DecodeError:
        lines = data.splitlines()
        if len([line for line in lines if line.strip()]) < 2:  # a broken whole, not lines
            raise
        whole = [msgspec.json.decode(line) for line in lines if line.strip()]
    for one in whole:
        within = one.get("objects", [one]) if isinstance(one, dict) else one
        for thing in within if isinstance(within, list) else []:
            if isinstance(thing, dict) and _is_indicator(thing):
                yield thing


def _is_indicator(thing: dict[str, Any]) -> bool:
    kind = thing.get("type")
    return kind == "indicator" or (kind == "note" and "explanation" in thing)


def _checked(thing: dict[str, Any], key: str) -> Verdict:
    name = str(thing.get("id", ""))
    raw = _enclosed_evidence(thing)
    if raw is None:
        return Verdict(indicator=name, outcome=Outcome.NO_EVIDENCE)
    try:
        evidence = msgspec.convert(raw, Evidence)
        odd = _oddity(evidence)
        if odd:
            return Verdict(indicator=name, outcome=Outcome.DAMAGED, detail=odd)
        outcome, detail = _judged(thing, raw, evidence, key)
    except (
        msgspec.MsgspecError,
        UsageError,
        ArithmeticError,
        ValueError,
        TypeError,
        KeyError,
    ) as error:
        return Verdict(indicator=name, outcome=Outcome.DAMAGED, detail=str(error)[:200])
    return Verdict(indicator=name, outcome=outcome, detail=detail, score=evidence.score)


def _oddity(evidence: Evidence) -> str:
    """What we never write, and what would take long to look at; or ""."""
    if evidence.format != FORMAT:
        return "format"
    if len(evidence.items) > MOST_ITEMS:
        return "items"
    return "terms" if len(evidence.indicator.terms) > _MOST_TERMS else ""


def _enclosed_evidence(thing: dict[str, Any]) -> Any:
    if "explanation" in thing:
        return thing["explanation"]
    extensions = thing.get("extensions")
    if not isinstance(extensions, dict):
        return None
    held = (one for one in extensions.values() if isinstance(one, dict))
    return next((one["explanation"] for one in held if "explanation" in one), None)


def _judged(
    thing: dict[str, Any], raw: dict[str, Any], evidence: Evidence, key: str
) -> tuple[Outcome, str]:
    weights = _weights(evidence.model)
    if weights is None:
        return Outcome.OTHER_MODEL, evidence.model.name
    different = _difference(evidence, weights)
    if different:
        return Outcome.OTHER_SCORE, different
    foreign = _foreign(thing, evidence)
    if foreign:
        return Outcome.OTHER_OBJECT, foreign
    return _signature(raw, evidence, key)


def _weights(model: Model) -> Weights | None:
    if model.file:
        weights = loads(model.file.encode())
    elif model.name in EVERY:
        weights = loads(shipped_bytes(model.name))
    else:
        return None
    return weights if weights.sha256 == model.sha256 else None


def _difference(evidence: Evidence, weights: Weights) -> str:
    """The first part that is not what the evidence gives; "" when all of it is."""
    told = evidence.indicator
    artifact = Artifact(told.artifact.kind, told.artifact.value, told.artifact.role)
    made = derived(artifact, evidence.items, evidence.basis, weights, told.updated)
    if made is None:
        return "indicator"
    # Life cycle and withdrawal are decisions of the sender; they do not follow from evidence.
    own = {"state", "revoked"}
    for field in Indicator.__struct_fields__:
        if field not in own and getattr(made, field) != getattr(told, field):
            return field
    if evidence.score != told.score(evidence.as_of):
        return "score"
    again = explain(told, evidence.items, evidence.basis, weights, evidence.as_of, "en")
    if again.minimal_evidence != evidence.minimal_evidence:
        return "minimal_evidence"
    scores = {one.without: one.score for one in again.counterfactuals if one.without}
    return "" if scores == evidence.counterfactuals else "counterfactuals"


def _foreign(thing: dict[str, Any], evidence: Evidence) -> str:
    """The property of the object around the evidence that says something else; or ""."""
    from kaname.writers.stix_artifact import pattern

    told = evidence.indicator
    if "pattern" in thing:
        expected = {"pattern": pattern(told.artifact), "confidence": evidence.score}
        wrong = [name for name, value in expected.items() if thing.get(name, value) != value]
        return next(iter(wrong), _end(thing, told))
    expected = {
        "id": told.id,
        "artifact": msgspec.to_builtins(told.artifact),
        "score": evidence.score,
    }
    wrong = [name for name, value in expected.items() if thing.get(name, value) != value]
    return next(iter(wrong), _end(thing, told))


def _end(thing: dict[str, Any], told: Indicator) -> str:
    """Whether the written end of validity is another; STIX may round it to milliseconds."""
    written = thing.get("valid_until")
    if not isinstance(written, str) or written.startswith("9999"):
        return ""
    return "valid_until" if abs(parse_us(written) - told.valid_until) >= 1_000 else ""


def _signature(raw: dict[str, Any], evidence: Evidence, key: str) -> tuple[Outcome, str]:
    if not evidence.signature:
        return Outcome.UNSIGNED, ""
    if key and key != evidence.public_key:
        return Outcome.OTHER_KEY, evidence.public_key
    signed = {name: value for name, value in raw.items() if name != "signature"}
    if not is_signed(signed, evidence.signature, evidence.public_key):
        return Outcome.BAD_SIGNATURE, ""
    return Outcome.HOLDS, ""
