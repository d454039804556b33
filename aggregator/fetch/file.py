"""Reads documents from files.

Takes a path or a glob, and the folder that relative ones start from; returns the files found, and
the document in each.  A Maildir stands for the mails in it.  Raises ``FetchError``.  Files can be
hostile too: links that lead elsewhere, pipes that never end, too large, or still being written.
"""

import glob
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from aggregator.errors import FetchError
from aggregator.model import Document

_FLAGS = ":" if os.sep == "/" else ";"
_PIECE = 1_000_000
_MAGIC = frozenset("*?[")
_LEFTOVER = re.compile(
    r".*~|~\$.*|#.*#|.*\.(?:bak|swp|tmp|part|crdownload)|readme(?:\..*)?|thumbs\.db|desktop\.ini",
    re.IGNORECASE,
)
_MOST_NAMED = 3
_TRIES = 2  # a file that changes while it is read is read again


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source.

    ``name`` is for people: its path, relative to the folder of the configuration if it is below
    that.  ``home`` is the folder that a link may not lead out of.
    """

    path: str
    name: str
    home: str | None


def takes_all(location: str) -> bool:
    """Return whether ``location`` ends in ``*`` or ``**``, so that its files may be anything."""
    last = os.path.basename(location)
    return bool(last) and not last.strip("*")


def is_glob(location: str) -> bool:
    """Return whether ``location`` is a pattern and no single path."""
    return bool(_MAGIC & set(location))


def find(source: str, location: str, folder: Path) -> list[File]:
    """Return the files that match ``location``, sorted by name.

    Raises ``FetchError`` if none does, unless the folder is there and has none that could.  As in a
    shell, a glob does not match names that start with a dot: editors and downloads in progress use
    them.  One that takes all leaves out what else is in folders: folders, copies of editors, the
    files of desktops, a README.
    """
    root = str(folder)
    wanted = os.path.expanduser(location)
    if not is_glob(location):
        path = os.path.join(root, wanted)
        mails = _mails(path, root)
        return [File(path, _name(path, root), None)] if mails is None else mails
    # Only the location is a pattern: the folder may well be called `project [2]`.
    paths = sorted(glob.glob(os.path.join(glob.escape(root), wanted), recursive=True))
    home = os.path.join(root, _fixed_part(wanted))
    found: list[File] = []
    for path in paths:
        mails = _mails(path, root)
        if mails is not None:
            found += mails
        elif not (takes_all(wanted) and _is_left_out(path)):
            found.append(File(path, _name(path, root), home))
    if not found and (others := _others(wanted, home)) is not None:
        raise FetchError(source, f"no file matches {_shown(location)}{others}")
    return found


def _is_left_out(path: str) -> bool:
    name = os.path.basename(path.rstrip(os.sep))
    return not name or _LEFTOVER.fullmatch(name) is not None or os.path.isdir(path)


def _others(wanted: str, folder: str) -> str | None:
    """Return in words which files ``folder`` has that a glob does not match.

    Returns None if nothing is wrong: the folder is there, and has no file that it could match.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return ""
    if not names or takes_all(wanted):
        return None
    files = [name for name in names if os.path.isfile(os.path.join(folder, name))]
    if not files:
        return ""
    shown = ", ".join(map(_shown, files[:_MOST_NAMED])) + ", …" * (len(files) > _MOST_NAMED)
    count = "1 other file" if len(files) == 1 else f"{len(files):,} other files"
    return f"; {_shown(os.path.basename(folder.rstrip(os.sep)))}/ has {count}: {shown}"


def _mails(path: str, root: str) -> list[File] | None:
    """Return the mails of a Maildir, or None for anything else.

    A mail is moved and renamed when it is read: its name here has neither folder nor flags.
    """
    folders = [os.path.join(path, folder) for folder in ("new", "cur")]
    if not all(map(os.path.isdir, folders)):
        return None
    shown = _name(path.rstrip(os.sep), root)
    found = {
        f"{shown}/{_shown(name.partition(_FLAGS)[0])}": os.path.join(folder, name)
        for folder in folders
        for name in os.listdir(folder)
        if not name.startswith(".")
    }
    return [File(path_, name, path) for name, path_ in sorted(found.items())]


def _name(path: str, root: str) -> str:
    return _shown(path.removeprefix(root.rstrip(os.sep) + os.sep).replace(os.sep, "/"))


def _shown(path: str) -> str:
    """Return ``path`` on one line, with escapes for unprintable characters and stray bytes."""
    if path.isprintable():
        return path
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in path)


def _fixed_part(pattern: str) -> str:
    """Return the folder above the first wildcard of a glob, or an empty text."""
    fixed = pattern
    while _MAGIC & set(fixed):
        fixed = os.path.dirname(fixed)
    return fixed


def read(source: str, file: File, max_bytes: int, now: datetime) -> Document:
    """Return the document in ``file``, at most ``max_bytes`` long; ``now`` is the time of the run.

    Raises ``FetchError`` unless it is a complete, readable, regular file below ``file.home``.
    """
    try:
        for _ in range(_TRIES):
            try:
                body, before, after = _body(source, file, max_bytes)
            except FileNotFoundError:
                file = _moved(file)
                body, before, after = _body(source, file, max_bytes)
            if before == after and len(body) == before[0]:
                return Document(
                    source=source,
                    name=file.name,
                    body=body,
                    sha256=hashlib.sha256(body).hexdigest(),
                    modified=_time(before[1], now),
                )
    except OSError as error:
        reason = error.strerror or str(error)
        raise FetchError(source, f"{file.name}: cannot be read: {reason}") from error
    raise FetchError(source, f"{file.name}: changed while it was read; the next run reads it")


def pieces(source: str, file: File, now: datetime) -> tuple[datetime, Iterator[bytes]]:
    """Return the time of a file of any size that may grow meanwhile, and its bytes in pieces.

    Raises ``FetchError`` unless it is a regular file below ``file.home``.
    """
    try:
        handle, before = _opened(source, file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FetchError(source, f"{file.name}: cannot be read: {reason}") from error
    return _time(before.st_mtime_ns, now), _pieces(handle)


def _pieces(handle: int) -> Iterator[bytes]:
    with os.fdopen(handle, "rb") as opened:
        yield from iter(lambda: opened.read(_PIECE), b"")


def _moved(file: File) -> File:
    """Return a mail that was just moved from one folder of its Maildir to the other."""
    folder, name = os.path.split(file.path)
    if os.path.basename(folder) in ("new", "cur"):
        unique = glob.escape(name.partition(_FLAGS)[0])
        found = glob.glob(os.path.join(glob.escape(os.path.dirname(folder)), "cur", f"{unique}*"))
        if found:
            return replace(file, path=found[0])
    return file


def _is_within(path: str, home: str) -> bool:
    """Return whether ``path``, with links resolved, is below ``home``."""
    real = os.path.realpath(path) if os.path.islink(path) else _real_folder(os.path.dirname(path))
    real_home = _real_folder(home)
    return real == real_home or real.startswith(real_home.rstrip(os.sep) + os.sep)


@lru_cache(maxsize=64)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


_State = tuple[int, int, int]  # size, time of last change in nanoseconds, inode


def _body(source: str, file: File, max_bytes: int) -> tuple[bytes, _State, _State]:
    """Return the bytes of the file, and its state before and after reading."""
    handle, before = _opened(source, file)
    try:
        if before.st_size > max_bytes:
            raise FetchError(
                source,
                f"{file.name}: has {before.st_size:,} bytes, more than max_document_size "
                f"allows ({max_bytes:,})",
            )
        with os.fdopen(handle, "rb", closefd=False) as opened:
            # One byte more than expected shows a file that grows.  Not `max_bytes`, since Python
            # allocates as much memory as it is asked to read.
            body = opened.read(before.st_size + 1)
        return body, _state(before), _state(os.fstat(handle))
    finally:
        os.close(handle)


def _opened(source: str, file: File) -> tuple[int, os.stat_result]:
    """Open a regular file that is not reached by a link from elsewhere; return its state too."""
    if file.home is not None and not _is_within(file.path, file.home):
        home = _shown(os.path.basename(file.home.rstrip(os.sep)))
        raise FetchError(source, f"{file.name}: is a link that leads out of {home}/; not read")
    # Non-blocking: opening a pipe without a writer would wait for ever.
    handle = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        before = os.fstat(handle)
        if stat.S_ISDIR(before.st_mode):
            hint = f"name the files in it, as in {file.name.rstrip('/')}/*.txt"
            raise FetchError(source, f"{file.name}: is a folder; {hint}")
        if not stat.S_ISREG(before.st_mode):
            raise FetchError(source, f"{file.name}: is not a regular file")
    except BaseException:
        os.close(handle)
        raise
    return handle, before


def _state(found: os.stat_result) -> _State:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _time(nanoseconds: int, now: datetime) -> datetime:
    """Return the time of a file, to the second, or ``now`` if that is not usable.

    Archives and build systems set times such as 1970 or 1980, and clocks may be wrong.
    """
    seconds = nanoseconds // 10**9
    usable = _FIRST_USABLE.timestamp() <= seconds <= now.timestamp()
    return datetime.fromtimestamp(seconds, UTC) if usable else now


_FIRST_USABLE = datetime(2000, 1, 1, tzinfo=UTC)
