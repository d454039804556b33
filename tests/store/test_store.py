"""The store: which files it accepts, what it keeps, and its error messages."""

import hashlib
import inspect
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from aggregator.errors import StorageError, StoreError
from aggregator.model import PartialDate
from aggregator.store import (
    Store,
    open_empty,
    open_for_reading,
    open_store,
    schema,
)
from aggregator.store.backfill import Backfill, backfills, save
from aggregator.store.schema import APPLICATION_ID, DEVELOPMENT_NAMES, NAMES, STEPS, migrations
from aggregator.store.schema.upgrade import refuse_foreign
from aggregator.store.times import partial_text, time_text, to_partial, to_time
from tests.support.older import undo
from tests.support.project import Project, block, digest, two_digests

ADD_SOURCE = "INSERT INTO sources (id, location) VALUES (?, '*.txt')"


def sources(path: Path) -> list[str]:
    """The ids of the sources in the file, read by another connection."""
    connection = sqlite3.connect(path)
    try:
        return [id_ for (id_,) in connection.execute("SELECT id FROM sources ORDER BY id")]
    finally:
        connection.close()


def made(path: Path) -> Path:
    """A store that was made and closed."""
    open_store(path).close()
    return path


def change(path: Path, *statements: str) -> None:
    """Do something to the file that the program did not."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def assert_refused(path: Path, said: str | None = None) -> None:
    """The store is not opened, which is said in one line that names it."""
    with pytest.raises(StoreError, match=said) as caught:
        open_store(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == StorageError.exit_code == 3


def test_a_new_store(tmp_path: Path) -> None:
    """A file that was not there becomes a store of this program, with every migration applied."""
    with open_store(tmp_path / "a.db") as store:
        assert store.rows("PRAGMA application_id") == [(APPLICATION_ID,)]
        assert store.rows("PRAGMA journal_mode") == [("wal",)]
        assert migrations().pending(store.db) == []
        assert store.rows("PRAGMA user_version") == [(len(migrations().applied(store.db)),)]


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """An empty file belongs to no program, so it can become the store."""
    path = tmp_path / "a.db"
    path.touch()
    with open_store(path) as store:
        assert store.rows("SELECT * FROM entries") == []


def test_reopened_store_keeps_its_content(tmp_path: Path) -> None:
    """A store that is opened again holds what it held, and is not migrated twice."""
    path = tmp_path / "a.db"
    with open_store(path) as store, store.transaction():
        store.execute(ADD_SOURCE, ("s",))
    with open_store(path) as store:
        assert store.rows("SELECT id FROM sources") == [("s",)]
        applied = [migration.name for migration in migrations().applied(store.db)]
        assert len(applied) == len(set(applied))


def test_another_programs_database(tmp_path: Path) -> None:
    """A database of another program is refused and left as it was, byte for byte."""
    path = tmp_path / "a.db"
    change(path, "CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('mine')")
    before = path.read_bytes()
    assert_refused(path, "is the database of another program")
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["a.db"]


def test_another_programs_empty_database(tmp_path: Path) -> None:
    """A database that says whose it is belongs to that program, though it has no table yet."""
    path = tmp_path / "a.db"
    change(path, "PRAGMA application_id = 1234", "CREATE TABLE a (b)", "DROP TABLE a")
    before = path.read_bytes()
    assert_refused(path, "is the database of another program")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('aggregator', 'm999_later', '2099-01-01')",
        "PRAGMA user_version = 999",
    ],
)
def test_a_store_of_a_newer_version(tmp_path: Path, statement: str) -> None:
    """A store that a newer version wrote is refused and left as it was."""
    path = made(tmp_path / "a.db")
    change(path, statement)
    before = path.read_bytes()
    assert_refused(path, "was written by a newer version")
    assert path.read_bytes() == before


def test_the_migrations_of_another_program_do_not_matter(tmp_path: Path) -> None:
    """Tables that another program adds by its own migrations leave the store usable."""
    path = made(tmp_path / "a.db")
    change(
        path,
        "CREATE TABLE mine (a)",
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('mine', 'm999_later', '2099-01-01')",
    )
    open_store(path).close()


@pytest.mark.parametrize("content", [b"This is text.\n" * 400, b"\0" * 5000, b"SQLite format 3\0"])
def test_file_that_is_not_a_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that SQLite cannot read is refused and left as it was."""
    path = tmp_path / "a.db"
    path.write_bytes(content)
    assert_refused(path, "not a SQLite database|another program|damaged")
    assert path.read_bytes() == content


def test_a_damaged_store(tmp_path: Path) -> None:
    """Pages that make no sense end in a line that says so, when opened or when read."""
    path = made(tmp_path / "a.db")
    content = bytearray(path.read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    path.write_bytes(content)
    assert_refused(path, "is damaged")


def test_a_store_cut_short(tmp_path: Path) -> None:
    """Half a store is damaged, and nothing it still holds is changed."""
    path = made(tmp_path / "a.db")
    content = path.read_bytes()[:5000]
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"), open_store(path) as store:
        store.rows("SELECT * FROM entries JOIN sightings JOIN documents JOIN sources")
    assert path.read_bytes() == content


def test_store_path_is_a_folder(tmp_path: Path) -> None:
    """A folder is not a store."""
    assert_refused(tmp_path, "is a folder")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A store is made in a folder that there is."""
    assert_refused(tmp_path / "none" / "a.db", "its folder does not exist")
    assert_refused(Path(__file__) / "a.db", "its folder does not exist")


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    """A name too long for the file system is said to be the store's fault."""
    assert_refused(tmp_path / ("x" * 300))


def test_a_store_that_may_not_be_written(ordinary_user: Path) -> None:
    """A read-only store can be opened to read; a write says that it cannot be written."""
    path = made(ordinary_user / "a.db")
    before = path.read_bytes()
    path.chmod(0o400)
    with (
        pytest.raises(StoreError, match="cannot be written"),
        open_store(path) as store,
        store.transaction(),
    ):
        store.execute(ADD_SOURCE, ("s",))
    assert path.read_bytes() == before


def test_a_store_that_may_not_be_read(ordinary_user: Path) -> None:
    """A store of somebody else's is named, and what to look at."""
    path = made(ordinary_user / "a.db")
    path.chmod(0)
    assert_refused(path, "permissions")


def test_a_folder_that_may_not_be_written(ordinary_user: Path) -> None:
    """Where no file can be made, the store cannot be."""
    ordinary_user.chmod(0o500)
    assert_refused(ordinary_user / "a.db", "permissions")


def test_a_folder_that_may_not_be_entered(ordinary_user: Path) -> None:
    """A store in a folder that may not be searched is refused."""
    folder = ordinary_user / "closed"
    folder.mkdir()
    path = made(folder / "a.db")
    folder.chmod(0)
    assert_refused(path)


def test_transaction_is_visible_after_commit(store: Store) -> None:
    """What a transaction did is there for others when it is over, and not before."""
    with store.transaction():
        store.execute(ADD_SOURCE, ("a",))
        store.execute_many(ADD_SOURCE, [("b",), ("c",)])
        assert sources(store.path) == []
    assert sources(store.path) == ["a", "b", "c"]


@pytest.mark.parametrize("raised", [ValueError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_failed_transaction_is_rolled_back(store: Store, raised: BaseException) -> None:
    """Whatever ends a transaction early undoes it, and the store goes on."""

    def work() -> None:
        with store.transaction():
            store.execute(ADD_SOURCE, ("a",))
            raise raised

    with pytest.raises(type(raised)):
        work()
    assert sources(store.path) == []
    with store.transaction():
        store.execute(ADD_SOURCE, ("b",))
    assert sources(store.path) == ["b"]


def test_a_statement_fails_in_a_transaction(store: Store) -> None:
    """A statement that SQLite refuses rolls back the transaction and raises a clear error."""
    with pytest.raises(StoreError, match="UNIQUE"), store.transaction():
        store.execute_many(ADD_SOURCE, [("a",), ("b",), ("a",)])
    assert sources(store.path) == []


def test_killed_run_is_rolled_back(tmp_path: Path) -> None:
    """The unfinished transaction of a killed process is rolled back."""
    path = made(tmp_path / "a.db")
    program = (
        "import os, sys; from pathlib import Path; from aggregator.store import open_store\n"
        "store = open_store(Path(sys.argv[1]))\n"
        "with store.transaction():\n"
        f"    store.execute({ADD_SOURCE!r}, ('a',)); os._exit(9)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ran.returncode == 9
    assert sources(path) == []
    open_store(path).close()


def test_two_writers_at_once(store: Store) -> None:
    """A second writer gets an error that the store is locked when its timeout has passed."""
    with open_store(store.path) as second:
        second.conn.execute("PRAGMA busy_timeout = 0")
        with store.transaction():
            store.execute(ADD_SOURCE, ("a",))
            with pytest.raises(StoreError, match="is locked"), second.transaction():
                pass
            assert second.rows("SELECT * FROM sources") == []
        with second.transaction():
            second.execute(ADD_SOURCE, ("b",))
    assert sources(store.path) == ["a", "b"]


def test_two_processes_create_the_store_at_once(tmp_path: Path) -> None:
    """Several processes that start on no store all find the same one."""
    path = tmp_path / "a.db"
    failures: list[BaseException] = []
    ready = threading.Barrier(6)

    def start() -> None:
        ready.wait()
        try:
            open_store(path).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sources(path) == []


def test_a_store_that_is_made_while_it_is_looked_at(tmp_path: Path) -> None:
    """Between any two statements of the look, another process may make the whole store."""
    for statement in (1, 2):
        path = tmp_path / f"{statement}.db"
        seen: list[str] = []

        def make(text: str, path: Path = path, at: int = statement, seen: list[str] = seen) -> None:
            seen.append(text)
            if len(seen) == at:
                open_store(path).close()

        connection = sqlite3.connect(path, isolation_level=None)
        connection.set_trace_callback(make)
        refuse_foreign(connection, path)
        connection.close()
        assert len(seen) == 2
        assert path.stat().st_size > 0


def test_a_disk_without_room(store: Store) -> None:
    """A store that cannot grow says so, and keeps what it had."""
    with store.transaction():
        store.execute(ADD_SOURCE, ("a",))
    ((pages,),) = store.rows("PRAGMA page_count")
    store.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="disk is full"), store.transaction():
        store.execute_many(ADD_SOURCE, [(f"{n:0500}",) for n in range(100)])
    assert sources(store.path) == ["a"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO categories (entry, term) VALUES (999, 'x')",
        "INSERT INTO links (sighting, position, rel, href) VALUES (999, 0, 'alternate', 'x')",
        "INSERT INTO renditions (entry, format, context, body) VALUES (999, 'atom', 'x', x'')",
        "INSERT INTO problems (document, first_line, last_line, rejected, reason)"
        " VALUES (999, 1, 2, 1, 'x')",
    ],
)
def test_rows_without_parents_are_refused(store: Store, statement: str) -> None:
    """No row can refer to an entry or a document that does not exist."""
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.transaction():
        store.execute(statement)


def test_foreign_keys_of_the_tables(store: Store) -> None:
    """Sources, documents, entries, agencies and sightings hang together by foreign keys."""
    found = {
        (table, key.column, key.other_table)
        for table in ("documents", "entries", "sightings", "links", "categories", "evidence")
        for key in store.db.table(table).foreign_keys
    }
    assert found >= {
        ("documents", "source", "sources"),
        ("entries", "agency", "agencies"),
        ("sightings", "entry", "entries"),
        ("sightings", "document", "documents"),
        ("links", "sighting", "sightings"),
        ("categories", "entry", "entries"),
        ("evidence", "sighting", "sightings"),
    }


def test_an_id_is_one_entrys(store: Store) -> None:
    """No two entries can have the same permanent id."""
    unique = {tuple(index.columns) for index in store.db.table("entries").indexes if index.unique}
    assert ("id",) in unique


@pytest.fixture
def ran(project: Project) -> Project:
    """A project whose store holds two entries, one of them seen twice."""
    both = block("Geoană in Paris", "NATO", "He met the Préfet.")
    project.write_digest("a.txt", digest(both, block("Cars", "Europol", "Cloned cars were found.")))
    project.write_digest("b.txt", digest(both))
    assert project.run("once").code == 0
    return project


def test_sqlite_utils_can_open_it(ran: Project) -> None:
    """Another program reads the tables, the search index and their counts."""
    db = Database(ran.store)
    try:
        assert {"sources", "documents", "agencies", "entries", "sightings"} <= set(db.table_names())
        assert db.table("entries").count == 2
        assert db.table("sightings").count == 3
        assert db.table("entries").detect_fts() == "entries_fts"
        found = list(db.table("entries").search("geoana"))
        assert [row["title"] for row in found] == ["Geoană in Paris"]
    finally:
        db.close()


def test_the_command_sqlite_utils_can_open_it(ran: Project) -> None:
    """The store can be asked from the shell."""
    asked = subprocess.run(
        [
            sys.executable,
            "-m",
            "sqlite_utils",
            str(ran.store),
            "SELECT title FROM entries",
            "--csv",
            "--no-headers",
        ],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert sorted(asked.stdout.split("\n")) == ["", "Cars", "Geoană in Paris"]


def test_nothing_is_inconsistent(ran: Project) -> None:
    """SQLite finds the file, its foreign keys and its search index in order."""
    connection = sqlite3.connect(ran.store)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.execute("INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")
    connection.close()


def test_nothing_is_a_blob_of_json(ran: Project) -> None:
    """No column holds lists or objects that one would want to ask for."""
    connection = sqlite3.connect(ran.store)
    for table in ("sources", "agencies", "documents", "entries", "sightings", "links", "evidence"):
        for row in connection.execute(f"SELECT * FROM {table}"):
            assert not any(isinstance(v, str) and v.startswith(("[", "{")) for v in row)
    connection.close()


def test_a_copy_is_a_store(ran: Project, tmp_path: Path) -> None:
    """A store that was closed is one file, which can be copied and opened elsewhere."""
    assert sorted(found.name for found in ran.folder.glob("aggregator.db*")) == ["aggregator.db"]
    with open_store(Path(shutil.copy(ran.store, tmp_path / "copy.db"))) as copy:
        assert copy.rows("SELECT count(*) FROM entries") == [(2,)]


def test_an_empty_store_for_reading() -> None:
    """Without a store, an empty one in memory is opened, and no file is created."""
    with open_empty() as store:
        assert store.rows("SELECT * FROM entries") == []


def test_rows_a_few_at_a_time(store: Store) -> None:
    """A large result comes in its order, and none of it twice."""
    with store.transaction():
        store.execute_many(ADD_SOURCE, [(f"{n:05}",) for n in range(1200)])
    found = [id_ for (id_,) in store.each("SELECT id FROM sources ORDER BY id")]
    assert found == [f"{n:05}" for n in range(1200)]


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_come_back(moment: datetime) -> None:
    """A time is text of one length, sorts as text, and is read back to the second."""
    text = time_text(moment)
    assert len(text) == 20
    assert to_time(text) == moment.replace(microsecond=0)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_times_sort_as_text(one: datetime, other: datetime) -> None:
    """The order of times is the order of their texts."""
    one, other = one.replace(microsecond=0), other.replace(microsecond=0)
    assert (one < other) == (time_text(one) < time_text(other))


@given(
    st.none() | st.integers(1, 9999), st.none() | st.integers(1, 12), st.none() | st.integers(1, 31)
)
def test_partial_dates_come_back(year: int | None, month: int | None, day: int | None) -> None:
    """What a date leaves out is left out in the text as well."""
    partial = PartialDate(year=year, month=month, day=day)
    assert to_partial(partial_text(partial)) == partial


@pytest.mark.parametrize(
    ("partial", "text"),
    [
        (PartialDate(year=2023, month=12, day=15), "2023-12-15"),
        (PartialDate(year=2017, month=10), "2017-10"),
        (PartialDate(year=2017), "2017"),
        (PartialDate(month=12, day=15), "--12-15"),
        (PartialDate(day=15), "---15"),
    ],
)
def test_partial_dates_as_text(partial: PartialDate, text: str) -> None:
    """A date has dashes for what it lacks."""
    assert partial_text(partial) == text


def made_by_a_development_version(path: Path, *names: str) -> Path:
    """A store in which the migrations of these names are noted, and no others."""
    undo(made(path))
    change(
        path,
        *(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            f" VALUES ('aggregator', '{name}', '2026-11-01')"
            for name in names
        ),
        f"PRAGMA user_version = {len(names)}",
    )
    return path


def test_a_store_of_the_last_development_version(tmp_path: Path) -> None:
    """A store with the same tables under other migrations is taken over, with what it holds."""
    path = made_by_a_development_version(tmp_path / "old.db", *DEVELOPMENT_NAMES)
    change(path, ADD_SOURCE.replace("?", "'s'"))
    with pytest.raises(StoreError, match="older version"), open_for_reading(path):
        pass
    for _ in range(2):
        with open_store(path) as store:
            assert store.rows("SELECT id FROM sources") == [("s",)]
            assert migrations().pending(store.db) == []
            assert [found.name for found in migrations().applied(store.db)] == list(NAMES)
            assert store.rows("PRAGMA user_version") == [(len(NAMES),)]


def test_a_store_from_before_older_pages_were_read(tmp_path: Path) -> None:
    """Its sources have no walk yet, so those with the key start one."""
    path = made(tmp_path / "old.db")
    change(path, ADD_SOURCE.replace("?", "'s'"))
    undo(path, "m012_backfills")
    with open_store(path) as store:
        assert backfills(store) == {}
        now = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
        walk = Backfill(source="s", purpose="gap", asked="", state="done", bound=now, due=now)
        with store.transaction():
            save(store, walk)
        assert backfills(store, ["s", "t"]) == {"s": [walk]}


def test_a_store_from_before_webhooks(tmp_path: Path) -> None:
    """It gets their tables, and its entries are noted for none."""
    project = two_digests(tmp_path / "project")
    assert project.run("once").code == 0
    undo(project.store, "m021_webhooks", "m023_smaller_requests")
    assert project.run("once").code == 0
    assert project.rows("SELECT * FROM webhooks") == []
    assert project.rows("SELECT * FROM to_announce") == []
    assert project.run("doctor").code == 0


def test_a_store_from_before_agencies_were_listed(tmp_path: Path) -> None:
    """The next run writes the lists of agencies, and notes who is in them."""
    project = two_digests(tmp_path / "project")
    assert project.run("once").code == 0
    files, listed = project.files(), project.rows("SELECT * FROM listed_agencies")
    assert listed
    change(
        project.store,
        "UPDATE output SET value = value || ' nato europol gone' WHERE name = 'names'",
    )
    undo(project.store, "m013_listed")
    (project.output / "gone.atom").write_bytes(b"of an agency without entries")
    assert project.run("once").code == 0
    assert project.files() == files
    assert project.rows("SELECT * FROM listed_agencies") == listed
    assert project.rows("SELECT name FROM sqlite_master WHERE name = 'agency_parts'") == []


def test_a_store_from_before_pages_named_neighbours(tmp_path: Path) -> None:
    """The next run notes the neighbours, and later runs follow these."""
    project = two_digests(tmp_path / "project")
    assert project.run("once").code == 0
    files, paged = project.files(), project.rows("SELECT * FROM paged ORDER BY entry")
    assert any(older or newer for _, older, newer in paged)
    # The context is that of the pages of that version.
    change(project.store, "UPDATE output SET value = '' WHERE name = 'context'")
    undo(project.store, "m019_neighbours")
    assert project.run("once").code == 0
    assert project.files() == files
    assert project.rows("SELECT * FROM paged ORDER BY entry") == paged


def test_a_store_of_an_early_development_version(tmp_path: Path) -> None:
    """A store with fewer tables is refused in words that say what to do, and left as it was."""
    path = made_by_a_development_version(tmp_path / "old.db", *DEVELOPMENT_NAMES[:5])
    before = path.read_bytes()
    assert_refused(path, "move it away, and 'aggregator once' builds it again")
    assert path.read_bytes() == before


def test_a_store_of_the_hours_before_documents_waited_longer_each_time(tmp_path: Path) -> None:
    """Its table of what took too long has a column less, and no run could use it."""
    project = two_digests(tmp_path / "project")
    assert project.run("once").code == 0
    undo(project.store, "m022_renamed")
    change(
        project.store,
        "DROP TABLE given_up",
        "CREATE TABLE given_up (source TEXT, name TEXT, sha256 TEXT, at TEXT NOT NULL,"
        " limits TEXT, problem TEXT, PRIMARY KEY (source, name)) WITHOUT ROWID",
        "INSERT INTO given_up VALUES ('digests', 'c.txt', '', '2026-11-28', '', 'took too long')",
    )
    assert project.run("once").code == 0
    assert project.rows("SELECT until, wait FROM given_up") == []
    assert project.run("doctor").code == 0


def test_migration_that_was_published_is_not_edited() -> None:
    """Stores have been made by it; a change is a new migration, with a line here."""
    assert {step.__name__: digest_of_migration(step) for step in STEPS} == PUBLISHED


def digest_of_migration(step: Callable[[Database], None]) -> str:
    """Return a digest of a migration's own code and of the SQL that it runs."""
    code = inspect.getsource(step)
    names = re.findall(r'"(\w+\.sql)"', code)
    scripts = [(Path(schema.__file__).parent / name).read_text("utf-8") for name in names]
    return hashlib.sha256("".join([code, *scripts]).encode()).hexdigest()[:12]


PUBLISHED = {
    "m001_schema": "798402a9310a",
    "m002_given_up": "e4b670073ea5",
    "m003_languages": "df57a51d9007",
    "m004_pages": "bed8fef02315",
    "m005_dated": "658016aa2c9c",
    "m006_hreflang": "7b6546787f53",
    "m007_renditions": "8e1e2c2f4a9a",
    "m008_written": "e2da78a50d7b",
    "m009_views": "108715aaddb9",
    "m010_counts": "08031b6fc672",
    "m011_relayed": "54ca8db3af45",
    "m012_backfills": "eb58f6789276",
    "m013_listed": "4f688502c918",
    "m014_page_numbers": "ef6d801a1ce4",
    "m015_is_aggregator": "91b9a498acca",
    "m016_gone": "ba8344cec112",
    "m017_forgotten": "3ead6da77988",
    "m018_bad_documents": "62fe2cc47e35",
    "m019_neighbours": "4111e2022db6",
    "m020_days": "6b17188217c6",
    "m021_webhooks": "f5495ba49c7b",
    "m022_renamed": "b6ed9b5f4a82",
    "m023_smaller_requests": "22585f1e41e4",
    "m024_dating_rules": "5ec7514ca8d9",
    "m025_joint": "7201df9b54fa",
}
"""What migrations were when a version with them was published."""


def test_names_of_migrations(store: Store) -> None:
    """The migrations that a new store has are those that a newer version is told by."""
    assert [found.name for found in migrations().applied(store.db)] == list(NAMES)


def test_log_of_a_run_holds_more_than_by_default(tmp_path: Path) -> None:
    """5 MB are not moved to the store by the commit that writes them, 20 MB are."""
    with open_store(tmp_path / "a.db") as store:
        store.execute("CREATE TABLE large (body)")
        with store.transaction():
            store.execute("INSERT INTO large VALUES (zeroblob(5000000))")
        assert (tmp_path / "a.db").stat().st_size < 5_000_000
        with store.transaction():
            store.execute("INSERT INTO large VALUES (zeroblob(20000000))")
        assert (tmp_path / "a.db").stat().st_size > 20_000_000
