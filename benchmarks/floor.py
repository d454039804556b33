"""The least that a first run can cost: read every digest, insert the rows it ends with.

    python benchmarks/floor.py STORE FOLDER

Takes the finished store of a run and the folder it read. Makes a fresh database of the same schema
(indexes included, triggers not), puts every row of every table into it with one `executemany` a
table in one transaction, and fills the search index in the cheapest way that its kind allows.
Prints JSON: `seconds`, `rows`, and `unfilled`, the search indexes whose text is not to be had.
Getting the rows out of the finished store is not timed.
"""

import argparse
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


@dataclass(slots=True)
class Floor:
    seconds: float
    rows: int
    unfilled: list[str]


def floor(store: Path, folder: Path, fresh: Path) -> Floor:
    """Measures once, writing to `fresh`, which must not exist."""
    result = Floor(seconds=0.0, rows=0, unfilled=[])
    with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as source:
        schema, tables, indexes = _schema(source), _names(source, "table"), _search_indexes(source)
        with _timed(result):
            for path in sorted(folder.iterdir()):
                path.read_bytes()
            target = _create(fresh, source, schema)
        for table in tables:
            columns = _columns(source, table)
            rows = source.execute(f"SELECT {_list(columns)} FROM {_quoted(table)}").fetchall()
            result.rows += len(rows)
            with _timed(result):
                _insert(target, table, columns, rows)
            del rows  # one table at a time is enough memory
        for index, sql in indexes:
            _fill(index, sql, source, target, result)
        with _timed(result):
            target.execute("COMMIT")
            target.close()
    return result


def _schema(source: sqlite3.Connection) -> list[str]:
    """What creates the tables, then the views, then the indexes. A shadow table makes itself."""
    shadows = set(_names(source, "shadow"))
    rows = source.execute(
        "SELECT sql, name, type FROM sqlite_master"
        " WHERE sql IS NOT NULL AND type != 'trigger' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY type = 'index', type = 'view', rowid"
    )
    return [sql for sql, name, _ in rows if name not in shadows]


def _create(fresh: Path, source: sqlite3.Connection, schema: Iterable[str]) -> sqlite3.Connection:
    """The empty database, inside a transaction, with the page size and journal of the store."""
    target = sqlite3.connect(fresh, isolation_level=None)
    for pragma in ("page_size", "journal_mode"):
        (value,) = source.execute(f"PRAGMA {pragma}").fetchone()
        target.execute(f"PRAGMA {pragma} = {value}")
    target.execute("BEGIN IMMEDIATE")
    for sql in schema:
        target.execute(sql)
    return target


def _fill(
    index: str, sql: str, source: sqlite3.Connection, target: sqlite3.Connection, result: Floor
) -> None:
    """Fills one FTS5 index: rebuilt from its content table, or with the text it was given."""
    content = _CONTENT.search(sql)
    if content and content[1]:
        with _timed(result):
            target.execute(f"INSERT INTO {_quoted(index)}({_quoted(index)}) VALUES ('rebuild')")
        return
    columns = _columns(source, index)
    origin = index if content is None else _table_with(source, columns)
    if origin is None:
        result.unfilled.append(index)
        return
    columns = ["rowid", *columns]
    rows = source.execute(f"SELECT {_list(columns)} FROM {_quoted(origin)}").fetchall()
    with _timed(result):
        _insert(target, index, columns, rows)


def _table_with(source: sqlite3.Connection, columns: list[str]) -> str | None:
    """Where the text of a contentless index comes from: a table with columns of the same names."""
    for table in _names(source, "table"):
        if set(columns) <= set(_columns(source, table)):
            return table
    return None


def _search_indexes(source: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = source.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")
    return [(name, sql) for name, sql in rows if _FTS5.search(sql)]


def _names(source: sqlite3.Connection, kind: str) -> list[str]:
    rows = source.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = ?"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        (kind,),
    )
    return [name for (name,) in rows]


def _columns(source: sqlite3.Connection, table: str) -> list[str]:
    """The columns one can write to: not the generated ones, nor those an FTS5 table hides."""
    rows = source.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", (table,))
    return [name for (name,) in rows]


def _insert(
    target: sqlite3.Connection, table: str, columns: list[str], rows: list[tuple[object, ...]]
) -> None:
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {_quoted(table)} ({_list(columns)}) VALUES ({marks})"
    target.executemany(sql, rows)


@contextmanager
def _timed(result: Floor) -> Iterator[None]:
    started = perf_counter()
    yield
    result.seconds += perf_counter() - started


def _list(columns: Iterable[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_FTS5 = re.compile(r"\bUSING\s+\"?fts5\b", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*[\"'`\[]?([^\"'`\],)\s]*)", re.IGNORECASE)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the least a first run can cost.")
    parser.add_argument("store", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    # Beside the store, so that both are on one disk.
    with tempfile.TemporaryDirectory(dir=options.store.resolve().parent) as scratch:
        result = floor(options.store, options.folder, Path(scratch) / "floor.db")
    print(json.dumps({"seconds": result.seconds, "rows": result.rows, "unfilled": result.unfilled}))


if __name__ == "__main__":
    main()
