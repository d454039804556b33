"""Runs an ASGI application in the caller's event loop, by uvicorn.

Takes an application, an address and an event that ends it.  It installs no signal handlers, which
belong to the owner of the process, and logs nothing about single requests.
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
from aggregator.web.connections import ConnectionLimiter, Limits

STOP_SECONDS = 3
"""Seconds that responses may still take when the server stops."""

_BACKLOG = 2048
_OTHER_HANDLES = 256  # for the store, sources and files
_WANTED_HANDLES = 8192
_DAY = 86_400

# Bytes of responses that the system buffers for a connection, inherited from the listening socket.
# Its default is megabytes for a client that does not read, and gigabytes for 2,000 of them.
_SEND_BUFFER = 131_072

_REASONS = {
    errno.EADDRINUSE: "is in use by another program; stop that one, or listen on another port",
    errno.EACCES: "needs more rights; use a port from 1024 on",
    errno.EADDRNOTAVAIL: "is not an address of this machine",
}

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

    ``on_listening`` is called with the addresses.  Responses that are being sent may be finished
    within ``STOP_SECONDS``.  Raises ``ConfigError`` where the address cannot be had.
    """
    sockets = bind(host, port)
    limits = limits or Limits()
    most = min(limits.connections, _handles() - _OTHER_HANDLES)
    limiter = ConnectionLimiter(replace(limits, connections=max(most, 16)))
    limiter.from_memory = getattr(application, "from_memory", limiter.from_memory)
    server = _Server(_config(application, limiter))
    loop = asyncio.get_running_loop()
    serving = loop.create_task(server.serve(sockets=sockets))
    others = [loop.create_task(until.wait()), loop.create_task(_sweep(limiter))]
    try:
        if on_listening is not None:
            on_listening([listening.getsockname()[:2] for listening in sockets])
        done, _ = await asyncio.wait([serving, *others], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # raises the error that ended it
    finally:
        server.should_exit = True
        try:
            await serving
        finally:
            for task in others:
                task.cancel()
            limiter.close()
            for listening in sockets:
                listening.close()


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on each address of ``host``.

    Raises ``ConfigError``, in one line, where the port is taken or not allowed.
    """
    bound: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, *_, address in dict.fromkeys(found):
            actual = bound[0].getsockname()[1] if bound else port  # 0 is one port for all
            # It listens at once, so that two processes cannot both believe that they have the port.
            bound.append(
                socket.create_server(
                    (address[0], actual, *address[2:]), family=family, backlog=_BACKLOG
                )
            )
            bound[-1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    except OSError as error:
        for listening in bound:
            listening.close()
        reason = _REASONS.get(error.errno or 0, f"cannot be used: {error.strerror or error}")
        raise ConfigError(f"listen: {host}:{port}: {reason}") from error
    return bound


def _handles() -> int:
    """How many files and sockets this process may open, after raising its limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _WANTED_HANDLES:
        return _WANTED_HANDLES
    wanted = _WANTED_HANDLES if hard == resource.RLIM_INFINITY else min(_WANTED_HANDLES, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _config(application: Any, limiter: ConnectionLimiter) -> uvicorn.Config:
    config = uvicorn.Config(
        limiter.watched(application),
        http="httptools",
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="critical",  # otherwise every malformed request is logged
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_DAY,  # the limiter closes idle connections
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    config.load()
    config.http_protocol_class = limiter.protocol(config.http_protocol_class)
    return config


async def _sweep(limiter: ConnectionLimiter) -> None:
    """Close connections that take too long, about once a second."""
    loop, limits = asyncio.get_running_loop(), limiter.limits
    while True:
        await asyncio.sleep(min(1.0, limits.head, limits.idle, limits.stall))
        limiter.sweep(loop.time())


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the owner of the process."""
        yield
