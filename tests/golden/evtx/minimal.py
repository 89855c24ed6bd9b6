"""Writes the fixture: a chunk with one event, written without templates, and a chunk that is none.

python tests/golden/evtx/minimal.py

After [MS-EVEN6] and the notes of libevtx ("Windows XML Event Log (EVTX) format").
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

TARGET = Path(__file__).parent / "minimal/in/sysmon.evtx.gz"
TIME = (1_700_000_000 + 11_644_473_600) * 10_000_000
SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event"
CHUNK, HEADER, RECORD = 65_536, 512, 24

Attributes = Sequence[tuple[str, str]]


def counted(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


class BinaryXml:
    """Elements one behind the other; a name stands where it is used first."""

    def __init__(self) -> None:
        self.data = bytearray(b"\x0f\x01\x01\x00")
        self._names: dict[str, int] = {}

    def name(self, text: str) -> None:
        known = self._names.get(text)
        if known is not None:
            self.data += struct.pack("<I", known)
            return
        at = HEADER + RECORD + len(self.data) + 4
        self._names[text] = at
        number = 0
        for char in text:
            number = (number * 65_599 + ord(char)) & 0xFFFFFFFF
        self.data += struct.pack("<IIH", at, 0, number & 0xFFFF) + counted(text) + b"\0\0"

    def element(
        self, name: str, content: str | Callable[[], None] | None, attributes: Attributes = ()
    ) -> None:
        self.data += b"\x41" if attributes else b"\x01"
        size = self.hole()
        self.name(name)
        if attributes:
            self.attributes(attributes)
        if content is None:
            self.data += b"\x03"
        else:
            self.data += b"\x02"
            if isinstance(content, str):
                self.data += b"\x05\x01" + counted(content)
            else:
                content()
            self.data += b"\x04"
        self.fill(size)

    def attributes(self, attributes: Attributes) -> None:
        size = self.hole()
        for place, (name, value) in enumerate(attributes):
            self.data += b"\x06" if place == len(attributes) - 1 else b"\x46"
            self.name(name)
            self.data += b"\x05\x01" + counted(value)
        self.fill(size)

    def hole(self) -> int:
        self.data += bytes(4)
        return len(self.data)

    def fill(self, start: int) -> None:
        struct.pack_into("<I", self.data, start - 4, len(self.data) - start)


def event() -> bytes:
    xml = BinaryXml()

    def system() -> None:
        xml.element("Provider", None, [("Name", "Microsoft-Windows-Sysmon")])
        xml.element("EventID", "1")
        xml.element("TimeCreated", None, [("SystemTime", "2023-11-14T22:13:20.500Z")])
        xml.element("EventRecordID", "7")
        xml.element("Channel", "Microsoft-Windows-Sysmon/Operational")
        xml.element("Computer", "pc")

    def data() -> None:
        values = {
            "Image": "C:\\a.exe",
            "CommandLine": "a -x",
            "ProcessId": "44",
            "ParentImage": "C:\\b.exe",
            "User": "CORP\\bob",
        }
        for name, value in values.items():
            xml.element("Data", value, [("Name", name)])

    def inside() -> None:
        xml.element("System", system)
        xml.element("EventData", data)

    xml.element("Event", inside, [("xmlns", SCHEMA)])
    return bytes(xml.data) + b"\0"


def chunk(body: bytes) -> bytes:
    size = (RECORD + len(body) + 4 + 7) // 8 * 8
    record = b"**\0\0" + struct.pack("<IQQ", size, 7, TIME)
    record += body.ljust(size - RECORD - 4, b"\0") + struct.pack("<I", size)
    head = bytearray(HEADER)
    head[:8] = b"ElfChnk\0"
    struct.pack_into("<QQQQIII", head, 8, 1, 1, 7, 7, 128, HEADER, HEADER + size)
    struct.pack_into("<I", head, 52, zlib.crc32(record))
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120] + head[128:])))
    return (bytes(head) + record).ljust(CHUNK, b"\0")


def header(chunks: int) -> bytes:
    head = bytearray(4096)
    head[:8] = b"ElfFile\0"
    struct.pack_into("<QQQIHHHH", head, 8, 0, chunks - 1, 8, 128, 1, 3, 4096, chunks)
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120])))
    return bytes(head)


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(gzip.compress(header(2) + chunk(event()) + b"\xff" * CHUNK, mtime=0))
