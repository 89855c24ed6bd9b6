"""Reports of the Shadowserver Foundation: exposed services, events, phishing, by their header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.readers.csv_records import header_in, records
from kaname.readers.domains import canonical, registered
from kaname.readers.fields import number, protocol
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.moments import iso_us, plain_number
from kaname.readers.rows import Rows
from kaname.readers.urls import host_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ShadowserverReader"]

Record = dict[str, str]

_NAMED = re.compile(
    r"((?:scan6?|event[46]?|population6?|compromised|device_id6?|cwmp|drone|blocklist|blacklist|"
    r"phish|spam|sandbox|sinkhole6?|microsoft|malware|special|vulnerable|netcore|darknet|"
    r"honeypot|ddos|caida|outdated|open)[a-z0-9_]*)"
)
# Reports without their name: columns that only they have.
_BY_COLUMNS = (
    ("scan_dns", {"dns_version"}),
    ("scan_memcached", {"pointer_size", "curr_connections"}),
    ("event4_sinkhole_dns", {"query_type", "infection"}),
    ("event4_sinkhole_http", {"http_url", "infection"}),
    ("event4_honeypot_ddos_amp", {"request", "end_time"}),
    ("phish_url", {"url", "source", "host"}),
    ("blocklist", {"reason", "source"}),
)
_BANNERS = (
    *("version", "dns_version", "server_version", "banner", "server", "http_server", "sysdesc"),
    *("service_banner", "product", "model", "device_model", "software_version", "instance_name"),
    *("workstation_info", "freq_text", "content", "http"),
)
_AMPLIFICATION = ("amplification", "min_amplification")
_SEVERITIES = {"critical": 1, "high": 2, "medium": 3, "low": 4, "info": 5}
_SEVERITY = 3
_MAPPED = {
    *("timestamp", "ip", "src_ip", "port", "protocol", "hostname", "asn", "geo", "severity", "tag"),
    *("src_port", "dst_ip", "dst_port", "url", "host", *_AMPLIFICATION),
}


def _is_report(names: Sequence[str]) -> bool:
    columns = set(names)
    return (
        "timestamp" in columns
        and bool(columns & {"ip", "src_ip", "url"})
        and bool(columns & {"asn", "src_asn"})
        and bool(columns & {"geo", "src_geo", "region", "naics"})
    )


class ShadowserverReader(Reader):
    """Daily reports of Shadowserver, and lists of open resolvers in their form."""

    name: ClassVar[str] = "shadowserver"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("exposure", "alerts", "feeds")
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reports of the Shadowserver Foundation as CSV, read by the names in their header, so "
            "that reports of any kind and age work: exposed and vulnerable services (`scan_...`, "
            "open resolvers among them) go to `exposure`, events of sinkholes, honeypots and "
            "compromised hosts (`event4_...`) to `alerts`, `phish_url` and block lists to "
            "`feeds`. The kind of report is taken from the file's name or told by its columns."
        ),
        ja=(
            "Shadowserver Foundation のレポート(CSV)をヘッダーの列名で読むため、種類や時期を"
            "問いません。公開・脆弱なサービス(`scan_...`、オープンリゾルバーを含む)は "
            "`exposure` に、シンクホール・ハニーポット・侵害ホストの事象(`event4_...`)は "
            "`alerts` に、`phish_url` とブロックリストは `feeds` に入れます。レポート種別は"
            "ファイル名または列から判断します。"
        ),
        formats=("Shadowserver CSV",),
        references=("https://www.shadowserver.org/what-we-do/network-reporting/",),
        limitations_en=(
            "Times of reports are UTC.",
            "A report that neither its name nor its columns tell is called `shadowserver`.",
            "Columns without a place in the table are in `ext`.",
        ),
        limitations_ja=(
            "レポートの時刻は UTC です。",
            "名前からも列からも種別が分からないものは `shadowserver` とします。",
            "表に対応する列がない項目は `ext` に入れます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The header has a time, an address, an AS and a place."""
        found = header_in(head[:8192].decode(errors="replace"), _is_report)
        return 90 if found is not None else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a record.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        tables = {name: Rows(name, self.name, job) for name in self.tables}
        named = _report_of_name(job)
        for offset, record in records(job, _is_report):
            ts = iso_us(record.get("timestamp"))
            if ts is None:
                job.report.bad(offset, "malformed", "no time", str(record).encode()[:64])
                continue
            report = named or _report_of_columns(record)
            table, columns = _row(report, record)
            job.report.count("record")
            tables[table].add(ts=ts, row_in_src=offset, **columns)
            if tables[table].full:
                yield tables[table].take()
        for rows in tables.values():
            yield from rows.rest()


def _report_of_name(job: ReadJob) -> str | None:
    """Of a name like ``2021-03-28-scan_dns-example-asn.csv``."""
    found = _NAMED.search(job.path.name.lower()) if job.path else None
    return found.group(1).rstrip("_") if found else None


def _report_of_columns(record: Record) -> str:
    for report, columns in _BY_COLUMNS:
        if columns <= record.keys():
            return report
    return "shadowserver"


def _row(report: str, record: Record) -> tuple[str, dict[str, Any]]:
    if "src_ip" in record:
        return "alerts", _alert(report, record)
    if "url" in record and "port" not in record:
        return "feeds", _phish(report, record)
    if report.startswith(("blocklist", "blacklist")):
        return "feeds", _blocked(report, record)
    return "exposure", _exposed(report, record)


def _exposed(report: str, record: Record) -> dict[str, Any]:
    factor = next((record[name] for name in _AMPLIFICATION if record.get(name)), None)
    return {
        "src": record.get("ip"),
        "port": _port(record.get("port")),
        "proto": protocol(record.get("protocol")),
        "service": report.partition("_")[2] or report,
        "report": report,
        "amp_factor": plain_number(factor),
        "banner": next((record[name] for name in _BANNERS if record.get(name)), None),
        "asn": number(record.get("asn")),
        "cc": record.get("geo") or None,
        "hostname": record.get("hostname") or None,
        "severity": record.get("severity") or None,
        "tag": record.get("tag") or None,
        "ext": _rest(record),
    }


def _alert(report: str, record: Record) -> dict[str, Any]:
    asked = record.get("query") or record.get("http_host") or ""
    host = asked.rpartition(":")[0] if asked.rpartition(":")[2].isdigit() else asked
    path = record.get("http_url") or ""
    return {
        "src": record.get("src_ip"),
        "dst": record.get("dst_ip"),
        "sport": _port(record.get("src_port")),
        "dport": _port(record.get("dst_port")),
        "proto": protocol(record.get("protocol")),
        "signature": record.get("infection") or record.get("family") or report,
        "category": report,
        "severity": _SEVERITIES.get(record.get("severity", "").lower(), _SEVERITY),
        "engine": "shadowserver",
        "domain": canonical(host) if host else None,
        "url": f"http://{asked}{path}" if asked and path.startswith("/") else None,
        "ext": _rest(record),
    }


def _phish(report: str, record: Record) -> dict[str, Any]:
    url = record.get("url", "")
    return {
        "src": record.get("ip"),
        "value": url,
        "vtype": "url",
        "regdom": registered(host_of(url) or record.get("host", "")),
        "url": url or None,
        "feed": f"shadowserver {report}",
        "label": "phishing",
        "first_us": iso_us(record.get("timestamp")),
        "asn": number(record.get("asn")),
        "cc": record.get("geo") or None,
        "ext": _rest(record),
    }


def _blocked(report: str, record: Record) -> dict[str, Any]:
    return {
        "src": record.get("ip"),
        "value": record.get("ip", ""),
        "vtype": "ip",
        "feed": f"shadowserver {report}",
        "label": "unknown",
        "first_us": iso_us(record.get("timestamp")),
        "asn": number(record.get("asn")),
        "cc": record.get("geo") or None,
        "ext": _rest(record),
    }


def _port(text: str | None) -> int:
    value = number(text or None)
    return value if value is not None and 0 < value <= 65_535 else 0


def _rest(record: Record) -> dict[str, str]:
    return {name: value for name, value in record.items() if value and name not in _MAPPED}
