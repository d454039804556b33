"""Looks up the numeric addresses of a host's name.

Takes a name and a port; gives addresses in the order in which the system would try them, which may
be dialled is ``guard``'s to say.  The system's look-up blocks and cannot be ended, so each has a
thread that nobody waits for: leaving is never held up by a name server that does not answer.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address

from aggregator.fetch.exchange import ExchangeError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port to numeric addresses, none where there is no such name."""

_AT_ONCE = 32  # threads; a name server that hangs holds each for as long as the system waits

_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class Resolver:
    """The system's look-up (hosts file, DNS), for the tasks of one event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, name: str, port: int) -> Sequence[str]:
        """The addresses of ``name``; raises ``ExchangeError`` where the look-up itself fails."""
        if _is_numeric(name):
            return [name]
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Sequence[str]] = loop.create_future()

        def tell(addresses: Sequence[str] | None, problem: str) -> None:
            self._free.release()
            if found.done():
                return  # nobody waits any more
            if addresses is None:
                found.set_exception(ExchangeError(problem))
            else:
                found.set_result(addresses)

        def look_up() -> None:
            addresses, problem = _look_up(name, port)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, addresses, problem)

        threading.Thread(target=look_up, name=f"look up {name}", daemon=True).start()
        return await found


def _is_numeric(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False  # `127.1` and `0x7f000001` too: the system reads them as it does when dialling
    return True


def _look_up(name: str, port: int) -> tuple[Sequence[str] | None, str]:
    """The addresses, or None and why the look-up failed."""
    try:
        found = socket.getaddrinfo(name.encode("ascii"), port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            return [], ""
        return None, f"the host's name cannot be looked up ({_tidy(error.strerror)})"
    except (OSError, UnicodeError) as error:
        return None, f"the host's name cannot be looked up ({_tidy(str(error))})"
    return list(dict.fromkeys(str(address[0]) for *_, address in found)), ""


def _tidy(reason: str | None) -> str:
    return (reason or "no reason given")[:100].rstrip(".")
