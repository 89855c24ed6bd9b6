"""The frame of listeners: how live input becomes rows.

A listener names a format that arrives over sockets. For each place it listens at, the
runner (`kaname.readers.live`) makes one `Decoder`, gives it what arrives, and every few
seconds takes the rows that are whole and commits them as a source of their own, a live
batch. A decoder lives as long as the socket, so templates and half-joined exchanges
survive the cut between two batches.

A listener is one small class, announced by an entry point of the group
``kaname.listeners``::

    class NetflowListener:
        name = "netflow"
        version = 1
        transports = ("udp",)
        default_port = 2055
        doc = ReaderDoc(...)

        def decoder(self) -> Decoder: ...
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, runtime_checkable

from kaname.model.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname._native import PacketStream
    from kaname.readers.frame import ReaderDoc, ReadJob

__all__ = [
    "Connection",
    "Datagram",
    "DatagramDecoder",
    "Decoder",
    "Listener",
    "PacketDecoder",
    "StreamDecoder",
    "listener_called",
    "listeners",
]


class Datagram(NamedTuple):
    """One UDP datagram, or one message of a stream: its bytes, its sender, when it came.

    The sender is the two words of `kaname.model.address`; a Unix socket has ``::``, port 0.
    """

    data: bytes
    sender_hi: int
    sender_lo: int
    sender_port: int
    received_us: int


class Connection(Protocol):
    """One open stream (TCP or Unix) of a sender."""

    def push(self, data: bytes, received_us: int) -> bytes:
        """Take bytes as they came; gives bytes to send back, usually none.

        Raises:
            ValueError: the sender does not speak this protocol; it is disconnected.
        """
        ...

    def close(self) -> None:
        """The sender is gone; what is half-received is counted as damaged."""
        ...


@runtime_checkable
class Decoder(Protocol):
    """What turns the input of one socket into rows. Used by one thread at a time.

    It takes datagrams, streams, or both, as the ``transports`` of its listener say.
    """

    @property
    def held(self) -> int:
        """About how many rows wait to be taken; beyond a limit a batch is cut early."""
        ...

    def take(self, job: ReadJob, *, last: bool) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Rows that are whole since the last time; ``last``: also those that still wait.

        Adds to ``job.report`` what happened since the last time: ``records`` and
        ``counters`` (disjoint outcomes that add up), ``rows``, ``first_us``, ``last_us``,
        and ``notes``, of which those that begin with ``lost`` count what never arrived
        (sequence numbers). ``row_in_src`` of a row is its number in the batch, from 0.
        """
        ...


@runtime_checkable
class DatagramDecoder(Decoder, Protocol):
    """One whose input comes by UDP."""

    def push(self, datagrams: Sequence[Datagram]) -> None:
        """Take datagrams in the order they came. Never raises for what is in them."""
        ...


@runtime_checkable
class StreamDecoder(Decoder, Protocol):
    """One whose input comes by TCP or a Unix socket."""

    def connect(self, sender_hi: int, sender_lo: int, sender_port: int) -> Connection:
        """A sender opened a stream."""
        ...


@runtime_checkable
class PacketDecoder(Decoder, Protocol):
    """One whose input are the packets of an interface, or capture files of a folder."""

    @property
    def stream(self) -> PacketStream:
        """What takes the packets."""
        ...


@runtime_checkable
class Listener(Protocol):
    """One format that arrives live."""

    name: ClassVar[str]
    version: ClassVar[int]
    doc: ClassVar[ReaderDoc]
    # of udp, tcp, unix, the first the usual one; or interface and folder, to capture packets
    transports: ClassVar[tuple[str, ...]]
    default_port: ClassVar[int]  # 0: there is none, a path or port must be given

    def decoder(self) -> Decoder:
        """A decoder for one socket."""
        ...


@functools.cache
def listeners() -> dict[str, Listener]:
    """All listeners by name."""
    found = (point.load()() for point in entry_points(group="kaname.listeners"))
    return {each.name: each for each in sorted(found, key=lambda each: each.name)}


def listener_called(name: str) -> Listener:
    """The listener called ``name``.

    Raises:
        UsageError: there is none.
    """
    try:
        return listeners()[name]
    except KeyError:
        known = ", ".join(listeners())
        raise UsageError("readers.error.no_listener", name=name, known=known) from None
