"""Bring a damaged SQLite file back into use, as far as it can be read.

Works on the file, without opening it as a store.  The damaged file is copied first and never
deleted.  Where only indexes are damaged they are built again in place; otherwise every table is
copied, row by row, into a new file, which then takes the place of the damaged one.  What can be
worked out from the rest (``DERIVED``) is not copied.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import OutputError, StoreError
from aggregator.store import Row, open_store, restrict
from aggregator.store.backup import HEADER, begins_like_store, sync
from aggregator.store.schema import WORK_LISTS
from aggregator.temporary import temporary_folder

DERIVED = (
    *("entries_fts", "sketches", "sketch_log", "titles", "renditions", "kinds", "kinds_by"),
    *("related", "output", "written", "listed_agencies", *WORK_LISTS),
    *("source_counts", "agency_counts", "category_counts"),
)
"""Tables that are worked out again from the others."""

_SIDE_FILES = ("-wal", "-shm")
_LAST_ROW = 1 << 62
_NEAR = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What was done to the file: ``lines`` for a person, and the copy of the damaged file.

    ``is_new``: the rows were copied into a new file, so that ``DERIVED`` tables are empty.
    ``incomplete`` are the tables that lost rows.
    """

    lines: tuple[str, ...]
    kept: Path
    is_new: bool
    incomplete: tuple[str, ...] = ()


def is_damaged(path: Path) -> bool:
    """Whether a store's file is broken, apart from the search index, so that ``salvage`` may help.

    False for what does not begin like a store: it may be a file of another program.
    """
    try:
        with path.open("rb") as file:
            is_ours = begins_like_store(file.read(HEADER))
    except OSError:
        return False
    if not is_ours:
        return False
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            return bool(_problems(connection))
    except sqlite3.DatabaseError as error:
        return not isinstance(error, sqlite3.OperationalError)


def _problems(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("PRAGMA integrity_check(20)").fetchall()
    return [line for (line,) in found if line != "ok" and "inverted index" not in line]


def salvage(path: Path, kept: Path) -> Salvaged:
    """Bring the damaged store at ``path`` back into use; ``kept`` is where the damaged file goes.

    The caller keeps others from writing.  Raises ``StoreError`` if no table of it can be read, and
    ``OutputError`` if the folder cannot be written; the store is then as it was.
    """
    _keep(path, kept)
    if _reindex(path):
        done = "indexes of the file were damaged and are built again"
        return Salvaged(lines=(done,), kept=kept, is_new=False)
    with temporary_folder(path.parent) as folder:
        new = folder / path.name
        number, damaged = _copy_rows(path, new)
        _replace(path, new)
    lines = [
        *(f"the table {table} is damaged: {n:,} of its rows can be read" for table, n in damaged),
        f"{number:,} rows are copied into a new file",
    ]
    tables = tuple(table for table, _ in damaged)
    return Salvaged(lines=tuple(lines), kept=kept, is_new=True, incomplete=tables)


def _keep(path: Path, kept: Path) -> None:
    try:
        for end in ("", *_SIDE_FILES[:1]):
            copy = kept.with_name(kept.name + end)
            with suppress(FileNotFoundError):
                shutil.copy2(path.with_name(path.name + end), copy)
                restrict(copy)
                sync(copy)
    except OSError as error:
        raise OutputError(f"{kept}: cannot be written: {error.strerror or error}") from error


def _reindex(path: Path) -> bool:
    """Build all indexes again; return whether the file is whole then."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
        connection.execute("REINDEX")
        connection.commit()
        return not _problems(connection)
    return False


def _copy_rows(path: Path, new: Path) -> tuple[int, list[tuple[str, int]]]:
    """Copy all rows that can be read into a new store.

    Returns how many, and the tables that lost some with how many are left.  Rows that the schema
    forbids are left out: a broken page can contain anything.
    """
    copied = 0
    damaged = []
    with closing(sqlite3.connect(path, isolation_level=None)) as old, open_store(new) as store:
        # Text with a broken byte is kept without it.
        old.text_factory = lambda body: body.decode("utf-8", "replace")
        # Lets SQLite open a file that is shorter than it should be.
        old.execute("PRAGMA writable_schema = ON")
        store.execute("PRAGMA foreign_keys = OFF")
        for table, has_rowid in _tables(store.conn):
            rows = _Rows(old, store.conn, table, has_rowid)
            with store.transaction():
                number = rows.copy()
            copied += number
            if not rows.is_whole:
                damaged.append((table, number))
    if not copied:
        raise StoreError(
            f"{path}: is damaged, and nothing in it can be read; restore a backup, or move it away "
            "and run 'aggregator once' to build it again from the sources"
        )
    return copied, damaged


def _tables(connection: sqlite3.Connection) -> list[tuple[str, bool]]:
    """Return the tables to copy, parents first, and whether they have row numbers."""
    listed = connection.execute(
        "SELECT name, NOT wr FROM pragma_table_list JOIN sqlite_master USING (name)"
        " WHERE schema = 'main' AND pragma_table_list.type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY sqlite_master.rowid"
    )
    return [
        (name, bool(has_rowid))
        for name, has_rowid in listed
        if name not in DERIVED and not name.startswith(("entries_fts", "_sqlite"))
    ]


class _Rows:
    """The rows of one table on their way from a damaged file to a new one."""

    def __init__(
        self, old: sqlite3.Connection, new: sqlite3.Connection, table: str, has_rowid: bool
    ) -> None:
        self._old, self._new, self._table, self._has_rowid = old, new, table, has_rowid
        columns = new.execute(f"SELECT name, pk FROM pragma_table_info('{table}')").fetchall()
        keys = [name for _, name in sorted((pk, name) for name, pk in columns if pk)]
        self._order = ["rowid"] if has_rowid else keys
        self._columns = ", ".join(f'"{name}"' for name, _ in columns)
        self._insert = (
            f"INSERT OR IGNORE INTO {table} ({self._columns})"
            f" VALUES ({', '.join('?' for _ in columns)})"
        )
        self.is_whole = True

    def copy(self) -> int:
        """Copy what can be read; return how many rows."""
        if self._has_rowid:
            after = -_LAST_ROW
            while (last := self._copy_after(after)) is not None and last < _LAST_ROW:
                after = self._next_readable(last)
        elif not self._copy_all(""):
            self._copy_all(" DESC")  # what is behind the damage
        ((copied,),) = self._new.execute(f"SELECT count(*) FROM {self._table}").fetchall()
        return int(copied)

    def _copy_after(self, after: int) -> int | None:
        """Copy the rows after a row number; return that of the last row before a broken one."""
        last = after
        for row in self._read(f"rowid, {self._columns}", f"WHERE rowid > {after} ORDER BY rowid"):
            if row is None:
                return last
            self._put(row[1:])
            last = row[0]
        return None

    def _copy_all(self, direction: str) -> bool:
        keys = ", ".join(f"{key}{direction}" for key in self._order)
        for row in self._read(self._columns, f"ORDER BY {keys}"):
            if row is None:
                return False
            self._put(row)
        return True

    def _read(self, columns: str, rest: str) -> Iterator[Row | None]:
        """Yield rows of the damaged file, and None in the end if it cannot be read on."""
        try:
            yield from self._old.execute(f"SELECT {columns} FROM {self._table} {rest}")
        except sqlite3.DatabaseError:
            self.is_whole = False
            yield None

    def _put(self, row: Row) -> None:
        with suppress(sqlite3.IntegrityError):  # not a value of its column
            self._new.execute(self._insert, row)

    def _next_readable(self, last: int) -> int:
        """Return the first row number from ``last`` on after which rows can be read again.

        A broken page has some rows, so the next numbers are tried one by one, each of which costs
        one path of the tree; then numbers further and further away, and those between.
        """
        low, high, step = last, last + 1, 1
        while not self._is_readable(high):
            step = step + 1 if step < _NEAR else 2 * step
            low, high = high, min(last + step, _LAST_ROW)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._is_readable(middle) else (middle, high)
        return high

    def _is_readable(self, after: int) -> bool:
        rest = f"WHERE rowid > {after} ORDER BY rowid LIMIT 1"
        return after >= _LAST_ROW or all(row is not None for row in self._read(self._columns, rest))


def _replace(path: Path, new: Path) -> None:
    """Put the new store in the place of the damaged one, whose copy exists.

    The log of the damaged file goes first: SQLite would apply it to the new one.
    """
    try:
        new.chmod(path.stat().st_mode & 0o777)
        for end in _SIDE_FILES:
            path.with_name(path.name + end).unlink(missing_ok=True)
        sync(new)
        new.replace(path)
        sync(path.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
