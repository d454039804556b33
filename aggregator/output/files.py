"""Writes files: each whole or not at all, and only when its bytes changed."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from aggregator.errors import OutputError
from aggregator.store.output import FileState
from aggregator.temporary import temporary_folder

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
_PIECE = 1 << 20


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
    """Writes files below a folder, as a context manager that removes its temporary folders in the
    end.

    ``states`` has the state of each file that it published, None for those it removed, by name
    below the folder: with 100,000 pages, whole paths would take 13 MB more.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._temporary: dict[str, str] = {}
        self.states: dict[str, FileState | None] = {}

    def publish(self, name: str, content: bytes, *, durable: bool = True) -> bool:
        """Write ``content`` to the file ``name``; return whether that was needed.

        A reader sees either the old bytes or the new ones.  Unless it is ``durable``, a power
        failure may lose both.  Raises ``OutputError``, with the old file as it was.
        """
        path = self._folder / name
        try:
            state = _state_if_has(path, content)
            is_written = state is None
            self.states[name] = state or self._replace(path, (content,), durable)
            return is_written
        except OSError as error:
            raise _unwritable(path, error) from error

    def publish_pieces(self, name: str, pieces: Iterable[bytes]) -> bool:
        """Write a file whose content comes in pieces, as ``publish`` does, and not durable.

        The part that equals the old file is copied from there when the first other piece comes.
        """
        path, pieces = self._folder / name, iter(pieces)
        try:
            try:
                old = path.open("rb")
            except FileNotFoundError:
                self.states[name] = self._replace(path, pieces, durable=False)
                return True
            with old:
                same, other = _first_other(old, pieces)
                if other is None:
                    self.states[name] = _state(os.fstat(old.fileno()))
                    return False
                rest = chain(_start(old, same), (other,), pieces)
                self.states[name] = self._replace(path, rest, durable=False)
                return True
        except OSError as error:
            raise _unwritable(path, error) from error

    def withdraw(self, name: str) -> None:
        """Remove the file ``name``, if it exists.  Raises ``OutputError``."""
        withdraw(self._folder / name)
        self.states[name] = None

    def _replace(self, path: Path, pieces: Iterable[bytes], durable: bool) -> FileState:
        """Write to a new file and rename it to ``path``, which POSIX does atomically.

        Returns its state.  The file has the permissions of any new one, since a web server has to
        read it.
        """
        parent = os.path.dirname(path)
        if parent not in self._temporary:
            folder = self.enter_context(temporary_folder(path.parent))
            self._temporary[parent] = os.path.join(folder, "new")
        temporary = self._temporary[parent]
        handle = os.open(temporary, _NEW, 0o666)
        with FileIO(handle, "wb") as file:
            for piece in pieces:
                _write(file, piece)
            if durable:
                os.fsync(handle)
            state = _state(os.fstat(handle))
        os.replace(temporary, path)
        return state


def publish(path: Path, content: bytes) -> bool:
    """Write a single file as a ``Writer`` does."""
    with Writer(path.parent) as writer:
        return writer.publish(path.name, content)


def has(path: Path, pieces: Iterable[bytes]) -> bool:
    """Whether a file consists of these pieces.  Raises ``OSError`` if it cannot be read."""
    with path.open("rb") as file:
        return _first_other(file, iter(pieces))[1] is None


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {error.strerror or error}")


def _first_other(file: BinaryIO, pieces: Iterator[bytes]) -> tuple[int, bytes | None]:
    """Return how many bytes of a file are those of ``pieces``, and the first piece that is not.

    It is None for a file that has all of them and no more, and empty where the file is longer.
    """
    same = 0
    for piece in pieces:
        if file.read(len(piece)) != piece:
            return same, piece
        same += len(piece)
    return same, b"" if file.read(1) else None


def _start(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the first bytes of a file."""
    file.seek(0)
    while size > 0 and (piece := file.read(min(size, _PIECE))):
        size -= len(piece)
        yield piece


def _state_if_has(path: Path, content: bytes) -> FileState | None:
    """Return the state of a file, if its bytes are ``content``."""
    try:
        found = os.stat(path)
        if found.st_size != len(content):
            return None
        with open(path, "rb", buffering=0) as file:
            return _state(found) if file.read() == content else None
    except FileNotFoundError:
        return None


def _state(found: os.stat_result) -> FileState:
    return found.st_size, found.st_mtime_ns


def flush() -> None:
    """Flush everything that was written to the disk."""
    if hasattr(os, "sync"):
        os.sync()


def changed(folder: Path, noted: Iterable[tuple[str, FileState]]) -> set[str]:
    """Return the files below ``folder`` whose states are not as ``noted``."""
    below, found = f"{folder}{os.sep}", set()
    for name, state in noted:
        try:
            if _state(os.stat(below + name)) != state:
                found.add(name)
        except OSError:
            found.add(name)
    return found


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
