"""The store: one SQLite file, and the only room with SQL.

``open_store`` returns a ``Store``; the modules hold the queries as functions that take it.  Errors
of SQLite leave as ``StoreError``, in words.  A store belongs to one thread.  Writers take turns:
every writing transaction begins immediate, and waits for the others.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from aggregator.errors import StoreChangedError, StoreError
from aggregator.store.schema.upgrade import (
    is_current,
    migrate,
    refuse_foreign,
    sqlite_utils_database,
)

if TYPE_CHECKING:
    from sqlite_utils import Database

BUSY_SECONDS = 30
"""How long a writer waits for another before it reports that the store is locked."""

# Of 4 kB.  A run that adds much writes the same pages again and again, and each time that the log
# is full it waits for the disk; SQLite's 1,000 pages make it wait four times as often.
_LOG_PAGES = 4_000

_STEPS = 20_000  # of SQLite's virtual machine, less than a millisecond

Row = tuple[Any, ...]


class Store:
    """An open store, and a context manager that closes it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.conn = connection
        self.path = path
        self._when_rolled_back: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @cached_property
    def db(self) -> Database:
        """The store as sqlite-utils has it, which takes 0.1 s to import: for what is rare."""
        return sqlite_utils_database(self.conn)

    def close(self) -> None:
        """Close the file; an unfinished transaction is rolled back."""
        self.conn.close()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a result."""
        with _as_store_error(self.path):
            return self.conn.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Yield the rows of a result that may be large, read a few at a time."""
        with _as_store_error(self.path):
            cursor = self.conn.execute(sql, parameters)
            while batch := cursor.fetchmany(500):
                yield from batch

    def query(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()
    ) -> list[dict[str, Any]]:
        """Return all rows of a result by the names of their columns.

        For rows that become objects; ``rows`` is faster (docs/decisions/sql.md).
        """
        with _as_store_error(self.path):
            cursor = self.conn.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """Run a statement of the current transaction."""
        self.conn.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any] | Mapping[str, Any]]) -> None:
        """Run a statement of the current transaction for each of ``rows``."""
        self.conn.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything that happens within, or nothing.

        Begins immediate: a transaction that reads first and then writes fails at once if another
        writer committed in between.
        """
        with _as_store_error(self.path):
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.conn.execute("COMMIT")
            except BaseException:
                if self.conn.in_transaction:
                    self.conn.execute("ROLLBACK")
                for forget in self._when_rolled_back:
                    forget()
                raise

    @contextmanager
    def interrupted_when(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """Have a statement within fail where ``is_over`` returns true while it is executed."""
        self.conn.set_progress_handler(is_over, _STEPS)
        try:
            yield
        finally:
            self.conn.set_progress_handler(None, 0)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything within as it is at one moment, whatever others write meanwhile."""
        with _as_store_error(self.path):
            self.conn.execute("BEGIN")
            try:
                yield
            finally:
                if self.conn.in_transaction:
                    self.conn.execute("COMMIT")

    def read_anew(self) -> bool:
        """End the snapshot that this reader has, take one of now; return whether others wrote."""
        before = self.rows("PRAGMA data_version")
        if self.conn.in_transaction:
            self.conn.execute("COMMIT")
            self.conn.execute("BEGIN")
        return self.rows("PRAGMA data_version") != before

    def when_rolled_back(self, forget: Callable[[], None]) -> None:
        """Have ``forget`` called after every rollback."""
        self._when_rolled_back.append(forget)


def open_store(path: Path, *, busy: float = BUSY_SECONDS, is_durable: bool = False) -> Store:
    """Open the store at ``path``; create it or bring it up to date as needed.

    ``busy`` is how many seconds it waits for another writer.  If it ``is_durable``, every commit
    waits until it is on the disk; otherwise a power failure may lose the last transactions, though
    a killed process loses none.  Raises ``StoreError`` for a file of another program or of a newer
    version, a damaged one, or one that cannot be written; its content is left as it was.

    It holds the secrets of WebSub: a new file is its owner's only, and one that everybody may read
    is made so.  Permissions of a group alone were given by a person, and stay.
    """
    _refuse_place(path)
    _make_private(path)
    with _as_store_error(path):
        connection = sqlite3.connect(path, timeout=busy, isolation_level=None)
        try:
            _prepare(connection, path)
            store = Store(connection, path)
            if is_durable:
                connection.execute("PRAGMA synchronous = FULL")
            return store
        except BaseException:
            connection.close()
            raise


def _refuse_place(path: Path) -> None:
    """Raise ``StoreError`` if ``path`` cannot be a file."""
    try:
        if path.is_dir():
            raise StoreError(f"{path}: is a folder; the store is a file")
        if not path.parent.is_dir():
            raise StoreError(f"{path}: its folder does not exist")
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}") from error


def private_mode(mode: int) -> int:
    """Return the permissions ``mode``, those of the owner alone if everybody has some."""
    return mode & 0o700 if mode & 0o007 else mode


def _make_private(path: Path) -> None:
    """Create the file with permissions for its owner, or restrict those of an existing one."""
    with suppress(OSError):  # SQLite says better what is wrong; only the owner changes permissions
        # SQLite gives its side files the permissions of the store.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for end in ("", "-wal", "-shm"):
        with suppress(OSError):
            restrict(path.with_name(path.name + end))


def restrict(path: Path) -> None:
    """Apply ``private_mode`` to a file."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if private_mode(mode) != mode:
        path.chmod(private_mode(mode))


@contextmanager
def open_for_reading(path: Path) -> Iterator[Store]:
    """Yield the store at ``path`` as it is at one moment, or an empty one where no run made it yet.

    Changes nothing, leaves no new side file, and needs no permission to write.  Raises
    ``StoreError`` as ``open_store`` does, and for a store of an older version;
    ``StoreChangedError`` if it was written meanwhile, where that cannot be held off.
    """
    before = _state(path)
    if before[0] is None:
        with open_empty() as store:
            yield store
        return
    _refuse_place(path)
    with _as_store_error(path):
        connection, is_live = _connected_for_reading(path, log_size=before[1] and before[1][0])
    try:
        with _as_store_error(path):
            connection.execute("PRAGMA cache_size = -32000")
            connection.execute("BEGIN")
            store = _store_to_read(connection, path)
        # Here for reads by sqlite-utils, and for queries that are interrupted.
        with _as_store_error(path), store:
            yield store
    except StoreError as error:
        if not is_live and _state(path) != before:
            raise _changed(path) from error  # half of a write looks like damage
        raise
    finally:
        connection.close()
        wal = _beside(path, "-wal")
        if before[1] is None and wal.exists():
            # A reader cannot delete its side files; the last writer to close the file does.
            address = f"file:{quote(str(path.absolute()))}?mode=rw"
            with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as last:
                last.execute("SELECT count(*) FROM sqlite_master")
    if not is_live and _state(path) != before:
        raise _changed(path)


def _changed(path: Path) -> StoreChangedError:
    return StoreChangedError(f"{path}: was written while it was read; try again")


def _beside(path: Path, end: str) -> Path:
    return path.with_name(f"{path.name}{end}")


def _state(path: Path) -> list[tuple[int, int] | None]:
    """Return size and time of the store and of its write-ahead log, None for one without a file."""
    found: list[tuple[int, int] | None] = []
    for file in (path, _beside(path, "-wal")):
        try:
            status = file.stat()
            found.append((status.st_size, status.st_mtime_ns))
        except FileNotFoundError:
            found.append(None)
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror}") from error
    return found


def _connected_for_reading(path: Path, log_size: int | None) -> tuple[sqlite3.Connection, bool]:
    """Return a connection that cannot write, and whether it takes part in locking."""
    address = f"file:{quote(str(path.absolute()))}"
    # Of a file that may not be written, SQLite would make side files that no writer can open later.
    if log_size is not None or os.access(path, os.W_OK, effective_ids=True):
        connection = sqlite3.connect(
            f"{address}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        try:
            connection.execute("PRAGMA schema_version")
            return connection, True
        except sqlite3.OperationalError as error:
            connection.close()
            refused = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            if error.sqlite_errorcode & 0xFF not in refused:
                raise
    if log_size:
        return _connected_to_copy(path), False
    connection = sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
    connection.execute("PRAGMA temp_store = MEMORY")  # no folder may be writable
    return connection, False


def _connected_to_copy(path: Path) -> sqlite3.Connection:
    """Return a connection to a copy, because ``immutable`` would ignore the write-ahead log."""
    try:
        with TemporaryDirectory(prefix="aggregator-") as folder:
            copy = Path(folder) / "copy.db"
            for end in ("", "-wal"):
                shutil.copyfile(_beside(path, end), _beside(copy, end))
            connection = sqlite3.connect(copy, isolation_level=None)
            connection.execute("PRAGMA schema_version")  # opens both; then they need no name
            return connection
    except OSError as error:
        raise StoreError(
            f"{path}: its -wal file cannot be read in this folder, and both cannot be copied to "
            f"another: {error.strerror or error}"
        ) from error


def _store_to_read(connection: sqlite3.Connection, path: Path) -> Store:
    refuse_foreign(connection, path)
    if not connection.execute("SELECT 1 FROM sqlite_master").fetchall():
        return open_empty()  # the first run has not finished making it
    if not is_current(connection, path):
        raise StoreError(
            f"{path}: was written by an older version of this program; "
            "'aggregator regenerate' brings it up to date, where it may be written"
        )
    return Store(connection, path)


def open_empty() -> Store:
    """Return an empty store in memory, for reading where there is none yet."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection, Path(":memory:"))
    return Store(connection, Path(":memory:"))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    refuse_foreign(connection, path)
    if not is_current(connection, path):
        migrate(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")


_MESSAGES = (
    ("locked", "is locked by another program; try again when it has finished"),
    ("busy", "is locked by another program; try again when it has finished"),
    ("readonly", "cannot be written"),
    ("unable to open", "cannot be opened or made; look at its folder's permissions"),
    ("full", "cannot grow: the disk is full"),
    ("not a database", "is not a SQLite database; name another file as 'store'"),
    (
        "malformed",
        "is damaged; 'aggregator doctor --repair' saves what can be read; or restore a backup, or "
        "move it away and run 'aggregator once' to build it again from the sources",
    ),
)


@contextmanager
def _as_store_error(path: Path) -> Iterator[None]:
    """Raise an error of SQLite within as a ``StoreError`` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        reason = str(error)
        message = next((text for part, text in _MESSAGES if part in reason), "failed")
        raise StoreError(f"{path}: {message} (SQLite: {reason})") from error
