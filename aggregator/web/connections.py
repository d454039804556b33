"""Limits on connections that uvicorn does not have, and responses from memory.

uvicorn waits for ever for the end of a request's head and for a client that does not read, and has
no limit on the size of a head or on the requests in a pipeline.  ``LimitedConnection`` is the
asyncio protocol that sockets get instead of uvicorn's.  It passes whole heads on to uvicorn's, one
request at a time, and closes what takes too long.  Where connections run short, the one that was
idle longest is closed.  A request for a file in memory is answered without uvicorn, which is what
makes the server fast (docs/decisions/serving.md).
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, cast

from aggregator.web.files import CHUNK
from aggregator.web.paths import MAX_TARGET
from aggregator.web.response import CLOSE, error

_FOREVER = float("inf")
_CANDIDATES = 32  # of the oldest connections, among which an idle one is looked for
_MAX_LINE = MAX_TARGET + 32  # bytes of a request line, with method and version
_MAX_HEADERS = 100
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_WITHOUT_BODY = (b"GET ", b"HEAD ")

FromMemory = Callable[[bytes], tuple[bytes, bytes] | None]
"""From the head of a request to the head and body of its response; None where uvicorn is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and numbers.

    ``head`` is for a whole head to arrive, ``idle`` for the next request of a connection, and
    ``stall`` for the client to read what was written.  ``head_size`` is in bytes, ``connections``
    how many there may be at a time.
    """

    head: float = 10.0
    idle: float = 30.0
    stall: float = 30.0
    head_size: int = 32_768
    connections: int = 4000


class ConnectionLimiter:
    """All connections of a server, the one with the oldest request first."""

    def __init__(self, limits: Limits, from_memory: FromMemory = lambda _: None) -> None:
        self.limits = limits
        self.from_memory = from_memory
        self.connections: dict[LimitedConnection, None] = {}

    def protocol(self, server: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
        """What makes connections, each with one of ``server``'s in it."""
        return cast("type[asyncio.Protocol]", partial(self._connect, server))

    def _connect(self, server: Callable[..., asyncio.Protocol], **options: Any) -> asyncio.Protocol:
        connection = LimitedConnection(self)
        options["app_state"] = {**options["app_state"], "connection": connection}
        connection.server = server(**options)
        return connection

    def watched(self, application: Any) -> Callable[[Any, Any, Any], Awaitable[None]]:
        """``application``, telling the connection when it starts and ends."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            connection: LimitedConnection = scope["state"]["connection"]
            connection.request_started()
            try:
                await application(scope, receive, send)
            finally:
                connection.request_ended()

        return watched

    def enter(self, connection: "LimitedConnection") -> bool:
        """Admit a connection, if need be in the place of another, preferably an idle one."""
        if len(self.connections) >= self.limits.connections:
            oldest = list(islice(self.connections, _CANDIDATES))
            idle = [each for each in oldest if not each.is_answering]
            for other in (idle or oldest)[:1]:
                other.abort()
        is_room = len(self.connections) < self.limits.connections
        if is_room:
            self.connections[connection] = None
        return is_room

    def touch(self, connection: "LimitedConnection") -> None:
        """Note that a connection has a new request."""
        if connection in self.connections:
            del self.connections[connection]
            self.connections[connection] = None

    def leave(self, connection: "LimitedConnection") -> None:
        """Remove a connection."""
        self.connections.pop(connection, None)

    def sweep(self, now: float) -> None:
        """Close connections whose deadline has passed; ``now`` is the event loop's time."""
        for connection in [each for each in self.connections if each.deadline < now]:
            connection.time_out()

    def close(self) -> None:
        """Close all connections."""
        for connection in list(self.connections):
            connection.abort()


class LimitedConnection(asyncio.Protocol):
    """A connection, between the socket and the protocol of the ``server``."""

    server: asyncio.Protocol

    def __init__(self, limiter: ConnectionLimiter) -> None:
        self.deadline = _FOREVER
        self._limiter = limiter
        self._limits = limiter.limits
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._received = bytearray()  # heads that are not complete, or not yet their turn
        self._searched = 0  # of them, without the end of a head
        self._unsent = memoryview(b"")  # of a response from memory
        self._is_passed_on = False  # uvicorn has a request and has not answered it yet
        self._has_body = False  # so all that arrives belongs to this last request
        self._is_paused = False  # the client has to read first
        self._is_last = False  # no more requests are read

    @property
    def is_answering(self) -> bool:
        """Whether a response is not written completely."""
        return self._is_passed_on or bool(self._unsent)

    # As in uvicorn: uvloop's transports are not asyncio's.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start, or close at once where there are too many connections."""
        self._transport = transport
        # Buffer at most one chunk for a client that is not reading.
        transport.set_write_buffer_limits(0)
        self.server.connection_made(transport)
        self._set_deadline(self._limits.head)
        if not self._limiter.enter(self):
            self.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        """End.  Without the error, for which uvicorn would leave its timer running."""
        self._limiter.leave(self)
        self.server.connection_lost(None)

    def data_received(self, data: bytes) -> None:
        """Collect a head, or pass on the rest of a request."""
        if self._transport.is_closing():
            return
        if self._has_body:
            self.server.data_received(data)
            return
        if not (self._received or self.is_answering or self._is_paused):
            self._set_deadline(self._limits.head)
        self._received += data
        self._next_request()
        if len(self._received) > self._limits.head_size:
            # No client sends so many requests ahead: this one is answered, and then it is over.
            self._is_last = True
            self._received.clear()
            self._transport.pause_reading()

    def _next_request(self) -> None:
        """Answer the requests whose heads are complete, one after the other."""
        while self._received and not (self.is_answering or self._is_paused):
            if self._transport.is_closing():  # asyncio logs each further write to a lost client
                self._received.clear()
                return
            head = self._take_head()
            if head is None:
                return
            self._limiter.touch(self)
            response = self._limiter.from_memory(head)
            if response is not None:
                self._respond(*response)
            else:
                self._pass_on(head)

    def _take_head(self) -> bytes | None:
        """The next whole head; None where it is incomplete, or refused."""
        received = self._received
        while received.startswith(b"\r\n"):  # RFC 9112, section 2.2
            del received[:2]
        end = _HEAD_END.search(received, self._searched)
        size = end.end() if end else len(received)
        line = received.find(b"\n")
        if received and not received[:1].isalpha():  # such as TLS
            self._refuse(400, "this is not an HTTP request")
        elif (size if line < 0 else line) > _MAX_LINE:
            self._refuse(414, "the address is too long")
        elif size > self._limits.head_size or received.count(b"\n", 0, size) > _MAX_HEADERS + 2:
            self._refuse(431, "the head of the request is too large")
        elif end is None:
            self._searched = max(len(received) - 3, 0)
        else:
            self._searched = 0
            head = bytes(received[:size])
            del received[:size]
            return head
        return None

    def _pass_on(self, head: bytes) -> None:
        self._is_passed_on = True
        self._set_deadline(self._limits.head)  # until the application is called
        if not head.startswith(_WITHOUT_BODY):
            # The application closes the connection after the response to such a request.
            self._has_body = True
            head += self._received
            self._received.clear()
        self.server.data_received(head)

    def request_started(self) -> None:
        """The application was called, and takes the time that it takes."""
        if not self._is_paused:
            self.deadline = _FOREVER

    def request_ended(self) -> None:
        """The application has responded."""
        self._is_passed_on = False
        if not self._transport.is_closing():
            self._rest()

    def _respond(self, head: bytes, body: bytes) -> None:
        self._unsent = memoryview(body)[CHUNK:]
        # One system call for both costs less than copying the beginning of the body.
        self._send(head + body[:CHUNK])
        self._write()

    def _send(self, data: bytes | memoryview) -> None:
        """Write; drop the rest of the response if that shows that the client is gone."""
        was_closing = self._transport.is_closing()  # when the server stops, the rest is still sent
        self._transport.write(data)
        if self._transport.is_closing() and not was_closing:
            self._unsent = memoryview(b"")

    def _write(self) -> None:
        """Write chunks of a response from memory until the client has to read."""
        while self._unsent and not self._is_paused:
            chunk, self._unsent = self._unsent[:CHUNK], self._unsent[CHUNK:]
            self._send(chunk)
        if not self.is_answering:
            self._set_deadline(self._limits.stall if self._is_paused else self._limits.idle)

    def _rest(self) -> None:
        """Wait for the next request, which may have arrived."""
        if self._is_paused:
            return
        self._set_deadline(self._limits.idle)
        if self._is_last:
            self._transport.close()
        self._next_request()

    def pause_writing(self) -> None:
        """The client reads more slowly than the server writes."""
        self._is_paused = True
        self._set_deadline(self._limits.stall)
        self.server.pause_writing()

    def resume_writing(self) -> None:
        """The client has read what was written."""
        self._is_paused = False
        self._set_deadline(self._limits.stall)
        self._write()
        if self._unsent or self._is_paused:
            return
        self.server.resume_writing()
        if self._is_passed_on:
            self.deadline = _FOREVER
        else:
            self._rest()

    def time_out(self) -> None:
        """Close a connection whose deadline has passed, with 408 where half a request arrived."""
        if self._transport.is_closing() or self._is_paused or self.is_answering:
            self.abort()
        elif self._received:
            self._refuse(408, "the request took too long to arrive")
        else:
            self._transport.close()
            self._set_deadline(1.0)

    def abort(self) -> None:
        """Close the connection without a response."""
        self._limiter.leave(self)
        with contextlib.suppress(OSError, RuntimeError):
            self._transport.abort()

    def _refuse(self, status: int, reason: str) -> None:
        response = error(status, reason, CLOSE)
        self._received.clear()
        self._transport.write(response.head + b"\r\n" + response.body)
        self._transport.close()
        self._set_deadline(1.0)

    def _set_deadline(self, seconds: float) -> None:
        self.deadline = self._loop.time() + seconds
