"""Temporary folders, for files that are renamed to their place when they are complete.

A folder is locked by ``flock`` while its process lives, and the lock ends with the process, however
it ends.  So the next process can remove what a killed one left, and never what another still
writes.  Process ids would not do: containers use the same ones again.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

_NAME = ".aggregator-temporary-{}"
_LOOKED_UP = 8  # numbers that are looked up one by one: parents may be large, and are never listed
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_DAY = 86_400


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Yield a new folder in ``parent`` that only its owner may enter; remove it in the end.

    Removes abandoned ones first.  Raises ``OSError`` if no folder can be made.
    """
    remove_abandoned(parent)
    folder, handle = _make(parent)
    try:
        yield folder
    finally:
        with suppress(OSError):
            _remove(folder, handle)
        os.close(handle)


def remove_abandoned(parent: Path) -> list[str]:
    """Remove the temporary folders in ``parent`` that no process uses; return the problems.

    Only regular files in them are removed, and no symbolic link is followed.
    """
    problems: list[str] = []
    numbers = count()
    while True:
        number = next(numbers)
        folder = parent / _NAME.format(number)
        try:
            handle = os.open(folder, _FOLDER)
        except OSError as error:
            if isinstance(error, PermissionError) and os.path.lexists(folder):
                problems.append(_problem(folder, error))
            elif number >= _LOOKED_UP:
                return problems
            continue
        try:
            if _is_abandoned(handle):
                _remove(folder, handle)
        except FileNotFoundError:
            pass  # another process removed it
        except OSError as error:
            problems.append(_problem(folder, error))
        finally:
            os.close(handle)


def _problem(folder: Path, error: OSError) -> str:
    return f"{folder}: cannot be removed ({error.strerror}); remove it when nothing runs"


def _make(parent: Path) -> tuple[Path, int]:
    """Make and lock a folder; return it with its handle, which holds the lock."""
    numbers = count()
    while True:
        folder = parent / _NAME.format(next(numbers))
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            continue
        with suppress(FileNotFoundError):  # another process may remove it before it is locked
            handle = os.open(folder, _FOLDER)
            with suppress(OSError):  # a network file system may have no locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_there(folder, handle):
                return folder, handle
            os.close(handle)


def _is_there(folder: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.lstat(folder), os.fstat(handle))
    except FileNotFoundError:
        return False


def _is_abandoned(handle: int) -> bool:
    """Lock a folder if no process has; without locks, return whether it is older than a day."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return os.fstat(handle).st_mtime < time.time() - _DAY
    return True


def _remove(folder: Path, handle: int) -> None:
    with os.scandir(handle) as found:
        names = [entry.name for entry in found if entry.is_file(follow_symlinks=False)]
    for name in names:
        os.unlink(name, dir_fd=handle)
    os.rmdir(folder)
