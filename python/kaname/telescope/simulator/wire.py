"""Rows to frames, and frames to the records of a capture file; all in numpy.

Headers: Ethernet II, IEEE 802.1Q, RFC 791, 8200, 9293, 768, 792, 826. Checksums are right,
as they are on a real wire.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.records import Layout, Packets

__all__ = ["FILE_HEADER", "PAYLOADS", "records"]

Bytes = NDArray[np.uint8]

# pcap, little-endian, microseconds, version 2.4, snap length 262,144, Ethernet
FILE_HEADER = bytes.fromhex("d4c3b2a1 02000400 00000000 00000000 00000400 01000000")

PAYLOADS: tuple[bytes, ...] = (
    b"",
    bytes.fromhex("1234010000010000000000000765") + b"xample\x03com\x00\x00\x01\x00\x01",  # DNS
    b"\x17\x00\x03\x2a" + bytes(4),  # NTP monlist request
    b'M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\nMAN:"ssdp:discover"\r\n\r\n',
    b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/UDP nm\r\n\r\n",
    bytes.fromhex("000000000001000073746174730d0a"),  # memcached stats
    b"d1:ad2:id20:kaname-peer-id-00001e1:q4:ping1:t2:aa1:y1:qe",  # BitTorrent DHT ping
    bytes.fromhex("302602010104067075626c6963a019"),  # SNMP get
    bytes.fromhex("1234818000010001000000000765") + b"xample\x03com\x00\x00\x01\x00\x01",  # answer
    b"\x24\x02\x06\xe8" + bytes(44),  # NTP answer of a server
    bytes.fromhex("3084000000380201076381"),  # LDAP search
    b"kaname echo data 0123456789abcdef",
    b"<30>Jan  1 00:00:00 host app: message",  # syslog
    b"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n",  # answer to M-SEARCH
    bytes.fromhex("302902010104067075626c6963a21c"),  # SNMP response
    bytes.fromhex("3084000000380201076484"),  # LDAP result entry
)

_OPTIONS: dict[int, bytes] = {
    Layout.TCP: b"",
    Layout.TCP_MSS: bytes.fromhex("02040000"),
    Layout.TCP_WINDOWS: bytes.fromhex("020400000103030801010402"),
    Layout.TCP_LINUX: bytes.fromhex("020400000402080a000000000000000001030307"),
    Layout.TCP_BSD: bytes.fromhex("02040000 01030306 0101 080a0000000000000000 04020000"),
    Layout.TCP_VLAN: b"",
    Layout.TCP_V6: b"",
    Layout.TCP_CUT: b"",
}
_STAMP_AT = {Layout.TCP_LINUX: 8, Layout.TCP_BSD: 12}  # in the options
_CUT = 12  # octets that a short snap length leaves out: ports and sequence number remain
_MACS = bytes.fromhex("020000000001020000000002")


def records(packets: Packets) -> bytes:
    """The capture records of ``packets``, in their order."""
    kinds = packets["layout"].astype(np.int64) << 8 | packets["payload"]
    frames: list[tuple[NDArray[np.int64], Bytes]] = []
    lengths = np.zeros(len(packets), np.int64)
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        built = _frames(packets[rows], int(kind) >> 8, PAYLOADS[int(kind) & 255])
        frames.append((rows, built))
        lengths[rows] = built.shape[1]
    starts = np.concatenate([[0], np.cumsum(lengths + 16)])
    out = np.zeros(int(starts[-1]), np.uint8)
    for rows, built in frames:
        cut = _CUT if kind >> 8 == Layout.TCP_CUT else 0
        heads = _heads(packets["ts"][rows], built.shape[1], cut)
        record = np.concatenate([heads, built], axis=1)
        out[starts[rows][:, None] + np.arange(record.shape[1])] = record
    return out.tobytes()


def _heads(ts: NDArray[np.int64], length: int, cut: int) -> Bytes:
    """Heads of records that hold ``length`` octets; the wire had ``cut`` more."""
    head = np.empty((len(ts), 4), "<u4")
    head[:, 0], head[:, 1] = ts // 1_000_000, ts % 1_000_000
    head[:, 2], head[:, 3] = length, length + cut
    return head.view(np.uint8)


def _frames(rows: Packets, layout: int, payload: bytes) -> Bytes:
    if layout == Layout.ARP:
        return _same(rows, _MACS + bytes.fromhex("0806000108000604000102000000") + bytes(14))
    if layout == Layout.TCP_V6:
        return _ethernet(0x86DD, _v6(rows, _tcp(rows, layout)))
    if layout == Layout.TCP_VLAN:
        tag = _same(rows, bytes.fromhex("00640800"))
        return _ethernet(0x8100, np.concatenate([tag, _v4(rows, 6, _tcp(rows, layout))], axis=1))
    if layout == Layout.TCP_CUT:
        return _ethernet(0x0800, _v4(rows, 6, _tcp(rows, layout))[:, :-_CUT])
    if layout == Layout.BROKEN:
        return _ethernet(0x0800, _v4(rows, 6, _tcp(rows, Layout.TCP))[:, :17])
    if layout == Layout.FRAGMENT:
        return _ethernet(0x0800, _v4(rows, 17, _same(rows, bytes(24)), fragment=0x2001))
    proto, body = _transport(rows, layout, payload)
    return _ethernet(0x0800, _v4(rows, proto, body))


def _transport(rows: Packets, layout: int, payload: bytes) -> tuple[int, Bytes]:
    if layout == Layout.UDP:
        return 17, _udp(rows, payload)
    if layout == Layout.ICMP:
        return 1, _icmp(rows, _same(rows, payload))
    if layout == Layout.ICMP_ERROR:
        return 1, _icmp(rows, _inner(rows))
    return 6, _tcp(rows, layout)


def _same(rows: Packets, data: bytes) -> Bytes:
    return np.tile(np.frombuffer(data, np.uint8), (len(rows), 1))


def _put(frame: Bytes, at: int, values: NDArray[np.generic], width: int) -> None:
    """Write ``values`` big-endian into ``width`` bytes of every row, from column ``at``."""
    wide = np.ascontiguousarray(values.astype(f">u{width}"))
    frame[:, at : at + width] = wide.view(np.uint8).reshape(len(values), width)


def _ethernet(kind: int, body: Bytes) -> Bytes:
    head = np.tile(np.frombuffer(_MACS + kind.to_bytes(2, "big"), np.uint8), (len(body), 1))
    return np.concatenate([head, body], axis=1)


def _v4(rows: Packets, proto: int, body: Bytes, *, fragment: int = 0) -> Bytes:
    head = np.zeros((len(rows), 20), np.uint8)
    head[:, 0], head[:, 9] = 0x45, proto
    _put(head, 2, np.full(len(rows), 20 + body.shape[1]), 2)
    _put(head, 4, rows["ip_id"], 2)
    _put(head, 6, rows["df"].astype(np.uint16) * 0x4000 | fragment, 2)
    head[:, 8] = rows["ttl"]
    _put(head, 12, rows["src"], 4)
    _put(head, 16, rows["dst"], 4)
    _put(head, 10, _checksum(head), 2)
    if not fragment and proto in (6, 17):
        pseudo = np.concatenate([head[:, 12:20], _length(proto, body)], axis=1)
        _put(body, 16 if proto == 6 else 6, _checksum(np.concatenate([pseudo, body], axis=1)), 2)
    return np.concatenate([head, body], axis=1)


def _v6(rows: Packets, body: Bytes) -> Bytes:
    head = np.zeros((len(rows), 40), np.uint8)
    head[:, 0], head[:, 6], head[:, 7] = 0x60, 6, rows["ttl"]
    _put(head, 4, np.full(len(rows), body.shape[1]), 2)
    for at, last in ((8, rows["src"]), (24, rows["dst"])):
        head[:, at : at + 4] = np.frombuffer(bytes.fromhex("20010db8"), np.uint8)
        _put(head, at + 12, last, 4)
    pseudo = np.concatenate([head[:, 8:40], _length(6, body)], axis=1)
    _put(body, 16, _checksum(np.concatenate([pseudo, body], axis=1)), 2)
    return np.concatenate([head, body], axis=1)


def _length(proto: int, body: Bytes) -> Bytes:
    tail = np.zeros((len(body), 4), np.uint8)
    tail[:, 1] = proto
    _put(tail, 2, np.full(len(body), body.shape[1]), 2)
    return tail


def _checksum(data: Bytes) -> NDArray[np.int64]:
    """The Internet checksum (RFC 1071) of every row."""
    if data.shape[1] % 2:
        data = np.concatenate([data, np.zeros((len(data), 1), np.uint8)], axis=1)
    total = np.ascontiguousarray(data).view(">u2").sum(axis=1, dtype=np.int64)
    for _ in range(2):
        total = (total & 0xFFFF) + (total >> 16)
    folded: NDArray[np.int64] = ~total & 0xFFFF
    return folded


def _tcp(rows: Packets, layout: int) -> Bytes:
    options = _OPTIONS[layout]
    body = np.zeros((len(rows), 20 + len(options)), np.uint8)
    for name, at, width in (("sport", 0, 2), ("dport", 2, 2), ("seq", 4, 4), ("ack", 8, 4)):
        _put(body, at, rows[name], width)
    body[:, 12] = (20 + len(options)) << 2
    body[:, 13] = rows["flags"]
    _put(body, 14, rows["win"], 2)
    if options:
        body[:, 20:] = np.frombuffer(options, np.uint8)
        _put(body, 22, rows["mss"], 2)
    if layout in _STAMP_AT:
        _put(body, 20 + _STAMP_AT[layout], rows["stamp"], 4)
    return body


def _udp(rows: Packets, payload: bytes) -> Bytes:
    body = np.concatenate([np.zeros((len(rows), 8), np.uint8), _same(rows, payload)], axis=1)
    _put(body, 0, rows["sport"], 2)
    _put(body, 2, rows["dport"], 2)
    _put(body, 4, np.full(len(rows), body.shape[1]), 2)
    return body


def _icmp(rows: Packets, data: Bytes) -> Bytes:
    body = np.concatenate([np.zeros((len(rows), 8), np.uint8), data], axis=1)
    body[:, 0], body[:, 1] = rows["sport"], rows["dport"]
    _put(body, 2, _checksum(body), 2)
    return body


def _inner(rows: Packets) -> Bytes:
    """What an ICMP error quotes: the forged packet, from the telescope to the victim."""
    quoted = rows.copy()
    quoted["src"], quoted["dst"] = rows["dst"], rows["victim"]
    quoted["sport"], quoted["dport"] = rows["win"], rows["mss"]  # spare fields hold the ports
    head = np.zeros((len(rows), 8), np.uint8)
    _put(head, 0, quoted["sport"], 2)
    _put(head, 2, quoted["dport"], 2)
    _put(head, 4, np.full(len(rows), 8), 2)
    return _v4(quoted, 17, head)
