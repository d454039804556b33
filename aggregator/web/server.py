"""Runs the application within the caller's event loop, by uvicorn.

Takes an address and an ASGI application; serves until an event is set, and installs no signal
handlers: whoever owns the process does.  Logs nothing of single requests.
"""

import asyncio
import contextlib
import errno
import resource
import socket
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import uvicorn

from aggregator.errors import ConfigError
from aggregator.web.connection import Limits, Lobby, connection_class

STOP_SECONDS = 3
"""How long answers under way may still take when the server is told to stop."""

_BACKLOG = 2048
_SPARE_HANDLES = 256  # for the store, sources and files
_WANTED_HANDLES = 8192

# Bytes of an answer that the system keeps of each connection, inherited from the one that listens.
# Left to itself it keeps megabytes of who does not read, gigabytes of 2,000 such clients.
_UNREAD = 131_072

Address = tuple[str, int]


async def serve(
    application: Any,
    host: str,
    port: int,
    *,
    until: asyncio.Event,
    on_listening: Callable[[list[Address]], None] | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve ``application`` on ``host`` and ``port`` (0: any free one) until ``until`` is set.

    ``on_listening`` gets the addresses it is served on.  Answers under way may still be finished
    within ``STOP_SECONDS``.  Raises ``ConfigError`` where it cannot listen there.
    """
    sockets = bind(host, port)
    allowed = limits or Limits()
    most = min(allowed.connections, _handles() - _SPARE_HANDLES)
    lobby = Lobby(replace(allowed, connections=max(most, 16)))
    server = _Server(_config(application, lobby))
    loop = asyncio.get_running_loop()
    serving = loop.create_task(server.serve(sockets=sockets))
    stopping = loop.create_task(_told(until))
    sweeping = loop.create_task(_sweep(lobby))
    try:
        if on_listening is not None:
            on_listening([listening.getsockname()[:2] for listening in sockets])
        tasks = {serving, stopping, sweeping}
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # raises what ended it, if it was not told to stop
    finally:
        server.should_exit = True
        stopping.cancel()
        try:
            await serving
        finally:
            sweeping.cancel()
            lobby.close()
            for listening in sockets:
                listening.close()


async def _told(until: asyncio.Event) -> None:
    await until.wait()


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen at each address ``host`` has.

    Raises ``ConfigError``, in one line, where the port is taken or may not be had.
    """
    bound: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in dict.fromkeys(found):
            actual = bound[0].getsockname()[1] if bound else port  # 0 is one port for all
            listening = socket.socket(family, kind, protocol)
            bound.append(listening)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind((address[0], actual, *address[2:]))
            listening.setblocking(False)
            # Now already, so that two of us cannot both believe that they have it.
            listening.listen(_BACKLOG)
    except OSError as error:
        for listening in bound:
            listening.close()
        raise ConfigError(f"listen: {host}:{port}: {_reason(error)}") from error
    return bound


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is in use by another program; stop that one, or listen on another port"
    if error.errno == errno.EACCES:
        return "may not be used without more rights; take a port from 1024 on"
    if error.errno == errno.EADDRNOTAVAIL:
        return "is no address of this machine"
    return f"cannot be used: {error.strerror or error}"


def _handles() -> int:
    """How many files and sockets this process may have open, after asking for enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else _WANTED_HANDLES
    if soft == resource.RLIM_INFINITY or soft >= _WANTED_HANDLES:
        return _WANTED_HANDLES
    wanted = min(_WANTED_HANDLES, most)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _config(application: Any, lobby: Lobby) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=connection_class(lobby),
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="critical",  # else every request that is none makes a line
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=int(lobby.limits.idle) + 1,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


async def _sweep(lobby: Lobby) -> None:
    """Part, about once a second, with connections whose time is up."""
    loop, limits = asyncio.get_running_loop(), lobby.limits
    while True:
        await asyncio.sleep(min(1.0, limits.head, limits.idle, limits.stall))
        lobby.sweep(loop.time())


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the owner of the process."""
        yield
