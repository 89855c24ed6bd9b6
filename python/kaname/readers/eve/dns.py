"""Suricata's DNS events, versions 1 to 3, query and answer joined into one row.

Version 1 (Suricata 3) has one event per answer record, version 2 one per answer with all
records, version 3 (Suricata 8) calls them request and response and lists the queries. A
query waits for its answer, matched by flow, message id, name and type; when it does not
come it is a row of its own.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Any

from kaname._native import dns_class, dns_rcode, dns_type
from kaname.readers.document import Document
from kaname.readers.domains import canonical, registered

__all__ = ["Exchanges"]

Row = dict[str, Any]
Key = tuple[Any, ...]

WAITING = 65_536
_PATIENCE_US = 30_000_000
_FLAGS = {"qr": 0x8000, "aa": 0x0400, "tc": 0x0200, "rd": 0x0100, "ra": 0x0080, "z": 0x0040}


class Exchanges:
    """Queries that wait for their answers, the oldest first where several are alike."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, tuple[Key, Row]] = OrderedDict()
        self._alike: dict[Key, deque[int]] = {}
        self._numbers = itertools.count()

    def push(self, event: Document, ts: int, offset: int) -> Iterator[Row]:
        """The rows that are complete with this event: none, one, or an old one besides."""
        row, key, answered = _read(event, ts, offset)
        if not answered:
            yield from self._wait(key, row)
            return
        query = self._match(key)
        if query is None:
            yield row
        elif 0 <= ts - query["ts"] <= _PATIENCE_US:
            yield _joined(query, row)
        else:
            yield from (query, row)

    def rest(self) -> Iterator[Row]:
        """Queries without an answer."""
        for _, row in self._waiting.values():
            yield row
        self._waiting.clear()
        self._alike.clear()

    def _wait(self, key: Key, row: Row) -> Iterator[Row]:
        number = next(self._numbers)
        self._waiting[number] = (key, row)
        self._alike.setdefault(key, deque()).append(number)
        if len(self._waiting) > WAITING:
            oldest, _ = next(iter(self._waiting.values()))
            given_up = self._match(oldest)
            if given_up is not None:
                yield given_up

    def _match(self, key: Key) -> Row | None:
        """The oldest query that waits under ``key``; it waits no longer."""
        numbers = self._alike.get(key)
        if not numbers:
            return None
        _, row = self._waiting.pop(numbers.popleft())
        if not numbers:
            del self._alike[key]
        return row


def _joined(query: Row, answer: Row) -> Row:
    told = {name: answer[name] for name in _OF_ANSWER}
    rtt = answer["ts"] - query["ts"]
    return query | told | {"state": "both", "rtt_us": rtt}


_OF_ANSWER = (
    "rcode", "head_bits", "an_count", "answers", "answer_types", "min_ttl", "ext",
)  # fmt: skip


def _read(event: Document, ts: int, offset: int) -> tuple[Row, Key, bool]:
    answered = event.text("dns.type") in {"answer", "response"}
    name, kind, rrclass = _question(event)
    number = event.number("dns.id") or 0
    flow = event.look("flow_id")
    event.drop("dns.version", "dns.rrname", "dns.rrtype", "dns.grouped")
    for grouped in [name for name in event.rest() if name.startswith("dns.grouped.")]:
        event.drop(grouped)
    ends = _ends(event, answered=answered)
    qname = canonical(name)
    row: Row = {
        "ts": ts,
        "row_in_src": offset,
        **ends,
        "transport": (event.text("proto") or "unknown").lower(),
        "dns_id": number,
        "qname": qname,
        "regdom": registered(qname) if qname else None,
        "qtype": dns_type(kind) or 0,
        "qclass": dns_class(rrclass) or 1,
        "opcode": event.number("dns.opcode") or 0,
        "state": "response" if answered else "query",
        "rtt_us": None,
        **_answer(event, answered=answered),
    }
    event.drop("dns.rcode", "dns.flags", "dns.tx_id")
    row["ext"] = event.rest()
    return row, (flow, number, qname, row["qtype"]), answered


def _question(event: Document) -> tuple[str, str, str]:
    """Name, type and class that are asked for."""
    queries = event.take("dns.queries")
    if isinstance(queries, list) and queries and isinstance(queries[0], dict):
        first = queries[0]
        return str(first.get("rrname", "")), str(first.get("rrtype", "")), "IN"
    return event.text("dns.rrname") or "", event.text("dns.rrtype") or "", "IN"


def _ends(event: Document, *, answered: bool) -> Row:
    """The client is source: an answer logged from the server's side is turned round."""
    src, dst = event.text("src_ip"), event.text("dest_ip")
    sport, dport = event.number("src_port") or 0, event.number("dest_port") or 0
    if answered and sport == 53 and dport != 53:
        src, dst, sport, dport = dst, src, dport, sport
    return {"src": src, "dst": dst, "sport": sport, "dport": dport}


def _answer(event: Document, *, answered: bool) -> Row:
    if not answered:
        return dict.fromkeys(_OF_ANSWER[:-1], None) | {"head_bits": _head_bits(event, 0)}
    rcode = dns_rcode(str(event.look("dns.rcode") or "NOERROR"))
    records = _records(event)
    return {
        "rcode": rcode,
        "head_bits": _head_bits(event, rcode or 0),
        "an_count": len(records),
        "answers": [str(one.get("rdata", "")) for one in records],
        "answer_types": [str(one.get("rrtype", "")) for one in records],
        "min_ttl": min((int(one["ttl"]) for one in records if _is_ttl(one)), default=None),
    }


def _is_ttl(record: Row) -> bool:
    return isinstance(record.get("ttl"), int)


def _records(event: Document) -> list[Row]:
    listed = event.take("dns.answers")
    if isinstance(listed, list):
        return [one for one in listed if isinstance(one, dict)]
    data, ttl = event.text("dns.rdata"), event.take("dns.ttl")
    if data is None:
        return []
    return [{"rdata": data, "ttl": ttl, "rrtype": event.look("dns.rrtype") or ""}]


def _head_bits(event: Document, rcode: int) -> int:
    """The flags word: as it is written, or put together from the single flags."""
    written = event.look("dns.flags")
    singles = sum(bit for name, bit in _FLAGS.items() if event.take(f"dns.{name}") is True)
    if isinstance(written, str):
        try:
            return int(written, 16) & 0xFFFF
        except ValueError:
            pass
    return singles | (rcode & 15)
