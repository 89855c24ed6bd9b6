"""An event loop on a thread of its own, for a client library that knows only asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from kaname.model.errors import UsageError

__all__ = ["LoopThread"]

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for callers on other threads."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()
        self._scheduling = threading.Lock()
        self._stopped = False

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """The result of ``coroutine``.

        Raises:
            TimeoutError: it took longer than ``timeout`` seconds, and was cancelled.
            UsageError: the loop was stopped, before or meanwhile.
        """
        with self._scheduling:
            if self._stopped:
                coroutine.close()
                raise UsageError("bus.error.closed")
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout)
        except CancelledError:
            raise UsageError("bus.error.closed") from None
        finally:
            future.cancel()  # does nothing to one that is done

    def stop(self) -> None:
        """Cancel what runs and end the thread."""
        with self._scheduling:
            if self._stopped:
                return
            self._stopped = True
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_others() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
