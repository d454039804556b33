"""Backups: consistent copies of the store, made while others write to it.

``backup`` copies to a file, ``rotate`` to a folder that keeps the last few.  The copy is written to
a temporary file, checked, and renamed, so that there is always the old backup or the new one.  It
is a store itself: to restore it, stop the program, delete the store's ``-wal`` and ``-shm`` files,
and copy it to the store's place.
"""

import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from aggregator.errors import OutputError, StoreError
from aggregator.model import Progress
from aggregator.store import open_for_reading, private_mode, restrict
from aggregator.store.schema import APPLICATION_ID
from aggregator.temporary import temporary_folder

PAGES_AT_ONCE = 2_000
"""Pages that are copied in one step; some 8 MB."""

_ENDINGS = ("", "-wal", "-shm", "-journal")
_NAME = re.compile(r"aggregator-\d{8}-\d{6}\.db")
_SQLITE = b"SQLite format 3\0"  # https://sqlite.org/fileformat2.html, section 1.3
_APPLICATION_ID = slice(68, 72)
HEADER = 100
"""Bytes at the beginning of a file that tell whether it is a store."""


def backup(store: Path, target: Path, *, progress: Progress | None = None) -> None:
    """Write a copy of the store at ``store`` to ``target``.

    Replaces an older backup, but no other file, and not a store that is open.  The copy has the
    store's permissions, but none for everybody.  Raises ``StoreError`` if the store cannot be read
    or is damaged, ``OutputError`` if the copy cannot be written; ``target`` then stays as it was.
    """
    target = _place(store, target)
    with open_for_reading(store) as opened, _temporary(target) as temporary:
        if opened.path != store:
            raise StoreError(f"{store}: holds nothing yet")
        _copy(opened.conn, temporary, store, target, progress)
        _check(temporary, store)
        with _as_output_error(target):
            os.chmod(temporary, private_mode(stat.S_IMODE(store.stat().st_mode)))
            sync(temporary)
            os.replace(temporary, target)
            sync(target.parent)


def _place(store: Path, target: Path) -> Path:
    """Return where to write, links resolved; raise ``OutputError`` where nothing may be written."""
    with _as_output_error(target):
        place = Path(os.path.realpath(target))
        if place.is_dir():
            raise OutputError(f"{target}: is a folder; name a file in it")
        if not place.parent.is_dir():
            raise OutputError(f"{target}: its folder does not exist")
        if any(_is_same(place, store.with_name(store.name + end)) for end in _ENDINGS):
            raise OutputError(f"{target}: is the store itself; name another file")
        if place.exists():
            _refuse_other(place, target)
    return place


def _is_same(one: Path, other: Path) -> bool:
    with suppress(FileNotFoundError):
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def _refuse_other(place: Path, target: Path) -> None:
    """Raise ``OutputError`` for anything but a backup of ours or an empty file."""
    if not place.is_file():
        raise OutputError(f"{target}: is not a regular file")
    with place.open("rb") as file:
        header = file.read(HEADER)
    if place.with_name(f"{place.name}-wal").exists():
        raise OutputError(f"{target}: is a store that is open; name another file")
    if header and not begins_like_store(header):
        raise OutputError(f"{target}: is not a backup of this program's; name another file")


def begins_like_store(header: bytes) -> bool:
    """Whether a file that begins with ``header`` is a store of this program, or was one."""
    id_bytes = APPLICATION_ID.to_bytes(4, "big")
    return header.startswith(_SQLITE) and header[_APPLICATION_ID] == id_bytes


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Yield the path of a file to be, in a temporary folder beside ``target``."""
    with ExitStack() as stack:
        with _as_output_error(target):
            folder = stack.enter_context(temporary_folder(target.parent))
        yield folder / "copy.db"


def _copy(
    source: sqlite3.Connection,
    temporary: Path,
    store: Path,
    target: Path,
    progress: Progress | None,
) -> None:
    """Copy every page.  The store is read in one transaction, so that writers neither wait nor
    make the copy start again.
    """

    def tell(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress("the store", total - remaining, total)

    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as copy:
            # A machine that stops meanwhile loses only the temporary file.
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy, pages=PAGES_AT_ONCE, progress=tell, sleep=0)
    except sqlite3.Error as error:
        said = str(error)
        if "full" in said:
            raise OutputError(f"{target}: cannot be written: the disk is full") from error
        if "malformed" in said or "not a database" in said:
            raise StoreError(f"{store}: is damaged, so that it cannot be copied") from error
        raise OutputError(f"{target}: cannot be written (SQLite: {said})") from error


def _check(temporary: Path, store: Path) -> None:
    """Raise ``StoreError`` if the copy is damaged, since the store is then damaged as well."""
    address = f"file:{quote(str(temporary))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as copy:
            ((said,),) = copy.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise StoreError(
            f"{store}: is damaged ({' '.join(said.split())}), so that a copy of it is of no use"
        )


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _as_output_error(target: Path) -> Iterator[None]:
    """Raise an ``OSError`` within as an ``OutputError`` about ``target``."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error


def rotate(
    store: Path, folder: Path, *, keep: int, now: datetime, progress: Progress | None = None
) -> Path:
    """Write a backup to ``folder``, made if missing, and keep at most ``keep`` backups there.

    Returns its path, ``aggregator-YYYYMMDD-HHMMSS.db`` with the time ``now`` in UTC.  Deletes the
    oldest by their names once the new one exists, and no file with another kind of name.  Raises
    as ``backup`` does.
    """
    target = folder / f"aggregator-{now.astimezone(UTC):%Y%m%d-%H%M%S}.db"
    with _as_output_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
    backup(store, target, progress=progress)
    with _as_output_error(folder):
        names = sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))
        # The new one stays, even if the clock was set back.
        others = [name for name in names if name != target.name]
        for name in others[: max(0, len(others) + 1 - max(keep, 1))]:
            (folder / name).unlink()
        for name in others[max(0, len(others) + 1 - max(keep, 1)) :]:
            with suppress(PermissionError):
                restrict(folder / name)
    return target
