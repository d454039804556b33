"""A connection that a client cannot hold on to: uvicorn's, with limits of its own.

uvicorn waits for ever for a request that never ends, takes heads of any size, and waits for ever
for a client that does not read.  Here each of these has a limit, and where connections run short,
the one goes that has been idle longest.  Besides, what the application can answer at once from
memory is written at once, without a task.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from aggregator.web.answer import STATUS_LINES, Answer, error
from aggregator.web.names import LONGEST_TARGET
from aggregator.web.wishes import Wanted, wanted

PIECE = 32_768
"""Bytes that are written at a time."""

_FOREVER = float("inf")
_LOOKED_AT = 32  # connections, to find one that waits


class AtOnce(Protocol):
    """What answers from memory (``app.App`` does)."""

    def at_once(self, method: bytes, target: bytes, headers: Wanted) -> Answer | None:
        """The answer, or None where the application has to be called."""
        ...

    def cache_control(self) -> bytes:
        """``Cache-Control`` of what is answered so."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, in seconds, and how much, in bytes.

    ``head`` is for a whole head to arrive, ``idle`` for the next request of a connection,
    ``stall`` for what was written to be read.  ``connections`` is how many there may be, and
    ``waiting`` how many requests of one of them may wait while another is answered.
    """

    head: float = 10.0
    idle: float = 30.0
    stall: float = 30.0
    waiting: int = 8
    head_size: int = 32_768
    connections: int = 4000


class Lobby:
    """All connections, those with the oldest request first."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.connections: dict[Connection, None] = {}

    def enter(self, connection: "Connection") -> bool:
        """Let one in, if need be in the place of another, rather one that has nothing to do."""
        if len(self.connections) >= self.limits.connections and not self._make_room():
            return False
        self.connections[connection] = None
        return True

    def _make_room(self) -> bool:
        first = list(islice(self.connections, _LOOKED_AT))
        waiting = [each for each in first if not each.is_answering]
        for connection in (waiting or first)[:1]:
            connection.drop()
        return bool(first)

    def to_the_end(self, connection: "Connection") -> None:
        """Say that one has just asked for something."""
        if connection in self.connections:
            del self.connections[connection]
            self.connections[connection] = None

    def leave(self, connection: "Connection") -> None:
        """Forget one."""
        self.connections.pop(connection, None)

    def sweep(self, now: float) -> None:
        """Part with those whose time is up; ``now`` is the event loop's time in seconds."""
        for connection in [each for each in self.connections if each.deadline < now]:
            connection.too_late()

    def close(self) -> None:
        """Part with all."""
        for connection in list(self.connections):
            connection.drop()


class RefusedError(Exception):
    """A head that is not read further."""


class Connection(HttpToolsProtocol):
    """uvicorn's connection, watched over by a ``Lobby``."""

    lobby: Lobby
    """Set by ``connection_class``; all connections of a server share one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.deadline = _FOREVER
        self._limits = self.lobby.limits
        self._refusal = error(400, "this is no HTTP request")
        self._is_in_head = True
        self._head_size = 0
        self._heads = 0
        self._was_answered = False  # at once, so that uvicorn knows nothing of this request
        self._unsent = memoryview(b"")  # of an answer at once
        self._is_paused = False
        self._answers: AtOnce | None = self.app if hasattr(self.app, "at_once") else None

    @property
    def is_answering(self) -> bool:
        """Whether an answer is not yet written whole."""
        by_uvicorn = self.cycle is not None and not self.cycle.response_complete
        return by_uvicorn or bool(self._unsent)

    # Narrower than asyncio says, as uvicorn has it: uvloop's transports are of no class of asyncio.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it in, or end it at once."""
        super().connection_made(transport)
        # Of who does not read no more is kept than the rest of a piece.
        transport.set_write_buffer_limits(0)
        self.deadline = self.loop.time() + self._limits.head
        if not self.lobby.enter(self):
            self.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.lobby.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as the head stays within its limits."""
        if self.transport.is_closing():
            return
        is_resting = not (self.is_answering or self.flow.write_paused)
        if is_resting and self._is_in_head and self._head_size == 0:
            self.deadline = self.loop.time() + self._limits.head
        heads, was_in_head = self._heads, self._is_in_head
        super().data_received(data)
        if not self._is_in_head:
            self._head_size = 0
        elif heads == self._heads and was_in_head:
            self._head_size += len(data)
            if self._head_size > self._limits.head_size and not self.transport.is_closing():
                self._refusal = error(431, "the head of the request is too large")
                self.send_400_response("")
        else:
            # What came after the last whole head or body; how much of the data is not known.
            self._head_size = 0

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        """Part of the address has come."""
        super().on_url(url)
        if len(self.url) > LONGEST_TARGET:
            self._refusal = error(414, "the address is too long")
            raise RefusedError

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has come."""
        super().on_header(name, value)
        if len(self.headers) > 100 or len(value) > self._limits.head_size:
            self._refusal = error(431, "the head of the request is too large")
            raise RefusedError

    def on_headers_complete(self) -> None:
        """The head is whole: answer at once, or have uvicorn call the application."""
        if len(self.pipeline) >= self._limits.waiting:
            raise RefusedError
        self._is_in_head = False
        self._heads += 1
        if not self.flow.write_paused:  # else it is still to be read in time what was written
            self.deadline = _FOREVER
        self.lobby.to_the_end(self)
        self._was_answered = self._answer_at_once()
        if not self._was_answered:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Content has come, of a request that uvicorn knows."""
        if not self._was_answered and self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has come to its end."""
        self._is_in_head = True
        self._head_size = 0
        if self._was_answered:
            self._rest()
        elif self.cycle is not None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer was given by uvicorn."""
        super().on_response_complete()
        if not self.is_answering:
            self._rest()

    def _rest(self) -> None:
        """Wait for the next request, or for the client to read this answer."""
        seconds = self._limits.stall if self.flow.write_paused else self._limits.idle
        self.deadline = self.loop.time() + seconds

    def _answer_at_once(self) -> bool:
        if self._answers is None or self.is_answering or self.flow.write_paused:
            return False
        parser = self.parser
        if parser.get_http_version() != "1.1" or not parser.should_keep_alive():
            return False
        method = parser.get_method()
        answer = self._answers.at_once(method, self.url, wanted(self.headers))
        if answer is None:
            return False
        self._unset_keepalive_if_required()
        date = b"".join(b"%s: %s\r\n" % each for each in self.server_state.default_headers)
        body = b"" if method == b"HEAD" else answer.body
        age = b"cache-control: %s\r\n\r\n" % self._answers.cache_control()
        # Copying the beginning of a body costs less than a second system call.
        parts = (STATUS_LINES[answer.status], date, answer.lines, age, body[:PIECE])
        self._unsent = memoryview(body)[PIECE:]
        self._is_paused = False
        self.transport.write(b"".join(parts))
        self._write_on()
        self.server_state.total_requests += 1
        return True

    def _write_on(self) -> None:
        """Write piece by piece until the client has to read first."""
        while self._unsent and not self._is_paused:
            piece, self._unsent = self._unsent[:PIECE], self._unsent[PIECE:]
            self.transport.write(piece)

    def send_400_response(self, _msg: str) -> None:
        """Say why nothing more is read, unless half an answer is on its way."""
        if not (self.is_answering or self.flow.write_paused):
            answer = self._refusal
            close = b"connection: close\r\n\r\n"
            head = b"".join((STATUS_LINES[answer.status], answer.lines, close))
            self.transport.write(head + answer.body)
        self.transport.close()
        self.deadline = self.loop.time() + 1.0

    # How long it takes.

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        super().pause_writing()
        self._is_paused = True
        self.deadline = self.loop.time() + self._limits.stall

    def resume_writing(self) -> None:
        """It has read what was written."""
        self.deadline = self.loop.time() + self._limits.stall
        self._is_paused = False
        self._write_on()
        if self._unsent or self._is_paused:
            return
        super().resume_writing()
        if self.is_answering:
            self.deadline = _FOREVER
        else:
            self._rest()

    def too_late(self) -> None:
        """End what took too long."""
        if self.transport.is_closing() or self.flow.write_paused or self.is_answering:
            self.drop()
        elif self._head_size:
            self._refusal = error(408, "the request took too long to come")
            self.send_400_response("")
        else:
            self.transport.close()
            self.deadline = self.loop.time() + 1.0

    def drop(self) -> None:
        """End it without another word."""
        self.lobby.leave(self)
        with contextlib.suppress(OSError, RuntimeError):
            self.transport.abort()


def connection_class(lobby: Lobby) -> type[Connection]:
    """The class of the connections that ``lobby`` watches over, as uvicorn wants it."""
    return type("LobbyConnection", (Connection,), {"lobby": lobby})
