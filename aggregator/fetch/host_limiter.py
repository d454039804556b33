"""Limits the requests to each host: one at a time, a delay between two, none during a backoff.

Takes hosts as ``addresses.host_key`` names them; a request waits for its host's turn, and until
fewer than a maximum are under way altogether.  Raises ``HostBackoffError`` for a path, or a host,
that asked for no requests (429 or 503 with ``Retry-After``); it says when to come again, one after
the other in the order of asking, so that each gets its turn.  A backoff is of one path; that of a
second path, with no other response of the host between the two, is of the whole host.  Idle hosts
are forgotten.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from aggregator.fetch.exchange import LONGEST_BACKOFF, HostBackoffError

_SHORTEST_STEP = timedelta(seconds=1)
_ABSENT_AFTER = timedelta(minutes=1)  # past its turn, from when a request is not waited for


@dataclass(slots=True)
class _Host:
    """``users`` hold a turn or wait for one."""

    turns: asyncio.Semaphore
    users: int = 0


@dataclass(slots=True)
class _Backoff:
    """A host, or a path of it, asked for no requests ``until`` a time.

    ``queue`` has what was refused since and did not come again: its place, and when to come.
    """

    until: datetime
    status: int | None
    queue: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def ahead(self, place: int | None, by: datetime | None = None) -> int:
        """Return how many come before ``place``, None being the end; only those due ``by`` then."""
        return sum(
            (place is None or other < place) and (by is None or due <= by)
            for other, due in self.queue.values()
        )

    def refuse(
        self, who: str, place: int, start: datetime, ahead: int, step: timedelta
    ) -> HostBackoffError:
        """Note that ``who`` waits at ``place``, with so many ``ahead`` from ``start`` on."""
        turn = start + ahead * step
        self.queue[who] = place, turn
        return HostBackoffError(self.until, self.status, turn)


@dataclass(slots=True)
class HostMemory:
    """What limiters share that follow one another: when each host's delay ends, and backoffs.

    ``overloaded`` has for a host the path that asked for no requests, until the host responds well.
    """

    rested: dict[str, float] = field(default_factory=dict)
    backoffs: dict[str, _Backoff] = field(default_factory=dict)
    overloaded: dict[str, str] = field(default_factory=dict)
    places: int = 0

    def add(self, backoffs: Mapping[str, datetime]) -> None:
        """Add hosts and paths that asked for no requests, and until when (``back_off``)."""
        for key, until in backoffs.items():
            known = self.backoffs.get(key)
            if known is None or known.until < until:
                self.backoffs[key] = _Backoff(until, None)
                self.overloaded.setdefault(key.partition(" ")[0], key)

    def next_place(self) -> int:
        """Return a place behind all others, from 1 on."""
        self.places += 1
        return self.places


class HostLimiter:
    """Turns at hosts, for the tasks of one event loop.

    ``delay`` is in seconds from the end of one request to a host to the start of the next,
    ``at_once`` the maximum of requests altogether, ``per_host`` that for one host.  ``memory`` is
    of earlier limiters; ``now`` is the clock for its backoffs, and ``clock``, in seconds, that for
    delays.
    """

    def __init__(
        self,
        delay: float,
        at_once: int,
        *,
        per_host: int = 1,
        memory: HostMemory | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._delay = delay
        self._slots = asyncio.Semaphore(at_once)
        self._per_host = per_host
        self._memory = memory if memory is not None else HostMemory()
        self._step = max(timedelta(seconds=delay), _SHORTEST_STEP)
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._idle: deque[str] = deque(self._memory.rested)

    @property
    def hosts(self) -> int:
        """How many hosts are remembered, backoffs not counted."""
        return len(self._hosts | self._memory.rested)

    def back_off(
        self, host: str, until: datetime, status: int, path: str = ""
    ) -> tuple[str, datetime]:
        """Allow no request to ``path`` before ``until``, or to the whole ``host``.

        Returns what is backed off, as ``HostMemory.add`` takes it, and when to repeat the request
        that was answered so: after those that wait already.
        """
        key = _path_key(host, path)
        if self._memory.overloaded.setdefault(host, key) != key:
            key = host
        found = self._memory.backoffs.setdefault(key, _Backoff(until, status))
        found.until, found.status = until, status
        return key, until + len(found.queue) * self._step

    def responded(self, host: str) -> None:
        """Note a response without a backoff: those of paths of ``host`` are theirs alone."""
        self._memory.overloaded.pop(host, None)

    @asynccontextmanager
    async def turn(self, name: str, who: str = "", path: str = "") -> AsyncIterator[None]:
        """Hold a turn at a host; turns are granted in the order in which they are asked for.

        Raises ``HostBackoffError``, also if the backoff starts while waiting; ``who`` has then a
        place among those that wait, and keeps it until its turn.
        """
        places = {key: self._enter(key, who) for key in {name: 0, _path_key(name, path): 0}}
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = _Host(asyncio.Semaphore(self._per_host))
        host.users += 1
        try:
            async with host.turns:
                for key, place in places.items():
                    if found := self._in_backoff(key):
                        # Before the delay: the rest of the queue need not sit it out.
                        raise self._refuse(found, who, place)
                if (wait := self._memory.rested.get(name, 0.0) - self._clock()) > 0:
                    await self._sleep(wait)
                # The slot is taken last and held only for the request itself, so that waiting
                # for one host keeps nobody from another.
                async with self._slots:
                    try:
                        yield
                    finally:
                        self._memory.rested[name] = self._clock() + self._delay
                        for key in places:
                            self._end_backoff(key)
        finally:
            host.users -= 1
            if not host.users:
                self._idle.append(name)
                self._forget()

    def _enter(self, name: str, who: str) -> int | None:
        """Return the place of ``who`` if it waited, and it is its turn."""
        found = self._memory.backoffs.get(name)
        if found is None:
            return None
        place = found.queue.pop(who, (None,))[0]
        if self._in_backoff(name):
            raise self._refuse(found, who, place)
        now = self._now()
        for other, (_, due) in list(found.queue.items()):
            if due < now - _ABSENT_AFTER:
                del found.queue[other]
        if ahead := found.ahead(place, now):
            raise found.refuse(who, place or self._memory.next_place(), now, ahead, self._step)
        return place

    def _refuse(self, found: _Backoff, who: str, place: int | None) -> HostBackoffError:
        place = place or self._memory.next_place()
        return found.refuse(who, place, found.until, found.ahead(place), self._step)

    def _in_backoff(self, name: str) -> _Backoff | None:
        found, now = self._memory.backoffs.get(name), self._now()
        # One that lasts longer than a server may ask for is from before the clock was set back.
        return found if found and now < found.until <= now + LONGEST_BACKOFF else None

    def _end_backoff(self, name: str) -> None:
        """Forget a backoff that is over, and that nothing waits for."""
        found = self._memory.backoffs.get(name)
        if found is not None and not found.queue and not self._in_backoff(name):
            del self._memory.backoffs[name]

    def _forget(self) -> None:
        """Drop the hosts that are idle and whose delay is over; delays end in queue order."""
        now = self._clock()
        while self._idle:
            name = self._idle[0]
            host = self._hosts.get(name)
            if host is None or not host.users:
                if self._memory.rested.get(name, 0.0) > now:
                    return
                self._hosts.pop(name, None)
                self._memory.rested.pop(name, None)
            self._idle.popleft()


def _path_key(host: str, path: str) -> str:
    """Return a name for ``path`` of ``host``, which may hold a secret, so only its digest."""
    digest = blake2b(path.encode(), digest_size=6).hexdigest()
    return f"{host} {digest}" if path else host
