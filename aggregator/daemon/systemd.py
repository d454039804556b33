"""Notifies the service manager (systemd's sd_notify(3)).

Sends one datagram to the socket in ``NOTIFY_SOCKET``; does nothing where that is not set.
"""

import os
import socket
from contextlib import suppress


def notify(*fields: str) -> None:
    """Send fields such as ``READY=1``; errors are ignored."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.connect(name)
        manager.sendall("\n".join(fields).encode())


def watchdog_seconds() -> float | None:
    """The interval in which the manager expects ``WATCHDOG=1``; None where it does not."""
    interval = os.environ.get("WATCHDOG_USEC", "")
    process = os.environ.get("WATCHDOG_PID", "")
    is_number = interval.isascii() and interval.isdigit()
    if not is_number or int(interval) == 0 or (process and process != str(os.getpid())):
        return None
    return int(interval) / 1_000_000
