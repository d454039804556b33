"""Looks up the numeric addresses of a host name.

Takes a name and a port; returns addresses in the system's order of preference.  Raises
``ExchangeError`` if the lookup itself fails.  The system's lookup blocks and cannot be cancelled,
so each has a daemon thread that nobody joins: a name server that does not respond never delays the
exit.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address

from aggregator.fetch.exchange import ExchangeError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port to numeric addresses, none if there is no such name."""

_AT_ONCE = 32  # threads; a name server that hangs holds each for as long as the system waits

_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class Resolver:
    """The system's lookup (hosts file, DNS), for the tasks of one event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, name: str, port: int) -> Sequence[str]:
        """Return the addresses of ``name``; raises ``ExchangeError``."""
        if _is_numeric(name):
            return [name]
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Sequence[str]] = loop.create_future()

        def finish(addresses: Sequence[str] | None, problem: str) -> None:
            self._free.release()
            if found.done():
                return  # cancelled
            if addresses is None:
                found.set_exception(ExchangeError(problem))
            else:
                found.set_result(addresses)

        def look_up() -> None:
            addresses, problem = _look_up(name, port)
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(finish, addresses, problem)

        threading.Thread(target=look_up, name=f"look up {name}", daemon=True).start()
        return await found


def _is_numeric(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False  # also `127.1` and `0x7f000001`, which the system turns into addresses
    return True


def _look_up(name: str, port: int) -> tuple[Sequence[str] | None, str]:
    """Return the addresses, or None and why the lookup failed."""
    try:
        found = socket.getaddrinfo(name.encode("ascii"), port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            return [], ""
        return None, f"the host name cannot be looked up ({error.strerror})"
    except (OSError, UnicodeError) as error:
        return None, f"the host name cannot be looked up ({str(error)[:100]})"
    return list(dict.fromkeys(str(address[0]) for *_, address in found)), ""
