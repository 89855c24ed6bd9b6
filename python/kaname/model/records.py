"""The records that flow through kaname: artifact, finding with evidence, indicator.

observation (a row of the lake) -> finding (what an analysis says, with evidence) ->
indicator (an artifact with validity, score, marking, and the findings that carry it).
All instants are microseconds, UTC.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from kaname.model.marking import Tlp
from kaname.model.messages import text
from kaname.model.score import Term, score

__all__ = [
    "Artifact",
    "ArtifactKind",
    "Evidence",
    "Finding",
    "Indicator",
    "Pap",
    "Role",
    "Severity",
    "SourceRef",
    "State",
    "Term",
]


class ArtifactKind(enum.StrEnum):
    """What kind of thing an artifact is."""

    IP = "ip"
    PREFIX = "prefix"
    PORT = "port"
    DOMAIN = "domain"
    URL = "url"
    HASH = "hash"
    MAIL = "mail"
    ASN = "asn"
    VULNERABILITY = "vulnerability"  # a CVE number
    WALLET = "wallet"
    REGISTRY = "registry"
    MUTEX = "mutex"
    FILE = "file"  # a name or a path
    AGENT = "agent"  # a User-Agent
    FINGERPRINT = "fingerprint"  # ja3, jarm, imphash, ssdeep: "ja3:<value>"
    CERTIFICATE = "certificate"  # SHA-256 of a certificate


class Role(enum.StrEnum):
    """What an artifact does in a finding."""

    ATTACKER = "attacker"
    VICTIM = "victim"
    REFLECTOR = "reflector"
    TARGET = "target"
    BENIGN = "benign"  # a survey scanner, a resolver: known and harmless
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


class Severity(enum.StrEnum):
    """How much it matters to a defender."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (info) to 4 (critical)."""
        return list(Severity).index(self)


class Artifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing that observations mention, in canonical spelling."""

    kind: ArtifactKind
    value: str
    role: Role = Role.UNKNOWN


class SourceRef(msgspec.Struct, frozen=True):
    """Where an observation came from: the ingested source and the place in it."""

    batch: int
    offset: int
    path: str = ""


class Evidence(msgspec.Struct, frozen=True):
    """The rows behind a finding, as a query that anybody can run again.

    ``query`` is one read-only SELECT over tables of the lake with all literals inside and
    a total order. ``digest`` is the SHA-256 that `kaname.lake.digest` gives for its whole
    result, ``rows`` its length, ``sample`` the first few rows (JSON-ready values).
    """

    query: str
    tables: tuple[str, ...]
    rows: int
    digest: str
    columns: tuple[str, ...]
    sample: tuple[dict[str, Any], ...]
    sources: tuple[SourceRef, ...] = ()


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one analysis says about one subject in one window.

    ``message`` is a catalogue key; ``<message>.title`` and ``<message>.text`` exist in both
    languages and are filled from ``values``. ``reasons`` are further keys with their own
    values: the features that led to the label, each with its number and threshold.
    ``spoofable`` says that the source address may be forged; such a finding never makes an
    attacker indicator.
    """

    id: str
    analysis: str
    version: int
    params: dict[str, Any]
    window_start: int
    window_end: int
    first_seen: int
    last_seen: int
    sensor: str
    label: str
    severity: Severity
    confidence: float
    spoofable: bool
    artifacts: tuple[Artifact, ...]
    techniques: tuple[str, ...] = ()
    message: str
    values: dict[str, Any]
    reasons: tuple[tuple[str, dict[str, Any]], ...] = ()
    evidence: Evidence
    tlp: Tlp
    created: int

    def title(self, language: str) -> str:
        """One line for a list."""
        return text(f"{self.message}.title", language, **self.values)

    def explain(self, language: str) -> str:
        """A paragraph: what was seen and what it means."""
        return text(f"{self.message}.text", language, **self.values)

    def because(self, language: str) -> list[str]:
        """The reasons, a line each."""
        return [text(key, language, **values) for key, values in self.reasons]


class State(enum.StrEnum):
    """Where an indicator is in its life (RFC 9424, section 3.2)."""

    DISCOVERED = "discovered"
    ASSESSED = "assessed"
    SHARED = "shared"
    DEPLOYED = "deployed"
    DETECTED = "detected"
    REACTED = "reacted"
    ENDED = "ended"


class Pap(enum.StrEnum):
    """Permissible Actions Protocol: what may be done with what one received."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact that others should know of, and why.

    ``terms`` are what speaks for and against it; the score at any instant is a view of
    them (`kaname.model.score`), and so is ``valid_until``: the first instant at which the
    score is below ``threshold``. ``model`` names the weights, ``inputs`` is the digest of
    all that it was derived from, ``findings`` are those among the evidence.
    """

    id: str
    artifact: Artifact
    label: str
    model: str
    bias: float
    terms: tuple[Term, ...]
    threshold: float
    valid_from: int
    valid_until: int
    updated: int
    tlp: Tlp
    groups: tuple[str, ...] = ()
    pap: Pap = Pap.CLEAR
    techniques: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    state: State = State.ASSESSED
    revoked: bool = False
    inputs: str = ""

    def score(self, at: int) -> int:
        """The score at an instant, 0 to 100."""
        return score(self.bias, self.terms, at)
