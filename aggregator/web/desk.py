"""Work for threads, with a limit on how much of it there is at once and how long it may take.

A desk has a few threads and room for some who wait; who comes when it is full is sent away at once,
so that what is slow never piles up, and the event loop never waits.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, TypeVar

T = TypeVar("T")


class UnavailableError(Exception):
    """What was asked for cannot be had now; the text says why."""


class Desk:
    """``threads`` at once, and at most ``room`` at work or waiting; each for ``seconds``."""

    def __init__(self, name: str, *, threads: int, room: int, seconds: float) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(room)
        self._seconds = seconds
        self._shared: dict[Callable[[], Any], asyncio.Task[Any]] = {}

    async def do(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, or raises; ``UnavailableError`` where there is no room or no time.

        A place is taken until the thread is done, not only until somebody tired of waiting.
        """
        if not self._places.acquire(blocking=False):
            raise UnavailableError("too much is asked at once")
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError:
            raise UnavailableError("it took too long") from None

    async def share(self, work: Callable[[], T]) -> T:
        """As ``do``, but all who ask for the same while it is under way get the one result."""
        task = self._shared.get(work)
        if task is None:
            task = asyncio.create_task(self.do(work))
            self._shared[work] = task
            task.add_done_callback(lambda _: self._shared.pop(work))
        result: T = await asyncio.shield(task)
        return result

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Begin nothing more, but for ``last``, which cleans up after the rest."""
        if last is not None:
            self._pool.submit(last)
        self._pool.shutdown(wait=False, cancel_futures=last is None)
