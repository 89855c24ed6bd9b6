"""The STIX 2.1 objects that one indicator becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaname.model.ids import stix_id
from kaname.model.instant import SECOND, format_us
from kaname.model.messages import LANGUAGES, text
from kaname.model.records import Finding, Term
from kaname.writers.entry import Entry
from kaname.writers.stix_artifact import observable, pattern
from kaname.writers.stix_marking import marking, marking_id

__all__ = ["EXTENSION", "IDENTITY", "identity", "objects", "shared_objects"]

IDENTITY = stix_id("identity", "kaname")
EXTENSION = stix_id("extension-definition", "kaname", "evidence")

_SINCE = "2026-01-01T00:00:00.000Z"  # identity and extension have not changed since
# The specification allows the definition itself where there is no address to point to.
_SCHEMA = """\
On an indicator: "terms", a list of {name, values, value, observed, tau_seconds, delta, \
evidence, count, sha256}. A term is value * max(0, 1 - (age / tau) ^ (1 / delta)) logits, or \
value where tau is 0; the score is 100 / (1 + e ^ -(bias + the sum of the terms)), rounded. \
"explanation" holds the evidence that the terms are derived from, so that all of it can be \
recomputed from this object.
On an indicator or a note: "findings", a list of {id, analysis, version, parameters, window, \
first_seen, last_seen, sensor, severity, confidence, evidence}. The evidence is {query, tables, \
rows, sha256, columns}: a read-only SQL query over the lake of kaname, with the number of rows \
and the digest of its whole result."""


def identity() -> dict[str, Any]:
    """Who speaks. It refers to itself, as the interoperability profile asks."""
    return {
        **_common("identity", IDENTITY, _SINCE, _SINCE),
        "name": "kaname",
        "description": text("writers.text.identity"),
        "identity_class": "system",
    }


def shared_objects(entry: Entry) -> Iterator[dict[str, Any]]:
    """What ``objects`` refers to and other entries may refer to as well."""
    yield {
        **_common("extension-definition", EXTENSION, _SINCE, _SINCE),
        "name": "kaname evidence",
        "description": text("writers.text.extension"),
        "schema": _SCHEMA,
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }
    yield marking(entry.indicator.tlp)
    if not _is_indicator(entry) and (seen := observable(entry.indicator.artifact)):
        yield seen


def objects(
    entry: Entry, language: str, explanation: dict[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """An indicator with its notes, or only notes for what is harmless."""
    if _is_indicator(entry):
        yield _indicator(entry, language, explanation)
    for other in LANGUAGES:
        yield _note(entry, other)


def _is_indicator(entry: Entry) -> bool:
    return not entry.harmless and pattern(entry.indicator.artifact) is not None


def _indicator(entry: Entry, language: str, explanation: dict[str, Any] | None) -> dict[str, Any]:
    indicator = entry.indicator
    return {
        **_dated("indicator", _indicator_id(entry), entry),
        "revoked": indicator.revoked,
        "labels": [indicator.label],
        "confidence": entry.score,
        "lang": language,
        "name": entry.title(language),
        "description": entry.explain(language),
        "indicator_types": ["malicious-activity"],
        "pattern": pattern(indicator.artifact),
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": format_us(indicator.valid_from),
        "valid_until": format_us(indicator.valid_until),
        **_techniques(entry),
        "extensions": {EXTENSION: _score_extension(entry, explanation)},
    }


def _note(entry: Entry, language: str) -> dict[str, Any]:
    if _is_indicator(entry):
        about = _indicator_id(entry)
    else:
        seen = observable(entry.indicator.artifact)
        about = seen["id"] if seen else IDENTITY
    found: dict[str, Any] = {
        **_dated("note", stix_id("note", entry.indicator.id, language), entry),
        "labels": [entry.indicator.label],
        "lang": language,
        "abstract": entry.title(language),
        "content": entry.explain(language),
        "object_refs": [about],
    }
    if not _is_indicator(entry):
        found["extensions"] = {EXTENSION: _extension(findings=_findings(entry))}
    return found


def _common(kind: str, key: str, created: str, modified: str) -> dict[str, Any]:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": key,
        "created_by_ref": IDENTITY,
        "created": created,
        "modified": modified,
    }


def _dated(kind: str, key: str, entry: Entry) -> dict[str, Any]:
    indicator = entry.indicator
    created = min(indicator.valid_from, entry.at)
    return {
        **_common(kind, key, _millis(created), _millis(entry.at)),
        "object_marking_refs": [marking_id(indicator.tlp)],
    }


def _indicator_id(entry: Entry) -> str:
    return stix_id("indicator", entry.indicator.id)


def _millis(instant: int) -> str:
    """``created`` and ``modified`` have exactly three decimals (section 3.2)."""
    return format_us(instant)[:-4] + "Z"


def _techniques(entry: Entry) -> dict[str, Any]:
    if not entry.indicator.techniques:
        return {}
    return {
        "external_references": [
            {"source_name": "mitre-attack", "external_id": technique}
            for technique in entry.indicator.techniques
        ]
    }


def _score_extension(entry: Entry, explanation: dict[str, Any] | None) -> dict[str, Any]:
    indicator = entry.indicator
    explained = {} if explanation is None else {"explanation": explanation}
    return _extension(
        model=indicator.model,
        bias=indicator.bias,
        threshold=indicator.threshold,
        terms=[_term(term) for term in indicator.terms],
        findings=_findings(entry),
        **explained,
    )


def _term(term: Term) -> dict[str, Any]:
    found = {
        "name": term.name,
        "values": dict(sorted(term.values.items())),
        "value": term.value,
        "observed": format_us(term.observed),
        "tau_seconds": term.tau / SECOND,
        "delta": term.delta,
        "evidence": list(term.evidence),
        "count": term.count,
        "sha256": term.digest,
    }
    return {name: value for name, value in found.items() if value not in ({}, [], "")}


def _extension(**properties: Any) -> dict[str, Any]:
    """A property extension of ours; lists may not be empty (section 2.10), so such go."""
    return {
        "extension_type": "property-extension",
        **{name: value for name, value in properties.items() if value != []},
    }


def _findings(entry: Entry) -> list[dict[str, Any]]:
    return [_finding(finding) for finding in entry.findings]


def _finding(finding: Finding) -> dict[str, Any]:
    evidence = finding.evidence
    found = {
        "id": finding.id,
        "analysis": finding.analysis,
        "version": finding.version,
        "parameters": dict(sorted(finding.params.items())),
        "window": [format_us(finding.window_start), format_us(finding.window_end)],
        "first_seen": format_us(finding.first_seen),
        "last_seen": format_us(finding.last_seen),
        "sensor": finding.sensor,
        "severity": finding.severity.value,
        "confidence": finding.confidence,
        "evidence": {
            "query": evidence.query,
            "tables": list(evidence.tables),
            "rows": evidence.rows,
            "sha256": evidence.digest,
            "columns": list(evidence.columns),
        },
    }
    if not finding.params:
        del found["parameters"]
    return found
