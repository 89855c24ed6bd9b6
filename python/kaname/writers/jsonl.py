"""JSON lines, for programs: everything that kaname knows of an indicator, one a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from kaname.model.instant import SECOND, format_us
from kaname.model.records import Finding, Indicator, Term
from kaname.writers.entry import Entry, entries
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained

__all__ = ["JsonLinesWriter"]

_encoder = msgspec.json.Encoder()


class JsonLinesWriter:
    """One JSON object a line, with the evidence."""

    name: ClassVar[str] = "jsonl"
    media_type: ClassVar[str] = "application/x-ndjson"
    suffix: ClassVar[str] = ".jsonl"
    doc: ClassVar[WriterDoc] = WriterDoc(
        en="JSON lines: one object for each indicator, with its score, what the score is made"
        " of, the findings and their evidence. Instants are ISO 8601 in UTC.",
        ja="JSON Lines。インジケーターごとに 1 行の JSON で、"
        "スコアとその内訳、検知結果、証拠を含みます。"
        "時刻は ISO 8601(UTC)です。",
        references=("RFC 8259", "https://jsonlines.org/"),
        limitations_en=("The texts are in one language.",),
        limitations_ja=("文章は一つの言語だけで書き出します。",),
    )

    def write(
        self,
        indicators: Iterable[Indicator],
        findings: FindingOf,
        out: Sink,
        *,
        language: str,
        at: int,
        evidence: EvidenceOf = unexplained,
    ) -> int:
        """See `kaname.writers.frame.Writer`."""
        count = 0
        for entry in entries(indicators, findings, lambda _: at):
            explained = _explained(evidence(entry.indicator, entry.at))
            out.write(_encoder.encode(_document(entry, language) | explained) + b"\n")
            count += 1
        return count


def _document(entry: Entry, language: str) -> dict[str, Any]:
    indicator = entry.indicator
    return {
        "type": entry.kind,
        "id": indicator.id,
        "artifact": indicator.artifact,
        "label": indicator.label,
        "score": entry.score,
        "state": indicator.state,
        "model": indicator.model,
        "bias": indicator.bias,
        "threshold": indicator.threshold,
        "terms": [_term(term) for term in indicator.terms],
        "valid_from": format_us(indicator.valid_from),
        "valid_until": format_us(indicator.valid_until),
        "updated": format_us(indicator.updated),
        "revoked": indicator.revoked,
        "tlp": indicator.tlp.label,
        "techniques": indicator.techniques,
        "title": entry.title(language),
        "findings": [_finding(finding, language) for finding in entry.findings],
    }


def _term(term: Term) -> dict[str, Any]:
    return {
        "name": term.name,
        "values": dict(sorted(term.values.items())),
        "value": term.value,
        "observed": format_us(term.observed),
        "tau_seconds": term.tau / SECOND,
        "delta": term.delta,
        "evidence": term.evidence,
        "count": term.count,
        "sha256": term.digest,
    }


def _explained(explanation: dict[str, Any] | None) -> dict[str, Any]:
    return {} if explanation is None else {"explanation": explanation}


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    return {
        "id": finding.id,
        "analysis": finding.analysis,
        "version": finding.version,
        "parameters": dict(sorted(finding.params.items())),
        "window": [format_us(finding.window_start), format_us(finding.window_end)],
        "first_seen": format_us(finding.first_seen),
        "last_seen": format_us(finding.last_seen),
        "sensor": finding.sensor,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "tlp": finding.tlp.label,
        "title": finding.title(language),
        "text": finding.explain(language),
        "reasons": finding.because(language),
        "evidence": finding.evidence,
    }
