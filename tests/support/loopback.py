"""A web server on loopback that answers, or misbehaves, as a test sets it up.

``Loopback`` serves in a separate thread, so that any test can use it.  Each address has a list of
acts: each request gets the next one, and the last one repeats.  An act is a
``Reply``, raw bytes (sent as they are, then the connection is closed), or a coroutine function that
takes the request and the connection.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Request:
    """A request as received; names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def host(self) -> str:
        return self.headers.get("host", "")


@dataclass(frozen=True, slots=True)
class Reply:
    """A proper response.  ``headers`` may hold a wrong Content-Length."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        headers = {"Content-Length": str(len(self.body)), "Connection": "close", **self.headers}
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Odd"
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


class Connection:
    """The server's end of a connection, for coroutine acts."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Reset the connection."""
        connected = self.writer.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def until_closed(self) -> None:
        """Wait until the client closes the connection."""
        with suppress(OSError):
            await self.reader.read()


Act = Reply | bytes | Callable[[Request, Connection], Awaitable[None]]


class Loopback:
    """The server; ``with Loopback() as server`` starts and ends it.

    It listens on ``host``, on a free port, with TLS where ``tls`` is given.  ``on_connect``,
    if given, is called with each connection before anything is read; it returns whether to
    go on.  ``most_at_once`` is how many requests to one host overlapped.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        *,
        tls: ssl.SSLContext | None = None,
        on_connect: Callable[[Connection], Awaitable[bool]] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._host = host
        self._tls = tls
        self._on_connect = on_connect
        self._acts: dict[str, list[Act]] = {}
        self._under_way: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        self._is_ready = threading.Event()
        self._is_over = asyncio.Event()
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_ready.wait(60)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join()

    def at(self, path: str, *acts: Act) -> str:
        """Put ``acts`` at ``path``; return its address."""
        self._acts[path] = list(acts)
        return self.url(path)

    def url(self, path: str, host: str | None = None) -> str:
        """Return the address of ``path``, with another host name if one is given."""
        scheme = "https" if self._tls else "http"
        name = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host or name}:{self.port}{path}"

    def asked(self, path: str) -> list[Request]:
        """Return the requests for ``path``, in the order of arrival."""
        return [request for request in self.requests if request.path == path]

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._answer, self._host, 0, ssl=self._tls, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        self._is_ready.set()
        await self._is_over.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        try:
            if self._on_connect is None or await self._on_connect(connection):
                await self._converse(connection)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client closed the connection
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _converse(self, connection: Connection) -> None:
        request = _request(await connection.reader.readuntil(b"\r\n\r\n"))
        self.requests.append(request)
        self._under_way[request.host] = self._under_way.get(request.host, 0) + 1
        self.most_at_once = max(self.most_at_once, self._under_way[request.host])
        try:
            act = self._next(request.path)
            if isinstance(act, Reply):
                await connection.send(act.to_bytes())
            elif isinstance(act, bytes):
                await connection.send(act)
            else:
                await act(request, connection)
        finally:
            self._under_way[request.host] -= 1

    def _next(self, path: str) -> Act:
        acts = self._acts.get(path, [Reply(404, b"There is nothing here.")])
        return acts.pop(0) if len(acts) > 1 else acts[0]


def _request(head: bytes) -> Request:
    first, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(field.split(": ", 1) for field in fields)
    return Request(method, path, {name.lower(): value for name, value in headers.items()})
