"""Writes files: each whole or not at all, and only when its bytes changed."""

import os
import tempfile
from io import FileIO
from pathlib import Path

from aggregator.errors import OutputError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def prepare(folder: Path) -> None:
    """Create ``folder`` unless it exists.  Raises ``OutputError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"{folder}: is a file, but feeds need a folder") from None
    except OSError as error:
        raise OutputError(f"{folder}: cannot be created: {error.strerror}") from error


def refuse_unwritable(folder: Path) -> None:
    """Raise ``OutputError`` if no file can be written into ``folder``, before any work is done."""
    prepare(folder)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error


def publish(path: Path, content: bytes, *, durable: bool = True) -> bool:
    """Write ``content`` to ``path``; return whether that was needed.

    A reader sees either the old bytes or the new ones.  Unless it is ``durable``, a power failure
    may lose both.  Raises ``OutputError``, with the old file as it was.
    """
    try:
        if _has(path, content):
            return False
        _replace(path, content, durable)
        return True
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _has(path: Path, content: bytes) -> bool:
    try:
        if os.stat(path).st_size != len(content):
            return False
        with open(path, "rb", buffering=0) as file:
            return file.read() == content
    except FileNotFoundError:
        return False


def flush() -> None:
    """Flush everything that was written to the disk."""
    if hasattr(os, "sync"):
        os.sync()


def state_of(path: Path) -> tuple[int, int]:
    """Return size and modification time in nanoseconds of a file; zeros if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def withdraw(path: Path) -> None:
    """Remove the file ``path``, if it exists.  Raises ``OutputError``."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be removed: {error.strerror or error}") from error


def _replace(path: Path, content: bytes, durable: bool) -> None:
    """Write to a new file and rename it to ``path``, which POSIX and Windows do atomically."""
    handle, temporary = _open_temporary(path)
    try:
        with FileIO(handle, "wb") as file:
            _write(file, content)
            if durable:
                os.fsync(handle)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _open_temporary(path: Path) -> tuple[int, str]:
    """Open a new file in the folder of ``path``, with the permissions of the process's umask.

    ``mkstemp`` makes files that only their owner can read, but a web server has to read these:
    ``chmod`` would be one more call for each of a hundred thousand pages.
    """
    folder, name = os.path.split(path)
    while True:
        temporary = os.path.join(folder, f".{name[:100]}.{os.urandom(6).hex()}")
        try:
            return os.open(temporary, _NEW, 0o666), temporary
        except FileExistsError:
            continue


def _write(file: FileIO, content: bytes) -> None:
    """Write all of ``content``: one call may write less."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]
