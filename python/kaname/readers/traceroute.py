"""Traceroutes to `hops`: scamper's JSON and results of RIPE Atlas, a row a probe and answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.crawl.visit import mapping, mappings
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.moments import epoch_us, plain_number
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TracerouteReader"]

_ANY = msgspec.json.Decoder(dict[str, Any])


class TracerouteReader(Reader):
    """Scamper and RIPE Atlas."""

    name: ClassVar[str] = "traceroute"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("hops",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Traceroutes as JSON: what `sc_warts2json` makes of scamper's files, and results of "
            "RIPE Atlas, one a line or an array. A row per answer to a probe, and per probe "
            "without one, which has no address and no round trip."
        ),
        ja=(
            "JSON の traceroute を読みます。scamper のファイルを `sc_warts2json` で変換したものと"
            "RIPE Atlas の結果(1 行 1 件または配列)に対応します。応答ごとに 1 行、応答のない"
            "プローブもアドレスと往復時間のない 1 行になります。"
        ),
        formats=("scamper JSON", "RIPE Atlas traceroute JSON"),
        references=(
            "https://www.caida.org/catalog/software/scamper/man/sc_warts2json.1.pdf",
            "https://atlas.ripe.net/docs/apis/result-format/",
        ),
        limitations_en=(
            "Pings and other kinds of measurement in the same source are counted, not stored.",
            "Scamper says nothing of probes without an answer but the last one's number.",
        ),
        limitations_ja=(
            "同じ入力に含まれる ping などの計測は数えるだけで保存しません。",
            "scamper は応答のないプローブを、最後の番号以外では示しません。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first document is a traceroute, or the head of scamper's cycle."""
        raw = first_document(head)
        if raw is None:
            return 0
        try:
            value = _ANY.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0
        cycle = value.get("type") == "cycle-start" and "list_name" in value
        return 88 if cycle or _is_scamper(value) or _is_atlas(value) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a hop.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("hops", self.name, job)
        for offset, value in decoded(job, _ANY):
            found = _hops(value)
            job.report.count("other" if found is None else "trace")
            for hop in found or ():
                rows.add(row_in_src=offset, **hop)
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _hops(value: dict[str, Any]) -> Iterator[dict[str, Any]] | None:
    if _is_scamper(value):
        return _of_scamper(value)
    return _of_atlas(value) if _is_atlas(value) else None


def _is_scamper(value: dict[str, Any]) -> bool:
    return value.get("type") == "trace" and {"src", "dst"} <= value.keys()


def _is_atlas(value: dict[str, Any]) -> bool:
    return value.get("type") == "traceroute" and {"prb_id", "result"} <= value.keys()


def _of_scamper(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    start = mapping(value, "start")
    seconds, micros = plain_number(start.get("sec")), plain_number(start.get("usec"))
    base = {
        "ts": int(seconds or 0) * 1_000_000 + int(micros or 0),
        "src": value.get("src"),
        "dst": value.get("dst"),
        "trace": str(value.get("userid", "")) + ":" + str(value.get("dst")),
        "tool": "scamper",
    }
    ext = {name: value[name] for name in ("method", "stop_reason") if name in value}
    seen = set()
    for hop in mappings(value.get("hops")):
        ttl = _ttl(hop.get("probe_ttl"))
        if ttl is None:
            continue
        seen.add(ttl)
        yield {
            **base,
            "ttl": ttl,
            "hop": hop.get("addr"),
            "rtt_us": _us(hop.get("rtt")),
            "ext": ext,
        }
    for ttl in range(_ttl(value.get("firsthop")) or 1, (_ttl(value.get("hop_count")) or 0) + 1):
        if ttl not in seen:
            yield {**base, "ttl": ttl, "hop": None, "rtt_us": None, "ext": ext}


def _of_atlas(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    base = {
        "ts": epoch_us(value.get("timestamp")) or 0,
        # Behind a translator the address that the world sees is the one that means something.
        "src": value.get("from") or value.get("src_addr"),
        "dst": value.get("dst_addr"),
        "trace": f"{value.get('msm_id')}:{value.get('prb_id')}:{value.get('timestamp')}",
        "tool": "atlas",
    }
    ext = {"proto": value.get("proto"), "src_addr": value.get("src_addr")}
    for hop in mappings(value.get("result")):
        ttl = _ttl(hop.get("hop"))
        for answer in mappings(hop.get("result")) if ttl is not None else ():
            said = {name: answer[name] for name in ("err", "late", "error") if name in answer}
            yield {
                **base,
                "ttl": ttl,
                "hop": answer.get("from"),
                "rtt_us": _us(answer.get("rtt")),
                "ext": {**ext, **said},
            }


def _ttl(value: object) -> int | None:
    number = plain_number(value)
    return int(number) if number is not None and 0 < number <= 255 else None


def _us(milliseconds: object) -> int | None:
    number = plain_number(milliseconds)
    return round(number * 1000) if number is not None and 0 <= number < 1e9 else None
