"""The lock that allows one daemon per store.

The system releases it when the process ends, however it ends, so no stale lock file is left.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aggregator.errors import StoreError


@contextmanager
def only_daemon(store: Path) -> Iterator[None]:
    """Hold the lock of ``store``; raises ``StoreError`` with the process id of another holder."""
    file = store.with_name(f"{store.name}.lock")
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"{file}: cannot be made: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            raise StoreError(
                f"{store}: a daemon is already running on this store (process {holder});"
                " stop that one first"
            ) from error
        with suppress(OSError):  # on a full disk only the process id is missing
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def is_daemon_running(store: Path) -> bool:
    """Whether the last process that held the lock of ``store`` probably still runs.

    The lock is not tried, which could stop a daemon that is about to start.
    """
    try:
        os.kill(int(store.with_name(f"{store.name}.lock").read_bytes()), 0)
    except PermissionError:  # it is another user's
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return True
