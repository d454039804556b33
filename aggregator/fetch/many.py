"""Gets many documents at once, for a caller that takes them one by one.

Takes asks and gives what became of each, in their order: what the store makes of documents must not
depend on which server was quickest.  The requests are made in one thread of their own, ahead of the
caller and no further than so many asks and bytes, so that memory is flat however many there are.
How one document is got is ``http``'s, whose turn it is ``turns``'.
"""

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Self

from aggregator.errors import FetchError
from aggregator.fetch.exchange import Answer, Ask, Limits
from aggregator.fetch.resolve import Resolve
from aggregator.fetch.turns import Turns
from aggregator.normalise.addresses import display_address as shown
from aggregator.normalise.addresses import with_credentials

if TYPE_CHECKING:
    from aggregator.fetch.http import Client

LookFurther = Callable[[Answer], Sequence[str]]
"""Where the document may be that a page was given instead of; nothing for what is no page."""

_Fetch = Callable[[Ask, Callable[[], None]], Awaitable["Fetched"]]
_Fetching = Callable[[], AbstractAsyncContextManager[_Fetch]]

_AHEAD = 2000  # asks that are under way, or wait for the caller
_BATCH = 32  # asks handed over at once
_MAX_WAITING = 64_000_000
_MOST_PLACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of an ask: an ``answer`` or an ``error``.

    ``found`` is the address, without credentials, at which the document was in the end, where the
    one asked for gave a page; then ``answer`` is from there.
    """

    ask: Ask
    answer: Answer | None = None
    error: FetchError | None = None
    found: str | None = None


def fetch_all(
    asks: Iterable[Ask],
    *,
    limits: Limits,
    user_agent: str,
    concurrency: int,
    delay: float,
    now: datetime,
    hosts: Mapping[str, datetime] | None = None,
    look_further: LookFurther = lambda _: (),
    max_waiting: int = _MAX_WAITING,
    resolve: Resolve | None = None,
    authorities: ssl.SSLContext | None = None,
) -> Generator[Fetched, None, None]:
    """What became of each of ``asks``, in their order.

    ``asks`` is read lazily, in the caller's thread.  ``concurrency`` is how many requests are under
    way at once, ``delay`` in seconds from one request to a host to the next.  ``hosts`` says until
    when a host (as ``host_of`` names it) asked to be left alone; one that asks for it now gets no
    request in this run any more.  ``look_further`` is called in the other thread for each answer
    with a body, where the ask permits it, and the places it names are tried in turn, ten at most,
    until one gives a document for which it names none.  At most ``max_waiting`` bytes of bodies
    wait for the caller, besides those under way.  Closing the generator ends everything that is
    under way.
    """
    coming = iter(asks)
    first = list(islice(coming, 1))
    if not first:
        return  # and no thread, and no httpx
    fetching = _client(
        *(limits, user_agent, concurrency, delay, now, hosts, look_further),
        resolve=resolve,
        authorities=authorities,
    )
    with _Ahead(fetching, max_waiting) as ahead:
        yield from _in_order(ahead, chain(first, coming))


def fetch_as_due(
    poll: Callable[[int], list[Ask] | None],
    *,
    limits: Limits,
    user_agent: str,
    concurrency: int,
    delay: float,
    now: datetime,
    hosts: Mapping[str, datetime] | None = None,
    look_further: LookFurther = lambda _: (),
    tick: float = 0.5,
) -> Generator[Fetched | None, None, None]:
    """What became of asks that come up one after the other, as soon as each is done.

    For who runs for long: ``poll`` is called with how many more asks there is room for, and gives
    those that are due, or None to begin no more and end once the others are done.  No source waits
    for a slow one.  Gives None about every ``tick`` seconds in which nothing came.  The rest is as
    for ``fetch_all``.
    """
    fetching = _client(limits, user_agent, concurrency, delay, now, hosts, look_further)
    with _Ahead(fetching, _MAX_WAITING, in_order=False) as ahead:
        under_way, is_over = 0, False
        while not is_over or under_way:
            if not is_over:
                batch = poll(_AHEAD - under_way)
                is_over = batch is None
                if batch:
                    ahead.begin(batch)
                    under_way += len(batch)
            if not under_way and is_over:
                return
            results = ahead.results(tick)
            if not results:
                yield None
            for fetched in results:
                under_way -= 1
                size = _size(fetched)
                yield fetched
                ahead.took(size)


def _client(
    limits: Limits,
    user_agent: str,
    concurrency: int,
    delay: float,
    now: datetime,
    hosts: Mapping[str, datetime] | None,
    look_further: LookFurther,
    resolve: Resolve | None = None,
    authorities: ssl.SSLContext | None = None,
) -> _Fetching:
    """How the other thread comes by a client, and to what asks are put."""

    @asynccontextmanager
    async def fetching() -> AsyncIterator[_Fetch]:
        from aggregator.fetch.http import Client  # loads httpx, which takes 0.2 s

        left_alone = {host: until for host, until in (hosts or {}).items() if until > now}
        turns = Turns(delay, concurrency, left_alone)
        async with Client(
            limits, user_agent, now=now, turns=turns, resolve=resolve, authorities=authorities
        ) as client:
            yield lambda ask, before: _fetch(client, ask, before, look_further)

    return fetching


def _in_order(ahead: "_Ahead", asks: Iterator[Ask]) -> Iterator[Fetched]:
    """Keep ``ahead`` busy, and give what it has as it has it."""
    under_way = 0
    results: deque[Fetched] = deque()
    while True:
        if under_way <= _AHEAD - _BATCH and (batch := list(islice(asks, _AHEAD - under_way))):
            ahead.begin(batch)
            under_way += len(batch)
        if not under_way:
            return
        if not results:
            results = ahead.results()
        fetched = results.popleft()
        size = _size(fetched)
        yield fetched
        under_way -= 1
        del fetched  # its body, while the next one is waited for
        ahead.took(size)


async def _fetch(
    client: "Client", ask: Ask, before: Callable[[], None], look_further: LookFurther
) -> Fetched:
    try:
        answer = await client.get(ask, before)
        places = _places(ask, answer, look_further)
    except FetchError as error:
        return Fetched(ask=ask, error=error)
    for place in places[:_MOST_PLACES]:
        address = with_credentials(place, ask.address)
        further = Ask(source=ask.source, address=address, allow_private=ask.allow_private)
        with suppress(FetchError):
            other = await client.get(further)
            if other.body and not _places(ask, other, look_further):
                return Fetched(ask=ask, answer=other, found=place)
    return Fetched(ask=ask, answer=answer)


def _places(ask: Ask, answer: Answer, look_further: LookFurther) -> Sequence[str]:
    """Where else to look; a page that breaks the search costs only its own source."""
    if not (answer.body and ask.may_look_further):
        return ()
    try:
        return look_further(answer)
    except Exception as error:
        problem = f"{shown(answer.address)}: cannot be searched for feeds ({type(error).__name__})"
        raise FetchError(ask.source, problem) from error


def _size(fetched: Fetched) -> int:
    return len(fetched.answer.body) if fetched.answer else 0


class _NoRoomError(Exception):
    """Too many bytes wait for the caller to begin another request."""


class _Ahead:
    """The thread in which requests are made, and the results that wait there.

    ``begin``, ``results``, ``took`` and leaving are the caller's, and all else is the thread's own.
    """

    def __init__(self, fetching: _Fetching, max_waiting: int, *, in_order: bool = True) -> None:
        self._in_order = in_order
        self._fetching = fetching
        self._max_waiting = max_waiting
        self._out: SimpleQueue[deque[Fetched] | BaseException] = SimpleQueue()
        self._loop = asyncio.new_event_loop()
        # Daemonic, for who forgets to close the generator should still be able to leave.
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._took = 0
        self._fetch: _Fetch | None = None
        self._is_ready = asyncio.Event()
        self._is_over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun = 0
        self._next = 0  # the first ask whose result is not given out yet
        self._done: dict[int, Fetched] = {}
        self._waiting = 0  # bytes that the caller has not taken
        self._is_wanted = False
        self._held: dict[int, asyncio.Future[None]] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._is_over.set)
        self._thread.join()

    def begin(self, asks: list[Ask]) -> None:
        """Get these too."""
        self._call(self._begin, asks)

    def results(self, longest: float | None = None) -> deque[Fetched]:
        """The next results, at least one; waits for them, but not over ``longest`` seconds."""
        if self._out.empty():
            self._call(self._want, self._took)
            self._took = 0
        try:
            results = self._out.get(timeout=longest)
        except Empty:
            return deque()
        if isinstance(results, BaseException):
            raise results
        return results

    def took(self, size: int) -> None:
        """The caller is done with a body of ``size`` bytes."""
        self._took += size
        # Waking the other thread costs more than a small body.
        if self._took > self._max_waiting // 16:
            self._call(self._make_room, self._took)
            self._took = 0

    def _call(self, call: Callable[..., object], *args: object) -> None:
        with suppress(
            RuntimeError
        ):  # the loop is closed: the thread failed, and `results` says why
            self._loop.call_soon_threadsafe(call, *args)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._out.put(error)

    async def _serve(self) -> None:
        async with self._fetching() as self._fetch:
            self._is_ready.set()
            await self._is_over.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, asks: list[Ask]) -> None:
        for ask in asks:
            task = self._loop.create_task(self._one(self._begun, ask))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self._begun += 1

    async def _one(self, number: int, ask: Ask) -> None:
        try:
            await self._is_ready.wait()
            fetched = await self._fetched(number, ask)
        except Exception as error:  # a fault of ours: raised where the caller is
            self._out.put(error)
            return
        self._waiting += _size(fetched)
        if not self._in_order:
            self._out.put(deque([fetched]))
            return
        self._done[number] = fetched
        self._give_out()

    async def _fetched(self, number: int, ask: Ask) -> Fetched:
        """What becomes of an ask, begun only while there is room for its result.

        Room is waited for without holding a turn: the one all others wait for may need that turn.
        """
        assert self._fetch is not None

        def insist_on_room() -> None:
            if not self._has_room(number):
                raise _NoRoomError

        while True:
            while not self._has_room(number):
                self._held[number] = self._loop.create_future()
                await self._held[number]
            with suppress(_NoRoomError):
                return await self._fetch(ask, insist_on_room)

    def _has_room(self, number: int) -> bool:
        """What the caller waits for has it always."""
        is_wanted = self._is_wanted and number == self._next
        return is_wanted or self._waiting <= self._max_waiting

    def _give_out(self) -> None:
        """Give the caller what is done, up to the first that is not."""
        if self._next not in self._done:
            return
        ready: deque[Fetched] = deque()
        while self._next in self._done:
            ready.append(self._done.pop(self._next))
            self._next += 1
        self._is_wanted = False
        self._out.put(ready)

    def _want(self, taken: int) -> None:
        """The caller has nothing left."""
        self._is_wanted = True
        self._make_room(taken)
        self._let_go(self._next)

    def _make_room(self, taken: int) -> None:
        self._waiting -= taken
        if self._waiting <= self._max_waiting:
            for number in sorted(self._held):
                self._let_go(number)

    def _let_go(self, number: int) -> None:
        held = self._held.pop(number, None)
        if held is not None and not held.done():
            held.set_result(None)
