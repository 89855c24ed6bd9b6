"""Reads a stream of NATS JetStream in order, without losing or repeating a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from kaname.bus.message import Message
from kaname.model.errors import KanameError

if TYPE_CHECKING:
    from kaname.bus.jetstream import JetStreamLog

__all__ = ["JetStreamReader", "reading_from"]

_IDLE = 24 * 3600.0  # seconds after which the server drops a consumer that nobody reads


def reading_from(subject: str, after: int) -> api.ConsumerConfig:
    """A consumer that gives the messages of ``subject`` behind ``after`` once, unacknowledged."""
    return api.ConsumerConfig(
        filter_subject=subject,
        deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=api.AckPolicy.NONE,
        inactive_threshold=_IDLE,
    )


class JetStreamReader:
    """See `kaname.bus.log.Reader`.

    The server counts what it sends to a consumer. When a number is missing, or the
    connection or the consumer was lost, reading begins anew behind the last message
    that arrived.
    """

    def __init__(self, log: JetStreamLog, pattern: str, after: int) -> None:
        self._log = log
        self._subject = f"{log.name}.{pattern}"
        self._after = after
        self._source: JetStreamContext.PullSubscription | None = None
        self._delivered = 0
        self._connection = -1

    def fetch(self, limit: int, timeout: float) -> list[Message]:
        """See `kaname.bus.log.Reader`."""
        try:
            return self._log.call(self._fetch(limit, max(timeout, 0.05)))
        except KanameError:
            self._connection = -1  # something may have been on its way: begin anew
            raise

    def close(self) -> None:
        """See `kaname.bus.log.Reader`."""
        try:
            self._log.call(self._drop())
        except KanameError:
            return  # the server drops the consumer when it was idle for a day

    async def _fetch(self, limit: int, wait: float) -> list[Message]:
        if self._source is None or self._connection != self._log.connections:
            await self._drop()
            await self._begin()
        if self._source is None:
            return []
        try:
            # At least two: the client fetches one message another way, which may lose it.
            found = await self._source.fetch(max(2, limit), wait)
        except TimeoutError:
            return []
        except NotFoundError:
            await self._drop()
            return []
        return await self._in_order(found)

    async def _in_order(self, found: list[Msg]) -> list[Message]:
        whole = []
        for message in found:
            sequence = message.metadata.sequence
            if sequence.consumer != self._delivered + 1:
                await self._drop()
                break
            self._delivered = sequence.consumer
            self._after = sequence.stream
            whole.append(self._decode(message, sequence.stream))
        return whole

    def _decode(self, message: Msg, cursor: int) -> Message:
        topic = message.subject.removeprefix(f"{self._log.name}.")
        published = int((message.headers or {}).get("Kaname-Published", 0))
        return Message(topic, cursor, msgspec.json.decode(message.data), published)

    async def _begin(self) -> None:
        stream = self._log.stream
        self._connection = self._log.connections
        config = reading_from(self._subject, self._after)
        info = await stream.add_consumer(self._log.name, config)
        self._source = await stream.pull_subscribe_bind(info.name, self._log.name)
        self._consumer = info.name
        self._delivered = 0

    async def _drop(self) -> None:
        source, self._source = self._source, None
        if source is None:
            return
        await source.unsubscribe()
        try:
            await self._log.stream.delete_consumer(self._log.name, self._consumer)
        except NotFoundError:
            return
