"""Frames against bytes made by hand, from the description of the form alone."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from kaname.model.packets import PTYPES
from kaname.readers.live.tap import PacketBlock, Tap
from kaname.telescope.feed import Columns, Header, empty, encode, fold
from kaname.telescope.live import MOST, LiveFeed, frame_of

SYN, ECHO = PTYPES.index("tcp_syn"), PTYPES.index("icmp_echo_request")


def decoded(frame: bytes) -> tuple[dict, dict]:
    """Header and columns, read by `struct` as the description says."""
    assert frame[:4] == b"KNP1"
    (length,) = struct.unpack_from("<I", frame, 4)
    assert length % 4 == 0
    header = json.loads(frame[8 : 8 + length])
    at, columns = 8 + length, {}
    kinds = zip(
        ("after", "src", "dst", "sport", "dport", "marks", "country", "ptype"), "IIIHHHHB",
        strict=True,
    )  # fmt: skip
    for name, kind in kinds:
        form = f"<{header['count']}{kind}"
        columns[name] = list(struct.unpack_from(form, frame, at))
        at += struct.calcsize(form)
    assert at == len(frame)
    return header, columns


def block(sensor: str = "north", base: int = 1_000_000, packets: int = 2, **more) -> PacketBlock:
    half, word = f"<{packets}H", f"<{packets}I"
    columns = {
        "src": struct.pack(word, *range(0x01020304, 0x01020304 + packets)),
        "dst": struct.pack(word, *[0xC6336401] * packets),
        "sport": struct.pack(half, *[40000] * packets),
        "dport": struct.pack(half, *[23] * packets),
        "after_us": struct.pack(word, *range(packets)),
        "ptype": bytes([SYN] * packets),
        "marks": struct.pack(half, *[1] * packets),
    } | more
    return PacketBlock(sensor=sensor, base_us=base, count=packets, stands_for=packets, **columns)


def unknown(sources) -> np.ndarray:
    return np.zeros(len(sources), np.uint16)


class Nowhere:
    """Tables that know no country."""

    credits = (("nobody", ""),)
    countries_v4 = staticmethod(unknown)


def japan(sources) -> np.ndarray:
    return np.full(len(sources), ord("J") * 256 + ord("P"), np.uint16)


def test_columns_lie_where_the_description_says():
    one = np.array([7]), np.array([0x01020304]), np.array([0xC6336401])
    columns = Columns(
        *one, np.array([1024]), np.array([23]), np.array([1]), np.array([0x4A50]), np.array([13])
    )
    header = Header(count=1, base=5, until=9, unit_us=1, packets=3, at=11)
    told, found = decoded(encode(header, columns))
    assert (told["base"], told["until"], told["packets"], told["at"]) == (5, 9, 3, 11)
    assert found == {
        "after": [7], "src": [0x01020304], "dst": [0xC6336401], "sport": [1024], "dport": [23],
        "marks": [1], "country": [0x4A50], "ptype": [13],
    }  # fmt: skip


def test_a_frame_of_nothing_is_whole():
    told, found = decoded(encode(Header(0, 1, 1, 1, 0, 1), empty()))
    assert told["count"] == 0
    assert all(column == [] for column in found.values())


def test_folded_addresses_keep_networks_together_and_hosts_apart():
    net = np.array([0x20010DB8_00000001] * 2 + [0x20010DB8_00000002], np.uint64)
    host = np.array([1, 2, 1], np.uint64)
    a, b, c = fold(net, host).tolist()
    assert a >> 16 == b >> 16
    assert a != b
    assert c >> 16 != a >> 16


def test_blocks_become_one_frame_with_times_after_the_first():
    blocks = [block(base=2_000_000), block("south", base=1_000_000)]
    told, found = decoded(frame_of(blocks, 5, japan))
    assert told["base"] == 1_000_000
    assert found["after"] == [1_000_000, 1_000_001, 0, 1]
    assert found["country"] == [0x4A50] * 4
    assert told["sensors"] == ["north", "south"]
    assert (told["packets"], told["missed"], told["live"]) == (4, 5, True)


def test_packets_without_ports_say_so():
    _, found = decoded(frame_of([block(ptype=bytes([SYN, ECHO]))], 0, unknown))
    assert found["marks"] == [1, 1 | 0x2000 | 0x4000]


def test_a_type_that_nobody_knows_does_not_break_the_frame():
    _, found = decoded(frame_of([block(ptype=bytes([SYN, 250]))], 0, unknown))
    assert max(found["ptype"]) < len(PTYPES)


def test_of_too_many_packets_an_even_sample_is_sent():
    told, found = decoded(frame_of([block(packets=3 * MOST)], 0, unknown))
    assert told["count"] == MOST
    assert told["packets"] == 3 * MOST
    assert (found["src"][0], found["src"][-1]) == (0x01020304, 0x01020304 + 3 * MOST - 1)


async def taken(feed: LiveFeed, wanted: int) -> list[dict]:
    found = []
    async for frame in feed.frames():
        told, _ = decoded(frame)
        found.append(told)
        if len(found) == wanted:
            feed.close()
    return found


@pytest.fixture
def tap() -> Tap:
    return Tap()


def run(coroutine):
    import asyncio

    return asyncio.run(coroutine)


def test_a_feed_sends_what_its_client_may_see_only(tap):
    async def scene():
        import asyncio

        feed = LiveFeed(tap, lambda sensor: sensor == "north", Nowhere(), lambda: True)
        reading = asyncio.create_task(taken(feed, 3))
        while not tap.followed:  # noqa: ASYNC110 - the tap has no event for it
            await asyncio.sleep(0.01)
        tap.put(block("south"))
        tap.put(block("north"))
        return await reading

    first, second, third = run(scene())
    assert (first["count"], second["count"]) == (0, 0)
    assert second["credits"] == [["nobody", ""]]
    assert (third["count"], third["sensors"]) == (2, ["north"])
    assert not tap.followed


def test_a_slow_client_is_told_what_it_missed(tap):
    async def scene():
        feed = LiveFeed(tap, lambda _: True, Nowhere(), lambda: True)
        frames = feed.frames()
        await anext(frames)
        await anext(frames)
        for _ in range(70):  # 64 wait
            tap.put(block())
        told, _ = decoded(await anext(frames))
        await frames.aclose()
        return told

    told = run(scene())
    assert told["missed"] == 6 * 2
    assert told["packets"] == 64 * 2


def test_a_feed_ends_when_its_account_is_gone(tap, monkeypatch):
    monkeypatch.setattr("kaname.telescope.live.ASK_AGAIN_S", 0.0)
    feed = LiveFeed(tap, lambda _: True, Nowhere(), lambda: False)
    assert len(run(taken(feed, 9))) == 2
