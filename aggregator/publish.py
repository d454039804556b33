"""Puts a file in its place: whole or not at all, and only when its bytes changed."""

import os
import tempfile
from functools import cache
from pathlib import Path

from aggregator.errors import OutputError


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
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size == len(content) and file.read() == content
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
    handle, beside = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        # mkstemp makes files for their owner's eyes only; a web server has to read these.
        os.chmod(beside, 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


@cache
def _umask() -> int:
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
