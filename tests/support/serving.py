"""For the tests of the server: a site, a state, and two ways to send requests.

``Asked`` is a response; ``ask_soon`` returns one from the application within this process, with the
path exactly as given, and ``Server`` runs the real server on loopback in a thread.
"""

import asyncio
import gzip
import json
import re
import resource
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aggregator.store.webhooks import Delivering
from aggregator.web import App, ServedSite, State, app, serve
from aggregator.web.connections import Limits
from aggregator.web.search_query import SearchQuery
from aggregator.web.state import Results

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)

ENTRY = {
    "id": "urn:uuid:00000000-0000-5000-8000-000000000001",
    "agency": "nato",
    "title": "Ministers <meet> & agree",
    "published": "2024-02-29T08:00:00Z",
    "dating": {"basis": "inferred"},
    "language": "en",
    "links": [],
}

STATUS: dict[str, Any] = {
    "alarms": [],
    "sources": [
        {
            "id": "a<b",
            "location": "a<b/*.txt",
            "last_attempt": "2024-03-01T11:00:00Z",
            "title": None,
            "last_success": None,
            "next_due": "2024-03-01T11:15:00Z",
            "result": "failed",
            "interval": 900,
            "why": "as configured",
            "address": None,
            "failures": 3,
            "error": "<script>alert(1)</script>",
            "documents": 0,
            "items": 0,
            "entries": 0,
            "rejected": 0,
            "history": [
                {
                    "day": "2024-03-01",
                    "visits": 3,
                    "failures": 3,
                    "new": 0,
                    "revised": 0,
                    "merged": 0,
                }
            ],
        }
    ],
    "agencies": [
        {
            "id": "nato",
            "name": "NATO",
            "configured": True,
            "entries": 2,
            "newest": "2024-02-29T08:00:00Z",
            "usual_gap": 86400,
            "usually": "every day",
            "relayed": False,
            "redated": 0,
            "by_week": {"last": "2024-02-29", "counts": [0] * 51 + [2]},
        }
    ],
}


DELIVERING = Delivering(
    name="desk",
    made_of="x",
    due=NOW,
    tries=3,
    failing=NOW,
    error="responded with 500",
    is_off=False,
    waiting=12,
    given_up=40,
    delivered=None,
    most_bytes=None,
)


@dataclass
class Fixed(State):
    """A state that returns what a test sets; every method raises ``failure`` where that is set."""

    is_ready: bool = True
    failure: Exception | None = None
    said: dict[str, Any] = field(default_factory=lambda: STATUS)
    found: Results = field(
        default_factory=lambda: Results(entries=[ENTRY], total=1, agencies={"nato": "NATO"})
    )
    status_pages: int = 1
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[SearchQuery] = field(default_factory=list)
    gate: threading.Event | None = None
    calls: list[str] = field(default_factory=list)
    was_called: threading.Event = field(default_factory=threading.Event)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.was_called.set()
        if self.gate is not None:
            assert self.gate.wait(60)
        if self.failure is not None:
            raise self.failure

    def status(self) -> dict[str, Any]:
        self._called("status")
        return self.said

    def status_part(self, words: str, number: int) -> dict[str, Any]:
        self._called("status")
        lengths = {name: len(self.said[name]) for name in ("sources", "agencies")}
        part = {"number": number, "pages": self.status_pages, "words": words, **lengths}
        return self.said | {"part": part | {"silent": [], "gone": []}}

    def search(self, query: SearchQuery) -> Results:
        self._called(f"search {query.words} {query.limit}")
        self.asked.append(query)
        bare = Results(agencies=self.found.agencies, categories=self.found.categories)
        return self.found if query.words else bare

    def entry_page(self, name: str) -> bytes | None:
        self._called(f"page {name}")
        return self.pages.get(name)

    def ready(self) -> tuple[bool, list[str]]:
        self._called("ready")
        return self.is_ready, [] if self.is_ready else ["the schedule is 900 seconds behind"]

    def metrics(self) -> bytes:
        self._called("metrics")
        return b"aggregator_entries 2\n"


@dataclass(frozen=True)
class Asked:
    """A response.  ``raw`` is its body as sent, names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.raw) if "content-encoding" in self.headers else self.raw

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def ask_soon(
    application: App,
    target: str | bytes,
    headers: dict[str, str] | None = None,
    *,
    method: str = "GET",
) -> Asked:
    """Return the response of the application."""
    path, _, query = (target if isinstance(target, bytes) else target.encode()).partition(b"?")
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("no body is ever read")

    given = [(k.lower().encode(), v.encode("latin-1")) for k, v in (headers or {}).items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": given,
    }
    await application(scope, receive, send)
    start, *bodies = sent
    assert not bodies[-1]["more_body"]
    names = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Asked(start["status"], names, b"".join(part["body"] for part in bodies))


class Asker:
    """An application with an event loop, for tests that send requests one after another."""

    def __init__(self, site: ServedSite) -> None:
        self._runner = asyncio.Runner()
        self.app = app(site, now=lambda: NOW)

    def __call__(
        self, target: str | bytes, headers: dict[str, str] | None = None, *, method: str = "GET"
    ) -> Asked:
        return self._runner.run(ask_soon(self.app, target, headers, method=method))

    def from_memory(self, target: str, *lines: str) -> tuple[bytes, bytes] | None:
        """Return head and body of the response without the application."""

        async def within() -> tuple[bytes, bytes] | None:
            return self.app.from_memory(request(target, *lines, close=False))

        return self._runner.run(within())

    def close(self) -> None:
        self.app.close()
        self._runner.close()


class Server:
    """The server on a free port of loopback; ``with Server(site) as server`` starts and ends it."""

    def __init__(self, site: ServedSite, limits: Limits | None = None) -> None:
        self.app = app(site)
        self._limits = limits
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(60)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join(60)
        assert not self.is_running
        self.app.close()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Start stopping, if it has not stopped yet, without waiting."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._until.set)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._until = asyncio.get_running_loop(), asyncio.Event()
        await serve(
            self.app,
            "127.0.0.1",
            0,
            until=self._until,
            on_listening=self._heard,
            limits=self._limits,
        )

    def _heard(self, addresses: list[tuple[str, int]]) -> None:
        ((_, self.port),) = addresses
        self._listening.set()

    def until_closed(self) -> None:
        """Wait until connections are refused, including those in the backlog."""
        with suppress(ConnectionRefusedError, ConnectionResetError):
            while True:
                self.connect().close()

    def connect(self) -> socket.socket:
        """Return a new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def affordable(self, wanted: int) -> int:
        """Return how many of ``wanted`` connections this process can hold both ends of."""
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return min(wanted, (most - 400) // 2)

    def say(self, *parts: bytes) -> bytes:
        """Send these bytes; return everything until the server closes."""
        with self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Return everything until the end; a reset counts as the end."""
    got = bytearray()
    try:
        while part := connection.recv(65_536):
            got += part
    except ConnectionResetError:
        pass
    return bytes(got)


def pour(connection: socket.socket, data: bytes, times: int) -> None:
    """Send the same bytes ``times`` times."""
    for _ in range(times):
        connection.sendall(data)


def request(target: str, *lines: str, method: str = "GET", close: bool = True) -> bytes:
    """Return a request as bytes."""
    ending = ("Connection: close",) if close else ()
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", *lines, *ending, "", ""]
    return "\r\n".join(head).encode("latin-1")


def statuses(answer: bytes) -> list[int]:
    """Return the status of each response in these bytes."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer)]


def site(output: Path, state: Fixed | None = None, **more: Any) -> ServedSite:
    """Return a site of this folder."""
    more = {"base_url": "http://localhost:8080/", **more}
    return ServedSite(output=output, state=state or Fixed(), **more)
