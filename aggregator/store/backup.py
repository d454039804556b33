"""Backups: a copy of the store at one moment, whole or not at all, while others write to it.

``backup`` copies to a file, ``rotate`` to a folder that keeps the last few.  The copy is written
beside its place, looked over, and renamed: whatever happens, there is the old backup or the new
one.  It is a store itself: to put it back, stop the program, delete what is beside the store
(``-wal``, ``-shm``), and copy it to the store's place.
"""

import os
import re
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from aggregator.errors import OutputError, StoreError
from aggregator.store import open_for_reading
from aggregator.store.schema import APPLICATION_ID

Progress = Callable[[int, int], None]
"""Told how many pages of the store are copied, and how many there are."""

_STEP = 2_000  # pages at a time; some 8 MB
_BESIDE = ("", "-wal", "-shm", "-journal")
_NAME = re.compile(r"aggregator-\d{8}-\d{6}\.db")
_SQLITE = b"SQLite format 3\0"  # https://sqlite.org/fileformat2.html, section 1.3
_APPLICATION_ID = slice(68, 72)
_HEADER = 100


def backup(store: Path, target: Path, *, progress: Progress | None = None) -> None:
    """Have at ``target`` a copy of the store at ``store`` as it is now.

    An older backup there is replaced; any other file is left alone, as is a store that is open.
    The copy has the store's permissions.  Raises ``StoreError`` where the store cannot be read or
    is damaged, ``OutputError`` where the copy cannot be written; ``target`` is then as it was.
    """
    target = _place(store, target)
    with open_for_reading(store) as opened, _written_beside(target) as beside:
        _copy(opened.db.conn, beside, store, target, progress)
        _look_over(beside, store)
        with _about(target):
            os.chmod(beside, stat.S_IMODE(store.stat().st_mode))
            _to_disk(beside)
            os.replace(beside, target)
            _to_disk(target.parent)


def _place(store: Path, target: Path) -> Path:
    """Where the copy goes, links followed.  Raises ``OutputError`` where it must not go there."""
    with _about(target):
        place = Path(os.path.realpath(target))
        if place.is_dir():
            raise OutputError(f"{target}: is a folder; name a file in it")
        if not place.parent.is_dir():
            raise OutputError(f"{target}: its folder does not exist")
        if any(_is_same(place, store.with_name(store.name + end)) for end in _BESIDE):
            raise OutputError(f"{target}: is the store itself; name another file")
        if place.exists():
            _refuse_other(place, target)
    return place


def _is_same(one: Path, other: Path) -> bool:
    with suppress(FileNotFoundError):
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def _refuse_other(place: Path, target: Path) -> None:
    """Raise ``OutputError`` for what is no backup: only one of ours, or nothing, is replaced."""
    if not place.is_file():
        raise OutputError(f"{target}: is no ordinary file")
    with place.open("rb") as file:
        header = file.read(_HEADER)
    is_ours = header.startswith(_SQLITE) and header[_APPLICATION_ID] == _id_bytes()
    if place.with_name(f"{place.name}-wal").exists():
        raise OutputError(f"{target}: is a store that is open; name another file")
    if header and not is_ours:
        raise OutputError(f"{target}: is not a backup of this program's; name another file")


def _id_bytes() -> bytes:
    return APPLICATION_ID.to_bytes(4, "big")


@contextmanager
def _written_beside(target: Path) -> Iterator[Path]:
    """A new file beside ``target``, which is gone in the end unless it was renamed."""
    with _about(target):
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
        os.close(handle)
    beside = Path(name)
    try:
        yield beside
    finally:
        for end in _BESIDE:
            with suppress(OSError):
                beside.with_name(beside.name + end).unlink()


def _copy(
    source: sqlite3.Connection, beside: Path, store: Path, target: Path, progress: Progress | None
) -> None:
    """Copy every page.  The store is being read at one moment, so writers neither wait for this
    nor make it begin again.
    """

    def tell(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        with closing(sqlite3.connect(beside, isolation_level=None)) as copy:
            # What is lost when the machine stops is a file that nobody has heard of.
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy, pages=_STEP, progress=tell, sleep=0)
    except sqlite3.Error as error:
        said = str(error)
        if "full" in said:
            raise OutputError(f"{target}: cannot be written: the disk is full") from error
        if "malformed" in said or "not a database" in said:
            raise StoreError(f"{store}: is damaged, so that it cannot be copied") from error
        raise OutputError(f"{target}: cannot be written (SQLite: {said})") from error


def _look_over(beside: Path, store: Path) -> None:
    """Raise ``StoreError`` where the copy is not a sound store: then the store is none either."""
    address = f"file:{quote(str(beside))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as copy:
            ((said,),) = copy.execute("PRAGMA quick_check(1)").fetchall()
            ((whose,),) = copy.execute("PRAGMA application_id").fetchall()
    except sqlite3.Error as error:
        said, whose = str(error), APPLICATION_ID
    if said != "ok":
        raise StoreError(
            f"{store}: is damaged ({' '.join(said.split())}), so that a copy of it is of no use"
        )
    if whose != APPLICATION_ID:
        raise StoreError(f"{store}: holds nothing yet")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _about(target: Path) -> Iterator[None]:
    """Raise what the system refuses within as an ``OutputError`` about ``target``."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error


def rotate(
    store: Path, folder: Path, *, keep: int, now: datetime, progress: Progress | None = None
) -> Path:
    """Have a backup of ``now`` in ``folder``, made if need be, and at most ``keep`` in all.

    Gives its path: ``aggregator-YYYYMMDD-HHMMSS.db``, in UTC.  The oldest by their names go, after
    the new one is there, and nothing that has another kind of name.  Raises as ``backup`` does.
    """
    target = folder / f"aggregator-{now.astimezone(UTC):%Y%m%d-%H%M%S}.db"
    with _about(folder):
        folder.mkdir(parents=True, exist_ok=True)
    backup(store, target, progress=progress)
    with _about(folder):
        names = sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))
        # Whatever the clock says: the one just made is not the oldest.
        others = [name for name in names if name != target.name]
        for name in others[: max(0, len(others) + 1 - max(keep, 1))]:
            (folder / name).unlink()
    return target
