"""STIX 2.1 bundles, for exchange with other platforms (TAXII, MISP, OpenCTI...).

Each indicator comes with a note in each language that explains it. What a STIX consumer
has no field for (what the score is made of, and the evidence behind each finding) is in
a property extension, which consumers that do not know it ignore.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from kaname.model.ids import stix_id
from kaname.model.instant import DAY, floor
from kaname.model.records import Indicator
from kaname.writers.entry import entries
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained
from kaname.writers.stix_objects import identity, objects, shared_objects

__all__ = ["StixWriter"]

_encoder = msgspec.json.Encoder()


class StixWriter:
    """A STIX 2.1 bundle."""

    name: ClassVar[str] = "stix"
    media_type: ClassVar[str] = "application/stix+json;version=2.1"
    suffix: ClassVar[str] = ".json"
    doc: ClassVar[WriterDoc] = WriterDoc(
        en="A STIX 2.1 bundle: indicators with TLP 2.0 markings, notes that explain them in"
        " English and Japanese, and the evidence in a property extension.",
        ja="STIX 2.1 のバンドル。TLP 2.0 の区分を付けたインジケーター、英語と日本語の説明(note)、"
        "拡張プロパティに入れた証拠を含みます。",
        references=(
            "https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html",
            "https://github.com/oasis-open/cti-stix-common-objects (TLP 2.0)",
        ),
        limitations_en=(
            (
                "Identifiers are derived from the content (UUIDv5), so that exporting twice gives"
                " the same objects; the specification recommends, but does not demand, UUIDv4."
            ),
            "What has no STIX pattern is written as a note.",
            "Scores are those at the start of the UTC day, a version a day.",
        ),
        limitations_ja=(
            (
                "識別子は内容から導きます(UUIDv5)。二度書き出しても同じものになります。"
                "仕様は UUIDv4 を推奨していますが、必須ではありません。"
            ),
            "STIX のパターンで表せないものは note として書き出します。",
            "スコアはその日(UTC)の始まりの値で、版は 1 日に一つです。",
        ),
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
        bundle = _Bundle(out)
        bundle.put(identity())
        for entry in entries(indicators, findings, lambda one: _version(one, at)):
            for thing in shared_objects(entry):
                bundle.put_once(thing)
            for thing in objects(entry, language, evidence(entry.indicator, entry.at)):
                bundle.put(thing)
            count += 1
        bundle.end()
        return count


def _version(indicator: Indicator, at: int) -> int:
    """The instant of the version of ``indicator`` that stands at ``at``.

    A score falls all the time, and two objects of one id and ``modified`` must be the
    same. So there is a version a day, with the score at the start of it (UTC), and one
    whenever something else changed; none follows a revocation.
    """
    if indicator.revoked:
        return indicator.updated
    return max(indicator.updated, floor(at, DAY))


class _Bundle:
    """Writes a bundle as its objects come, so that its size does not matter.

    The id stands at the end, because it is derived from all that comes before.
    """

    def __init__(self, out: Sink) -> None:
        self._out = out
        self._content = hashlib.sha256()
        self._shared: set[str] = set()
        self._between = b'{"type":"bundle","objects":['

    def put_once(self, thing: dict[str, Any]) -> None:
        """Add an object that several others refer to."""
        if thing["id"] not in self._shared:
            self._shared.add(thing["id"])
            self.put(thing)

    def put(self, thing: dict[str, Any]) -> None:
        """Add an object."""
        data = _encoder.encode(thing)
        self._content.update(data)
        self._out.write(self._between + data)
        self._between = b",\n"

    def end(self) -> None:
        """Close the bundle."""
        key = stix_id("bundle", self._content.hexdigest())
        self._out.write(b'],"id":"%s"}\n' % key.encode())
