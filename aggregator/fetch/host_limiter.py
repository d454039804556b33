"""Limits the requests to each host: one at a time, a delay between two, none during a backoff.

Takes hosts as ``addresses.host_key`` names them; a request waits for its host's turn, and until
fewer than a maximum are under way altogether.  Raises ``HostBackoffError`` for a host that asked
for no requests (429 or 503 with ``Retry-After``).  Idle hosts are forgotten.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aggregator.fetch.exchange import HostBackoffError


@dataclass(slots=True)
class _Host:
    """``users`` hold a turn or wait for one; ``rested`` is when the delay ends."""

    turns: asyncio.Semaphore
    users: int = 0
    rested: float = 0.0


class HostLimiter:
    """Turns at hosts, for the tasks of one event loop.

    ``delay`` is in seconds from the end of one request to a host to the start of the next,
    ``at_once`` the maximum of requests altogether, ``per_host`` that for one host.  ``backoff``
    has the hosts that asked for no requests, and until when; ``now`` is the clock for that.
    ``clock`` is in seconds.
    """

    def __init__(
        self,
        delay: float,
        at_once: int,
        *,
        per_host: int = 1,
        backoff: Mapping[str, datetime] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._delay = delay
        self._slots = asyncio.Semaphore(at_once)
        self._per_host = per_host
        self._backoff: dict[str, tuple[datetime, int | None]] = {
            host: (until, None) for host, until in (backoff or {}).items()
        }
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._idle: deque[str] = deque()

    @property
    def hosts(self) -> int:
        """How many hosts are remembered, backoffs not counted."""
        return len(self._hosts)

    def back_off(self, host: str, until: datetime, status: int) -> None:
        """Allow no request to ``host`` before ``until``."""
        self._backoff[host] = (until, status)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold a turn at a host; turns are granted in the order in which they are asked for.

        Raises ``HostBackoffError``, also if the backoff starts while waiting.
        """
        self._check(name)
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = _Host(asyncio.Semaphore(self._per_host))
        host.users += 1
        try:
            async with host.turns:
                self._check(name)  # before the delay: the rest of the queue need not sit it out
                if (wait := host.rested - self._clock()) > 0:
                    await self._sleep(wait)
                # The slot is taken last and held only for the request itself, so that waiting
                # for one host keeps nobody from another.
                async with self._slots:
                    try:
                        yield
                    finally:
                        host.rested = self._clock() + self._delay
        finally:
            host.users -= 1
            if not host.users:
                self._idle.append(name)
                self._forget()

    def _check(self, name: str) -> None:
        if self._backoff and (found := self._backoff.get(name)):
            if found[0] > self._now():
                raise HostBackoffError(*found)
            del self._backoff[name]

    def _forget(self) -> None:
        """Drop the hosts that are idle and whose delay is over; delays end in queue order."""
        now = self._clock()
        while self._idle:
            name = self._idle[0]
            host = self._hosts.get(name)
            if host is not None and not host.users:
                if host.rested > now:
                    return
                del self._hosts[name]
            self._idle.popleft()
