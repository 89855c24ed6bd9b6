"""A log in a stream of NATS JetStream, for more than one process or machine.

The stream holds the messages, a key-value bucket the state of durable subscribers.
Consumers of JetStream are used for reading only: acknowledging is done by
`kaname.bus.subscription`, so that every back end behaves the same to the last detail.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import nats
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, BucketNotFoundError, NoKeysError, NotFoundError
from nats.js.kv import KeyValue

from kaname.bus.jetstream_reader import JetStreamReader, reading_from
from kaname.bus.log import Durable, Reader, Span
from kaname.bus.loop import LoopThread
from kaname.model.errors import KanameError, StoreFullError, UnavailableError, UsageError

__all__ = ["JetStreamLog"]

PUBLISHED = "Kaname-Published"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_NO_SPACE = {10023, 10047, 10077}  # insufficient resources, storage, maximum bytes exceeded
_ATTEMPTS = 3

T = TypeVar("T")


class JetStreamLog:
    """The log of one bus: the stream named by the path of ``url``, "kaname" without one."""

    def __init__(self, url: str, *, patience: float) -> None:
        parts = urlsplit(url)
        self.name = parts.path.strip("/") or "kaname"
        if not _NAME.fullmatch(self.name) or parts.hostname is None:
            raise UsageError("bus.error.url")
        self._server = f"{parts.scheme}://{parts.netloc}"
        self._where = f"{parts.scheme}://{parts.hostname}:{parts.port or 4222}"
        self._patience = patience
        self.connections = 0  # grows when the connection was lost and made again
        self._closed = False
        self._loop = LoopThread("kaname-nats")
        try:
            self.stream, self._durables = self.call(self._connect())
        except BaseException:
            self._loop.stop()
            raise

    def append(self, topic: str, body: bytes, published: int) -> int:
        """See `kaname.bus.log.Log`."""
        headers = {PUBLISHED: str(published), api.Header.MSG_ID.value: uuid.uuid4().hex}
        # The id lets the server recognise a repetition, so repeating makes no second message.
        wait = self._patience / _ATTEMPTS
        for attempt in range(_ATTEMPTS):
            try:
                publish = self.stream.publish(
                    f"{self.name}.{topic}", body, timeout=wait, headers=headers
                )
                return self.call(publish).seq
            except UnavailableError:
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError  # the loop returns or raises

    def reader(self, pattern: str, after: int) -> Reader:
        """See `kaname.bus.log.Log`."""
        return JetStreamReader(self, pattern, after)

    def count(self, pattern: str, after: int) -> int:
        """See `kaname.bus.log.Log`."""
        return self.call(self._count(f"{self.name}.{pattern}", after))

    def first(self, pattern: str, after: int) -> int | None:
        """See `kaname.bus.log.Log`."""
        found = self._next(f"{self.name}.{pattern}", after + 1)
        return None if found is None else found.seq

    def span(self) -> Span:
        """See `kaname.bus.log.Log`."""
        state = self._state()
        return Span(state.first_seq or 1, state.last_seq)

    def size(self) -> int:
        """See `kaname.bus.log.Log`."""
        return self._state().bytes

    def published(self, cursor: int) -> int:
        """See `kaname.bus.log.Log`."""
        found = self._next(f"{self.name}.>", cursor)
        return int((found.headers or {}).get(PUBLISHED, 0)) if found else 0

    def trim(self, until: int) -> None:
        """See `kaname.bus.log.Log`."""
        self.call(self.stream.purge_stream(self.name, seq=until + 1))

    def durables(self) -> dict[str, Durable]:
        """See `kaname.bus.log.Log`."""
        return self.call(self._read_durables())

    def save(self, name: str, state: Durable | None) -> None:
        """See `kaname.bus.log.Log`."""
        if state is None:
            self.call(self._durables.purge(name))
        else:
            self.call(self._durables.put(name, msgspec.json.encode(state)))

    def close(self) -> None:
        """See `kaname.bus.log.Log`."""
        if self._closed:
            return
        self._closed = True
        try:
            self.call(self._client.close())
        finally:
            self._loop.stop()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of ``coroutine``, run on the loop; its errors as ours.

        Raises:
            UnavailableError: the server does not answer.
            StoreFullError: the server has no room for more.
        """
        try:
            return self._loop.call(coroutine, self._patience + 1.0)
        except NotFoundError:
            raise
        except (NatsError, OSError, TimeoutError) as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> KanameError:
        if isinstance(error, APIError) and error.err_code in _NO_SPACE:
            return StoreFullError("bus.error.full", where=self._where, reason=error)
        if isinstance(error, NoRespondersError):
            return UnavailableError("bus.error.jetstream", where=self._where)
        reason = str(error) or type(error).__name__
        return UnavailableError("bus.error.server", where=self._where, reason=reason)

    async def _connect(self) -> tuple[JetStreamContext, KeyValue]:
        self._client = await nats.connect(
            self._server,
            name="kaname",
            connect_timeout=max(1, round(self._patience)),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.5,
            error_cb=_ignore,  # every call that meets an error raises it as well
            reconnected_cb=self._reconnected,
        )
        stream = self._client.jetstream(timeout=self._patience)
        try:
            await stream.stream_info(self.name)
        except NotFoundError:
            await stream.add_stream(
                name=self.name,
                subjects=[f"{self.name}.>"],
                storage=api.StorageType.FILE,
                retention=api.RetentionPolicy.LIMITS,
            )
        return stream, await _bucket(stream, f"{self.name}-durables")

    async def _reconnected(self) -> None:
        self.connections += 1

    def _state(self) -> api.StreamState:
        return self.call(self.stream.stream_info(self.name)).state

    def _next(self, subject: str, cursor: int) -> api.RawStreamMsg | None:
        get = self.stream.get_msg(self.name, seq=max(1, cursor), subject=subject, next=True)
        try:
            return self.call(get)
        except NotFoundError:
            return None

    async def _count(self, subject: str, after: int) -> int:
        info = await self.stream.add_consumer(self.name, reading_from(subject, after))
        await self.stream.delete_consumer(self.name, info.name)
        return info.num_pending or 0

    async def _read_durables(self) -> dict[str, Durable]:
        try:
            names = await self._durables.keys()
        except NoKeysError:
            return {}
        found = {}
        for name in names:
            entry = await self._durables.get(name)
            found[name] = msgspec.json.decode(entry.value or b"", type=Durable)
        return found


async def _bucket(stream: JetStreamContext, name: str) -> KeyValue:
    try:
        return await stream.key_value(name)
    except BucketNotFoundError:
        return await stream.create_key_value(bucket=name, history=1)


async def _ignore(_error: Exception) -> None:
    return
