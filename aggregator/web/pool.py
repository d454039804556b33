"""Threads for blocking work, bounded in number, queue and time.

A call that finds the queue full is refused at once, so that slow work never accumulates.
"""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, TypeVar

T = TypeVar("T")


class UnavailableError(Exception):
    """The result cannot be had now; the message says why."""


class BoundedPool:
    """``threads`` that work at a time, for ``seconds`` at most; ``room`` calls run or wait."""

    def __init__(self, name: str, *, threads: int, room: int, seconds: float) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(room)
        self._seconds = seconds
        self._shared: dict[Hashable, asyncio.Task[Any]] = {}

    async def run(self, work: Callable[[], T]) -> T:
        """The result of ``work``; raises ``UnavailableError`` where there is no room or no time.

        A place is taken until the thread is done, not only until the caller stops waiting.
        """
        if not self._places.acquire(blocking=False):
            raise UnavailableError("too many requests at once")
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError:
            raise UnavailableError("it took too long") from None

    async def share(self, key: Hashable, work: Callable[[], T]) -> T:
        """As ``run``, but concurrent calls with the same ``key`` share one result."""
        task = self._shared.get(key)
        if task is None:
            task = asyncio.create_task(self.run(work))
            self._shared[key] = task
            task.add_done_callback(lambda _: self._shared.pop(key))
        result: T = await asyncio.shield(task)
        return result

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Start nothing more, except ``last``, which cleans up after the rest."""
        if last is not None:
            self._pool.submit(last)
        self._pool.shutdown(wait=False, cancel_futures=last is None)
