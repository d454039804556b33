"""Say whose a SQLite file is and of which version, and bring the schema of a store up to date.

Takes a connection, and the path for messages; raises ``StoreError`` for a file that this version of
the program cannot use.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.errors import StoreError
from aggregator.store.schema import (
    APPLICATION_ID,
    APPLIED,
    DEVELOPMENT_NAMES,
    MIGRATION_SET,
    NAMES,
    migrations,
)

if TYPE_CHECKING:
    from sqlite_utils import Database

_TRIES = 100


def sqlite_utils_database(connection: sqlite3.Connection) -> Database:
    """Return what sqlite-utils makes of a connection, with none of its plugins."""
    from sqlite_utils import Database

    return Database(connection, execute_plugins=False, recursive_triggers=False)


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ``StoreError`` for a database of another program."""
    # In this order: a store that another process makes in between has no tables without the id.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID and (tables or application_id):
        raise StoreError(
            f"{path}: is the database of another program; name another file as 'store'"
        )


def is_current(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether a store needs no migration.

    Raises ``StoreError`` for one that this version can neither use nor bring up to date.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    applied = _applied(connection)
    unknown = applied.difference(NAMES)
    if unknown == set(DEVELOPMENT_NAMES):
        return False
    if unknown and unknown < set(DEVELOPMENT_NAMES):
        raise StoreError(
            f"{path}: was written by a version before the first release; move it away, and "
            "'aggregator once' builds it again from the sources"
        )
    if unknown or version > len(NAMES):
        raise StoreError(
            f"{path}: was written by a newer version of this program "
            f"({min(unknown, default=f'schema {version}')}); use that version, or another store"
        )
    return applied.issuperset(NAMES)


def _applied(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the migrations that were applied."""
    listed = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(listed, (APPLIED,)).fetchone() is None:
        return set()
    select = f"SELECT name FROM {APPLIED} WHERE migration_set = ?"
    return {name for (name,) in connection.execute(select, (MIGRATION_SET,))}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date; other processes wait."""
    _set_wal(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations().apply(sqlite_utils_database(connection))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(_applied(connection))}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _set_wal(connection: sqlite3.Connection) -> None:
    """Set the journal to a write-ahead log, which lets readers continue while one writes.

    While another process creates the same store, SQLite refuses that at once, whatever the
    timeout.  Beginning a transaction waits for that process.
    """
    for _ in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    connection.execute("PRAGMA journal_mode = WAL")
