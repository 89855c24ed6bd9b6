"""Types of `kaname._native` for packets that do not end; no module of this name is run."""

from collections.abc import Sequence
from typing import TypedDict, final

from kaname._native import Account, ArrowBatch

class Moment(TypedDict):
    """Columns of `kaname.readers.live.tap.PacketBlock`."""

    base_us: int
    count: int
    stands_for: int
    src: bytes
    dst: bytes
    sport: bytes
    dport: bytes
    after_us: bytes
    ptype: bytes
    marks: bytes

@final
class PacketStream:
    """Packets that do not end: blocks of a capture ring, or files of a rotating writer.

    ``evidence`` is how many packets of each source and type of a minute are kept as rows of
    ``packets``.
    """

    def __new__(cls, *, evidence: int = 0) -> PacketStream: ...
    def monitor(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Count only packets to these ranges (first and last, IPv4 mapped); empty: all."""

    def block(self, block: bytes | memoryview, link: int) -> int:
        """Take a full block of a TPACKET_V3 ring; how many frames it held.

        Raises:
            NativeError: "ring_block": its offsets lead out of it; what was in front counts.
        """

    def push(self, data: bytes) -> None:
        """Take the next bytes of a file.

        Raises:
            NativeError: "empty", "magic" or "short_header": this is not a capture.
        """

    def next_file(self) -> None:
        """Say that the file has ended. Raises: as `push`."""

    def close_before(self, ts_us: int) -> None: ...
    def close(self) -> None: ...
    @property
    def waiting(self) -> int: ...
    @property
    def open(self) -> int: ...
    @property
    def off_target(self) -> int: ...
    def take(
        self, *, sensor: str, kind: str, tlp: str, batch: int, rows: int
    ) -> Sequence[tuple[str, ArrowBatch]]: ...
    def follow(self, followed: bool) -> None: ...
    def moment(self) -> Moment | None: ...
    def report(self) -> Account: ...
    def snapshot(self) -> bytes | None:
        """The state; None inside a compressed file. Closed minutes must be taken before."""

    def restore(self, snapshot: bytes, *, evidence: int = 0) -> None:
        """Go on where the snapshot was taken.

        Raises:
            NativeError: "snapshot": it is none of this version.
        """

def capture_begin(head: bytes) -> int | None:
    """When the first packet of a capture that begins with ``head`` was caught."""
