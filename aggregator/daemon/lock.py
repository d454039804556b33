"""One daemon to a store.

The lock is the system's, on a file beside the store: it ends with the process that holds it,
however that ends, and so never has to be removed by hand.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aggregator.errors import StoreError


@contextmanager
def only_daemon(store: Path) -> Iterator[None]:
    """Be the only daemon of ``store``; raises ``StoreError``, naming the other, where one is."""
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
                f"{store}: is kept by a daemon already, the process {holder}; stop that one first"
            ) from error
        with suppress(OSError):  # a full disk: only the name is missing then
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
