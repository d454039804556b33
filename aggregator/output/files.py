"""Writes files: each whole or not at all, and only when its bytes changed."""

import os
from contextlib import ExitStack
from io import FileIO
from pathlib import Path

from aggregator.errors import OutputError
from aggregator.temporary import temporary_folder

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


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
        with temporary_folder(folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error


class Writer(ExitStack):
    """Writes files, as a context manager that removes its temporary folders in the end."""

    def __init__(self) -> None:
        super().__init__()
        self._temporary: dict[str, str] = {}

    def publish(self, path: Path, content: bytes, *, durable: bool = True) -> bool:
        """Write ``content`` to ``path``; return whether that was needed.

        A reader sees either the old bytes or the new ones.  Unless it is ``durable``, a power
        failure may lose both.  Raises ``OutputError``, with the old file as it was.
        """
        try:
            if _has(path, content):
                return False
            self._replace(path, content, durable)
            return True
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error

    def _replace(self, path: Path, content: bytes, durable: bool) -> None:
        """Write to a new file and rename it to ``path``, which POSIX does atomically.

        The file has the permissions of any new one, since a web server has to read it.
        """
        parent = os.path.dirname(path)
        if parent not in self._temporary:
            folder = self.enter_context(temporary_folder(path.parent))
            self._temporary[parent] = os.path.join(folder, "new")
        temporary = self._temporary[parent]
        handle = os.open(temporary, _NEW, 0o666)
        with FileIO(handle, "wb") as file:
            _write(file, content)
            if durable:
                os.fsync(handle)
        os.replace(temporary, path)


def publish(path: Path, content: bytes) -> bool:
    """Write a single file as a ``Writer`` does."""
    with Writer() as writer:
        return writer.publish(path, content)


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


def _write(file: FileIO, content: bytes) -> None:
    """Write all of ``content``: one call may write less."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]
