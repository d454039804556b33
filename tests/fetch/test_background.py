"""Fetching many documents in the background: order, memory, pages that lead on, and the end."""

import asyncio
import gc
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

import pytest

from aggregator.fetch import background
from aggregator.fetch.background import FetchResult
from aggregator.fetch.exchange import BackoffFetchError, FetchRequest, FetchResponse, Limits
from aggregator.fetch.host_limiter import HostMemory
from tests.support.loopback import Connection, Loopback, Reply, Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as started:
        yield started


async def on_this_machine(name: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def asks(server: Loopback, paths: Sequence[str], host: str = "h{}.example") -> list[FetchRequest]:
    """A request for each path, each to a host of its own."""
    return [
        FetchRequest(
            source=str(number), address=server.url(path, host.format(number)), allow_private=True
        )
        for number, path in enumerate(paths)
    ]


def fetch(asks: Iterable[FetchRequest], **options: object) -> Generator[FetchResult, None, None]:
    settings: dict[str, object] = {
        "limits": Limits(),
        "user_agent": "trial",
        "concurrency": 20,
        "delay": 0,
        "now": lambda: NOW,
        "resolve": on_this_machine,
        "in_order": True,
    }
    waiting = iter(asks)
    return background.fetch(
        lambda room: list(islice(waiting, room)) or None,
        **(settings | options),  # type: ignore[arg-type]
    )


def memory_of(backoffs: dict[str, datetime]) -> HostMemory:
    memory = HostMemory()
    memory.add(backoffs)
    return memory


def bodies(results: Iterator[FetchResult]) -> list[bytes | str]:
    return [
        result.response.body if result.response else type(result.error).__name__
        for result in results
    ]


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "fetch"]


def test_results_in_the_order_of_the_requests(server: Loopback) -> None:
    """The slowest response is first if it was requested first; errors keep their place."""
    others = threading.Semaphore(0)

    async def last(request: Request, connection: Connection) -> None:
        while not others.acquire(blocking=False):
            await asyncio.sleep(0)
        await connection.send(Reply(200, b"first").to_bytes())

    async def quick(request: Request, connection: Connection) -> None:
        await connection.send(Reply(200, request.path.encode()).to_bytes())
        if request.path == "/40":
            others.release()

    server.at("/first", last)
    server.at("/cut", b"HTTP/1.1 200")
    paths = [f"/{number}" for number in range(1, 41)]
    for path in paths:
        server.at(path, quick)
    found = bodies(fetch(asks(server, ["/first", *paths[:20], "/cut", *paths[20:]])))
    assert found[0] == b"first"
    assert found[21] == "FetchError"
    assert found[1:21] + found[22:] == [path.encode() for path in paths]
    assert threads() == []


def test_requests_are_read_as_they_are_needed(server: Loopback) -> None:
    """No more is read ahead than may wait, in the caller's own thread."""
    server.at("/feed", Reply(304))
    read = 0

    def many() -> Iterator[FetchRequest]:
        nonlocal read
        for number in range(400):
            read += 1
            assert threading.current_thread() is threading.main_thread()
            address = server.url("/feed", f"h{number}.example")
            yield FetchRequest(source="s", address=address, etag='"1"', allow_private=True)

    ahead = [read - taken for taken, _ in enumerate(fetch(many(), max_ahead=100), 1)]
    assert len(ahead) == 400
    assert max(ahead) <= 100


def test_no_requests_start_no_thread() -> None:
    """Without work there is no result."""
    assert list(fetch(iter([]))) == []


def test_waiting_bodies_hold_requests_back(server: Loopback) -> None:
    """While too many bytes wait for the caller, only the next document is requested."""
    server.at("/feed", Reply(200, b"x" * 10_000))
    results = fetch(asks(server, ["/feed"] * 120), max_waiting=100_000, concurrency=4)
    next(results)
    # Nobody takes anything now; while the same server answers others, nothing more is asked.
    server.at("/other", Reply(200, b"x"))
    list(fetch(asks(server, ["/other"] * 200)))
    # The first, those of which one byte more was too many, those under way then, the next one.
    assert len(server.asked("/feed")) <= 1 + 11 + 4 + 1
    assert len(list(results)) == 119


def test_a_body_larger_than_may_wait(server: Loopback) -> None:
    """Every body arrives, one by one if necessary."""
    server.at("/feed", Reply(200, b"x" * 10_000))
    results = list(fetch(asks(server, ["/feed"] * 30), max_waiting=1))
    assert [len(result.response.body) for result in results if result.response] == [10_000] * 30


def test_one_request_at_a_time_to_a_host(server: Loopback) -> None:
    """However many asks there are for it, and for others meanwhile."""

    async def slow(request: Request, connection: Connection) -> None:
        await asyncio.sleep(0.002)
        await connection.send(Reply(200, b"x").to_bytes())

    server.at("/feed", slow)
    same = asks(server, ["/feed"] * 20, host="same.example")
    other = asks(server, ["/feed"] * 20)
    list(fetch([ask for pair in zip(same, other, strict=True) for ask in pair]))
    assert server.most_at_once == 1
    assert len(server.requests) == 40


def test_backoff_for_the_rest_of_the_run(server: Loopback) -> None:
    """A host that asks for no requests, now or before, gets none; nothing waits for it."""
    server.at("/feed", Reply(200, b"x"), Reply(429, headers={"Retry-After": "600"}))
    line = asks(server, ["/feed"] * 10, host="same.example")
    other = FetchRequest(source="o", address="http://other.example/feed", allow_private=True)
    until = NOW + timedelta(hours=2)
    results = list(
        fetch([*line, other], delay=0.001, memory=memory_of({"other.example:80": until}))
    )
    assert [result.response.status for result in results[:2] if result.response] == [200, 429]
    errors = [result.error for result in results[2:]]
    assert all(isinstance(error, BackoffFetchError) for error in errors)
    assert errors[-1] is not None
    assert errors[-1].problem == (
        "http://other.example/feed: asked (429 or 503) for no requests until 2026-11-22 14:00 UTC"
    )
    assert len(server.requests) == 2


def test_backoff_that_is_over(server: Loopback) -> None:
    """It no longer holds."""
    server.at("/feed", Reply(200, b"x"))
    hosts = {f"a.example:{server.port}": NOW}
    assert bodies(fetch(asks(server, ["/feed"], host="a.example"), memory=memory_of(hosts))) == [
        b"x"
    ]


# A page instead of a document.


def further(server: Loopback, *paths: str) -> Callable[[FetchResponse], list[str]]:
    """What a page's links would say."""
    return lambda answer: (
        [server.url(path, "h0.example") for path in paths] if b"page" in answer.body else []
    )


def test_a_page_that_names_the_feed(server: Loopback) -> None:
    """The places it names are tried in turn, until one is a document."""
    server.at("/", Reply(200, b"page"))
    server.at("/gone", Reply(404))
    server.at("/page", Reply(200, b"another page"))
    server.at("/empty", Reply(200))
    server.at("/feed", Reply(200, b"feed"))
    places = further(server, "/gone", "/page", "/empty", "/feed", "/never")
    (result,) = fetch(asks(server, ["/"]), look_further=places)
    assert result.found == server.url("/feed", "h0.example")
    assert result.response is not None
    assert result.response.body == b"feed"
    assert [request.path for request in server.requests] == [
        "/", "/gone", "/page", "/empty", "/feed",
    ]  # fmt: skip


def test_a_page_that_leads_to_a_page_that_names_the_feed(server: Loopback) -> None:
    """The places of the second page are tried before the others of the first, each once."""
    named = {
        "/": ["/old", "/feeds", "/usual"],
        "/feeds": ["/feeds", "/", "/old", "/gone", "/more"],
        "/more": ["/feeds", "/", "/feed"],
    }
    for path in named:
        server.at(path, Reply(200, b"page"))
    server.at("/feed", Reply(200, b"feed"))

    def places(answer: FetchResponse) -> list[str]:
        path = urlsplit(answer.address).path
        return [server.url(place, "h0.example") for place in named.get(path, ())]

    (result,) = fetch(asks(server, ["/"]), look_further=places)
    assert result.found == server.url("/feed", "h0.example")
    assert [request.path for request in server.requests] == [
        "/", "/old", "/feeds", "/gone", "/more", "/feed",
    ]  # fmt: skip


def test_pages_that_lead_to_pages_without_end(server: Loopback) -> None:
    """Ten places are tried in all."""
    for number in range(40):
        server.at(f"/{number}", Reply(200, b"page"))

    def places(answer: FetchResponse) -> list[str]:
        number = int(urlsplit(answer.address).path[1:])
        return [server.url(f"/{number + more}", "h0.example") for more in (1, 2, 3)]

    (result,) = fetch(asks(server, ["/0"]), look_further=places)
    assert (result.found, len(server.requests)) == (None, 11)


def test_a_page_that_names_a_feed_whose_host_is_in_backoff(server: Loopback) -> None:
    """The source waits for that host; it did not fail."""
    server.at("/page", Reply(200, b"page"))
    memory = memory_of({f"h0.example:{server.port}": NOW + timedelta(hours=1)})
    (ask,) = asks(server, ["/page"], host="pages.example")
    (result,) = fetch([ask], look_further=further(server, "/a", "/b"), memory=memory)
    assert isinstance(result.error, BackoffFetchError)
    assert result.error.turn == NOW + timedelta(hours=1)


def test_a_page_that_names_nothing_of_use(server: Loopback) -> None:
    """Ten places are tried, and then the page is what there is."""
    server.at("/", Reply(200, b"page"))
    places = further(server, *[f"/{number}" for number in range(20)])
    (result,) = fetch(asks(server, ["/"]), look_further=places)
    assert result.response is not None
    assert (result.response.body, result.found) == (b"page", None)
    assert len(server.requests) == 11


def test_page_of_a_request_that_may_not_look_further(server: Loopback) -> None:
    """The page is the result."""
    server.at("/", Reply(200, b"page"))
    (asked,) = asks(server, ["/"])
    (result,) = fetch(
        [replace(asked, may_look_further=False)], look_further=further(server, "/feed")
    )
    assert (result.found, len(server.requests)) == (None, 1)


def test_credentials_of_a_page_are_its_feeds(server: Loopback) -> None:
    """They are sent to the same origin, and are not in the result."""
    server.at("/", Reply(200, b"page"))
    server.at("/feed", Reply(200, b"feed"))
    address = server.url("/", "u:secret@h0.example")
    asked = FetchRequest(source="s", address=address, allow_private=True)
    (result,) = fetch([asked], look_further=further(server, "/feed"))
    assert ["authorization" in request.headers for request in server.requests] == [True, True]
    assert "secret" not in f"{result.found} {result.response}"


def test_a_page_that_breaks_the_search(server: Loopback) -> None:
    """It fails its own source only."""

    def broken(answer: FetchResponse) -> list[str]:
        if answer.body == b"page":
            raise RecursionError
        return []

    server.at("/", Reply(200, b"page"))
    server.at("/feed", Reply(200, b"feed"))
    first, second = fetch(asks(server, ["/", "/feed"]), look_further=broken)
    assert first.error is not None
    assert first.error.problem.endswith("cannot be searched for feeds (RecursionError)")
    assert bodies(iter([second])) == [b"feed"]


# How it ends.


async def silence(request: Request, connection: Connection) -> None:
    await connection.until_closed()


def test_closing_early(server: Loopback) -> None:
    """Requests under way are cancelled, and the thread ends."""
    server.at("/feed", Reply(200, b"x"))
    server.at("/never", silence)
    results = fetch(asks(server, ["/feed"] + ["/never"] * 100))
    next(results)
    results.close()
    gc.collect()
    assert threads() == []


def test_an_error_of_the_caller(server: Loopback) -> None:
    """An interrupt between two results ends the thread too."""
    server.at("/feed", Reply(200, b"x"))

    def interrupted() -> None:
        for _ in fetch(asks(server, ["/feed"] * 100)):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    gc.collect()
    assert threads() == []


def test_error_in_the_work(server: Loopback) -> None:
    """It is raised, and the thread ends."""
    server.at("/feed", Reply(200, b"x"))

    def failing() -> Iterator[FetchRequest]:
        yield from asks(server, ["/feed"] * 300)
        raise OSError("the store is full")

    with pytest.raises(OSError, match="the store is full"):
        list(fetch(failing()))
    assert threads() == []


def test_internal_error_in_the_thread(server: Loopback) -> None:
    """It is raised in the caller."""

    async def broken(name: str, port: int) -> list[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(fetch(asks(server, ["/feed"] * 10), resolve=broken))
    assert threads() == []


def test_results_before_an_internal_error(server: Loopback) -> None:
    """What was fetched before is handed over first."""
    server.at("/feed", Reply(200, b"<feed/>"))
    is_fetched = asyncio.Event()

    async def broken(name: str, port: int) -> list[str]:
        if name == "h1.example":
            await is_fetched.wait()
            raise ZeroDivisionError
        return ["127.0.0.1"]

    def look_further(_: FetchResponse) -> list[str]:
        is_fetched.set()
        return []

    results = fetch(asks(server, ["/feed"] * 2), resolve=broken, look_further=look_further)
    assert next(results).response is not None
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_client_that_cannot_be_made(server: Loopback) -> None:
    """An error before the first request is raised too."""
    with pytest.raises(ValueError, match="Semaphore"):
        list(fetch(asks(server, ["/feed"] * 10), concurrency=-1))
    assert threads() == []
