"""Feeds as CSV: PhishTank, abuse.ch (URLhaus, Feodo, ThreatFox, MalwareBazaar, SSLBL), others.

A form is known by the names in its header; where a publisher comments the header out, the
names are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kaname.readers.feeds.entries import Entry, of_value
from kaname.readers.feeds.naming import label_of
from kaname.readers.fields import number
from kaname.readers.moments import iso_us

__all__ = ["Form", "form_of", "is_form"]

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A publisher's form: its name, None when the source is to name itself, and its entries."""

    feed: str | None
    columns: frozenset[str]
    entry: Callable[[Record], Entry | None]


def _phishtank(record: Record) -> Entry | None:
    entry = of_value(record["url"], label="phishing")
    if entry is None:
        return None
    entry.first_us = iso_us(record.get("submission_time"))
    entry.last_us = iso_us(record.get("verification_time"))
    entry.target = record.get("target") or None
    entry.status = {"yes": "online", "no": "offline"}.get(record.get("online", ""))
    entry.ext = {"id": record.get("phish_id"), "verified": record.get("verified")}
    return entry


def _urlhaus(record: Record) -> Entry | None:
    entry = of_value(record["url"], label="malware")
    if entry is None:
        return None
    entry.first_us = iso_us(record.get("dateadded"))
    entry.last_us = iso_us(record.get("last_online"))
    entry.status = record.get("url_status") or None
    entry.ext = {name: record.get(name) for name in ("id", "threat", "tags", "reporter")}
    return entry


def _feodo(record: Record) -> Entry | None:
    entry = of_value(record.get("dst_ip") or record.get("dstip", ""), label="c2")
    if entry is None:
        return None
    entry.first_us = iso_us(record.get("first_seen_utc") or record.get("firstseen"))
    entry.last_us = iso_us(record.get("last_online"))
    entry.status = record.get("c2_status") or None
    port = record.get("dst_port") or record.get("dstport")
    entry.ext = {"port": number(port or None), "malware": record.get("malware")}
    return entry


def _threatfox(record: Record) -> Entry | None:
    kind = record.get("threat_type", "")
    label = "c2" if kind == "botnet_cc" else "malware"
    entry = of_value(record["ioc_value"], label=label)
    if entry is None:
        return None
    entry.first_us = iso_us(record.get("first_seen_utc"))
    entry.last_us = iso_us(record.get("last_seen_utc"))
    entry.confidence = number(record.get("confidence_level") or None)
    names = ("ioc_id", "ioc_type", "malware_printable", "tags", "reporter")
    entry.ext = {**entry.ext, "threat": kind, **{name: record.get(name) for name in names}}
    return entry


def _bazaar(record: Record) -> Entry | None:
    entry = of_value(record["sha256_hash"], label="malware")
    if entry is None:
        return None
    entry.first_us = iso_us(record.get("first_seen_utc"))
    names = ("md5_hash", "sha1_hash", "file_name", "file_type_guess", "signature", "imphash")
    entry.ext = {name: record.get(name) for name in names if record.get(name) != "n/a"}
    return entry


def _sslbl(record: Record) -> Entry | None:
    entry = of_value(record["sha1"], label="c2")
    if entry is None:
        return None
    entry.first_us = iso_us(record.get("listingdate"))
    entry.ext = {"reason": record.get("listingreason")}
    return entry


_VALUES = (
    "indicator",
    "ioc",
    "value",
    "url",
    "domain",
    "fqdn",
    "hostname",
    "ip",
    "address",
    "cidr",
)
_HASHES = ("sha256", "sha1", "md5")
_FIRST, _LAST = ("first_seen", "firstseen", "date", "added"), ("last_seen", "lastseen", "updated")


def _generic(record: Record) -> Entry | None:
    """A table with a column that names what it is of."""
    name = next((name for name in (*_VALUES, *_HASHES) if record.get(name)), None)
    entry = of_value(record[name]) if name else None
    if entry is None:
        return None
    said = " ".join(record.get(each, "") for each in ("label", "type", "category", "threat"))
    entry.label = label_of(said)
    entry.first_us = next((us for each in _FIRST if (us := iso_us(record.get(each)))), None)
    entry.last_us = next((us for each in _LAST if (us := iso_us(record.get(each)))), None)
    entry.confidence = number(record.get("confidence") or None)
    entry.ext = {key: value for key, value in record.items() if key != name}
    return entry


_FORMS = (
    Form("phishtank", frozenset({"phish_id", "url", "submission_time"}), _phishtank),
    Form("urlhaus", frozenset({"dateadded", "url", "url_status"}), _urlhaus),
    Form("feodo", frozenset({"first_seen_utc", "dst_ip", "dst_port"}), _feodo),
    Form("sslbl", frozenset({"firstseen", "dstip", "dstport"}), _feodo),
    Form("threatfox", frozenset({"ioc_value", "ioc_type"}), _threatfox),
    Form("malwarebazaar", frozenset({"first_seen_utc", "sha256_hash"}), _bazaar),
    Form("sslbl", frozenset({"listingdate", "sha1"}), _sslbl),
)
_GENERIC = Form(None, frozenset(), _generic)
_MOST_COLUMNS = 40


def form_of(names: Sequence[str]) -> Form | None:
    """The form whose columns are all there; else a table that names what it is of."""
    columns = set(names)
    known = next((form for form in _FORMS if form.columns <= columns), None)
    if known is not None:
        return known
    plain = 2 <= len(names) <= _MOST_COLUMNS and len(columns) == len(names)
    named = columns & {*_VALUES, *_HASHES} and "timestamp" not in columns
    return _GENERIC if plain and named and all(names) else None


def is_form(names: Sequence[str]) -> bool:
    """Whether `form_of` knows it."""
    return form_of(names) is not None
