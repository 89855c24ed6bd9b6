"""Packets as they arrive, in frames for one client, no faster than it can take them.

Nothing waits for a client: `kaname.readers.live.tap` drops the oldest blocks of one that
is slow and counts them, and the next frame tells how many packets those were. Polling
costs a lock each `EVERY_S`; a thread for each client would cost more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from kaname.model.instant import now_us
from kaname.model.packets import PTYPES
from kaname.telescope.feed import Columns, Header, empty, encode, ports_unknown

if TYPE_CHECKING:
    from kaname.readers.live.tap import Follower, PacketBlock, Tap
    from kaname.telescope.feed import U16, U32
    from kaname.telescope.origins import Origins

__all__ = ["LiveFeed", "frame_of"]

EVERY_S = 0.05
HEARTBEAT_S = 1.0  # a frame of nothing says that the connection lives
ASK_AGAIN_S = 10.0  # a feed outlives the token that opened it by no more than this
MOST = 20_000  # points in a frame; a client that gets more at once only falls back further

Countries = Callable[["U32"], "U16"]
Credits = tuple[tuple[str, str], ...]  # text and link
MaySee = Callable[[str], bool]


class LiveFeed:
    """What one client is sent. ``may_see`` says of a sensor whether the account may."""

    def __init__(
        self,
        tap: Tap,
        may_see: MaySee,
        origins: Origins,
        allowed: Callable[[], bool],
    ) -> None:
        self._tap = tap
        self._may_see = may_see
        self._origins = origins
        self._allowed = allowed
        self._closed = False

    def close(self) -> None:
        """End the feed at its next look; safe from any thread."""
        self._closed = True

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames until the feed is closed or its account may no longer see it."""
        with self._tap.follow() as follower:
            asked = told = time.monotonic()
            yield encode(_nothing(0), empty())
            # The tables are read now, not in the loop that serves everybody.
            named = await asyncio.to_thread(getattr, self._origins, "credits")
            yield encode(_nothing(0, named), empty())
            while not self._closed:
                await asyncio.sleep(EVERY_S)
                now = time.monotonic()
                if now - asked >= ASK_AGAIN_S:
                    if not await asyncio.to_thread(self._allowed):
                        return
                    asked = now
                frame = await self._next(follower, idle=now - told >= HEARTBEAT_S)
                if frame is not None:
                    told = now
                    yield frame

    async def _next(self, follower: Follower, *, idle: bool) -> bytes | None:
        blocks, missed = follower.take(0.0)
        seen = [block for block in blocks if self._may_see(block.sensor)]
        if seen:
            return await asyncio.to_thread(frame_of, seen, missed, self._origins.countries_v4)
        if not idle and not missed:
            return None
        return encode(_nothing(missed), empty())


def frame_of(blocks: Sequence[PacketBlock], missed: int, countries: Countries) -> bytes:
    """One frame of several blocks; of more than `MOST` packets an even sample."""
    base = min(block.base_us for block in blocks)
    columns = _joined(blocks, base, countries)
    header = Header(
        count=len(columns.src),
        base=base,
        until=base + int(columns.after.max(initial=0)) + 1,
        unit_us=1,
        packets=sum(block.stands_for for block in blocks),
        at=now_us(),
        live=True,
        missed=missed,
        sensors=tuple(sorted({block.sensor for block in blocks})),
    )
    return encode(header, columns)


def _joined(blocks: Sequence[PacketBlock], base: int, countries: Countries) -> Columns:
    import numpy as np

    total = sum(block.count for block in blocks)
    kept = slice(None)
    if total > MOST:
        kept = np.linspace(0, total - 1, MOST).astype(np.int64)  # type: ignore[assignment]

    def column(name: str, kind: str) -> Any:
        return np.concatenate([np.frombuffer(getattr(b, name), kind) for b in blocks])[kept]

    counts = [block.count for block in blocks]
    starts = np.repeat([block.base_us - base for block in blocks], counts)[kept]
    after = np.minimum(starts + column("after_us", "<u4").astype(np.int64), 0xFFFFFFFF)
    ptype = np.minimum(column("ptype", "u1"), len(PTYPES) - 1)
    src = column("src", "<u4")
    return Columns(
        after=after.astype(np.uint32),
        src=src,
        dst=column("dst", "<u4"),
        sport=column("sport", "<u2"),
        dport=column("dport", "<u2"),
        marks=(column("marks", "<u2") & 0x1FFF) | ports_unknown(ptype),
        country=countries(src),
        ptype=ptype,
    )


def _nothing(missed: int, named: Credits = ()) -> Header:
    now = now_us()
    return Header(
        count=0,
        base=now,
        until=now,
        unit_us=1,
        packets=0,
        at=now,
        live=True,
        missed=missed,
        credits=named,
    )
