"""Whose turn it is: one request at a time to a host, and a delay between two.

Takes hosts; makes each request wait until its host is free and until no more than so many are under
way altogether.  A host that asked to be left alone gets no request at all: nobody waits for it.
Counts nothing in wall-clock time, and forgets a host once it is rested.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime


class LeftAloneError(Exception):
    """The host asked to be left alone ``until`` a time (UTC) that is not yet there.

    ``status`` is 429 or 503, or None where that is not known any more.
    """

    def __init__(self, host: str, until: datetime, status: int | None) -> None:
        super().__init__(host)
        self.until = until
        self.status = status


@dataclass(slots=True)
class _Host:
    """``users`` are those that have its turn or wait for it; ``rested`` is when its delay ends."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    rested: float = 0.0


class Turns:
    """Turns at hosts, for the tasks of one event loop.

    ``delay`` is in seconds from the end of one request to a host to the start of the next;
    ``at_once`` is how many requests are under way altogether.  ``left_alone`` says until when hosts
    asked for peace.  ``clock`` (seconds) and ``sleep`` are the loop's own unless given.
    """

    def __init__(
        self,
        delay: float,
        at_once: int,
        left_alone: Mapping[str, datetime] | None = None,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._delay = delay
        self._slots = asyncio.Semaphore(at_once)
        self._left_alone: dict[str, tuple[datetime, int | None]] = {
            host: (until, None) for host, until in (left_alone or {}).items()
        }
        self._clock = clock or asyncio.get_running_loop().time
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._resting: deque[str] = deque()

    def leave_alone(self, host: str, until: datetime, status: int) -> None:
        """From now on, and for as long as these turns last, ``host`` gets no request."""
        self._left_alone[host] = (until, status)

    @asynccontextmanager
    async def at(self, name: str) -> AsyncIterator[None]:
        """The turn at a host, in the order in which it is asked for.

        Raises ``LeftAloneError`` where the host asked for peace, also while its turn was waited
        for.
        """
        self._check(name)
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = _Host()
        host.users += 1
        try:
            async with host.lock:
                self._check(name)  # before the delay: those who wait in line need not wait it out
                if (wait := host.rested - self._clock()) > 0:
                    await self._sleep(wait)
                # A slot is taken last and held only for the request itself, so that one who waits
                # for a host keeps nobody else from theirs.
                async with self._slots:
                    try:
                        yield
                    finally:
                        host.rested = self._clock() + self._delay
        finally:
            host.users -= 1
            if not host.users:
                self._resting.append(name)
                self._forget()

    def _check(self, name: str) -> None:
        if self._left_alone and (asked := self._left_alone.get(name)):
            raise LeftAloneError(name, *asked)

    def _forget(self) -> None:
        """Drop the hosts that nobody waits for and that are rested; these come in that order."""
        now = self._clock()
        while self._resting:
            name = self._resting[0]
            host = self._hosts.get(name)
            if host is not None and not host.users:
                if host.rested > now:
                    return
                del self._hosts[name]
            self._resting.popleft()
