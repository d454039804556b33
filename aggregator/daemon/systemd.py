"""Tells the service manager how the daemon is doing (systemd's sd_notify(3)).

One datagram to the socket that ``NOTIFY_SOCKET`` names; without one there is nobody to tell.
"""

import os
import socket
from contextlib import suppress


def notify(*fields: str) -> None:
    """Send fields such as ``READY=1``; that nobody listens is no error."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(name)
        line.sendall("\n".join(fields).encode())


def watchdog_seconds() -> float | None:
    """How often the manager wants to hear of us at the least; None where it does not."""
    given = os.environ.get("WATCHDOG_USEC", "")
    meant = os.environ.get("WATCHDOG_PID", "")
    is_number = given.isascii() and given.isdigit()
    if not is_number or int(given) == 0 or (meant and meant != str(os.getpid())):
        return None
    return int(given) / 1_000_000
