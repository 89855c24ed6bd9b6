from __future__ import annotations

import asyncio
import threading

import pytest

from kaname.bus.loop import LoopThread
from kaname.model.errors import UsageError


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


def test_a_result_and_an_error_reach_the_caller() -> None:
    async def fail() -> None:
        raise ValueError("x")

    loop = LoopThread("test")
    assert loop.call(answer(), 5) == 42
    with pytest.raises(ValueError, match="x"):
        loop.call(fail(), 5)
    loop.stop()


def test_waiting_too_long_ends_and_leaves_the_loop_of_use() -> None:
    loop = LoopThread("test")
    with pytest.raises(TimeoutError):
        loop.call(asyncio.sleep(60), 0.05)
    assert loop.call(answer(), 5) == 42
    loop.stop()


def test_stopping_tells_whoever_waits_and_whoever_comes_later() -> None:
    loop = LoopThread("test")
    begun = threading.Event()
    raised: list[UsageError] = []

    async def wait() -> None:
        begun.set()
        await asyncio.sleep(60)

    def caller() -> None:
        with pytest.raises(UsageError) as caught:
            loop.call(wait(), 60)
        raised.append(caught.value)

    thread = threading.Thread(target=caller)
    thread.start()
    assert begun.wait(10)
    loop.stop()
    thread.join(10)
    assert [error.key for error in raised] == ["bus.error.closed"]
    with pytest.raises(UsageError):
        loop.call(answer(), 5)
    loop.stop()
