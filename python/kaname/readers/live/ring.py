"""A capture ring of Linux on one interface (``AF_PACKET``, ``TPACKET_V3``).

The kernel writes packets into memory that this process sees; full blocks, and those that
have waited long enough, are handed to the native core, which checks everything that they
say of themselves. Nothing is copied per packet, and no program stands in between. What the
kernel had no room for it counts exactly, and `Ring.drops` gives that count.

See packet(7), and Documentation/networking/packet_mmap.rst of Linux.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import select
import socket
import struct
import time
from collections.abc import Iterator

from kaname.model.errors import UnavailableError, UsageError

__all__ = ["Ring"]

_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _IGNORE_OUTGOING = 1, 5, 6, 10, 23
_TPACKET_V3 = 2
_PROMISCUOUS = 1
_ETH_P_ALL = 0x0003
_STATUS_AT = 8  # of a block
_TO_USER = 1
_BLOCK = 1 << 20
_FRAME = 1 << 11  # what a packet may take at least; longer ones take several
_RETIRE_MS = 50
_SIOCGIFHWADDR = 0x8927
# ARPHRD of <linux/if_arp.h> to a link type of tcpdump.org/linktypes.html
_LINKS = {1: 1, 772: 1, 65534: 101, 768: 101, 776: 101, 778: 101}


class Ring:
    """The packets that reach an interface; used by one thread.

    Raises:
        UnavailableError: there is no such interface, or it may not be captured from.
        UsageError: its link layer cannot be read.
    """

    def __init__(self, interface: str, *, mebibytes: int = 64, promiscuous: bool = True) -> None:
        self.interface = interface
        self.link = _link_type(interface)
        self.drops = 0
        self.freezes = 0  # how often the ring was full
        self.faults = 0  # how often the interface was down or gone
        self._blocks = max(2, mebibytes)
        self._next = 0
        self._socket = _opened(interface)
        try:
            self._memory = self._set_up(promiscuous=promiscuous)
        except OSError as error:
            self._socket.close()
            raise _refused(interface, error) from None
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN | select.POLLERR)

    def wait(self, seconds: float) -> bool:
        """Wait for a block; False when none came, or the interface is down."""
        if self._is_ready():
            return True
        events = self._poll.poll(seconds * 1000)
        if any(event & select.POLLERR for _, event in events):
            self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # clears it
            self.faults += 1
            time.sleep(seconds)  # one that is gone says so without end
            return False
        return self._is_ready()

    def blocks(self) -> Iterator[memoryview]:
        """Blocks that are full; each is given back to the kernel when the next is asked for."""
        while self._is_ready():
            start = self._next * _BLOCK
            block = memoryview(self._memory)[start : start + _BLOCK]
            try:
                yield block
            finally:
                block.release()
                struct.pack_into("=I", self._memory, start + _STATUS_AT, 0)
                self._next = (self._next + 1) % self._blocks

    def count_drops(self) -> int:
        """Packets that the kernel dropped so far, because the ring was full."""
        told = self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 12)  # reading sets them to 0
        _, drops, freezes = struct.unpack("=III", told)
        self.drops += drops
        self.freezes += freezes
        return self.drops

    def pause(self) -> None:
        """Take no more packets; those in the ring can still be read."""
        with contextlib.suppress(OSError):
            self._socket.bind((self.interface, 0))

    def close(self) -> None:
        """Give the memory and the socket back."""
        with contextlib.suppress(BufferError, ValueError):
            self._memory.close()
        self._socket.close()

    def _is_ready(self) -> bool:
        (status,) = struct.unpack_from("=I", self._memory, self._next * _BLOCK + _STATUS_AT)
        return bool(status & _TO_USER)

    def _set_up(self, *, promiscuous: bool) -> mmap.mmap:
        sock = self._socket
        sock.setsockopt(_SOL_PACKET, _VERSION, struct.pack("=I", _TPACKET_V3))
        with contextlib.suppress(OSError):  # Linux before 4.20 shows what is sent as well
            sock.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, struct.pack("=I", 1))
        frames = self._blocks * (_BLOCK // _FRAME)
        wanted = struct.pack("=7I", _BLOCK, self._blocks, _FRAME, frames, _RETIRE_MS, 0, 0)
        sock.setsockopt(_SOL_PACKET, _RX_RING, wanted)
        memory = mmap.mmap(sock.fileno(), self._blocks * _BLOCK)
        if promiscuous:
            index = socket.if_nametoindex(self.interface)
            request = struct.pack("=iHH8s", index, _PROMISCUOUS, 0, b"")
            sock.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, request)
        # Bound last: no packet is lost between the socket and the ring.
        sock.bind((self.interface, _ETH_P_ALL))
        return memory


def _opened(interface: str) -> socket.socket:
    family = getattr(socket, "AF_PACKET", None)
    if family is None:
        raise UnavailableError("readers.error.capture_system")
    try:
        return socket.socket(family, socket.SOCK_RAW, 0)
    except OSError as error:
        raise _refused(interface, error) from None


def _refused(interface: str, error: OSError) -> UnavailableError:
    if error.errno in {errno.EPERM, errno.EACCES}:
        return UnavailableError("readers.error.capture_permission", interface=interface)
    reason = error.strerror or str(error)
    return UnavailableError("readers.error.capture", interface=interface, reason=reason)


def _link_type(interface: str) -> int:
    known = [name for _, name in socket.if_nameindex()]
    if interface not in known:
        raise UnavailableError(
            "readers.error.no_interface", interface=interface, known=", ".join(known)
        )
    kind = _hardware(interface)
    if kind not in _LINKS:
        raise UsageError("readers.error.capture_link", interface=interface, found=kind)
    return _LINKS[kind]


def _hardware(interface: str) -> int:
    """The ARPHRD number of an interface; netdevice(7)."""
    import fcntl

    asked = struct.pack("256s", interface.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            told = fcntl.ioctl(any_socket.fileno(), _SIOCGIFHWADDR, asked)
        except OSError as error:
            raise _refused(interface, error) from None
    return int(struct.unpack_from("=H", told, 16)[0])
