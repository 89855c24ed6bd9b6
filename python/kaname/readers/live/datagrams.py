"""Datagrams of one UDP socket: one thread takes them in, another works on them.

While the work lasts (a commit takes its time) datagrams wait here, up to a limit of
memory. What is lost on the way is counted where it can be: by the kernel when its buffer
of the socket was full (``lost_kernel``), here when the limit was reached
(``lost_queue``).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import deque

from kaname.model.errors import UnavailableError
from kaname.model.instant import now_us
from kaname.readers.columns import address_words
from kaname.readers.listening import Datagram, DatagramDecoder
from kaname.readers.live.place import Place

__all__ = ["DatagramInlet"]

BUFFER = 4 << 20  # asked of the kernel; it gives what net.core.rmem_max allows
WAITING = 64 << 20
AT_ONCE = 4096
_LARGEST = 65_535
_SO_MEMINFO, _DROPS = 55, 8  # Linux: nine counters of the socket, the last is of drops


class DatagramInlet:
    """See the module. `pump` gives what has arrived to the decoder."""

    def __init__(self, place: Place, decoder: DatagramDecoder) -> None:
        self._place = place
        self._decoder = decoder
        self._socket = _bound(place)
        self._waiting: deque[Datagram] = deque()
        self._handed_out = 0  # bytes; written by the one who pumps
        self._arrived = threading.Event()
        self._stop = threading.Event()
        # Written by the thread that receives; all of them only grow.
        self.bytes = 0
        self._queue_full = self._refused = 0
        self._told: dict[str, int] = {}
        self._thread = threading.Thread(target=self._receive, name=f"udp {place}", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is listened at."""
        return int(self._socket.getsockname()[1])

    def pump(self, seconds: float) -> int:
        """Hand over what waits; waits itself up to ``seconds`` when there is nothing."""
        if not self._waiting:
            self._arrived.wait(seconds)
        self._arrived.clear()
        count = 0
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            self._handed_out += sum(len(one.data) for one in some)
            self._decoder.push(some)
            count += len(some)
            if count >= 4 * AT_ONCE:  # time to look whether a commit is due
                self._arrived.set()
                break
        return count

    def losses(self) -> dict[str, int]:
        """What was lost or refused since the last call."""
        now = {
            "lost_kernel": _kernel_drops(self._socket),
            "lost_queue": self._queue_full,
            "refused_sender": self._refused,
        }
        before, self._told = self._told, now
        since = {name: count - before.get(name, 0) for name, count in now.items()}
        return {name: count for name, count in since.items() if count > 0}

    def close(self) -> None:
        """Take in what has arrived at the socket, and no more; `pump` still gives it."""
        self._stop.set()
        self._thread.join(5.0)

    def release(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _receive(self) -> None:
        while True:
            try:
                data, sender = self._socket.recvfrom(_LARGEST)
            except TimeoutError:
                if self._stop.is_set():
                    return
                continue
            except OSError:
                return
            self._take(data, sender)

    def _take(self, data: bytes, sender: tuple[str, int]) -> None:
        hi, lo = address_words(sender[0]) or (0, 0)
        if not self._place.allows(hi, lo):
            self._refused += 1
            return
        if self.bytes - self._handed_out + len(data) > WAITING:
            self._queue_full += 1
            return
        self.bytes += len(data)
        self._waiting.append(Datagram(data, hi, lo, sender[1], now_us()))
        self._arrived.set()


def _bound(place: Place) -> socket.socket:
    """The socket.

    Raises:
        UnavailableError: the port is taken or not allowed, or the address is not ours.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            place.host, place.port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, proto)
    except OSError as error:
        raise UnavailableError("readers.error.listen", place=place, reason=error) from None
    try:
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        bound.bind(address)
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)
        raise UnavailableError("readers.error.listen", place=place, reason=reason) from None
    bound.settimeout(0.2)
    return bound


def _kernel_drops(bound: socket.socket) -> int:
    """Datagrams that the kernel dropped at this socket; 0 where it does not tell."""
    try:
        told = bound.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * (_DROPS + 1))
    except OSError:
        return 0
    return int(struct.unpack_from("=I", told, 4 * _DROPS)[0]) if len(told) > 4 * _DROPS else 0
