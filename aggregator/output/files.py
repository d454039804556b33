"""Puts a file in its place: whole or not at all, and only when its bytes changed."""

import os
import tempfile
from io import FileIO
from pathlib import Path

from aggregator.errors import OutputError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def prepare(folder: Path) -> None:
    """Have the folder of feeds.  Raises ``OutputError`` where it cannot be had."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"{folder}: is a file; feeds need a folder") from None
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error


def refuse_unwritable(folder: Path) -> None:
    """Raise ``OutputError`` where nothing can be put into ``folder``; known before any work."""
    prepare(folder)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error


def publish(path: Path, content: bytes, *, durable: bool = True) -> bool:
    """Have ``content`` at ``path``; gives whether that needed writing.

    Whoever reads the file meanwhile sees the old bytes or the new ones.  Unless it is ``durable``,
    a machine that loses its power may have neither.  Raises ``OutputError``, with the old file as
    it was.
    """
    try:
        if _holds(path, content):
            return False
        _replace(path, content, durable)
        return True
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _holds(path: Path, content: bytes) -> bool:
    try:
        if os.stat(path).st_size != len(content):
            return False
        with open(path, "rb", buffering=0) as file:
            return file.read() == content
    except FileNotFoundError:
        return False


def settle() -> None:
    """Have all that was written on the disk."""
    if hasattr(os, "sync"):
        os.sync()


def state_of(path: Path) -> tuple[int, int]:
    """Size and time of the last change in nanoseconds of a file; zeros where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def withdraw(path: Path) -> None:
    """Have no file at ``path``.  Raises ``OutputError``."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be removed: {error.strerror or error}") from error


def _replace(path: Path, content: bytes, durable: bool) -> None:
    """Write beside ``path`` and rename over it, which POSIX and Windows do in one step."""
    handle, beside = _opened_beside(path)
    try:
        with FileIO(handle, "wb") as file:
            _write(file, content)
            if durable:
                os.fsync(handle)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _opened_beside(path: Path) -> tuple[int, str]:
    """A file of a name that nothing had, which whoever the process's mask lets may read.

    ``mkstemp`` makes files for their owner's eyes only, and a web server has to read these: to let
    it is a call more for each of a hundred thousand pages.
    """
    folder, name = os.path.split(path)
    while True:
        beside = os.path.join(folder, f".{name[:100]}.{os.urandom(6).hex()}")
        try:
            return os.open(beside, _NEW, 0o666), beside
        except FileExistsError:
            continue


def _write(file: FileIO, content: bytes) -> None:
    """Write all of it: a call may take less than it was given."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
