"""JSON of other systems, and our own, as observations.

Two shapes are read: ours (`kaname.intelligence.records.Observation`), and that of sensors
which name artifacts by STIX types: ``{"id", "ts", "source", "kind", "org", "tlp",
"artifacts": [{"type", "value", "role"}], "confidence", "text", ...}``; what else is in it
is kept as the body.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kaname._native import extract_artifacts
from kaname.intelligence.records import Mention, Observation
from kaname.model.artifact import canonical
from kaname.model.errors import InputError, UsageError
from kaname.model.ids import stable_id
from kaname.model.instant import DAY, parse_us
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

__all__ = ["BEHAVIOURS", "Defaults", "kind_of", "observation"]

BEHAVIOURS = {"scan": ("scan",), "download": ("payload",), "mail": ("phishing",)}
"""What an observation of a kind shows by itself."""

_TYPES = {
    "ipv4-addr": ArtifactKind.IP,
    "ipv6-addr": ArtifactKind.IP,
    "domain-name": ArtifactKind.DOMAIN,
    "hostname": ArtifactKind.DOMAIN,
    "url": ArtifactKind.URL,
    "email-addr": ArtifactKind.MAIL,
    "file": ArtifactKind.FILE,
    "vulnerability": ArtifactKind.VULNERABILITY,
    "autonomous-system": ArtifactKind.ASN,
    "windows-registry-key": ArtifactKind.REGISTRY,
    "mutex": ArtifactKind.MUTEX,
    "user-agent": ArtifactKind.AGENT,
    "cryptocurrency-wallet": ArtifactKind.WALLET,
    "x509-certificate": ArtifactKind.CERTIFICATE,
}
_TAKEN = {"id", "ts", "source", "kind", "org", "tlp", "artifacts", "confidence", "groups"}
_MOST_MENTIONS = 10_000


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What holds where a record does not say: its source, marking, and when it came."""

    source: str = ""
    tlp: Tlp = Tlp.AMBER
    received: int


def observation(record: Any, defaults: Defaults) -> Observation:
    """The observation in a decoded JSON value.

    Raises:
        InputError: it is none; the message says what is missing or wrong.
    """
    if not isinstance(record, dict):
        raise InputError("intelligence.reject.object")
    made = _own(record, defaults) if "mentions" in record else _foreign(record, defaults)
    if not 0 <= made.at <= made.received + DAY:
        raise InputError("intelligence.reject.time", found=made.at)
    if not 0 <= made.weight <= 1:
        raise InputError("intelligence.reject.weight", found=made.weight)
    if not made.mentions:
        raise InputError("intelligence.reject.empty")
    return made


def kind_of(name: str) -> ArtifactKind | None:
    """The kind of artifact that ``name`` means: ours, a STIX type, or ``file:sha256``."""
    if name in _TYPES:
        return _TYPES[name]
    if name.startswith("file:"):
        return ArtifactKind.HASH
    try:
        return ArtifactKind(name)
    except ValueError:
        return None


def _own(record: dict[str, Any], defaults: Defaults) -> Observation:
    filled = {"source": defaults.source, "tlp": defaults.tlp.value} | record
    filled["received"] = defaults.received
    filled.setdefault("id", _id(record))
    try:
        made = msgspec.convert(filled, Observation)
    except msgspec.ValidationError as error:
        raise InputError("intelligence.reject.shape", reason=str(error)) from None
    if not made.source or not made.id:
        raise InputError("intelligence.reject.source")
    mentions = tuple(_mention(one.kind, one.value, one.role) for one in made.mentions)
    return msgspec.structs.replace(made, mentions=mentions)


def _foreign(record: dict[str, Any], defaults: Defaults) -> Observation:
    source = _word(record, "source") or defaults.source
    if not source:
        raise InputError("intelligence.reject.source")
    kind = _word(record, "kind") or "sighting"
    try:
        at = parse_us(_word(record, "ts"))
        tlp = Tlp.parse(_word(record, "tlp")) if record.get("tlp") else defaults.tlp
    except UsageError as error:
        raise InputError("intelligence.reject.shape", reason=error) from None
    return Observation(
        id=_word(record, "id") or _id(record),
        source=source,
        kind=kind,
        at=at,
        received=defaults.received,
        org=_word(record, "org"),
        tlp=tlp,
        weight=_weight(record.get("confidence", 100)),
        behaviours=BEHAVIOURS.get(kind, ()),
        mentions=_mentions(record),
        body={key: value for key, value in record.items() if key not in _TAKEN},
    )


def _word(record: dict[str, Any], key: str) -> str:
    value = record.get(key, "")
    if not isinstance(value, str):
        raise InputError("intelligence.reject.text", key=key)
    return value


def _weight(confidence: Any) -> float:
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise InputError("intelligence.reject.weight", found=confidence)
    return round(confidence / 100, 4)


def _mentions(record: dict[str, Any]) -> tuple[Mention, ...]:
    artifacts = record.get("artifacts", ())
    if not isinstance(artifacts, list) or len(artifacts) > _MOST_MENTIONS:
        raise InputError("intelligence.reject.artifacts", most=_MOST_MENTIONS)
    found = [_artifact(one) for one in artifacts]
    if not found and (text := _word(record, "text")):
        found = _read(text)
    return tuple(found)


def _artifact(one: Any) -> Mention:
    if not isinstance(one, dict):
        raise InputError("intelligence.reject.object")
    name, value, role = (_word(one, key) for key in ("type", "value", "role"))
    kind = kind_of(name)
    if kind is None:
        raise InputError("intelligence.reject.type", found=name)
    return _mention(kind, value, role)


def _mention(kind: ArtifactKind, value: str, role: str) -> Mention:
    spelt = canonical(kind, value)
    if spelt is None:
        raise InputError("intelligence.reject.value", kind=kind.value, found=value[:100])
    return Mention(kind, spelt, role)


def _read(text: str) -> list[Mention]:
    """The artifacts that a report's text names."""
    found = {
        Mention(kind, value, role): None
        for name, value, _start, _end, role, _port in extract_artifacts(text)
        if (kind := kind_of(name)) is not None  # techniques are found as well
    }
    return list(found)


def _id(record: dict[str, Any]) -> str:
    return stable_id("obs", record)
