"""Heavy hitters as the text AGURI-2.0, which agurim's own programs read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from kaname.traffic.aggregates import Aggregate, Bin, Part

__all__ = ["text"]

_RATES = ((1e9, "Gbps"), (1e6, "Mbps"), (1e3, "Kbps"), (1.0, "bps"))


def text(found: Bin, threshold: int) -> str:
    """One bin, as agurim writes it for addresses (`src/agurim_plot.c`); times are UTC."""
    return "\n".join([*_preamble(found, threshold), *_body(found), ""])


def _preamble(found: Bin, threshold: int) -> Iterator[str]:
    seconds = (found.end - found.start) / 1e6
    bits = found.octets * 8 / seconds
    unit, word = next(((u, w) for u, w in _RATES if bits > u), _RATES[-1])
    yield ""
    yield "%!AGURI-2.0"
    for name, instant in (("StartTime", found.start), ("EndTime", found.end)):
        at = datetime.fromtimestamp(instant / 1e6, UTC)
        yield f"%%{name}: {at:%a %b %d %H:%M:%S %Y} ({at:%Y/%m/%d %H:%M:%S})"
    yield f"%AvgRate: {bits / unit:.2f}{word} {found.packets / seconds:.2f}pps"
    yield f"%total: {found.octets} bytes  {found.packets} packets"
    yield (
        "% criteria: combination "
        f"(threshold {threshold}% for addresses, {4 * threshold}% for protocol)"
    )
    yield f"%input odflows: {found.pairs}"
    yield ""


def _body(found: Bin) -> Iterator[str]:
    for rank, one in enumerate(found.aggregates, 1):
        part = one.part
        octets = f"{part.octets} ({100 * one.octets_share:.2f}%)"
        packets = f"{part.packets} ({100 * one.packets_share:.2f}%)"
        any_ = "*" if part.family == 4 else "*::"
        ends = " ".join(any_ if end == "*" else end for end in (part.source, part.destination))
        yield f"[{rank:2}] {ends}: {octets}\t{packets}"
        yield "\t" + (" ".join(_services(one)) or "[*:*:*] 100.00% 100.00%")


def _services(one: Aggregate) -> Iterator[str]:
    for part in one.parts:
        octets = 100 * part.octets / max(1, one.part.octets)
        packets = 100 * part.packets / max(1, one.part.packets)
        yield f"[{_service(part)}] {octets:.2f}% {packets:.2f}%"


def _service(part: Part) -> str:
    ports = ("*" if port is None else str(port) for port in (part.sport, part.dport))
    return ":".join((str(part.proto), *ports))
