"""MISP events: indicators as the attributes of one event."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from kaname.model.ids import NAMESPACE, stix_id
from kaname.model.instant import SECOND, day_of, format_us
from kaname.model.marking import Tlp
from kaname.model.records import Indicator
from kaname.writers.blocking import revision
from kaname.writers.entry import Entry, entries
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained
from kaname.writers.misp_types import misp_type

__all__ = ["ORGANISATION", "MispWriter", "misp_attribute", "misp_head"]

ORGANISATION = {"name": "kaname", "uuid": stix_id("identity", "kaname").partition("--")[2]}
_COLOURS = {
    Tlp.CLEAR: "#ffffff",
    Tlp.GREEN: "#339900",
    Tlp.AMBER: "#FFC000",
    Tlp.AMBER_STRICT: "#FFC000",
    Tlp.RED: "#CC0033",
}
_encoder = msgspec.json.Encoder()


class MispWriter:
    """One event with an attribute for each indicator."""

    name: ClassVar[str] = "misp"
    media_type: ClassVar[str] = "application/json"
    suffix: ClassVar[str] = ".misp.json"
    doc: ClassVar[WriterDoc] = WriterDoc(
        en="A MISP event: an attribute for each indicator, with TLP tag, score, technique and the"
        " reasons in the comment. What is harmless is not flagged for detection.",
        ja="MISP のイベント。インジケーターごとに 1 属性で、TLP タグ、スコア、技術を付け、"
        "理由をコメントに入れます。無害なものには検知フラグ(to_ids)を立てません。",
        references=("https://www.misp-standard.org/rfc/misp-standard-core.html",),
        limitations_en=(
            "Identifiers are derived from the content (UUIDv5): importing again updates.",
            "An artifact that MISP has no type for is an attribute of type text.",
            "An indicator that was revoked or is over is marked as deleted.",
        ),
        limitations_ja=(
            "識別子は内容から導きます(UUIDv5)。再度取り込むと更新になります。",
            "MISP に対応する型のないものは text 型の属性になります。",
            "取り消し・期限切れのインジケーターは削除済みの属性になります。",
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
        evidence: EvidenceOf = unexplained,  # noqa: ARG002 - an attribute has no room for it
    ) -> int:
        """See `kaname.writers.frame.Writer`."""
        head = _encoder.encode(misp_head("indicators", "kaname: indicators", at))
        out.write(b'{"Event":' + head[:-1] + b',"Attribute":[')
        count = 0
        for entry in entries(indicators, findings, lambda _: at):
            between = b",\n" if count else b""
            out.write(between + _encoder.encode(misp_attribute(entry, language)))
            count += 1
        out.write(b"]}}\n")
        return count


def misp_head(key: str, info: str, at: int) -> dict[str, Any]:
    """An event without its attributes; the same ``key`` gives the same event."""
    return {
        "uuid": str(uuid.uuid5(NAMESPACE, f"misp-event:{key}")),
        "info": info,
        "date": day_of(at),
        "timestamp": str(at // SECOND),
        "publish_timestamp": str(at // SECOND),
        "published": True,
        "analysis": "2",
        "threat_level_id": "4",
        "distribution": "0",
        "Orgc": ORGANISATION,
    }


def misp_attribute(entry: Entry, language: str) -> dict[str, Any]:
    """The attribute of one indicator."""
    indicator = entry.indicator
    kind = misp_type(indicator)
    return {
        "uuid": str(uuid.uuid5(NAMESPACE, f"misp-attribute:{indicator.id}")),
        "type": kind.type,
        "category": kind.category,
        "value": kind.value,
        "to_ids": kind.actionable and not entry.harmless,
        "comment": f"{entry.title(language)}\n{entry.explain(language)}",
        "timestamp": str(revision(indicator, entry.at)),
        "first_seen": _moment(indicator.valid_from),
        "deleted": indicator.revoked or indicator.valid_until <= entry.at,
        "distribution": "5",
        "Tag": _tags(entry),
    }


def _tags(entry: Entry) -> list[dict[str, str]]:
    indicator: Indicator = entry.indicator
    tags = [{"name": f"tlp:{indicator.tlp.value}", "colour": _COLOURS[indicator.tlp]}]
    words = [("label", indicator.label), ("score", str(entry.score))]
    words += [("technique", one) for one in indicator.techniques]
    tags += [{"name": f'kaname:{key}="{_quoted(value)}"'} for key, value in words]
    return tags


def _quoted(value: str) -> str:
    """Without what would end the value of a machine tag."""
    return "".join(c for c in value if c.isprintable() and c not in '"\\')


def _moment(instant: int) -> str:
    return format_us(instant).replace("Z", "+00:00")
