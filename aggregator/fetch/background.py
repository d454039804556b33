"""Fetches many documents at the same time, in a thread that works ahead of its caller.

Takes a source of requests, which is asked for more whenever there is room; yields their results.
No more than a number of requests and of bytes are ahead of the caller, so that memory does not grow
with the number of sources.  How one document is fetched is in ``client``.
"""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Self

from aggregator.errors import FetchError
from aggregator.fetch.exchange import BackoffFetchError, FetchRequest, FetchResponse, Limits
from aggregator.fetch.host_limiter import HostLimiter, HostMemory
from aggregator.fetch.resolve import Resolve
from aggregator.normalise.addresses import display_address, with_credentials

if TYPE_CHECKING:
    from aggregator.fetch.client import Client

Work = Callable[[int], Sequence[FetchRequest] | None]
"""Called with how many more requests there is room for; returns those that are due now, or None if
there will be no more.  Called again at least every ``TICK`` seconds."""

LookFurther = Callable[[FetchResponse], Sequence[str]]
"""Returns where the document may be if a response is a page instead of it."""

TICK = 0.5

_Fetch = Callable[[FetchRequest, Callable[[], None]], Awaitable["FetchResult"]]

_BATCH = 32  # requests handed over at once
_GATHER = 0.01  # seconds in which results are gathered, since each time the caller is woken costs
_MOST_PLACES = 10
_MOST_NESTED = 3  # of a page that a page leads to: the first is where it has its own feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """The result of a request: a ``response`` or an ``error``.

    ``found`` is the address, without credentials, at which the document was found if the requested
    one led to a page; then ``response`` is from there, and ``others`` are the places of that page
    that were not needed.
    """

    request: FetchRequest
    response: FetchResponse | None = None
    error: FetchError | None = None
    found: str | None = None
    others: tuple[str, ...] = ()


def fetch(
    work: Work,
    *,
    in_order: bool,
    limits: Limits,
    user_agent: str,
    concurrency: int,
    delay: float,
    now: Callable[[], datetime],
    memory: HostMemory | None = None,
    look_further: LookFurther = lambda _: (),
    max_ahead: int = 2000,
    max_waiting: int = 16_000_000,
    resolve: Resolve | None = None,
    authorities: ssl.SSLContext | None = None,
) -> Generator[FetchResult, None, None]:
    """Yield the result of each request of ``work``.

    ``in_order``: in the order of the requests, so that what is made of the documents does not
    depend on which server is quickest; else each as soon as it is there.  ``concurrency`` is how
    many requests are under way at the same time, ``delay`` in seconds from one request to a host to
    the next.  ``now`` is the clock (aware, UTC), and ``memory`` has what earlier calls found out of
    hosts (as ``addresses.host_of`` names them).  ``look_further`` is called in the
    other thread for each response with a body, if the request permits it, and at most ten of the
    addresses it returns are tried in turn, until one leads to a document for which it returns none;
    where that is another page, what it returns for that page comes next.
    At most ``max_ahead`` requests are ahead of the caller, and ``max_waiting`` bytes of bodies
    besides those under way.  Closing the generator cancels everything that is under way.
    """
    batch = work(max_ahead)
    if batch is None:
        return  # and neither a thread nor httpx was needed

    from aggregator.fetch.client import Client  # imports httpx, which takes 0.2 s

    client = Client(
        limits,
        user_agent,
        now=now,
        limiter=HostLimiter(delay, concurrency, memory=memory, now=now),
        resolve=resolve,
        authorities=authorities,
    )

    async def fetch_one(request: FetchRequest, on_turn: Callable[[], None]) -> FetchResult:
        return await _fetch(client, request, on_turn, look_further)

    with _FetchThread(fetch_one, max_waiting, in_order=in_order) as thread:
        under_way = 0
        while True:
            if batch:
                thread.start(batch)
                under_way += len(batch)
            if batch is None and not under_way:
                return
            results = thread.results(TICK)[::-1]
            while results:
                result = results.pop()
                size = _size(result)
                yield result
                under_way -= 1
                del result  # its body, while the next one is waited for
                thread.took(size)
            if batch is not None:
                room = max_ahead - under_way
                batch = work(room) if room >= min(_BATCH, max_ahead) else ()


async def _fetch(
    client: "Client",
    request: FetchRequest,
    on_turn: Callable[[], None],
    look_further: LookFurther,
) -> FetchResult:
    try:
        response = await client.get(request, on_turn)
        places = _places(request, response, look_further)
    except FetchError as error:
        return FetchResult(request=request, error=error)
    waiting: BackoffFetchError | None = None
    left, known = list(places), {response.address, *places}
    for _ in range(_MOST_PLACES):
        if not left:
            break
        place = left.pop(0)
        address = with_credentials(place, request.address)
        further = FetchRequest(
            source=request.source,
            address=address,
            allow_private=request.allow_private,
            settings=request.settings,
        )
        try:
            other = await client.get(further)
            named = _places(request, other, look_further) if other.body else ()
            if other.body and not named:
                rest = tuple(other_place for other_place in places if other_place != place)
                return FetchResult(request=request, response=other, found=place, others=rest)
            # A page that the first one leads to, such as a list of feeds, names others.
            known.add(other.address)
            left[:0] = [link for link in named if link not in known][:_MOST_NESTED]
            known.update(named)
        except BackoffFetchError as error:
            waiting = waiting or error
        except FetchError:
            continue
    if waiting is not None:
        return FetchResult(request=request, error=waiting)
    return FetchResult(request=request, response=response)


def _places(
    request: FetchRequest, response: FetchResponse, look_further: LookFurther
) -> Sequence[str]:
    """Return where else to look; a page that breaks the search fails only its own source."""
    if not (response.body and request.may_look_further):
        return ()
    try:
        return look_further(response)
    except Exception as error:
        address = display_address(response.address)
        problem = f"{address}: cannot be searched for feeds ({type(error).__name__})"
        raise FetchError(request.source, problem) from error


def _size(result: FetchResult) -> int:
    return len(result.response.body) if result.response else 0


class _NoRoomError(Exception):
    """Too many bytes wait for the caller to start another request."""


class _FetchThread:
    """The thread in which requests are made, and the results that wait there.

    The caller uses the methods without underscore; all others run in the thread's event loop.
    """

    def __init__(self, fetch: _Fetch, max_waiting: int, *, in_order: bool) -> None:
        self._fetch = fetch
        self._max_waiting = max_waiting
        self._in_order = in_order
        self._out: SimpleQueue[list[FetchResult] | BaseException] = SimpleQueue()
        self._loop = asyncio.new_event_loop()
        # A daemon thread, so that a generator which is never closed does not prevent the exit.
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._took = 0
        self._is_over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = 0
        self._next = 0  # the first request whose result was not handed out
        self._done: dict[int, FetchResult] = {}
        self._ready: list[FetchResult] = []
        self._hand_over_at: asyncio.TimerHandle | None = None
        self._waiting = 0  # bytes that the caller has not taken
        self._is_wanted = False
        self._room_changed = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._is_over.set)
        self._thread.join()

    def start(self, requests: Sequence[FetchRequest]) -> None:
        """Fetch these too."""
        self._call(self._start, requests)

    def results(self, seconds: float) -> list[FetchResult]:
        """Return the next results, or none after ``seconds``."""
        if self._out.empty():
            self._call(self._make_room, self._took, True)
            self._took = 0
        try:
            results = self._out.get(timeout=seconds)
        except Empty:
            return []
        if isinstance(results, BaseException):
            raise results
        return results

    def took(self, size: int) -> None:
        """Note that the caller is done with a body of ``size`` bytes."""
        self._took += size
        # Waking the other thread costs more than a small body.
        if self._took > self._max_waiting // 16:
            self._call(self._make_room, self._took, False)
            self._took = 0

    def _call(self, call: Callable[..., object], *args: object) -> None:
        # A closed loop means that the thread failed, and `results` raises why.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *args)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._out.put(error)

    async def _serve(self) -> None:
        await self._is_over.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, requests: Sequence[FetchRequest]) -> None:
        for request in requests:
            task = self._loop.create_task(self._work(self._started, request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self._started += 1

    async def _work(self, number: int, request: FetchRequest) -> None:
        try:
            result = await self._fetch_with_room(number, request)
        except Exception as error:  # an internal error: raised in the caller's thread
            self._hand_over()
            self._out.put(error)
            return
        self._waiting += _size(result)
        self._done[number if self._in_order else self._next] = result
        while self._next in self._done:
            self._ready.append(self._done.pop(self._next))
            self._next += 1
        if len(self._tasks) == 1:  # this one is the last
            self._hand_over()
        elif self._ready and self._hand_over_at is None:
            self._hand_over_at = self._loop.call_later(_GATHER, self._hand_over)

    def _hand_over(self) -> None:
        """Hand the results that are ready to the caller."""
        if self._hand_over_at is not None:
            self._hand_over_at.cancel()
            self._hand_over_at = None
        if self._ready:
            self._is_wanted = False
            self._out.put(self._ready)
            self._ready = []

    async def _fetch_with_room(self, number: int, request: FetchRequest) -> FetchResult:
        """Fetch once there is room for the result.

        Room is not waited for while holding a turn: the result that would make room may need it.
        """

        def insist_on_room() -> None:
            if not self._has_room(number):
                raise _NoRoomError

        while True:
            while not self._has_room(number):
                await self._room_changed.wait()
            with suppress(_NoRoomError):
                return await self._fetch(request, insist_on_room)

    def _has_room(self, number: int) -> bool:
        """Whether to start; the result that the caller waits for always has room."""
        is_wanted = self._is_wanted and number == self._next
        return is_wanted or self._waiting <= self._max_waiting

    def _make_room(self, taken: int, is_wanted: bool) -> None:
        """Note what the caller took; ``is_wanted``: it has nothing left."""
        self._waiting -= taken
        self._is_wanted = self._is_wanted or is_wanted
        self._room_changed.set()  # wakes all that wait now
        self._room_changed.clear()
