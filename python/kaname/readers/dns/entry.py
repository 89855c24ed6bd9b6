"""What one line of a query log says, and the row that it becomes."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from kaname._native import dns_class, dns_type
from kaname.readers.domains import canonical, registered

__all__ = ["CD", "RD", "Entry", "number_of_class", "number_of_type"]

RD = 0x0100
CD = 0x0010


@dataclass(slots=True)
class Entry:
    """A query or a response, as a log tells of it; what it does not tell is left.

    ``key`` is what a response has in common with its query; None when nothing joins them.
    ``grows``: later lines may add to it.
    ``ts`` is microseconds UTC, ``rtt_us`` microseconds, lengths are bytes.
    """

    ts: int
    client: str
    name: str
    qtype: int
    key: Hashable = None
    response: bool = False
    qclass: int = 1
    client_port: int = 0
    server: str | None = None
    server_port: int = 0
    transport: str = "unknown"
    dns_id: int = 0
    opcode: int = 0
    bits: int = 0
    edns_do: bool = False
    ecs: str | None = None
    rcode: int | None = None
    rtt_us: int | None = None
    counts: tuple[int | None, int | None, int | None] = (None, None, None)
    answers: list[str] | None = None
    answer_types: list[str] | None = None
    min_ttl: int | None = None
    req_len: int | None = None
    res_len: int | None = None
    ext: dict[str, Any] = field(default_factory=dict)
    offset: int = 0
    state: str = ""
    grows: bool = False

    def answered_by(self, other: Entry) -> None:
        """Take over what a response adds to this query."""
        self.state = "both"
        waited = max(0, other.ts - self.ts)
        self.rtt_us = waited if other.rtt_us is None else other.rtt_us
        self.rcode, self.counts = other.rcode, other.counts
        self.answers, self.answer_types = other.answers, other.answer_types
        self.min_ttl, self.res_len = other.min_ttl, other.res_len
        self.bits = other.bits or self.bits
        self.server = self.server or other.server
        self.server_port = self.server_port or other.server_port
        if self.transport == "unknown":
            self.transport = other.transport
        self.ext.update(other.ext)

    def columns(self) -> dict[str, Any]:
        """The row, by columns of the table ``dns`` (see `kaname.readers.rows`)."""
        name = canonical(self.name)
        return {
            "src": self.client,
            "dst": self.server,
            "sport": self.client_port,
            "dport": self.server_port,
            "transport": self.transport,
            "dns_id": self.dns_id,
            "qname": name,
            "regdom": registered(name),
            "qtype": self.qtype,
            "qclass": self.qclass,
            "rcode": self.rcode,
            "state": self.state,
            "rtt_us": self.rtt_us,
            "opcode": self.opcode,
            "head_bits": self.bits,
            "edns_do": self.edns_do,
            "ecs": self.ecs,
            "an_count": self.counts[0],
            "ns_count": self.counts[1],
            "ar_count": self.counts[2],
            "answers": self.answers,
            "answer_types": self.answer_types,
            "min_ttl": self.min_ttl,
            "req_len": self.req_len,
            "res_len": self.res_len,
            "ext": self.ext or None,
        }


@functools.lru_cache(maxsize=4096)
def number_of_type(name: str) -> int | None:
    """The number of a type by its name, or of ``TYPE123``; None when there is none."""
    return dns_type(name)


@functools.lru_cache(maxsize=4096)
def number_of_class(name: str) -> int | None:
    """The number of a class by its name, or of ``CLASS123``; None when there is none."""
    return dns_class(name)
